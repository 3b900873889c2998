"""The columns of a register, from the table of fields: what a cell says, and how rows sort by it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from app.domain.fields import Field, FieldType
from app.domain.records import Record, fields_of_kind
from app.domain.state import ModelState
from ui.panels.editors.text import text_of
from ui.panels.names import shown_title, spoken

# What a register shows at first; everything else can be switched on.
FIRST: Final[Mapping[str, tuple[str, ...]]] = {
    "threat": (
        "number", "name", "threat_type", "severity", "status", "cell_id", "diagram_id", "priority",
        "score", "mitigated",
    ),
    "asset": ("name", "type", "classification", "criticality", "sensitivity", "description"),
    "document": ("name", "uri", "description"),
    "note": ("name", "content", "description"),
    "repository": ("name", "uri", "type", "description"),
    "assumption": ("name", "status", "cells", "threats", "tags"),
    "mitigation": ("name", "status", "owner", "due_date", "effort", "threats"),
}  # fmt: skip
WIDTHS: Final = {
    "name": 210, "number": 50, "severity": 86, "status": 90, "priority": 84, "score": 60, "mitigated": 82,
    "diagram_id": 110, "uri": 220, "description": 260, "content": 260, "threats": 200,
}  # fmt: skip
_TITLES: Final = {"number": "No.", "cvss": "CVSS"}
_NOT_A_COLUMN: Final = {FieldType.POINT, FieldType.SIZE, FieldType.POINTS, FieldType.END, FieldType.JSON}
_ELSEWHERE: Final = {FieldType.MAP, FieldType.REFERENCE_SET, FieldType.LIST}


@dataclass(frozen=True)
class Column:
    """One property as a column."""

    name: str
    field: Field
    shown: bool

    @property
    def title(self) -> str:
        """The heading."""
        return self.field.label

    @property
    def width(self) -> int:
        """Its width at first, in pixels of the design."""
        narrow = self.field.type in (FieldType.NUMBER, FieldType.FLAG)
        return WIDTHS.get(self.name, 90 if narrow else 130)

    @property
    def editable(self) -> bool:
        """Whether it can be edited in the table; the rest is for the inspector."""
        return not (self.field.multiline or self.field.type in _ELSEWHERE or self.field.fixed)

    @property
    def is_flag(self) -> bool:
        """Whether it is a tick."""
        return self.field.type is FieldType.FLAG

    def text(self, state: ModelState, record: Record) -> str:
        """What the table says: names for references, one line for many."""
        value = getattr(record, self.name)
        kind = self.field.type
        if kind is FieldType.FLAG:
            return ""
        if kind is FieldType.REFERENCE:
            other = state.get(value)
            return shown_title(state, other) if other is not None else ""
        if kind is FieldType.REFERENCE_SET:
            others = [r for r in map(state.get, value) if r is not None]
            return ", ".join(sorted(shown_title(state, r) for r in others))
        if kind is FieldType.SET:
            return ", ".join(sorted(value, key=str.casefold))
        if kind is FieldType.LIST:
            return ", ".join(value)
        if kind is FieldType.MAP:
            return ", ".join(f"{k}={value[k]}" for k in sorted(value))
        if isinstance(value, str):
            line = " ".join(value[:400].split())
            return spoken(line) if line in self.field.words or kind is FieldType.CHOICE else line
        return text_of(value)

    def key(self, state: ModelState, record: Record) -> tuple[int, float, str]:
        """What rows sort by: words by their rank, numbers by size, nothing always last."""
        value = getattr(record, self.name)
        if isinstance(value, bool):
            return (0, 0.0 if value else 1.0, "")
        if isinstance(value, int | float):
            return (0, float(value), "")
        text = self.text(state, record)
        if not text:
            return (1, 0.0, "")
        words = self.field.words
        rank = words.index(value) if isinstance(value, str) and value in words else len(words)
        return (0, float(rank), text.casefold())

    def raw(self, record: Record) -> Any:
        """The value as an editor in the table takes it: text, a word, an id."""
        value = getattr(record, self.name)
        if self.field.type is FieldType.SET:
            return ", ".join(sorted(value, key=str.casefold))
        return value if self.field.type is FieldType.REFERENCE else text_of(value)


def columns_of(kind: str) -> list[Column]:
    """Every column of a register: those shown at first in their order, then the others."""
    fields = fields_of_kind(kind)
    first = [n for n in FIRST.get(kind, ("name",)) if n in fields]
    rest = [n for n, f in fields.items() if n not in first and f.type not in _NOT_A_COLUMN]
    found = []
    for name in first + rest:
        field = fields[name]
        if name in _TITLES:
            field = replace(field, title=_TITLES[name])
        found.append(Column(name, field, name in first))
    return found
