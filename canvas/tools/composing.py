"""Patches put together from the domain's edits: cells put into boundaries, and into flows."""

from typing import Any

import msgspec

from app.domain import edits
from app.domain.errors import InvalidData
from app.domain.merge import data_of
from app.domain.patch import Patch
from app.domain.records import Cell
from app.domain.rect import rect_of
from app.domain.stage import stage
from app.domain.state import ModelState
from app.domain.values import End


def housed(state: ModelState, diagram_id: str, patch: Patch) -> Patch:
    """A patch that adds cells, with each new cell inside the boundary at its place."""
    added = {c.id: c.after for c in stage(state, patch).changes if c.before is None}
    found = []
    for operation in patch:
        cell = added.get(operation.id)
        if isinstance(cell, Cell) and not cell.is_line and cell.parent is None:
            home = edits.container_for(state, diagram_id, rect_of(cell), is_boundary=cell.can_contain)
            data: dict[str, Any] = {**operation.data, "parent": home}
            operation = msgspec.structs.replace(operation, data=data) if home else operation
        found.append(operation)
    return tuple(found)


def split_flow(state: ModelState, flow: Cell, node_id: str, bends: int) -> Patch:
    """The patch that leads a flow through a node: the first part keeps the label, both the properties.

    The first `bends` waypoints stay with the first part.
    """
    if flow.source is None or flow.target is None:
        return ()
    first = edits.reconnect(flow, "target", End(cell=node_id))
    if flow.vertices:
        first += edits.set_vertices(flow, flow.vertices[:bends])
    _, (line,) = edits.create_line(
        state, flow.diagram_id, End(cell=node_id), flow.target, vertices=flow.vertices[bends:]
    )
    own = {name: value for name, value in data_of(flow).items() if name not in _OF_ONE_PART}
    return (*first, msgspec.structs.replace(line, data={**own, **line.data}))


_OF_ONE_PART = ("label", "label_position", "source", "target", "vertices", "order")


def join_flows(state: ModelState, node: Cell) -> Patch:
    """The patch that removes a node and joins the one flow into it with the one out of it.

    InvalidData says why that cannot be done.
    """
    flows = [c for c in state.flows_at(node.id) if c.is_flow]
    before = [c for c in flows if c.target is not None and c.target.cell == node.id]
    after = [c for c in flows if c.source is not None and c.source.cell == node.id]
    if len(before) != 1 or len(after) != 1 or before[0].id == after[0].id:
        reason = f"has {len(before)} flows in and {len(after)} out: only one of each can be joined"
        raise InvalidData("cell", node.id, "", reason)
    first, second = before[0], after[0]
    if first.locked or second.locked or second.target is None:
        raise InvalidData("cell", node.id, "", "has a flow that is locked")
    patch = edits.reconnect(first, "target", second.target)
    if first.vertices or second.vertices:
        patch += edits.set_vertices(first, (*first.vertices, *second.vertices))
    if second.label and not first.label:
        patch += edits.set_property([first], "label", second.label)
    return patch + edits.remove_records([second, node])
