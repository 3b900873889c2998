"""Where the dragged end of a line would land: on an element, at a port, on nothing, or refused."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain import vocabulary as v
from app.domain.values import End
from canvas.overlays.marks import Frame, Grip, Look, Mark, Shape, Veil
from canvas.tools import places, targets
from canvas.tools.pointer import Pointer
from canvas.tools.snapping import Snapping

if TYPE_CHECKING:
    from canvas.tools.desk import Desk

PORT_PIXELS = 12.0


@dataclass(frozen=True, slots=True)
class Landing:
    """An end, the cell that it is over, and why it may not be attached there."""

    end: End
    over: str = ""
    reason: str = ""


def landing_at(desk: "Desk", pointer: Pointer, line_id: str = "", cell_type: str = v.DATA_FLOW) -> Landing:
    """Where an end dropped here would go. Ctrl leaves it free; boundary lines attach to nothing."""
    if pointer.ctrl or cell_type != v.DATA_FLOW:
        return Landing(free_end(desk, pointer))
    refused = Landing(free_end(desk, pointer))
    own = desk.scene.previewed
    for cell_id in desk.scene.cells_at(pointer.at, desk.reach):
        cell = desk.scene.shown(cell_id)
        if cell is None or cell_id == line_id or (cell.is_line and cell_id in own):
            continue
        reason = targets.why_not_connect(cell)
        if not reason:
            return Landing(End(cell=cell_id, port=_port(desk, pointer, cell_id)), cell_id)
        if not refused.reason:
            refused = Landing(free_end(desk, pointer), cell_id, reason)
    return refused


def free_end(desk: "Desk", pointer: Pointer) -> End:
    """An unattached end at the pointer, on the grid unless Ctrl is held."""
    on_grid = desk.view.grid_snap and not pointer.ctrl
    ground = Snapping(grid=10.0) if on_grid else Snapping()
    at = ground.point(pointer.at)
    return End(x=round(at.x(), 2), y=round(at.y(), 2))


def _port(desk: "Desk", pointer: Pointer, cell_id: str) -> str | None:
    """The middle of a side, when the pointer is close to it and the element is large enough."""
    cell = desk.scene.shown(cell_id)
    if cell is None:
        return None
    box = places.box_of(cell)
    reach = min(desk.px(PORT_PIXELS), box.width() / 4, box.height() / 4)
    for side in places.EDGES:
        if places.distance(places.side_point(box, side), pointer.at) <= reach:
            return places.PORT_OF[side]
    return None


def veils(desk: "Desk") -> list[Mark]:
    """Greys out what is in sight and may not be connected to."""
    seen = desk.view.visible_area()
    return [
        Veil(places.box_of(cell))
        for cell in desk.scene.shown_cells()
        if cell.type == v.TEXT and places.box_of(cell).intersects(seen)
    ]


def marks_of(desk: "Desk", landing: Landing) -> list[Mark]:
    """What shows where the end goes: a glow and ports, or a refusal with its reason."""
    cell = desk.scene.shown(landing.over)
    if cell is None:
        return []
    if landing.reason:
        return targets.frame_of(desk, landing.over, Look.REFUSED, landing.reason)
    box = places.box_of(cell)
    found: list[Mark] = [Frame(box, Look.WELCOME)]
    for side in places.EDGES:
        hot = places.PORT_OF[side] == landing.end.port
        found.append(Grip(places.side_point(box, side), Shape.BEND, hot))
    return found
