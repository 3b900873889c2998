"""How a native file looks: two spaces of indent, one property a line, small values on one line."""

import json
from collections.abc import Mapping
from typing import Any

from app.domain.checks import to_json
from app.domain.fields import FieldType, fields_of
from app.domain.records import Record

_SMALL = (FieldType.POINT, FieldType.SIZE, FieldType.END, FieldType.LABEL_POSITION)


class OneLine(dict[str, Any]):
    """An object that is written on one line."""


def _shaped(kind: FieldType, value: Any) -> Any:
    found = to_json(value)
    if kind in _SMALL and isinstance(found, dict):
        return OneLine(found)
    if kind is FieldType.POINTS:
        return [OneLine(point) for point in found]
    return found


def stable(value: Any) -> Any:
    """The same JSON with all keys sorted, so that equal values look alike."""
    if isinstance(value, Mapping):
        return {name: stable(value[name]) for name in sorted(value)}
    if isinstance(value, list | tuple):
        return [stable(one) for one in value]
    return value


def properties_of(record: Record) -> dict[str, Any]:
    """The properties that differ from their defaults, ready for `dumps`.

    In declared order, metadata last, then unknown properties by name.
    """
    rules = fields_of(type(record))
    names = [name for name in rules if name != "metadata"] + ["metadata"]
    found: dict[str, Any] = {}
    for name in names:
        value, rule = getattr(record, name), rules[name]
        if rule.required or value != rule.default:
            found[name] = _shaped(rule.type, value)
    for name in sorted(record.extra):
        found[name] = stable(record.extra[name])
    return found


def _lines(value: Any, indent: str, out: list[str]) -> None:
    """Append the pieces of a value whose first line already stands at `indent`."""
    deeper = indent + "  "
    if isinstance(value, OneLine) or not isinstance(value, Mapping | list | tuple) or not value:
        out.append(json.dumps(value, ensure_ascii=False, allow_nan=False))
    elif isinstance(value, Mapping):
        mark = "{"
        for name, inner in value.items():
            out.append(f"{mark}\n{deeper}{json.dumps(name, ensure_ascii=False)}: ")
            _lines(inner, deeper, out)
            mark = ","
        out.append(f"\n{indent}}}")
    else:
        mark = "["
        for inner in value:
            out.append(f"{mark}\n{deeper}")
            _lines(inner, deeper, out)
            mark = ","
        out.append(f"\n{indent}]")


def dumps(value: Any) -> bytes:
    """The value as UTF-8 with LF and a final newline; equal values give equal bytes."""
    out: list[str] = []
    _lines(value, "", out)
    out.append("\n")
    return "".join(out).encode()
