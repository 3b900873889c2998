"""Growing a neighbour on one side of an element, with a flow to it."""

from typing import TYPE_CHECKING

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.patch import Patch
from app.domain.rect import Rect, rect_of
from app.domain.state import ModelState
from app.domain.values import End, Point, Size
from canvas.tools.editing import start_editing
from canvas.tools.places import Side

if TYPE_CHECKING:
    from canvas.tools.desk import Desk

GAP = 100.0


def sprouted(
    state: ModelState, source_id: str, side: Side, cell_type: str = "", label: str = ""
) -> tuple[str, Patch]:
    """The new node's id and the patch that adds it beside `source_id`, connected.

    It is of the same kind and size as the source unless `cell_type` says otherwise.
    """
    source = state.cell(source_id)
    if source is None:
        return "", ()
    kind = cell_type or source.type
    size = source.size if kind == source.type else Size(*v.DEFAULT_SIZES[kind])
    place = _free_place(state, source.diagram_id, rect_of(source), side, size)
    new_id, patch = edits.create_node(
        state,
        source.diagram_id,
        kind,
        Point(place.x, place.y),
        size,
        label=label or v.CELL_TYPE_NAMES[kind],
    )
    _, flow = edits.create_line(state, source.diagram_id, End(cell=source_id), End(cell=new_id))
    return new_id, patch + flow


def _free_place(state: ModelState, diagram_id: str, box: Rect, side: Side, size: Size) -> Rect:
    """The first place beside the box that no node covers, going sideways when it is taken."""
    middle = box.centre
    away = (
        side[0] * ((box.width + size.width) / 2 + GAP),
        side[1] * ((box.height + size.height) / 2 + GAP),
    )
    first = Rect(
        round(middle.x + away[0] - size.width / 2, 2),
        round(middle.y + away[1] - size.height / 2, 2),
        size.width,
        size.height,
    )
    taken = [rect_of(c) for c in state.cells(diagram_id) if not c.is_line and not c.can_contain]
    across = (abs(side[1]) * (size.width + GAP / 2), abs(side[0]) * (size.height + GAP / 2))
    for turn in range(13):
        steps = (turn + 1) // 2 * (1 if turn % 2 else -1)
        place = first.moved(across[0] * steps, across[1] * steps)
        if not any(place.touches(other) for other in taken):
            return place
    return first


def sprout(desk: "Desk", source_id: str, side: Side, cell_type: str = "", label: str = "") -> None:
    """Grow a neighbour and select it; without a label, open it to be typed."""
    new_id, patch = sprouted(desk.scene.editor.state, source_id, side, cell_type, label)
    if patch and desk.commit(patch, "Add connected element"):
        desk.scene.select([new_id])
        desk.view.reveal([new_id])
        if not label:
            start_editing(desk, new_id)
