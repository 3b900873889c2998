"""A click on a connect grip: a neighbour of the same kind on that side, with a flow to it."""

from typing import TYPE_CHECKING

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.patch import Patch
from app.domain.rect import Rect, rect_of
from app.domain.state import ModelState
from app.domain.values import End, Point
from canvas.tools.editing import start_editing
from canvas.tools.places import Side

if TYPE_CHECKING:
    from canvas.tools.desk import Desk

GAP = 100.0


def sprouted(state: ModelState, source_id: str, side: Side) -> tuple[str, Patch]:
    """The new node's id and the patch that adds it beside `source_id`, connected."""
    source = state.cell(source_id)
    if source is None:
        return "", ()
    box = rect_of(source)
    place = _free_place(state, source.diagram_id, box, side)
    new_id, patch = edits.create_node(
        state,
        source.diagram_id,
        source.type,
        Point(place.x, place.y),
        source.size,
        label=v.CELL_TYPE_NAMES[source.type],
    )
    _, flow = edits.create_line(state, source.diagram_id, End(cell=source_id), End(cell=new_id))
    return new_id, patch + flow


def _free_place(state: ModelState, diagram_id: str, box: Rect, side: Side) -> Rect:
    """The first place beside the box that no node covers, going sideways when it is taken."""
    first = box.moved(side[0] * (box.width + GAP), side[1] * (box.height + GAP))
    taken = [
        rect_of(c) for c in state.cells(diagram_id) if not c.is_line and not c.can_contain
    ]
    across = (abs(side[1]) * (box.width + GAP / 2), abs(side[0]) * (box.height + GAP / 2))
    for turn in range(13):
        steps = (turn + 1) // 2 * (1 if turn % 2 else -1)
        place = first.moved(across[0] * steps, across[1] * steps)
        if not any(place.touches(other) for other in taken):
            return place
    return first


def sprout(desk: "Desk", source_id: str, side: Side) -> None:
    """Grow a neighbour, select it and open its label."""
    new_id, patch = sprouted(desk.scene.editor.state, source_id, side)
    if patch and desk.commit(patch, "Add connected element"):
        desk.scene.select([new_id])
        desk.view.reveal([new_id])
        start_editing(desk, new_id)
