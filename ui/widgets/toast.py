"""Toasts: a line at the foot of a window that goes by itself, with an action such as Undo."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

SHOWN_MS = 8000
LONGEST_MS = 20_000


class Toast(QFrame):
    """One message over a window; at most one is shown, a new one takes the place of the last."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("toast")
        self.setProperty("toast", "true")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._button = QPushButton()
        self._close = QPushButton("✕")
        self._close.setToolTip("Close message")
        self._close.setAccessibleName("Close message")
        self._close.clicked.connect(self.hide)
        self._button.clicked.connect(self._act)
        self._action: Callable[[], object] | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._button)
        layout.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        window.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """What the toast says, "" while none is shown."""
        return self._text.text() if not self.isHidden() else ""

    def say(
        self, text: str, button: str = "", action: Callable[[], object] | None = None, *, stays: bool = False
    ) -> None:
        """Show a message, with a button that does something about it. One that `stays` has to be closed."""
        self._text.setText(text)
        self._action = action
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self.setAccessibleName(text)
        self._place()
        self.show()
        self.raise_()
        if stays:
            self._timer.stop()
        else:
            self._timer.start(min(LONGEST_MS, SHOWN_MS + 40 * len(text)))

    def act(self) -> None:
        """Press the button, if there is one."""
        self._act()

    def _act(self) -> None:
        action, self._action = self._action, None
        self.hide()
        if action is not None:
            action()

    def hideEvent(self, event: object) -> None:
        """The timer ends with the message."""
        self._timer.stop()
        super().hideEvent(event)  # type: ignore[arg-type]

    def _place(self) -> None:
        window = self._window
        width = min(620, max(240, window.width() - 48))
        self.setFixedWidth(width)
        self.adjustSize()
        needed = max(self.sizeHint().height(), self.heightForWidth(width))
        self.resize(width, needed)
        self.move((window.width() - width) // 2, window.height() - needed - 48)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the foot of the window when it is resized."""
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return False
