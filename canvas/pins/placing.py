"""The comment tool: a click on an element, a flow or an empty place begins a thread there."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from canvas.overlays.marks import Look, Mark
from canvas.tools import keys, targets
from canvas.tools.pointer import Pointer
from canvas.tools.state import State

if TYPE_CHECKING:
    from canvas.tools.desk import Desk


class PlacingComment(State):
    """Shows what a comment would be on; Enter takes what is selected, or the middle of the view."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, desk: "Desk") -> None:
        super().__init__(desk)
        self._on: str | None = None

    def move(self, pointer: Pointer) -> None:
        """See State."""
        self._on = self.desk.scene.cell_at(pointer.at, self.desk.reach)
        self.desk.view.show_tip("")
        self.desk.refresh()

    def press(self, pointer: Pointer) -> None:
        """See State."""
        on = self.desk.scene.cell_at(pointer.at, self.desk.reach)
        view = self.desk.view
        self.desk.tool_used()
        view.comment_requested.emit(pointer.at, on)

    def key(self, event: QKeyEvent) -> bool:
        """See State."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            single, view = self.desk.single(), self.desk.view
            self.desk.tool_used()
            view.comment_requested.emit(view.visible_area().center(), single.id if single else None)
            return True
        return keys.handle(self.desk, event)

    def cancel(self) -> bool:
        """See State."""
        self.desk.choose("select")
        return True

    def marks(self) -> Iterable[Mark]:
        """See State."""
        found = list(super().marks())
        if self._on is not None:
            found += targets.frame_of(self.desk, self._on, Look.WELCOME)
        return found
