"""Values of properties as people read them, and the names of properties."""

from typing import Any

from app.domain.fields import Field, FieldType, fields_of
from app.domain.records import Record
from app.domain.state import ModelState
from ui.panels.editors.text import text_of
from ui.panels.names import shown_title, spoken


def label_of(kind_type: type[Record], group: str) -> str:
    """The name of a merge group: "Description", "Metadata owner"."""
    name, _, key = group.partition(".")
    rule = fields_of(kind_type).get(name)
    label = rule.label if rule is not None else name.replace("_", " ").capitalize()
    return f"{label} {key}" if key else label


def value_text(state: ModelState, record: Record, group: str) -> str:
    """What stands in a merge group of a record; "" for nothing."""
    name, _, key = group.partition(".")
    value = getattr(record, name, record.extra.get(name))
    if key:
        return str(value.get(key, "")) if isinstance(value, dict) else ""
    rule = fields_of(type(record)).get(name)
    return _text(state, rule, value) if rule is not None else text_of(value)


def _text(state: ModelState, rule: Field, value: Any) -> str:
    kind = rule.type
    if value is None:
        return ""
    if kind is FieldType.FLAG:
        return "Yes" if value else "No"
    if kind is FieldType.CHOICE:
        return spoken(value)
    if kind is FieldType.REFERENCE:
        return _name(state, value)
    if kind in (FieldType.SET, FieldType.LIST):
        return ", ".join(sorted(value, key=str.casefold) if rule.is_set else value)
    if kind is FieldType.REFERENCE_SET:
        return ", ".join(sorted(_name(state, one) for one in value))
    if kind is FieldType.MAP:
        return ", ".join(f"{key}: {value[key]}" for key in sorted(value))
    return _place(state, kind, value) or text_of(value)


def _place(state: ModelState, kind: FieldType, value: Any) -> str:
    if kind is FieldType.POINT:
        return f"{value.x:g}, {value.y:g}"
    if kind is FieldType.SIZE:
        return f"{value.width:g} × {value.height:g}"
    if kind is FieldType.POINTS:
        return "1 bend" if len(value) == 1 else f"{len(value)} bends" if value else "No bends"
    if kind is FieldType.END:
        return _name(state, value.cell) if value.cell is not None else f"{value.x:g}, {value.y:g}"
    if kind is FieldType.LABEL_POSITION:
        return f"{value.at:.0%} of the way"
    return ""


def _name(state: ModelState, record_id: str) -> str:
    record = state.get(record_id)
    return shown_title(state, record) if record is not None else "something that is gone"
