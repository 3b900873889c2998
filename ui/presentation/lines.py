"""What lies over a presentation for a moment: the title of a step, the keys, a blank screen."""

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from ui.theme import ThemeManager

SHOWN_MS: Final = 3000
KEYS: Final = (
    ("Space, →", "next"), ("←", "back"), ("Home, End", "first, last"), ("Tab, click", "spotlight"),
    ("L", "laser: hold, or tap"), ("B, W", "black, white"), ("+, −, 0", "zoom"), ("M", "other screen"),
    ("?", "this line"), ("Esc", "leave"),
)  # fmt: skip
_MARGIN: Final = 20


class _Line(QLabel):
    """A text on a plate at the foot of the window; the mouse goes through it."""

    def __init__(self, window: QWidget, theme: ThemeManager, points: float) -> None:
        super().__init__(window)
        self._window, self._points = window, points
        self.setProperty("toast", "true")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setMargin(theme.px(8))
        self.hide()

    def suit_size(self) -> None:
        """Letters larger than the program's, whatever the style sheet says of labels."""
        self.setStyleSheet(f"font-size: {QApplication.font().pointSizeF() * self._points:.1f}pt")

    def place(self) -> None:
        """Lie where it belongs."""
        raise NotImplementedError


class Caption(_Line):
    """Number and title of a step, for a moment, at the lower left."""

    def __init__(self, window: QWidget, theme: ThemeManager) -> None:
        super().__init__(window, theme, 1.5)
        self.setObjectName("caption")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self.hide)

    def say(self, text: str) -> None:
        """Show a text; screen readers hear it too."""
        self.setText(text)
        self.setAccessibleName(text)
        self.show()
        self.place()
        self.raise_()
        self._timer.start()

    def stop(self) -> None:
        """No timer goes on."""
        self._timer.stop()

    def place(self) -> None:
        """See _Line."""
        self.suit_size()
        self.setMaximumWidth(self._window.width() - 2 * _MARGIN)
        self.adjustSize()
        self.move(_MARGIN, self._window.height() - self.height() - _MARGIN)


class HelpLine(_Line):
    """The keys, at the head of the window."""

    def __init__(self, window: QWidget, theme: ThemeManager) -> None:
        super().__init__(window, theme, 1.2)
        self.setObjectName("help-line")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setText("     ".join(f"{key}: {what}".replace(" ", "\u00a0") for key, what in KEYS))
        self.setAccessibleName("; ".join(f"{key}: {what}" for key, what in KEYS))

    def toggle(self) -> None:
        """Show it or put it away."""
        self.setVisible(self.isHidden())
        if not self.isHidden():
            self.place()
            self.raise_()

    def place(self) -> None:
        """See _Line."""
        self.suit_size()
        width = self._window.width() - 2 * _MARGIN
        self.setGeometry(_MARGIN, _MARGIN, width, self.heightForWidth(width))


class Blank(QWidget):
    """A screen of one colour, so that the room looks at the speaker."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("blank")
        self.setAutoFillBackground(True)
        self.setCursor(Qt.CursorShape.BlankCursor)
        self._colour = ""
        self.hide()

    @property
    def is_on(self) -> bool:
        """Whether it covers everything."""
        return not self.isHidden()

    def toggle(self, colour: str) -> None:
        """Cover everything with a colour, or with that colour no longer."""
        if self.is_on and colour == self._colour:
            self.off()
            return
        self._colour = colour
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Window, QColor(colour))
        self.setPalette(palette)
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()

    def off(self) -> None:
        """Everything is on show again."""
        self.hide()
