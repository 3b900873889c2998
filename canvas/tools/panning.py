"""Panning from any tool: Space, middle or right button, or the hand tool."""

from PySide6.QtCore import QPointF, Qt

from canvas.tools.pointer import DRAG_THRESHOLD, Pointer


class Panning:
    """Knows whether the view is being dragged, and since where. Leaves the tools' state alone."""

    def __init__(self) -> None:
        self.button = Qt.MouseButton.NoButton
        self.space_held = False
        self.moved = False
        self._start = self._last = QPointF()

    @property
    def active(self) -> bool:
        """Whether a button is down that pans."""
        return self.button is not Qt.MouseButton.NoButton

    def begins_with(self, pointer: Pointer, hand: bool) -> bool:
        """Whether this press begins to pan; remembers it if so."""
        left = pointer.button is Qt.MouseButton.LeftButton and (self.space_held or hand)
        others = (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)
        if self.active or not (left or pointer.button in others):
            return False
        self.button, self.moved = pointer.button, False
        self._start = self._last = pointer.view
        return True

    def step(self, pointer: Pointer) -> QPointF:
        """How many pixels to drag the view; none before the threshold."""
        way = (pointer.view - self._start).manhattanLength()
        at_once = self.button is not Qt.MouseButton.RightButton
        if not self.moved and not at_once and way <= DRAG_THRESHOLD:
            return QPointF()
        self.moved = self.moved or way > DRAG_THRESHOLD
        found, self._last = pointer.view - self._last, pointer.view
        return found

    def ends_with(self, button: Qt.MouseButton) -> bool:
        """Whether this release ends it."""
        if button != self.button:
            return False
        self.button = Qt.MouseButton.NoButton
        return True

    def cursor(self, hand: bool) -> Qt.CursorShape | None:
        """The hand, when the next press pans or one is panning."""
        if self.active and (self.moved or self.button is not Qt.MouseButton.RightButton):
            return Qt.CursorShape.ClosedHandCursor
        return Qt.CursorShape.OpenHandCursor if self.space_held or hand else None
