"""Making an invite: for what role, how long, how often; then its link as text and as a QR code."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.ports_network import Invitation, RoleName
from ui.servers.labels import label, say, sentence
from ui.servers.qr import QrCode
from ui.servers.words import until
from ui.widgets.tasks import Tasks

if TYPE_CHECKING:
    from ui.servers.access import Access

INVITED: tuple[tuple[str, RoleName], ...] = (("edit", "writer"), ("only read", "reader"))
HOURS = (("1 hour", 1.0), ("8 hours", 8.0), ("1 day", 24.0), ("1 week", 168.0), ("30 days", 720.0))
USES: tuple[tuple[str, int | None], ...] = (
    ("any number of people", None), ("1 person", 1), ("5 people", 5), ("20 people", 20),
)  # fmt: skip
QR_ROOM = 220


class InviteForm(QWidget):
    """Emits `made` when there is one more invite."""

    made = Signal()

    def __init__(self, access: "Access") -> None:
        super().__init__()
        self._access = access
        self._tasks = Tasks(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        left = QVBoxLayout()
        form = QFormLayout()
        self.role = _combo("What the invited may do", [name for name, _ in INVITED])
        self.hours = _combo("How long the link is good", [name for name, _ in HOURS], 1)
        self.uses = _combo("For how many", [name for name, _ in USES])
        form.addRow("They may", self.role)
        form.addRow("It is good for", self.hours)
        form.addRow("For", self.uses)
        self.label = QLineEdit()
        self.label.setPlaceholderText("Workshop on Tuesday")
        self.label.setAccessibleName("A note for yourself")
        self.label.setMaxLength(100)
        form.addRow("Note", self.label)
        left.addLayout(form)
        self.make = QPushButton("Make an invite link")
        self.make.setProperty("kind", "primary")
        self.make.clicked.connect(self.make_invite)
        line = QHBoxLayout()
        line.addWidget(self.make)
        line.addStretch(1)
        left.addLayout(line)
        self.said = label("", "muted")
        self.said.hide()
        left.addWidget(self.said)
        self.address = QComboBox()
        self.address.setAccessibleName("Address of this computer")
        self.address.setToolTip("By which address guests reach this computer")
        self.address.currentIndexChanged.connect(self._choose)
        self.address.hide()
        left.addWidget(self.address)
        self.link = QLineEdit()
        self.link.setReadOnly(True)
        self.link.setAccessibleName("Invite link")
        self.link.hide()
        self.copy = QPushButton("Copy link")
        self.copy.clicked.connect(self.copy_link)
        self.copy.hide()
        links = QHBoxLayout()
        links.addWidget(self.link, 1)
        links.addWidget(self.copy)
        left.addLayout(links)
        left.addStretch(1)
        row.addLayout(left, 1)
        self.qr = QrCode(QR_ROOM)
        row.addWidget(self.qr)

    def make_invite(self) -> None:
        """Ask the server for one."""
        self.make.setEnabled(False)
        say(self.said, "Asking the server…", "muted")
        self._tasks.run(
            self._access.invite(
                INVITED[self.role.currentIndex()][1], HOURS[self.hours.currentIndex()][1],
                USES[self.uses.currentIndex()][1], self.label.text().strip(),
            ), self._show, self._failed,
        )  # fmt: skip

    def _failed(self, reason: str) -> None:
        self.make.setEnabled(True)
        say(self.said, sentence(reason), "error")

    def _show(self, invitation: Invitation) -> None:
        self.make.setEnabled(True)
        self.make.setText("Make another link")
        self.address.blockSignals(True)
        self.address.clear()
        for where, link in invitation.links or (("", invitation.link),):
            self.address.addItem(where, link)
        self.address.blockSignals(False)
        self.address.setVisible(self.address.count() > 1)
        for widget in (self.link, self.copy):
            widget.show()
        self._choose()
        self.made.emit()
        say(self.said, f"Copied. Whoever has this link gets in; it is {until(invitation.expires_at)}, and is "
            "shown only now.", "success")  # fmt: skip

    def _choose(self) -> None:
        """Another address leads to the same server."""
        link = str(self.address.currentData())
        self.link.setText(link)
        self.link.setCursorPosition(0)
        self.qr.show_text(link)
        self.copy_link()

    def copy_link(self) -> None:
        """To the clipboard."""
        QGuiApplication.clipboard().setText(self.link.text())
        say(self.said, "Copied.", "success")


def _combo(name: str, texts: list[str], current: int = 0) -> QComboBox:
    combo = QComboBox()
    combo.addItems(texts)
    combo.setCurrentIndex(current)
    combo.setAccessibleName(name)
    return combo
