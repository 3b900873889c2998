"""To which server a model shall go, and what stays on this computer."""

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.services.workspace import ModelSummary
from ui.servers.labels import label
from ui.servers.words import account_title, accounts_of

if TYPE_CHECKING:
    from ui.servers.connections import Connections


class Choice(Enum):
    """What stays here."""

    KEEP = "keep"
    MOVE = "move"
    COPY = "copy"


TEXTS = {
    Choice.KEEP: "Upload it, and keep it here for working offline",
    Choice.MOVE: "Move it: remove it from this computer once it is there",
    Choice.COPY: "Upload a copy: this one stays as it is, and is not connected with it",
}


class UploadDialog(QDialog):
    """Emits `chosen` with the key of an account and a choice."""

    chosen = Signal(str, Choice)

    def __init__(self, connections: "Connections", summary: ModelSummary, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Upload to a server")
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(label(f"“{summary.name}” with its whole history goes to", "heading"))
        self.account = QComboBox()
        self.account.setAccessibleName("Server and account")
        for account, server in accounts_of(connections.network, guests=False):
            self.account.addItem(account_title(account, server), account.key)
        layout.addWidget(self.account)
        self.group = QButtonGroup(self)
        self.ways: dict[Choice, QRadioButton] = {}
        for choice, text in TEXTS.items():
            self.ways[choice] = QRadioButton(text)
            self.group.addButton(self.ways[choice])
            layout.addWidget(self.ways[choice])
        self.ways[Choice.KEEP].setChecked(True)
        layout.addWidget(label("Nobody else sees it there until you share it.", "muted"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        self.upload = buttons.addButton("Upload", QDialogButtonBox.ButtonRole.AcceptRole)
        self.upload.setDefault(True)
        self.upload.clicked.connect(self.accept)
        layout.addWidget(buttons)
        self.accepted.connect(self._tell)

    def _tell(self) -> None:
        choice = next(one for one, button in self.ways.items() if button.isChecked())
        self.chosen.emit(str(self.account.currentData()), choice)
