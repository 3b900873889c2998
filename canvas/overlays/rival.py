"""What somebody else has named an element while its name is being typed here, with both choices."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

LONGEST: Final = 40
_GAP: Final = 6


class RivalText(QFrame):
    """Lies above the editor and never takes the keyboard from it: Enter keeps mine, Esc takes theirs."""

    kept = Signal()
    taken = Signal()

    def __init__(self, parent: QWidget, editor: QWidget) -> None:
        super().__init__(parent)
        self._editor = editor
        self.setObjectName("rival-text")
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        # A click on what takes no focus gives it to what lies below, and the editor would commit.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocusProxy(editor)
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 4, 4)
        layout.addWidget(self._label)
        for text, key, signal in (("Keep mine", "Enter", self.kept), ("Take theirs", "Esc", self.taken)):
            button = QPushButton(text, self)
            button.setToolTip(key)
            # Buttons that stand for the editor's focus would both wear its ring: these take none at all,
            # and a press on them is theirs, so nothing below gets it.
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(signal)
            layout.addWidget(button)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._label.text()

    def tell(self, who: str, text: str) -> None:
        """Show what it is called now, and by whom if that is known."""
        line = " ".join(text.split())
        short = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
        self._label.setText(f"{who or 'Changed meanwhile'}: “{short}”")
        self.setAccessibleName(self._label.text())
        self.show()
        self.raise_()

    def place(self) -> None:
        """Lie above the editor, or below where there is no room, inside the parent."""
        self.adjustSize()
        editor, room = self._editor.geometry(), self.parentWidget()
        top = editor.top() - self.height() - _GAP
        if top < 0:
            top = editor.bottom() + _GAP
        right = room.width() - self.width() if room is not None else editor.left()
        self.move(max(0, min(editor.left(), right)), top)
