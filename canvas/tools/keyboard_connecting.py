"""Drawing a flow by keyboard: Tab goes through the elements, Enter connects, Esc gives up."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from app.domain import edits
from app.domain.patch import Patch
from canvas.overlays.marks import Look, Mark
from canvas.tools import targets, walking
from canvas.tools.pointer import Pointer
from canvas.tools.state import State

if TYPE_CHECKING:
    from canvas.tools.desk import Desk


class KeyboardConnecting(State):
    """Begins at `source_id`; what Tab arrives at shows the flow as it would be."""

    def __init__(self, desk: "Desk", source_id: str) -> None:
        super().__init__(desk)
        self.source_id = source_id
        self.target_id: str | None = None
        self._line_id = ""
        self._patch: Patch = ()

    def enter(self) -> None:
        """See State."""
        self._step(1)

    def leave(self) -> None:
        """See State."""
        self.desk.scene.clear_preview()

    def holds(self) -> Collection[str]:
        """See State."""
        return [i for i in (self.source_id, self.target_id) if i]

    def _step(self, step: int) -> None:
        desk = self.desk
        cells = [
            c
            for c in desk.scene.shown_cells()
            if not c.is_line and not targets.why_not_connect(c) and c.id not in desk.scene.previewed
        ]
        order = walking.reading_order(cells, desk.view.bounds_of)
        here = self.target_id or self.source_id
        self.target_id = walking.after(order, here, step) or (order[0] if step > 0 else order[-1])
        self._line_id, self._patch = edits.connect(desk.scene.editor.state, self.source_id, self.target_id)
        desk.view.reveal([self.target_id])
        desk.view.announce(f"Connect to {desk.scene.hint(self.target_id)}")
        desk.preview(self._patch)

    def key(self, event: QKeyEvent) -> bool:
        """See State."""
        key = event.key()
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Right, Qt.Key.Key_Down):
            self._step(1)
        elif key in (Qt.Key.Key_Backtab, Qt.Key.Key_Left, Qt.Key.Key_Up):
            self._step(-1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_C):
            self._connect()
        return True

    def _connect(self) -> None:
        desk, patch, line_id = self.desk, self._patch, self._line_id
        desk.home()
        if desk.commit(patch, "Draw flow"):
            desk.scene.select([line_id])

    def cancel(self) -> bool:
        """See State."""
        self.desk.home()
        return True

    def press(self, pointer: Pointer) -> None:
        """The mouse takes over."""
        self.desk.home()
        self.desk.state.press(pointer)

    def marks(self) -> Iterable[Mark]:
        """See State."""
        found = targets.frame_of(self.desk, self.source_id, Look.CHOSEN)
        if self.target_id:
            text = "Enter connects · Tab next · Esc gives up"
            found += targets.frame_of(self.desk, self.target_id, Look.WELCOME, text)
        return found
