"""Patches put together from the domain's edits: new cells and the boundaries that they fall into."""

from typing import Any

import msgspec

from app.domain import edits
from app.domain.patch import Patch
from app.domain.records import Cell
from app.domain.rect import rect_of
from app.domain.stage import stage
from app.domain.state import ModelState


def housed(state: ModelState, diagram_id: str, patch: Patch) -> Patch:
    """A patch that adds cells, with each new cell inside the boundary at its place."""
    added = {c.id: c.after for c in stage(state, patch).changes if c.before is None}
    found = []
    for operation in patch:
        cell = added.get(operation.id)
        if isinstance(cell, Cell) and not cell.is_line and cell.parent is None:
            home = edits.container_for(
                state, diagram_id, rect_of(cell), is_boundary=cell.can_contain
            )
            data: dict[str, Any] = {**operation.data, "parent": home}
            operation = msgspec.structs.replace(operation, data=data) if home else operation
        found.append(operation)
    return tuple(found)
