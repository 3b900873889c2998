"""Nothing is going on: hover, and what a press begins."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from app.domain import edits
from app.domain.values import End
from canvas.tools import keys, naming, targets
from canvas.tools.bending import Bending
from canvas.tools.connecting import Connecting
from canvas.tools.editing import start_editing
from canvas.tools.hovering import Hovering
from canvas.tools.pointer import Pointer
from canvas.tools.pressing import PressedTwice, Pressing
from canvas.tools.reconnecting import Reconnecting
from canvas.tools.resizing import Resizing
from canvas.tools.state import State
from canvas.tools.targets import Part, Target

if TYPE_CHECKING:
    pass


class Idle(Hovering):
    """The select tool at rest."""

    def press(self, pointer: Pointer) -> None:
        """See State."""
        desk = self.desk
        target = self.hot = targets.target_at(desk, pointer)
        cell = desk.scene.shown(target.cell) if target.cell else None
        grip = target.part not in (Part.NOTHING, Part.BODY, Part.LABEL)
        if cell is None or not grip:
            desk.go(Pressing(desk, pointer, target))
        elif desk.refuses():
            return
        elif target.part is Part.RESIZE:
            desk.go(Resizing(desk, pointer, cell.id, target.side))
        elif target.part is Part.CONNECT:
            desk.go(Connecting(desk, pointer, End(cell=cell.id), side=target.side))
        elif target.part is Part.END:
            desk.go(Reconnecting(desk, pointer, cell.id, ("source", "target")[target.index]))
        else:
            fresh = target.part is Part.BEND
            desk.go(Bending(desk, pointer, cell.id, target.index, fresh=fresh))

    def double_click(self, pointer: Pointer) -> None:
        """See State."""
        target = targets.target_at(self.desk, pointer)
        if target.part in (Part.NOTHING, Part.BODY, Part.LABEL, Part.VERTEX):
            self.desk.go(PressedTwice(self.desk, pointer, lambda: self._open(pointer, target)))
        else:
            self.press(pointer)

    def _open(self, pointer: Pointer, target: Target) -> None:
        """What a double click does when it is over."""
        desk = self.desk
        cell = desk.scene.editor.state.cell(target.cell)
        if target.part is Part.NOTHING:
            if not desk.refuses():
                desk.view.quick_create_requested.emit(QPointF(pointer.at), pointer.screen)
        elif cell is not None and target.part is Part.VERTEX:
            rest = [p for place, p in enumerate(cell.vertices) if place != target.index]
            desk.commit(edits.set_vertices(cell, rest), f"Straighten {naming.of(cell)}")
        elif cell is not None:
            start_editing(desk, cell.id)

    def key(self, event: QKeyEvent) -> bool:
        """See State."""
        return keys.handle(self.desk, event)

    def cancel(self) -> bool:
        """Esc at rest clears the selection."""
        if not self.desk.scene.selected:
            walked, self.desk.walker = self.desk.walker, None
            self.desk.refresh()
            return walked is not None
        self.desk.scene.clear_selection()
        return True


class Hand(State):
    """The hand tool at rest; the view itself does the panning."""

    cursor = Qt.CursorShape.OpenHandCursor

    def key(self, event: QKeyEvent) -> bool:
        """See State."""
        return keys.handle(self.desk, event)

    def cancel(self) -> bool:
        """See State."""
        self.desk.choose("select")
        return True
