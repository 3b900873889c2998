"""What a server has lost: changes that are in this computer's history and not on the server any more."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QListWidget, QVBoxLayout, QWidget

from app.domain.patch import Operation
from app.services.document import Document
from app.services.history import LostEvent
from ui.panels.names import REGISTERS

EXPLAINED = (
    "The server was set back to an earlier state. Your own changes are sent again, or stand among what is to "
    "be decided. What others did since then is gone there, and listed here: their programs send it again "
    "when they come back."
)


class LostDialog(QDialog):
    """The lost changes, oldest first. "Done" forgets them."""

    def __init__(self, document: Document, names: Callable[[str], str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("What the server has lost")
        self.resize(560, 400)
        self._document = document
        layout = QVBoxLayout(self)
        explained = QLabel(EXPLAINED)
        explained.setWordWrap(True)
        layout.addWidget(explained)
        self.list = QListWidget()
        self.list.setAccessibleName("Changes that the server has lost")
        self.list.addItems([lost_words(one, names) for one in document.lost])
        layout.addWidget(self.list, 1)
        buttons = QDialogButtonBox()
        done = buttons.addButton("Done", QDialogButtonBox.ButtonRole.AcceptRole)
        done.setToolTip("Forget this list")
        copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton("Later", QDialogButtonBox.ButtonRole.RejectRole)
        done.clicked.connect(self._forget)
        copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)

    def _forget(self) -> None:
        self._document.forget_lost()
        self.accept()

    def _copy(self) -> None:
        rows = [self.list.item(row).text() for row in range(self.list.count())]
        QGuiApplication.clipboard().setText("\n".join(rows))


def lost_words(one: LostEvent, names: Callable[[str], str]) -> str:
    """Who, when, and what, in a line."""
    operation = one.event.operation
    who = "You" if one.own else names(operation.author)
    return f"{who}, {operation.timestamp[:16].replace('T', ' ')}: {_what(operation)}"


def _what(operation: Operation) -> str:
    if operation.title:
        return operation.title
    kinds = [REGISTERS.get(one.kind, one.kind).lower() for one in operation.patch]
    return ", ".join(dict.fromkeys(kinds)) or "a change"
