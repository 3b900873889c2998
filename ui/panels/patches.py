"""What an input in a form or a table means as a patch."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.errors import InvalidData
from app.domain.fields import Field, FieldType
from app.domain.ids import new_id
from app.domain.merge import data_of
from app.domain.order import after, between, spread
from app.domain.patch import Patch, add, update
from app.domain.records import KIND_NAMES, Cell, Diagram, Record, Threat, fields_of_kind
from app.domain.rect import rect_of
from app.domain.state import ModelState
from app.domain.values import End


def property_patch(state: ModelState, records: Sequence[Record], name: str, value: Any) -> Patch:
    """The patch that gives a property of all records a value, as an editor commits it.

    Maps take `{key: text or None}`, sets `{add, remove}`, places and sizes the part that changes, ends a
    cell's id. What must move along (a boundary's contents) does.
    """
    cells = [r for r in records if isinstance(r, Cell)]
    if cells and name in ("position", "size"):
        return _box_patch(state, cells, value)
    if cells and name == "type":
        return edits.set_type(cells, value)
    if cells and name in ("source", "target"):
        return edits.reconnect(cells[0], name, End(cell=value)) if value else ()
    return edits.set_property(records, name, value)


def _box_patch(state: ModelState, cells: Sequence[Cell], value: Mapping[str, float]) -> Patch:
    locked = next((c for c in cells if c.locked), None)
    if locked is not None:
        raise InvalidData("cell", locked.id, "position", "The element is locked: unlock it first")
    if len(cells) == 1 and ("x" in value or "y" in value):
        (cell,) = cells
        dx = value.get("x", cell.position.x) - cell.position.x
        dy = value.get("y", cell.position.y) - cell.position.y
        return edits.move_cells(state, [cell.id], dx, dy)
    boxes = {}
    for cell in cells:
        side = min(value.get("width", 1.0), value.get("height", 1.0))
        if side < 1.0:
            raise InvalidData("cell", cell.id, "size", "must be at least 1 wide and high")
        boxes[cell.id] = msgspec.structs.replace(rect_of(cell), **value)
    return edits.resize_cells(state, boxes)


def new_record(state: ModelState, kind: str, **data: Any) -> tuple[str, Patch]:
    """The id and the patch of a new record of a register, with words in what may not be empty."""
    values: dict[str, Any] = {n: _first_words(kind, f) for n, f in fields_of_kind(kind).items() if f.required}
    if kind == "threat":
        numbers = [t.number for t in state.all(Threat) if t.number is not None]
        values["number"] = max(numbers, default=0) + 1
        values["status"] = "Open"
    record_id = new_id()
    return record_id, (add(kind, record_id, {**values, **data}),)


def _first_words(kind: str, field: Field) -> str:
    if field.type is FieldType.CHOICE:
        return field.words[0]
    if field.name == "uri":
        return "https://"
    return f"New {KIND_NAMES[kind].lower()}"


def threat_on(state: ModelState, cell: Cell, threat_type: str) -> tuple[str, Patch]:
    """The id and the patch of a new threat on an element."""
    name = threat_type or "New threat"
    data = {"name": name, "cell_id": cell.id, "diagram_id": cell.diagram_id}
    if threat_type:
        data["threat_type"] = threat_type
    return new_record(state, "threat", **data)


def framework_of(state: ModelState, diagram_id: str | None) -> str:
    """The framework in force for a diagram: its own, or the model's."""
    diagram = state.find(Diagram, diagram_id)
    if diagram is not None and diagram.framework in v.FRAMEWORKS:
        return diagram.framework
    return state.model.threat_model_framework if state.model is not None else "STRIDE"


def new_diagram(state: ModelState) -> tuple[str, Patch]:
    """The id and the patch of an empty diagram behind all others."""
    taken = {d.name for d in state.diagrams()}
    number = len(taken) + 1
    while f"Diagram {number}" in taken:
        number += 1
    diagram_id = new_id()
    return diagram_id, (add("diagram", diagram_id, {"name": f"Diagram {number}", "order": _last(state)}),)


def _last(state: ModelState) -> str:
    diagrams = state.diagrams()
    return after(diagrams[-1].order) if diagrams else between("", "")


def duplicate_diagram(state: ModelState, diagram: Diagram) -> tuple[str, Patch]:
    """The id and the patch of a copy of a diagram, with its cells and their threats, right behind it."""
    diagram_id = new_id()
    orders = [d.order for d in state.diagrams() if d.order > diagram.order]
    name = f"{diagram.name[:190]} (copy)"
    order = between(diagram.order, orders[0]) if orders else after(diagram.order)
    head = add("diagram", diagram_id, {**data_of(diagram), "name": name, "order": order})
    clip = edits.copy_cells(state, [c.id for c in state.cells(diagram.id)])
    return diagram_id, (head, *edits.paste_cells(state, diagram_id, clip)[1])


def move_diagram(state: ModelState, diagram_id: str, place: int) -> Patch:
    """The patch that puts a diagram at a place (from 0) among all the others."""
    diagrams = state.diagrams()
    others = [d for d in diagrams if d.id != diagram_id]
    if len(others) == len(diagrams):
        return ()
    place = max(0, min(place, len(others)))
    if diagrams.index(next(d for d in diagrams if d.id == diagram_id)) == place:
        return ()
    low = others[place - 1].order if place else ""
    high = others[place].order if place < len(others) else ""
    if not high or low < high:
        order = after(low) if not high and low else between(low, high)
        return (update("diagram", diagram_id, order=order),)
    # Keys that are not distinct (foreign files): give everyone a new one.
    wanted = [d.id for d in others[:place]] + [diagram_id] + [d.id for d in others[place:]]
    return tuple(update("diagram", i, order=k) for i, k in zip(wanted, spread(len(wanted)), strict=True))
