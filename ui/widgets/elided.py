"""A label that cuts its line where there is no room, and says the whole of it in its tool tip."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyleOption, QWidget

LEAST = 40


class ElidedLabel(QLabel):
    """One line of plain text."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.say(text)

    def say(self, text: str) -> None:
        """Show a text."""
        if text != self.text():
            self.setText(text)
        self.setAccessibleName(text)
        self._tip()

    @property
    def is_cut(self) -> bool:
        """Whether there is no room for all of it."""
        return QFontMetrics(self.font()).horizontalAdvance(self.text()) > self.contentsRect().width()

    def minimumSizeHint(self) -> QSize:
        """Room for a few letters."""
        whole = super().sizeHint()
        return QSize(min(LEAST, whole.width()), whole.height())

    def resizeEvent(self, event: object) -> None:
        """The tool tip is for what is cut."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._tip()

    def _tip(self) -> None:
        self.setToolTip(self.text() if self.is_cut else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """See the class."""
        room = self.contentsRect()
        words = QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawItemText(
            painter, room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), option.palette,
            self.isEnabled(), words, self.foregroundRole(),
        )  # fmt: skip
        painter.end()
