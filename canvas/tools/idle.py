"""Nothing is going on: hover, and what a press begins."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from app.domain import edits
from app.domain.values import End
from canvas.overlays.marks import Mark
from canvas.tools import keys, naming, targets
from canvas.tools.bending import Bending
from canvas.tools.connecting import Connecting
from canvas.tools.editing import start_editing
from canvas.tools.pointer import Pointer
from canvas.tools.pressing import Pressing
from canvas.tools.reconnecting import Reconnecting
from canvas.tools.resizing import Resizing
from canvas.tools.state import State
from canvas.tools.targets import NOTHING, Part, Target

if TYPE_CHECKING:
    from canvas.tools.desk import Desk


class Idle(State):
    """The select tool at rest."""

    def __init__(self, desk: "Desk") -> None:
        super().__init__(desk)
        self.hot: Target = NOTHING

    def enter(self) -> None:
        """See State."""
        if self.desk.pointer is not None and self.desk.view.underMouse():
            self.move(self.desk.pointer)

    def leave(self) -> None:
        """See State."""
        self.desk.scene.set_hovered(None)

    def move(self, pointer: Pointer) -> None:
        """See State."""
        desk = self.desk
        self.hot = targets.target_at(desk, pointer)
        if self.hot.part is not Part.CONNECT and not (
            self.hot is NOTHING and targets.still_hovered(desk, pointer)
        ):
            desk.scene.set_hovered(self.hot.cell or None)
        self.cursor = targets.cursor_for(desk, self.hot)
        desk.view.show_tip(self._tip())
        desk.refresh()

    def _tip(self) -> str:
        words = {
            Part.CONNECT: "Drag to connect",
            Part.BEND: "Drag to bend",
            Part.VERTEX: "Drag to move, double-click to remove",
            Part.END: "Drag to reconnect",
            Part.RESIZE: "",
        }
        if self.hot.part in words:
            return words[self.hot.part]
        return self.desk.scene.hint(self.hot.cell) if self.hot.cell else ""

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
        desk = self.desk
        target = targets.target_at(desk, pointer)
        cell = desk.scene.editor.state.cell(target.cell)
        if cell is None:
            if not desk.refuses():
                desk.view.quick_create_requested.emit(QPointF(pointer.at), pointer.screen)
        elif target.part is Part.VERTEX:
            rest = [p for place, p in enumerate(cell.vertices) if place != target.index]
            desk.commit(edits.set_vertices(cell, rest), f"Straighten {naming.of(cell)}")
        elif target.part in (Part.BODY, Part.LABEL):
            start_editing(desk, cell.id)

    def key(self, event: QKeyEvent) -> bool:
        """See State."""
        return keys.handle(self.desk, event)

    def cancel(self) -> bool:
        """Esc at rest clears the selection."""
        if not self.desk.scene.selected:
            return False
        self.desk.scene.clear_selection()
        return True

    def marks(self) -> Iterable[Mark]:
        """See State."""
        found = [*targets.connect_grips(self.desk), *targets.grips_of_single(self.desk)]
        return [
            *targets.selection_marks(self.desk, self.desk.scene.hovered),
            *targets.marks_of(found, self.hot),
        ]


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
