"""Values of properties as people read them, and the names of properties."""

from collections.abc import Callable, Mapping
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


def value_text(
    state: ModelState, record: Record, group: str, others: Mapping[str, Record] | None = None
) -> str:
    """What stands in a merge group of a record; "" for nothing. `others` are known though they are gone."""
    name, _, key = group.partition(".")
    value = getattr(record, name, record.extra.get(name))
    if key:
        return str(value.get(key, "")) if isinstance(value, dict) else ""
    rule = fields_of(type(record)).get(name)
    if rule is None:
        return text_of(value)

    def name_of(record_id: str) -> str:
        found = state.get(record_id) or (others or {}).get(record_id)
        return shown_title(state, found) if found is not None else "something that is gone"

    return _text(name_of, rule, value)


def _text(name_of: Callable[[str], str], rule: Field, value: Any) -> str:
    kind = rule.type
    if value is None:
        return ""
    if kind is FieldType.FLAG:
        return "Yes" if value else "No"
    if kind is FieldType.CHOICE:
        return spoken(value)
    if kind is FieldType.REFERENCE:
        return name_of(value)
    if kind in (FieldType.SET, FieldType.LIST):
        return ", ".join(sorted(value, key=str.casefold) if rule.is_set else value)
    if kind is FieldType.REFERENCE_SET:
        return ", ".join(sorted(name_of(one) for one in value))
    if kind is FieldType.MAP:
        return ", ".join(f"{key}: {value[key]}" for key in sorted(value))
    return _place(name_of, kind, value) or text_of(value)


def _place(name_of: Callable[[str], str], kind: FieldType, value: Any) -> str:
    if kind is FieldType.POINT:
        return f"{value.x:g}, {value.y:g}"
    if kind is FieldType.SIZE:
        return f"{value.width:g} × {value.height:g}"
    if kind is FieldType.POINTS:
        return "1 bend" if len(value) == 1 else f"{len(value)} bends" if value else "No bends"
    if kind is FieldType.END:
        return name_of(value.cell) if value.cell is not None else f"{value.x:g}, {value.y:g}"
    if kind is FieldType.LABEL_POSITION:
        return f"{value.at:.0%} of the way"
    return ""
