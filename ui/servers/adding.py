"""Adding a server: its address, what answers there, and whether it can be trusted."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.domain.errors import TmiError
from app.ports_network import FoundServer, KnownServer, Network
from ui.servers.fingerprint import CertificatePanel, changed_panel, stranger_panel
from ui.servers.labels import label, say, sentence
from ui.servers.words import host
from ui.widgets.tasks import Tasks


class AddServer(QWidget):
    """Emits `added` with the server once it is remembered."""

    added = Signal(object)

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network
        self._tasks = Tasks(self)
        self._found: FoundServer | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        self.address = QLineEdit()
        self.address.setPlaceholderText("Add a server by its address: https://server.example.org")
        self.address.setAccessibleName("Address of a server")
        self.address.returnPressed.connect(self.look)
        self.address.textEdited.connect(lambda _text: self._clear())
        self.look_button = QPushButton("Find")
        self.look_button.setAutoDefault(False)
        self.look_button.clicked.connect(self.look)
        row.addWidget(self.address, 1)
        row.addWidget(self.look_button)
        layout.addLayout(row)
        self.line = label()
        layout.addWidget(self.line)
        self._place = QVBoxLayout()
        layout.addLayout(self._place)
        self.panel: QWidget | None = None
        self._clear()

    def look(self) -> None:
        """See what answers at the address."""
        text = self.address.text().strip()
        if not text:
            self._say("Write the server's address first.", "muted")
            return
        self._clear()
        self._say("Looking…", "muted")
        self.look_button.setEnabled(False)
        self._tasks.run(self._network.look(text), self._show, self._failed)

    def _failed(self, reason: str) -> None:
        self.look_button.setEnabled(True)
        self._say(sentence(reason), "error")

    def _show(self, found: FoundServer) -> None:
        self.look_button.setEnabled(True)
        self._found = found
        known = next((one for one in self._network.servers if one.address == found.address), None)
        if known is not None and found.is_remembered:
            self._say(f"{known.name} is in the list already.", "muted")
            return
        version = f", version {found.version}" if found.version else ""
        self._say(f"{found.name or 'A TMI server'}{version} answers at {host(found.address)}.", "success")
        if not found.can_sign_in:
            self._say(f"{self.line.text()} It offers no sign-in: only invite links lead into it.", "success")
        panel: CertificatePanel | _Plain
        if known is not None:
            panel = changed_panel(known, found)
        elif found.vouched:
            panel = _Plain(found)
        else:
            panel = stranger_panel(found)
        panel.trusted.connect(self._add)
        self.panel = panel
        self._place.addWidget(panel)
        panel.setFocus()

    def _add(self) -> None:
        found = self._found
        if found is None:
            return
        try:
            known: KnownServer = self._network.add(found)
            if found.name and known.name == host(known.address):
                self._network.rename(known.address, _short(found.name, known.address))
        except TmiError as error:
            self._say(sentence(str(error)), "error")
            return
        self.address.clear()
        self._clear()
        self.added.emit(known)

    def _say(self, text: str, role: str) -> None:
        say(self.line, text, role)

    def _clear(self) -> None:
        self._found = None
        self._say("", "muted")
        if self.panel is not None:
            self.panel.hide()
            self.panel.deleteLater()
            self.panel = None


def _short(name: str, address: str) -> str:
    """All servers of one make say the same name, so the address stays what tells them apart."""
    return (
        f"{name} ({host(address)})" if name and name.lower() not in ("tmi", "tmi server") else host(address)
    )


class _Plain(QFrame):
    """A server for whose certificate an authority vouches, or that is on this machine."""

    trusted = Signal()

    def __init__(self, found: FoundServer) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        secure = found.address.startswith("https://")
        text = label(
            "An authority that this system trusts vouches for its certificate."
            if secure
            else "It is on this machine: nothing leaves it.",
            "muted",
        )
        self.add = QPushButton("Add the server")
        self.add.setProperty("kind", "primary")
        self.add.setAutoDefault(False)
        self.add.clicked.connect(self.trusted)
        layout.addWidget(text, 1)
        layout.addWidget(self.add)
        self.setFocusProxy(self.add)
