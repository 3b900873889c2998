"""Drawing, reconnecting and bending lines: data flows and boundary lines."""

from collections.abc import Iterable, Sequence
from typing import Any

from app.domain import vocabulary as v
from app.domain.checks import to_json
from app.domain.edits.properties import order_for, top_order
from app.domain.ids import new_id
from app.domain.patch import Patch, add, update
from app.domain.records import Cell
from app.domain.state import ModelState
from app.domain.values import End, LabelPosition, Point


def create_line(
    state: ModelState,
    diagram_id: str,
    source: End,
    target: End,
    *,
    cell_type: str = v.DATA_FLOW,
    vertices: Sequence[Point] = (),
    label: str = "",
    **properties: Any,
) -> tuple[str, Patch]:
    """The id and the patch of a new data flow, or of a boundary line."""
    line_id = new_id()
    boundary = cell_type == v.TRUST_BOUNDARY
    data = {
        "diagram_id": diagram_id,
        "type": cell_type,
        "label": label,
        "source": to_json(source),
        "target": to_json(target),
        "vertices": [to_json(p) for p in vertices],
        "order": top_order(state, diagram_id)
        if not boundary
        else order_for(state, diagram_id, boundary=True),
        **({"form": v.LINE} if boundary else {}),
        **properties,
    }
    return line_id, (add("cell", line_id, data),)


def connect(state: ModelState, source_id: str, target_id: str, *, label: str = "") -> tuple[str, Patch]:
    """A new data flow from one node to another of the same diagram, or to itself."""
    source = state.cell(source_id)
    if source is None:
        return "", ()
    return create_line(state, source.diagram_id, End(cell=source_id), End(cell=target_id), label=label)


def reconnect(line: Cell, which: str, end: End) -> Patch:
    """The patch that puts one end (`source` or `target`) of a line elsewhere; label and data stay."""
    return (update("cell", line.id, **{which: to_json(end)}),)


def set_vertices(line: Cell, vertices: Sequence[Point]) -> Patch:
    """The patch that gives a line other waypoints."""
    return (update("cell", line.id, vertices=[to_json(p) for p in vertices]),)


def set_label_position(line: Cell, position: LabelPosition) -> Patch:
    """The patch that puts a line's label elsewhere along it."""
    return (update("cell", line.id, label_position=to_json(position)),)


def reverse(lines: Iterable[Cell]) -> Patch:
    """The patch that turns lines round: ends swapped, waypoints in reverse."""
    return tuple(
        update(
            "cell",
            c.id,
            source=to_json(c.target),
            target=to_json(c.source),
            vertices=[to_json(p) for p in reversed(c.vertices)],
            label_position=to_json(
                LabelPosition(1.0 - c.label_position.at, c.label_position.dx, c.label_position.dy)
            ),
        )
        for c in lines
        if c.is_line
    )
