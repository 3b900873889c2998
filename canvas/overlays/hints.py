"""What an empty canvas says, and the way back when everything is out of sight."""

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from canvas.overlays.inks import Inks

HINTS: Final = (
    ("P", "place a process, S a store, E an external entity"),
    ("F", "draw a flow from one element to another"),
    ("B", "draw a trust boundary around them"),
    ("N", "search or name an element, as does a double click"),
)
_TITLE: Final = "An empty diagram"


class EmptyHint(QWidget):
    """A few hints in the middle of a diagram without cells; the mouse goes through it."""

    def __init__(self, parent: QWidget, inks: Inks) -> None:
        super().__init__(parent)
        self.inks = inks
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(f"{_TITLE}. " + ". ".join(f"{k}: {text}" for k, text in HINTS))
        self.hide()

    def place(self, area: QRectF) -> None:
        """Lie in the middle of an area of the parent, in pixels."""
        width, height = min(440.0, area.width()), min(230.0, area.height())
        box = QRectF(0, 0, width, height)
        box.moveCenter(area.center())
        self.setGeometry(box.toAlignedRect())

    def paintEvent(self, event: QPaintEvent) -> None:
        """See the class."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        title = QFont(self.font())
        title.setPointSizeF(13)
        title.setBold(True)
        painter.setFont(title)
        painter.setPen(self.inks.text)
        painter.drawText(QRectF(0, 8, self.width(), 28), Qt.AlignmentFlag.AlignCenter, _TITLE)
        plain = QFont(self.font())
        plain.setPointSizeF(10.5)
        metrics = QFontMetricsF(plain)
        widest = max(metrics.horizontalAdvance(text) for _, text in HINTS)
        left = max(4.0, (self.width() - widest - 40) / 2)
        for row, (key, text) in enumerate(HINTS):
            top = 54.0 + row * 40
            cap = QRectF(left, top, 26, 26)
            painter.setPen(QPen(self.inks.muted, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cap, 5, 5)
            painter.setFont(plain)
            painter.setPen(self.inks.text)
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
            painter.setPen(self.inks.muted)
            room = QRectF(left + 40, top, self.width() - left - 40, 26)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class FocusRing(QWidget):
    """Lies behind the viewport, which leaves its rim free: that rim shows who has the keyboard."""

    def __init__(self, parent: QWidget, inks: Inks) -> None:
        super().__init__(parent)
        self.inks = inks
        self.is_focused = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """See the class."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.inks.accent if self.is_focused else self.inks.background)
        painter.end()
