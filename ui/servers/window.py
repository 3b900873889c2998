"""The servers that are known here: add one, sign in and out, see which answer."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.ports_network import KnownServer
from ui.servers.adding import AddServer
from ui.servers.labels import label, sentence
from ui.servers.server_card import ServerCard
from ui.widgets.tasks import Tasks
from ui.widgets.toast import Toast

if TYPE_CHECKING:
    from ui.servers.connections import Connections

NONE = (
    "No servers yet.\n\nA server lets others edit a model with you, live. Write its address above, or join a "
    "model by the link that somebody sends you."
)


class ServersWindow(QDialog):
    """Stays open beside the other windows."""

    def __init__(self, connections: "Connections") -> None:
        # No window's child: a dialog over one of them may send the user here.
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Servers")
        self.setObjectName("servers")
        self.resize(720, 560)
        self._connections = connections
        self._network = connections.network
        self._tasks = Tasks(self)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        self.adding = AddServer(self._network)
        self.adding.added.connect(self._added)
        layout.addWidget(self.adding)
        self.cards: dict[str, ServerCard] = {}
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        inner = QWidget()
        inner.setLayout(self._column)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout.addWidget(scroll, 1)
        self.secrets = label("", "small")
        layout.addWidget(self.secrets)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.check = buttons.addButton("Check again", QDialogButtonBox.ButtonRole.ActionRole)
        self.check.clicked.connect(self.refresh)
        for button in buttons.buttons():
            if isinstance(button, QPushButton):
                button.setAutoDefault(False)
        buttons.rejected.connect(self.close)
        layout.addWidget(buttons)
        self.toast = Toast(self)
        self._tasks.run(self._network.secrets(), self.secrets.setText, self._no_secrets)
        connections.changed.connect(self.refresh)
        self.refresh()

    def _no_secrets(self, reason: str) -> None:
        self.secrets.setText(sentence(reason))

    def refresh(self) -> None:
        """Show the servers anew, and ask each how it is."""
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.cards = {}
        for server in self._network.servers:
            card = ServerCard(self._connections, server)
            card.said.connect(self.toast.say)
            self.cards[server.address] = card
            self._column.addWidget(card)
        if not self.cards:
            empty = label(NONE, "muted")
            empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._column.addWidget(empty)
        self._column.addStretch(1)
        self.check.setEnabled(bool(self.cards))

    def _added(self, server: KnownServer) -> None:
        """The next thing that one wants of a new server is to sign in."""
        card = self.cards.get(server.address)
        if card is not None:
            card.sign_in.setFocus()
        if not server.accounts:
            self.toast.say(
                f"{server.name} was added.", "Sign in…",
                lambda: self._connections.sign_in(server.address, self),
            )  # fmt: skip
