"""Threat Dragon models, version 1 (JointJS) and 2 (X6), to a model and a report.

Real files seldom fit Threat Dragon's own schema, so nothing is asked of them but `summary` and `detail`.
The same bytes give the same ids: UUIDs stay, all other ids are derived from the content. What has no
place in the model stays under `threat_dragon` with the record it belongs to. What Threat Dragon works
out itself (`attrs`, `ports`, `tools`, `hasOpenThreats`, what crosses or lies in a boundary) is worked
out anew and not kept.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from app.domain import vocabulary as v
from app.domain.errors import UnreadableFile
from app.domain.ids import derived_id
from app.domain.order import spread
from app.exchange.building import Building, cleaned, number_of, text_of
from app.exchange.imported import Imported, finished
from app.exchange.json_text import load_json
from app.exchange.nesting import nested
from app.exchange.report import Findings
from app.exchange.threat_dragon_cells import Ends, RawCell, decide_type, label_of, put_cell
from app.exchange.threat_dragon_threats import put_threat, raw_threats
from app.exchange.threat_dragon_words import framework_of

NAME: Final = "Threat Dragon"
KEPT: Final = "threat_dragon"
MAX_CELLS: Final = 100_000
_NAMESPACE: Final = "0c3f6e1c-52a4-5b0e-8a4d-7c5d4b2a9e10"
_SUMMARY: Final = frozenset({"title", "owner", "description"})
_DETAIL: Final = frozenset({"contributors", "diagrams", "reviewer"})
_DIAGRAM: Final = frozenset({"title", "description", "diagramType", "cells", "$$hashKey"})


def looks_like(data: bytes) -> bool:
    """Whether it may be a Threat Dragon model."""
    return b'"summary"' in data and b'"detail"' in data


def _without(raw: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if name not in names and value is not None}


def _framework_of_model(diagrams: list[dict[str, Any]], findings: Findings) -> str:
    """The framework of most diagrams; the first of them when they tie."""
    given = [framework_of(text_of(d.get("diagramType")) or "STRIDE") for d in diagrams]
    known = Counter(name for name in given if name in v.FRAMEWORKS)
    found = known.most_common(1)[0][0] if known else "STRIDE"
    if set(given) - {found}:
        others = ", ".join(sorted(set(given)))[:200]
        findings.guessed("threat model, framework", f"its diagrams are {others}; {found} is taken")
    return found


def _contributors(raw: object, building: Building) -> tuple[list[str], list[Any]]:
    """Names, and the entries that are more than a name."""
    entries = raw if isinstance(raw, list) else [raw] if isinstance(raw, str) else []
    if raw is not None and not isinstance(raw, list | str):
        building.findings.dropped("threat model, contributors", "is no list")
    names = [one.get("name") if isinstance(one, Mapping) else one for one in entries]
    more = any(isinstance(one, Mapping) and set(one) - {"name", "$$hashKey"} for one in entries)
    return building.items(names, 1000, "threat model, contributor"), entries if more else []


def _put_model(body: dict[str, Any], diagrams: list[dict[str, Any]], building: Building) -> None:
    summary, detail = body["summary"], body["detail"]
    what = "threat model"
    if not (text_of(summary.get("title")) or "").strip():
        building.findings.guessed(what, "has no title")
    names, people = _contributors(detail.get("contributors"), building)
    kept = {
        **_without(body, frozenset({"summary", "detail", "threats"})),
        "summary": _without(summary, _SUMMARY),
        "detail": _without(detail, _DETAIL) | ({"contributors": people} if people else {}),
    }
    kept = {name: value for name, value in kept.items() if value != {}}
    data: dict[str, Any] = {
        "name": building.text(what.replace(" ", "_"), "name", summary.get("title"), what, "Untitled"),
        "description": building.text("threat_model", "description", summary.get("description"), what),
        "owner": building.text("threat_model", "owner", summary.get("owner"), what),
        "reviewer": building.text("threat_model", "reviewer", detail.get("reviewer"), what),
        "contributors": names,
        "threat_model_framework": _framework_of_model(diagrams, building.findings),
    }
    if kept:
        building.findings.kept(what, ", ".join(sorted(kept)))
    building.put("threat_model", building.model_id, data | building.unknown(kept, what), what)


def _cell_list(raw: Mapping[str, Any]) -> object:
    """What stands where the cells of a diagram should be, in either version."""
    inner = raw.get("diagramJson")
    return raw["cells"] if "cells" in raw else inner.get("cells") if isinstance(inner, dict) else None


def _raw_cells(raw: dict[str, Any], title: str, building: Building) -> list[RawCell]:
    """The cells of a diagram, with type, name and place in the report decided."""
    value = _cell_list(raw)
    if value is not None and not isinstance(value, list):
        building.findings.dropped(f"{title}, cells", "is no list")
    found = []
    for index, one in enumerate(value if isinstance(value, list) else []):
        if not isinstance(one, dict):
            building.findings.dropped(f"{title}, cell {index + 1}", "is no object")
            continue
        data = one.get("data")
        data = data if isinstance(data, dict) else {}
        label = label_of(one, data)
        name = " ".join(label.split())[:60]
        place = f"cell {name!r}" if name else f"cell {index + 1}"
        cell = RawCell(one, data, index, f"{title}, {place}", label=label)
        decide_type(cell, building)
        found.append(cell)
    return found


def _area(cell: RawCell) -> float:
    size = cell.raw.get("size")
    size = size if isinstance(size, Mapping) else {}
    return (number_of(size.get("width")) or 0.0) * (number_of(size.get("height")) or 0.0)


def _stack(cells: list[RawCell]) -> None:
    """Give the cells their order: boundaries behind, larger boxes behind smaller ones."""

    def key(cell: RawCell) -> tuple[int, float, float, int]:
        is_box = cell.type == v.TRUST_BOUNDARY and not cell.is_line
        layer = 0 if is_box else 1 if cell.type == v.TRUST_BOUNDARY else 2
        return (layer, cell.depth, -_area(cell) if is_box else 0.0, cell.index)

    ordered = sorted(cells, key=key)
    for cell, order in zip(ordered, spread(len(cells)), strict=True):
        cell.order = order


def _put_diagram(raw: dict[str, Any], index: int, order: str, building: Building) -> None:
    diagram_id = building.give_id(None, f"diagram {index} {text_of(raw.get('id')) or ''}")
    name = text_of(raw.get("title")) or text_of(raw.get("name")) or ""
    what = f"diagram {' '.join(name.split())[:60]!r}" if name.strip() else f"diagram {index + 1}"
    kind = (text_of(raw.get("diagramType")) or "STRIDE").strip()
    kept = _without(raw, _DIAGRAM)
    inner = kept.pop("diagramJson", None)
    if isinstance(inner, dict):
        kept |= {"diagramJson": rest} if (rest := _without(inner, frozenset({"cells"}))) else {}
    if "title" in raw and not kept.get("name"):
        kept.pop("name", None)
    data = {
        "name": building.text("diagram", "name", name, what, f"Diagram {index + 1}"),
        "description": building.text("diagram", "description", raw.get("description"), what),
        "framework": building.text("diagram", "framework", framework_of(kind), what),
        "order": order,
    }
    if kept:
        building.findings.kept(what, ", ".join(sorted(kept))[:200])
    building.put("diagram", diagram_id, data | building.unknown(kept, what), what)
    cells = _raw_cells(raw, what, building)
    _stack(cells)
    for cell in cells:
        cell.id = building.give_id(cell.raw.get("id"), f"cell {index} {cell.index}", cell.what)
    ends = Ends(cells, building)
    for cell in cells:
        put_cell(cell, diagram_id, ends, building)
        links = {"diagram_id": diagram_id, "cell_id": cell.id}
        for number, threat in raw_threats(cell.raw, cell.data, cell.what, building):
            place = f"{cell.what}, threat {number + 1}"
            put_threat(threat, place, links, kind, building)


def _checked(body: Any, source: str) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise UnreadableFile(source, "is not a Threat Dragon model: it is no object")
    for name in ("summary", "detail"):
        if not isinstance(body.get(name), dict):
            raise UnreadableFile(source, f'is not a Threat Dragon model: it lacks "{name}"')
    diagrams = body["detail"].get("diagrams")
    if diagrams is not None and not isinstance(diagrams, list):
        raise UnreadableFile(source, "must be a list", "detail.diagrams")
    lists = (_cell_list(raw) for raw in diagrams or () if isinstance(raw, dict))
    if sum(len(cells) for cells in lists if isinstance(cells, list)) > MAX_CELLS:
        raise UnreadableFile(source, f"has more than {MAX_CELLS} cells", "detail.diagrams")
    return body


def read(data: bytes, source: str) -> Imported:
    """The model in a Threat Dragon file. UnreadableFile names the file, the place and the reason."""
    body = cleaned(_checked(load_json(data, source), source))
    findings = Findings(source, NAME)
    model_id = derived_id(_NAMESPACE, hashlib.sha256(data).hexdigest())
    building = Building(model_id, findings, KEPT)
    given = body["detail"].get("diagrams") or []
    diagrams = [one for one in given if isinstance(one, dict)]
    if len(diagrams) < len(given):
        findings.dropped("diagram", "is no object", len(given) - len(diagrams))
    if any("diagramJson" in diagram for diagram in diagrams):
        findings.format = f"{NAME} 1"
    elif diagrams:
        findings.format = f"{NAME} 2"
    _put_model(body, diagrams, building)
    for index, (raw, order) in enumerate(zip(diagrams, spread(len(diagrams)), strict=True)):
        _put_diagram(raw, index, order, building)
    for number, threat in raw_threats(body, {}, "threat model", building):
        put_threat(threat, f"threat model, threat {number + 1}", {}, "", building)
    inside = nested(building.records.values())
    building.replace(inside)
    if inside:
        findings.guessed("elements", "lie wholly inside a boundary box and were put in it", len(inside))
    return finished(model_id, building.records.values(), findings)
