"""Drawing a line: from an element's grip, or with the flow or boundary line tool from anywhere."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.patch import Patch
from app.domain.values import End
from canvas.overlays.marks import Look, Mark
from canvas.tools import ends, places, targets
from canvas.tools.editing import start_editing
from canvas.tools.ends import Landing
from canvas.tools.offering import new_step, offer_target
from canvas.tools.pointer import Pointer
from canvas.tools.sprouting import sprout
from canvas.tools.state import PatchGesture

if TYPE_CHECKING:
    from canvas.tools.desk import Desk

LOOP_PIXELS = 50.0


class Connecting(PatchGesture):
    """Drags the target end. A first click without a drag leaves the line hanging on the pointer."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self,
        desk: "Desk",
        start: Pointer,
        source: End,
        *,
        side: places.Side | None = None,
        cell_type: str = v.DATA_FLOW,
    ) -> None:
        super().__init__(desk, start)
        self.source, self.side, self.cell_type = source, side, cell_type
        self.landing = Landing(source)
        self.line_id = ""
        self._farthest = 0.0
        self._hanging = False
        self._from_tool = side is None
        self._veils = ends.veils(desk) if cell_type == v.DATA_FLOW else []

    def holds(self) -> Collection[str]:
        """See State."""
        return (self.source.cell,) if self.source.cell else ()

    def title(self) -> str:
        """See PatchGesture."""
        return "Draw flow" if self.cell_type == v.DATA_FLOW else "Draw boundary line"

    def patch(self, pointer: Pointer) -> Patch:
        """See PatchGesture."""
        away = places.distance(pointer.view, self.start.view)
        self._farthest = max(self._farthest, away)
        landing = ends.landing_at(self.desk, pointer, self.line_id, self.cell_type)
        if landing.over and landing.over == self.source.cell and self._farthest < LOOP_PIXELS:
            landing = Landing(ends.free_end(self.desk, pointer))
        self.landing = landing
        self.cursor = Qt.CursorShape.ForbiddenCursor if landing.reason else Qt.CursorShape.CrossCursor
        if not self._is_line_yet(pointer):
            return ()
        self.line_id, patch = edits.create_line(
            self.desk.scene.editor.state,
            self.desk.scene.diagram_id,
            self.source,
            landing.end,
            cell_type=self.cell_type,
        )
        return patch

    def _is_line_yet(self, pointer: Pointer) -> bool:
        if self.landing.over and not self.landing.reason:
            return bool(self._farthest > 4)
        return pointer.far_from(self.start)

    def release(self, pointer: Pointer) -> None:
        """See State."""
        self.move(pointer)
        desk = self.desk
        if self._farthest <= 4 and not self._hanging:
            self._clicked()
        elif self.landing.reason:
            reason = self.landing.reason
            self._finish()
            desk.refuse(reason)
        else:
            patch, line_id, step, over = self.pending, self.line_id, new_step(), self.landing.over
            offers = self.cell_type == v.DATA_FLOW and not self.landing.over and not pointer.ctrl
            self._finish()
            if patch and desk.commit(patch, self.title(), step):
                desk.scene.select([line_id])
                if offers:
                    offer_target(desk, line_id, step, pointer.screen)
                elif self.cell_type == v.DATA_FLOW and over:
                    start_editing(desk, line_id, step=step)

    def _clicked(self) -> None:
        """A click and no drag: a grip grows a neighbour, the tool waits for the second click."""
        if self.side is not None and self.source.cell:
            desk, source, side = self.desk, self.source.cell, self.side
            desk.home()
            sprout(desk, source, side)
        else:
            self._hanging = True
            self.holds_button = False

    def _finish(self) -> None:
        if self._from_tool:
            self.desk.tool_used()
        else:
            self.desk.home()

    def marks(self) -> Iterable[Mark]:
        """See State."""
        found = list(self._veils)
        if self.source.cell and self.source.cell != self.landing.over:
            found += targets.frame_of(self.desk, self.source.cell, Look.CHOSEN)
        return found + ends.marks_of(self.desk, self.landing)


def source_at(desk: "Desk", pointer: Pointer, cell_type: str) -> Landing:
    """Where a line begun here would start."""
    landing = ends.landing_at(desk, pointer, cell_type=cell_type)
    if landing.end.cell is not None or landing.reason:
        return landing
    return Landing(ends.free_end(desk, pointer))


def point_of(end: End) -> QPointF:
    """A free end as a point."""
    return QPointF(end.x, end.y)
