"""Dragging one end of a line elsewhere; label and data stay."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.domain import edits
from app.domain.patch import Patch
from app.domain.records import Cell
from canvas.overlays.marks import Mark
from canvas.tools import ends, naming, targets
from canvas.tools.ends import Landing
from canvas.tools.pointer import Pointer
from canvas.tools.state import PatchGesture

if TYPE_CHECKING:
    from canvas.tools.desk import Desk


class Reconnecting(PatchGesture):
    """`which` is the end in hand: source or target."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, desk: "Desk", start: Pointer, cell_id: str, which: str) -> None:
        super().__init__(desk, start)
        self.cell_id, self.which = cell_id, which
        self.landing: Landing | None = None
        self._veils = ends.veils(desk) if self._cell.is_flow else []

    @property
    def _cell(self) -> Cell:
        return self.desk.stored(self.cell_id)

    def holds(self) -> Collection[str]:
        """See State."""
        return (self.cell_id,)

    def title(self) -> str:
        """See PatchGesture."""
        return f"Reconnect {naming.of(self._cell)}"

    def patch(self, pointer: Pointer) -> Patch:
        """See PatchGesture."""
        cell = self._cell
        if self.landing is None and not pointer.far_from(self.start):
            return ()
        self.landing = ends.landing_at(self.desk, pointer, self.cell_id, cell.type)
        refused = bool(self.landing.reason)
        self.cursor = Qt.CursorShape.ForbiddenCursor if refused else Qt.CursorShape.CrossCursor
        return edits.reconnect(cell, self.which, self.landing.end)

    def release(self, pointer: Pointer) -> None:
        """See State."""
        self.move(pointer)
        if self.landing is not None and self.landing.reason:
            reason = self.landing.reason
            self.desk.home()
            self.desk.refuse(reason)
        else:
            super().release(pointer)

    def marks(self) -> Iterable[Mark]:
        """See State."""
        cell = self.desk.scene.shown(self.cell_id)
        if cell is None:
            return []
        index = 0 if self.which == "source" else 1
        hot = targets.Target(targets.Part.END, cell.id, index)
        found = [*self._veils, *targets.selection_marks(self.desk)]
        found += ends.marks_of(self.desk, self.landing) if self.landing else []
        return found + targets.marks_of(targets.line_grips(self.desk, cell)[:2], hot)
