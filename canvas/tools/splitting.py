"""Putting a node into a flow: with Shift, what is dropped on a flow splits it in two."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPolygonF

from app.domain import vocabulary as v
from app.domain.patch import Patch
from app.domain.records import Cell
from canvas.tools import places
from canvas.tools.composing import split_flow
from canvas.tools.pointer import Pointer

if TYPE_CHECKING:
    from canvas.tools.desk import Desk

REACH_PIXELS = 10.0


class Splitter:
    """Knows where the flows in sight ran before the drag, so that its own preview does not move them.

    `node_id` is the node that is dragged, "" for a new one; flows that end at it are left alone.
    """

    def __init__(self, desk: "Desk", cell_type: str, node_id: str = "") -> None:
        self._desk, self._node_id = desk, node_id
        self._takes = cell_type in v.ELEMENT_TYPES
        self._routes: list[tuple[str, QRectF, list[QPointF]]] | None = None

    def flow_at(self, pointer: Pointer) -> Cell | None:
        """The flow that would be split by letting go here, None without Shift."""
        if not (pointer.shift and self._takes) or pointer.alt:
            return None
        if self._routes is None:
            self._routes = self._in_sight()
        reach = self._desk.px(REACH_PIXELS)
        best: tuple[float, str] | None = None
        for flow_id, box, route in self._routes:
            if box.adjusted(-reach, -reach, reach, reach).contains(pointer.at):
                away = places.distance(places.nearest(route, pointer.at)[0], pointer.at)
                if away <= reach and (best is None or away < best[0]):
                    best = (away, flow_id)
        return self._desk.scene.editor.state.cell(best[1]) if best is not None else None

    def _in_sight(self) -> list[tuple[str, QRectF, list[QPointF]]]:
        scene = self._desk.scene
        found = []
        for cell_id in scene.cells_in(self._desk.view.visible_area()):
            cell = scene.editor.state.cell(cell_id)
            if cell is None or not cell.is_flow or cell.locked or self._ends_here(cell):
                continue
            route = scene.route_points(cell_id)
            if len(route) > 1:
                found.append((cell_id, QPolygonF(route).boundingRect(), route))
        return found

    def _ends_here(self, flow: Cell) -> bool:
        ends = (flow.source, flow.target)
        return bool(self._node_id) and any(e is not None and e.cell == self._node_id for e in ends)

    def patch(self, pointer: Pointer, flow: Cell, node_id: str) -> Patch:
        """The patch that leads the flow through a node that is or will be there."""
        route = next((r for i, _, r in self._routes or () if i == flow.id), [])
        bends = places.stretch_at(route, places.points_of(flow.vertices), pointer.at) if route else 0
        return split_flow(self._desk.scene.editor.state, flow, node_id, bends)
