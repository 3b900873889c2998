"""Threat Dragon's threats: types in any language, old names, statuses, severities, scores."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.domain.ids import is_id
from app.exchange.building import Building, number_of, text_of
from app.exchange.threat_dragon_words import (
    SEVERITIES,
    STATUSES,
    folded,
    framework_of,
    threat_type_of,
)

READ: Final = frozenset({
    "id", "threatId", "title", "status", "severity", "type", "description", "mitigation",
    "modelType", "number", "score",
})  # fmt: skip
COMPARED: Final = 200
JUNK: Final = frozenset({"$$hashKey"})


def raw_threats(
    raw: Mapping[str, Any], data: Mapping[str, Any], what: str, building: Building
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The threats of a cell, wherever they stand, each once."""
    seen: list[dict[str, Any]] = []
    for value in (raw.get("threats"), data.get("threats")):
        if value is not None and not isinstance(value, list):
            building.findings.dropped(f"{what}, threats", "is no list")
        for one in value if isinstance(value, list) else []:
            if not isinstance(one, dict):
                building.findings.dropped(f"{what}, threat", f"{str(one)[:60]!r} is no threat")
            elif one not in seen[:COMPARED]:
                seen.append(one)
    yield from enumerate(seen)


def _framework(raw: Mapping[str, Any], diagram_type: str) -> str:
    """The threat's own framework, else its diagram's."""
    return framework_of(text_of(raw.get("modelType")) or diagram_type)


def _type(raw: Mapping[str, Any], framework: str, what: str, building: Building) -> dict[str, Any]:
    given = building.text("threat", "threat_type", raw.get("type"), what).strip()
    if not given:
        return {}
    known = threat_type_of(given, framework)
    if not known:
        building.findings.kept(
            f"threat type {given!r}", f"is none of {framework or 'any framework'}, kept as it is"
        )
    return {"threat_type": known or given}


def _word(raw: object, table: Mapping[str, str], prop: str, what: str, building: Building) -> dict[str, Any]:
    given = building.text("threat", prop, raw, what).strip()
    if not given:
        return {}
    known = table.get(folded(given))
    if known is None:
        building.findings.kept(f"threat {prop} {given!r}", "is an unknown word, kept as it is")
    return {prop: known or given}


def _numbers(raw: Mapping[str, Any], rest: dict[str, Any]) -> dict[str, Any]:
    """Number and score; what is no number, or out of bounds, goes to the rest."""
    found: dict[str, Any] = {}
    number, score = number_of(raw.get("number")), number_of(raw.get("score"))
    if number is not None and number.is_integer() and 0 <= number < 2**31:
        found["number"] = int(number)
    elif raw.get("number") not in (None, ""):
        rest["number"] = raw["number"]
    if score is not None and 0 <= score <= 10:
        found["score"] = score
    elif raw.get("score") not in (None, ""):
        rest["score"] = raw["score"]
    return found


def _rest(raw: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """What nothing here stands for, and original words that another word now stands for."""
    rest = {name: v for name, v in raw.items() if name not in READ | JUNK and v is not None}
    for name, prop in (("type", "threat_type"), ("status", "status"), ("severity", "severity")):
        given = raw.get(name)
        if isinstance(given, str) and prop in data and given != data[prop]:
            rest[name] = given
    given_id = text_of(raw.get("id", raw.get("threatId")))
    if given_id and not is_id(given_id):
        rest["id"] = given_id
    return rest


def put_threat(
    raw: Mapping[str, Any], place: str, links: dict[str, Any], diagram_type: str, building: Building
) -> None:
    """Make the threat's record; `links` are its diagram and cell."""
    title = text_of(raw.get("title")) or ""
    what = f"threat {' '.join(title.split())[:80]!r} at {place}"
    framework = _framework(raw, diagram_type)
    data: dict[str, Any] = {
        **links,
        "framework": building.text("threat", "framework", framework, what),
    }
    data |= _type(raw, framework, what, building)
    data |= _word(raw.get("status"), STATUSES, "status", what, building) or {"status": "Open"}
    data |= _word(raw.get("severity"), SEVERITIES, "severity", what, building)
    if data["status"] == "Mitigated":
        data["mitigated"] = True
    if not title.strip():
        building.findings.guessed(what, "has no title, named after its type")
    default = data.get("threat_type", "Unnamed threat")
    data["name"] = building.text("threat", "name", title, what, default)
    for prop in ("description", "mitigation"):
        text = building.text("threat", prop, raw.get(prop), what)
        if text.strip():
            data[prop] = text
    rest = _rest(raw, data)
    data |= _numbers(raw, rest)
    unmapped = sorted(set(rest) - {"type", "status", "severity", "new"})
    if unmapped:
        building.findings.kept(what, ", ".join(unmapped)[:200])
    data |= building.unknown(rest, what)
    threat_id = building.give_id(raw.get("id", raw.get("threatId")), f"threat {place}", what)
    building.put("threat", threat_id, data, what)
