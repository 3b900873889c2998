"""Cells in the plain spelling: structure on top, everything else under `properties`."""

from collections.abc import Mapping
from typing import Any, Final

from app.domain.checks import to_json
from app.domain.fields import fields_of
from app.domain.records import Cell

_STRUCTURE: Final = (
    "type", "form", "position", "size", "parent", "order", "source", "target", "vertices", "metadata",
)  # fmt: skip
_ALWAYS: Final = frozenset({"type", "parent", "order", "label", "description"})
_NODE: Final = frozenset({"position", "size"})
_LINE: Final = frozenset({"source", "target", "vertices"})


def cell_to_seed(cell: Cell) -> dict[str, Any]:
    """A whole cell: `{id, type, position, size, properties: {label, description, ...}, ...}`."""
    always = _ALWAYS | (_LINE if cell.is_line else _NODE)
    top: dict[str, Any] = {"id": cell.id}
    properties: dict[str, Any] = {}
    for name, rule in fields_of(Cell).items():
        value = getattr(cell, name)
        if name != "diagram_id" and (name in always or value != rule.default):
            (top if name in _STRUCTURE else properties)[name] = to_json(value)
    properties.update({name: to_json(value) for name, value in cell.extra.items() if name not in top})
    return {**top, "properties": properties}


def cell_from_seed(data: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a cell as a patch carries them. What is not mentioned is not touched.

    ValueError when `properties` is no object.
    """
    inner = data.get("properties")
    if inner is not None and not isinstance(inner, Mapping):
        raise ValueError("properties must be an object")
    flat = {name: value for name, value in data.items() if name not in ("id", "properties", "diagram_id")}
    return {**(inner or {}), **flat}
