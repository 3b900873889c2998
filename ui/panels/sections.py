"""Which properties a form shows, in which order and under which headings, worked out from the fields."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.domain import vocabulary as v
from app.domain.fields import Field, FieldType, fields_of
from app.domain.records import Cell, Record

# What people do not edit as a property: places in an order, fixed links, what only the canvas bends.
_HIDDEN = {
    "order", "form", "vertices", "label_position", "reply_to", "written_at",
}  # fmt: skip
_NODE_ONLY = {"position", "size", "parent"}
_LINE_ONLY = {"source", "target", "routing"}
_NOT_FOR_TEXT = {"technology", "out_of_scope", "out_of_scope_reason"}
# Where the heading says the half of it, or the word is an abbreviation.
_LABELS = {"out_of_scope_reason": "Reason", "cvss": "CVSS", "source": "From", "target": "To"}
_GROUPS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "cell": (
        ("", ("label", "type", "description", "source", "target", "tags")),
        ("Scope", ("out_of_scope", "out_of_scope_reason")),
        ("Style", ("style",)),
        ("Geometry", ("position", "size", "parent", "routing", "locked")),
        ("Metadata", ("metadata",)),
    ),
    "threat": (
        ("", ("name", "threat_type", "severity", "status", "description")),
        ("Treatment", ("mitigated", "mitigation", "priority", "issue_uri")),
        ("Rating", ("score", "likelihood", "risk_level", "cvss", "cwe_ids")),
        ("Where", ("cell_id", "diagram_id", "asset_id")),
        ("More", ()),
        ("Metadata", ("metadata",)),
    ),
    "threat_model": (
        ("", ("name", "description", "threat_model_framework", "status", "owner", "reviewer")),
        ("More", ()),
        ("Metadata", ("metadata",)),
    ),
    "diagram": (
        ("", ("name", "description")),
        ("More", ()),
        ("Metadata", ("metadata",)),
    ),
}
_PLAIN = (("", ()), ("Metadata", ("metadata",)))
_REST = {"cell": "Security", "threat": "More", "threat_model": "More", "diagram": "More"}
_CLOSED = {"Style", "Geometry", "Metadata", "Where", "More"}


@dataclass(frozen=True)
class Section:
    """A heading (empty for the first part), its properties, and whether it starts unfolded."""

    title: str
    names: tuple[str, ...]
    open: bool = True


def shown_fields(record: Record) -> dict[str, Field]:
    """Property name to field of what a form shows for a record, by its kind and, for cells, its type."""
    found = {n: f for n, f in fields_of(type(record)).items() if _is_shown(record, n, f)}
    return {n: replace(f, title=_LABELS[n]) if n in _LABELS else f for n, f in found.items()}


def _is_shown(record: Record, name: str, field: Field) -> bool:
    if name in _HIDDEN or (field.fixed and field.type is not FieldType.CHOICE):
        return False
    if field.type is FieldType.CHOICE and (field.fixed or len(field.words) < 2):
        return False
    if not isinstance(record, Cell):
        return field.type not in (FieldType.POINT, FieldType.SIZE, FieldType.END, FieldType.JSON)
    if field.cells and record.type not in field.cells:
        return False
    if record.is_line and (name in _NODE_ONLY or name == "type"):
        return False
    if not record.is_line and name in _LINE_ONLY:
        return False
    return not (record.type == v.TEXT and name in _NOT_FOR_TEXT)


def common_fields(records: Sequence[Record]) -> dict[str, Field]:
    """The properties that all of the records have and that mean the same on each."""
    first, *others = [shown_fields(record) for record in records]
    found = {}
    for name, field in first.items():
        twins = [other.get(name) for other in others]
        if all(t is not None and (t.type, t.words, t.refers_to) == (field.type, field.words, field.refers_to)
               for t in twins):  # fmt: skip
            found[name] = field
    if len(records) > 1:
        for name in ("source", "target", "parent"):
            found.pop(name, None)
    return found


def sections_of(kind: str, names: Iterable[str]) -> list[Section]:
    """The headings of a form with their properties; none is left out, none is empty."""
    left = dict.fromkeys(names)
    groups = _GROUPS.get(kind, _PLAIN)
    rest_title = _REST.get(kind, "")
    named = {name for _, group in groups for name in group}
    rest = tuple(name for name in left if name not in named)
    found: list[Section] = []
    for title, group in groups:
        chosen = tuple(name for name in group if name in left)
        if title == rest_title:
            chosen += rest
        if kind == "cell" and title == "Scope":
            found.append(Section("Security", rest))
        if chosen:
            found.append(Section(title, chosen, title not in _CLOSED))
    return [section for section in found if section.names]


def shape_of(records: Sequence[Record]) -> tuple[object, ...]:
    """What two selections must have in common to be shown by one form."""
    fields = common_fields(records)
    return (records[0].kind, tuple(fields), len(records) > 1)
