"""A state of the tools: what mouse and keys do right now. Each leaf has a file of its own."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from app.domain.patch import Patch
from canvas.overlays.marks import Mark
from canvas.tools import targets
from canvas.tools.pointer import Pointer

if TYPE_CHECKING:
    from canvas.tools.desk import Desk


class State:
    """Does nothing by itself. `is_gesture`: holding the button drags, edges scroll, Esc takes back."""

    cursor = Qt.CursorShape.ArrowCursor
    is_gesture = False
    holds_button = False  # whether it is over once the left button is up, wherever that happened

    def __init__(self, desk: "Desk") -> None:
        self.desk = desk

    def enter(self) -> None:
        """The state begins."""

    def leave(self) -> None:
        """The state ends, whatever the reason."""

    def press(self, pointer: Pointer) -> None:
        """The left button goes down."""

    def move(self, pointer: Pointer) -> None:
        """The pointer moves, or the keys held with it change."""

    def release(self, pointer: Pointer) -> None:
        """The left button goes up."""

    def double_click(self, pointer: Pointer) -> None:
        """The left button goes down a second time."""

    def key(self, event: QKeyEvent) -> bool:
        """A key goes down. Tells whether it was taken."""
        return False

    def cancel(self) -> bool:
        """Esc, or the ground is gone: back to where it began. Tells whether there was anything."""
        return False

    def follow(self) -> None:
        """The view shows another part of the diagram."""

    def cells_changed(self) -> None:
        """The model changed, and the state still has its ground."""

    def close(self) -> None:
        """The diagram is about to be closed: keep what is finished."""
        self.cancel()

    def marks(self) -> Iterable[Mark]:
        """What is painted over the diagram: the selection, unless a state has more to show."""
        return targets.selection_marks(self.desk)

    def holds(self) -> Collection[str]:
        """The cells without which the state has no ground."""
        return ()


class Gesture(State):
    """A drag that began at `start`; nothing is written before it ends."""

    is_gesture = True
    holds_button = True

    def __init__(self, desk: "Desk", start: Pointer) -> None:
        super().__init__(desk)
        self.start = self.last = start

    def cancel(self) -> bool:
        """Nothing was written: dropping the preview restores all."""
        self.desk.home()
        return True

    def leave(self) -> None:
        """See State."""
        self.desk.scene.clear_preview()


class PatchGesture(Gesture):
    """A drag whose preview is the very patch that its end applies: one gesture, one undo step."""

    def __init__(self, desk: "Desk", start: Pointer) -> None:
        super().__init__(desk, start)
        self.pending: Patch = ()

    def title(self) -> str:
        """What the undo step is called."""
        raise NotImplementedError

    def patch(self, pointer: Pointer) -> Patch:
        """What would be written if the button went up here."""
        raise NotImplementedError

    def done(self) -> None:
        """After the patch was applied."""

    def move(self, pointer: Pointer) -> None:
        """See State."""
        self.last = pointer
        self.pending = self.patch(pointer)
        self.desk.preview(self.pending)

    def release(self, pointer: Pointer) -> None:
        """See State."""
        self.move(pointer)
        patch, title = self.pending, self.title()
        self.desk.home()
        if patch and self.desk.commit(patch, title):
            self.done()
