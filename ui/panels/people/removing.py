"""The question before somebody is sent out, with a reason to give."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.domain.presence import Person

LONGEST = 200
WIDTH = 380


class RemoveQuestion(QDialog):
    """`remove(reason)` is called when the answer is yes. Enter after the reason goes to the button."""

    def __init__(self, person: Person, remove: Callable[[str], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._answer = remove
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Remove from the session")
        self.setMinimumWidth(WIDTH)
        column = QVBoxLayout(self)
        head = QLabel(f"Remove {person.name}?", self)
        head.setTextFormat(Qt.TextFormat.PlainText)
        head.setWordWrap(True)
        head.setProperty("role", "heading")
        text = QLabel("They leave at once and cannot come back to this session. What they drew stays.", self)
        text.setWordWrap(True)
        self.reason = QLineEdit(self)
        self.reason.setMaxLength(LONGEST)
        self.reason.setPlaceholderText("Reason, shown to them (optional)")
        self.reason.setAccessibleName("Reason, shown to them")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.remove_button = QPushButton("Remove", self)
        self.remove_button.setProperty("kind", "danger")
        buttons.addButton(self.remove_button, QDialogButtonBox.ButtonRole.DestructiveRole)
        buttons.rejected.connect(self.reject)
        self.remove_button.clicked.connect(self._remove)
        for widget in (head, text, self.reason, buttons):
            column.addWidget(widget)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the class."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.remove_button.setFocus()
        else:
            super().keyPressEvent(event)

    def _remove(self) -> None:
        self.accept()
        self._answer(self.reason.text().strip())
