"""Creating nodes and boundaries, and changing what kind of element a node is."""

from collections.abc import Collection, Iterable
from typing import Any

import msgspec

from app.domain import vocabulary as v
from app.domain.checks import to_json
from app.domain.edits.containers import container_for, settle, touched_by
from app.domain.edits.properties import order_for
from app.domain.ids import new_id
from app.domain.patch import Patch, add, update
from app.domain.records import Cell
from app.domain.rect import Rect, rect_of, united
from app.domain.state import ModelState
from app.domain.values import Point, Size

MARGIN = 30.0


def create_node(
    state: ModelState,
    diagram_id: str,
    cell_type: str,
    position: Point,
    size: Size | None = None,
    *,
    label: str = "",
    **properties: Any,
) -> tuple[str, Patch]:
    """The id and the patch of a new node with its top left corner at `position`.

    It lies inside the boundary that is there; a new boundary takes in what lies inside it.
    """
    width, height = v.DEFAULT_SIZES[cell_type]
    size = size or Size(width, height)
    rect = Rect(position.x, position.y, size.width, size.height)
    boundary = cell_type == v.TRUST_BOUNDARY
    cell = Cell(id=new_id(), diagram_id=diagram_id, type=cell_type, label=label, position=position, size=size)
    data = {
        "diagram_id": diagram_id,
        "type": cell_type,
        "label": label,
        "position": to_json(position),
        "size": to_json(size),
        "order": order_for(state, diagram_id, boundary=boundary),
        "parent": container_for(state, diagram_id, rect, is_boundary=boundary),
        **properties,
    }
    patch: Patch = (add("cell", cell.id, data),)
    if boundary:
        inside = touched_by(state, diagram_id, rect)
        patch += settle(state, diagram_id, inside, {}, added=[cell])
    return cell.id, patch


def wrap_in_boundary(
    state: ModelState, diagram_id: str, cell_ids: Collection[str], *, label: str = ""
) -> tuple[str, Patch]:
    """A new boundary around cells, which become its children. ("", ()) when there is nothing to wrap."""
    cells = [c for c in map(state.cell, cell_ids) if c is not None and not c.is_line]
    whole = united(rect_of(c) for c in cells)
    if whole is None:
        return "", ()
    box = whole.grown(MARGIN)
    box = Rect(box.x, box.y - MARGIN / 2, box.width, box.height + MARGIN / 2)
    chosen = {c.id for c in cells}
    top = [c for c in cells if c.parent not in chosen]
    parents = {c.parent for c in top}
    boundary_id = new_id()
    data = {
        "diagram_id": diagram_id,
        "type": v.TRUST_BOUNDARY,
        "label": label,
        "position": to_json(Point(box.x, box.y)),
        "size": to_json(Size(box.width, box.height)),
        "order": order_for(state, diagram_id, boundary=True),
        "parent": parents.pop() if len(parents) == 1 else None,
    }
    patch: Patch = (add("cell", boundary_id, data),)
    return boundary_id, patch + tuple(update("cell", c.id, parent=boundary_id) for c in top)


def set_type(cells: Iterable[Cell], cell_type: str) -> Patch:
    """The patch that makes nodes another kind of element; lines and the like are left alone."""
    return tuple(
        update("cell", c.id, type=cell_type)
        for c in cells
        if not c.is_line and cell_type in v.NODE_TYPES and c.type != cell_type
    )


def with_box(cell: Cell, rect: Rect) -> Cell:
    """The node with another box."""
    return msgspec.structs.replace(cell, position=Point(rect.x, rect.y), size=Size(rect.width, rect.height))
