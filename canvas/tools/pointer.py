"""A mouse event as the tools see it: where in the diagram, where on screen, which keys are held."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

DRAG_THRESHOLD = 4.0
_Modifier = Qt.KeyboardModifier


@dataclass(frozen=True, slots=True)
class Pointer:
    """`at` is in scene units, `view` in pixels of the viewport, `screen` in pixels of the screen."""

    at: QPointF
    view: QPointF
    screen: QPoint
    button: Qt.MouseButton = Qt.MouseButton.NoButton
    held: Qt.MouseButton = Qt.MouseButton.NoButton
    shift: bool = False
    ctrl: bool = False
    alt: bool = False

    def far_from(self, other: "Pointer") -> bool:
        """Whether the way from the other one is a drag and no longer a click."""
        return (self.view - other.view).manhattanLength() > DRAG_THRESHOLD

    def moved_to(self, at: QPointF) -> "Pointer":
        """The same place on screen, where the diagram has moved under it."""
        return replace(self, at=at)

    def with_modifiers(self, modifiers: Qt.KeyboardModifier) -> "Pointer":
        """The same place with other keys held."""
        return replace(
            self,
            shift=bool(modifiers & _Modifier.ShiftModifier),
            ctrl=bool(modifiers & _Modifier.ControlModifier),
            alt=bool(modifiers & _Modifier.AltModifier),
        )


def pointer_of(event: QMouseEvent, at: QPointF) -> Pointer:
    """The pointer of a mouse event whose place in the diagram is `at`."""
    bare = Pointer(at, event.position(), event.globalPosition().toPoint(), event.button(), event.buttons())
    return bare.with_modifiers(event.modifiers())


def held_after(event: QKeyEvent, pressed: bool) -> Qt.KeyboardModifier:
    """The modifiers that hold once this key event is through; platforms differ in counting its own."""
    own = {
        Qt.Key.Key_Shift: _Modifier.ShiftModifier,
        Qt.Key.Key_Control: _Modifier.ControlModifier,
        Qt.Key.Key_Alt: _Modifier.AltModifier,
    }.get(Qt.Key(event.key()), _Modifier.NoModifier)
    return event.modifiers() | own if pressed else event.modifiers() & ~own
