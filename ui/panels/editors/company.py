"""A line below a field about what somebody else writes in it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

LONGEST = 80


class CompanyLine(QFrame):
    """Says who types here, or what somebody has made of it meanwhile, with both choices.

    It never takes the keyboard from the field.
    """

    kept = Signal()
    taken = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._typing = self._rival = ""
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setProperty("role", "muted")
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._label, 1)
        self._buttons = []
        for text, hint, signal in (
            ("Keep mine", "Write what I have typed over it", self.kept),
            ("Take theirs", "Drop what I have typed (Esc)", self.taken),
        ):
            button = QPushButton(text, self)
            button.setToolTip(hint)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(signal)
            row.addWidget(button)
            self._buttons.append(button)
        self._show()

    @property
    def text(self) -> str:
        """What it says; "" while it says nothing."""
        return self._label.text() if not self.isHidden() else ""

    @property
    def has_rival(self) -> bool:
        """Whether somebody has changed what is being typed here."""
        return bool(self._rival)

    def tell_typing(self, name: str, text: str) -> None:
        """Somebody types this here; "" when it is over."""
        self._typing = f"{name} types: “{_short(text)}”" if text else ""
        self._show()

    def tell_rival(self, name: str, text: str) -> None:
        """The field holds this now, by somebody else."""
        words = f"“{_short(text)}”" if text else "nothing"
        self._rival = f"{name or 'Changed meanwhile'}: {words}"
        self._show()

    def name_rival(self, name: str) -> None:
        """Say who it was."""
        if self._rival:
            self._rival = f"{name}: {self._rival.partition(': ')[2]}"
            self._show()

    def settle(self) -> None:
        """There is nothing to choose any more."""
        self._rival = ""
        self._show()

    def _show(self) -> None:
        self._label.setText(self._rival or self._typing)
        self.setAccessibleName(self._label.text())
        for button in self._buttons:
            button.setVisible(bool(self._rival))
        self.setVisible(bool(self._rival or self._typing))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
