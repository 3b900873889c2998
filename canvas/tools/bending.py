"""Dragging a waypoint of a line, or a stretch of it, which makes a new waypoint."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt

from app.domain import edits
from app.domain.patch import Patch
from app.domain.records import Cell
from app.domain.values import End, Point
from canvas.overlays.marks import GuideLine, Mark
from canvas.tools import naming, places, targets
from canvas.tools.pointer import Pointer
from canvas.tools.snapping import Guide, Snapping
from canvas.tools.state import PatchGesture

if TYPE_CHECKING:
    from canvas.tools.desk import Desk

STRAIGHT_PIXELS = 5.0


class Bending(PatchGesture):
    """Moves waypoint `index`; `fresh` first puts one there. On the straight way it goes again."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, desk: "Desk", start: Pointer, cell_id: str, index: int, *, fresh: bool) -> None:
        super().__init__(desk, start)
        self.cell_id, self.index, self.fresh = cell_id, index, fresh
        self._rest = places.points_of(self._cell.vertices)
        self._from = start.at if fresh else self._rest.pop(index)
        before = self._rest[index - 1] if index else self._end(self._cell.source, 0)
        last = index >= len(self._rest)
        after = self._end(self._cell.target, -1) if last else self._rest[index]
        self._beside = (before, after)
        ground = desk.snapping()
        levels = [QRectF(p, p) for p in self._beside]
        self._ground = Snapping(levels if desk.snaps else (), ground.reach, ground.grid)
        self._guides: tuple[Guide, ...] = ()

    def _end(self, end: End | None, place: int) -> QPointF:
        """Where an end aims from: the middle of its element, since its place follows the bend."""
        cell = self.desk.scene.shown(end.cell) if end is not None else None
        if cell is not None and end is not None and end.port is None:
            return places.box_of(cell).center()
        route = self.desk.scene.route_points(self.cell_id)
        return route[place] if route else self.start.at

    @property
    def _cell(self) -> Cell:
        return self.desk.stored(self.cell_id)

    def holds(self) -> Collection[str]:
        """See State."""
        return (self.cell_id,)

    def title(self) -> str:
        """See PatchGesture."""
        return f"Bend {naming.of(self._cell)}"

    def patch(self, pointer: Pointer) -> Patch:
        """See PatchGesture."""
        at = self._from + pointer.at - self.start.at
        self._guides = ()
        if not pointer.ctrl:
            at = self._ground.point(at)
            self._guides = self._ground.guides(QRectF(at, at))
        vertices = [Point(round(p.x(), 2), round(p.y(), 2)) for p in self._rest]
        straight = places.point_on_segment(*self._beside, at)[0]
        if pointer.ctrl or places.distance(straight, at) > self.desk.px(STRAIGHT_PIXELS):
            vertices.insert(self.index, Point(round(at.x(), 2), round(at.y(), 2)))
        if tuple(vertices) == self._cell.vertices:
            return ()
        return edits.set_vertices(self._cell, vertices)

    def marks(self) -> Iterable[Mark]:
        """See State."""
        cell = self.desk.scene.shown(self.cell_id)
        if cell is None:
            return []
        hot = targets.Target(targets.Part.VERTEX, cell.id, self.index)
        found = targets.selection_marks(self.desk)
        found += [GuideLine(guide.line) for guide in self._guides]
        return found + targets.marks_of(targets.line_grips(self.desk, cell), hot)
