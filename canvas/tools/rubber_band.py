"""Dragging over empty canvas: selects what the band touches, and boundaries that it encloses."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt

from canvas.overlays.marks import Band, Mark
from canvas.tools import targets
from canvas.tools.pointer import Pointer
from canvas.tools.state import Gesture

if TYPE_CHECKING:
    from canvas.tools.desk import Desk


class RubberBand(Gesture):
    """With Shift or Ctrl the band adds to what was selected."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, desk: "Desk", start: Pointer) -> None:
        super().__init__(desk, start)
        self._before = frozenset(desk.scene.selected)
        self._kept = self._before if start.shift or start.ctrl else frozenset()

    @property
    def rect(self) -> QRectF:
        """The band, in scene units."""
        return QRectF(self.start.at, self.last.at).normalized()

    def move(self, pointer: Pointer) -> None:
        """See State."""
        self.last = pointer
        self.desk.scene.select(self._kept | self.desk.scene.cells_in(self.rect))
        self.desk.refresh()

    def release(self, pointer: Pointer) -> None:
        """See State."""
        self.move(pointer)
        self.desk.home()

    def cancel(self) -> bool:
        """Esc brings back the selection that was."""
        self.desk.home()
        known = self.desk.scene.editor.state
        self.desk.scene.select(i for i in self._before if i in known)
        return True

    def marks(self) -> Iterable[Mark]:
        """See State."""
        return (*targets.selection_marks(self.desk), Band(self.rect))
