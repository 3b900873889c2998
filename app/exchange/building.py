"""What readers of foreign formats share: ids, texts within limits, and records that the domain accepts."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.domain.checks import FARTHEST, MAX_DEPTH, clean_text, plain_json
from app.domain.errors import InvalidData
from app.domain.fields import FieldType
from app.domain.ids import derived_id, is_id
from app.domain.merge import merged
from app.domain.patch import add
from app.domain.records import Record, fields_of_kind
from app.exchange.report import Findings

NOTE_PART: Final = 200_000


def cleaned(value: Any) -> Any:
    """JSON whose texts and keys every store can hold, line ends as LF."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [cleaned(one) for one in value]
    if isinstance(value, dict):
        return {clean_text(name): cleaned(inner) for name, inner in value.items()}
    return value


def number_of(raw: object) -> float | None:
    """A finite number from a number or its spelling, else None."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        value = float(raw) if not isinstance(raw, str) or len(raw) < 64 else math.nan
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def flag_of(raw: object) -> bool | None:
    """True or false from what writers of JSON take for it, else None."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, int | float) and raw in (0, 1):
        return bool(raw)
    words = {"true": True, "false": False, "yes": True, "no": False, "": False}
    return words.get(raw.strip().lower()) if isinstance(raw, str) else None


def text_of(raw: object) -> str | None:
    """Text from a text or a number, else None."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    try:
        return str(raw)
    except ValueError:  # an integer of thousands of digits
        return None


class Building:
    """A model in the making: its records so far, the ids given, and the report.

    `namespace` is the property under which unknown parts of a record are kept for writing back.
    """

    def __init__(self, model_id: str, findings: Findings, namespace: str) -> None:
        self.model_id = model_id
        self.findings = findings
        self.namespace = namespace
        self.records: dict[str, Record] = {}
        self._taken = {model_id}
        self._notes = 0

    def give_id(self, raw: object, name: str, what: str = "") -> str:
        """A foreign id if it is a UUID not given yet, else one derived from `name`, which says the place."""
        text = text_of(raw)
        given = text.strip().lower() if text is not None else ""
        found = given if is_id(given) else derived_id(self.model_id, f"{name} {given}")
        if found in self._taken:
            if what:
                self.findings.guessed(what, f"its id {given[:60]!r} is used twice, renewed")
            found = derived_id(self.model_id, f"{name} {given} again {len(self._taken)}")
        self._taken.add(found)
        return found

    def coordinate(self, raw: object, what: str) -> float | None:
        """A number within the domain's bounds; None where there is none."""
        value = number_of(raw)
        if value is None or abs(value) <= FARTHEST:
            return value
        self.findings.guessed(what, "lies too far out, moved to the edge")
        return math.copysign(FARTHEST, value)

    def text(self, kind: str, prop: str, raw: object, what: str, default: str = "") -> str:
        """A text within the limit of a property; what is too long is shortened and kept in a note."""
        rule = fields_of_kind(kind)[prop]
        text = text_of(raw)
        if raw is not None and text is None:
            self.findings.dropped(f"{what}, {prop}", "is no text")
        text = clean_text(text or "")
        if not text.strip() and (rule.min or default):
            text = default
        limit = int(rule.max or 0)
        if len(text) <= limit:
            return text
        self._note(f"{prop.replace('_', ' ').capitalize()} of {what}", text)
        self.findings.guessed(
            f"{what}, {prop}",
            f"is {len(text)} characters long, shortened to {limit}; whole in a note",
        )
        return text[: limit - 1].rstrip() + "…"

    def _note(self, title: str, content: str) -> None:
        for start in range(0, len(content), NOTE_PART):
            self._notes += 1
            part = content[start : start + NOTE_PART]
            if part.strip():
                name = " ".join(title.split())[:190]
                note_id = self.give_id(None, f"note {self._notes}")
                self.put("note", note_id, {"name": name, "content": part}, f"note {name!r}")

    def items(self, raw: object, limit: int, what: str) -> list[str]:
        """The short texts of a list; what does not fit is dropped with a line."""
        found: list[str] = []
        for one in raw if isinstance(raw, list) else []:
            text = (text_of(one) or "").strip()
            if not text or len(text) > 256 or len(found) >= limit:
                self.findings.dropped(what, f"{str(one)[:60]!r} is empty, too long or one too many")
            else:
                found.append(text)
        return found

    def unknown(self, raw: Mapping[str, Any], what: str) -> dict[str, Any]:
        """What to keep for writing back, as data of an `add`; each part that cannot be is dropped."""
        found: dict[str, Any] = {}
        for name, value in raw.items():
            try:
                found[name[:128]] = plain_json([value])[0]
            except ValueError as error:
                self.findings.dropped(f"{what}, {name[:60]}", str(error))
        if not found:
            return {}
        try:
            return {self.namespace: plain_json(found)}
        except ValueError:
            self.findings.dropped(f"{what}, unknown properties", f"deeper than {MAX_DEPTH} or too many")
            return {}

    def put(self, kind: str, record_id: str, data: Mapping[str, Any], what: str) -> Record | None:
        """Make the record. What the domain refuses of it is left out, with a line in the report."""
        data = dict(data)
        rules = fields_of_kind(kind)
        while True:
            try:
                record = merged(None, add(kind, record_id, data))
            except InvalidData as error:
                rule = rules.get(error.prop)
                needed = rule is not None and (rule.required or rule.type is FieldType.END)
                if error.prop not in data or needed:
                    self.findings.dropped(what, f"{error.prop}: {error.reason}")
                    return None
                del data[error.prop]
                self.findings.dropped(f"{what}, {error.prop}", error.reason)
            else:
                self.records[record_id] = record
                return record

    def replace(self, records: Iterable[Record]) -> None:
        """Put changed records in the place of those of the same id."""
        self.records.update((record.id, record) for record in records)
