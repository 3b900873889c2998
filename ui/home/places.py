"""Where the models of the library window are: on this computer, or with an account on a server."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTabBar, QWidget

from ui.servers.words import account_title, host

if TYPE_CHECKING:
    from ui.servers.connections import Connections

HERE = ""


class Places(QWidget):
    """Emits `turned` with the key of an account, of a server where nobody is signed in, or HERE."""

    turned = Signal(str)

    def __init__(self, connections: "Connections") -> None:
        super().__init__()
        self._network = connections.network
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Where models are")
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.tabs.setDrawBase(False)
        row.addWidget(self.tabs, 1)
        self.join = QPushButton("Join a shared model…")
        self.join.setToolTip("By the link that somebody gave you (Ctrl+J)")
        self.servers = QPushButton("Servers…")
        self.servers.setToolTip("Add a server, sign in and out")
        self.servers.clicked.connect(lambda _checked=False: connections.show_servers())
        for button in (self.join, self.servers):
            button.setProperty("kind", "quiet")
            row.addWidget(button)
        self._fill()
        self.tabs.currentChanged.connect(lambda _index: self.turned.emit(self.key))
        connections.changed.connect(self.refresh)

    @property
    def key(self) -> str:
        """The place in front."""
        data = self.tabs.tabData(self.tabs.currentIndex())
        return data if isinstance(data, str) else HERE

    @property
    def keys(self) -> list[str]:
        """All places."""
        return [str(self.tabs.tabData(index)) for index in range(self.tabs.count())]

    def choose(self, key: str) -> None:
        """Turn to a place."""
        if key in self.keys:
            self.tabs.setCurrentIndex(self.keys.index(key))

    def step(self, by: int) -> None:
        """Turn to the next place, or the one before."""
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + by) % self.tabs.count())

    def refresh(self) -> None:
        """Servers or accounts have changed; one stays where one is, or with whom has just signed in."""
        before = self.key
        blocked = self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        self._fill()
        address = before.partition(" ")[0]
        same = [key for key in self.keys if address and key.partition(" ")[0] == address]
        self.choose(before if before in self.keys else same[0] if same else HERE)
        self.tabs.blockSignals(blocked)
        self.turned.emit(self.key)

    def _fill(self) -> None:
        self._add("This computer", HERE, "Models in the library on this computer")
        for server in self._network.servers:
            for account in server.accounts:
                guest = ", as a guest" if account.is_guest else ""
                self._add(account_title(account, server), account.key, f"{server.address}{guest}")
            if not server.accounts:
                self._add(f"{server.name} (signed out)", f"{server.address} ", host(server.address))

    def _add(self, text: str, key: str, tip: str) -> None:
        index = self.tabs.addTab(text.replace("&", "&&"))
        self.tabs.setTabData(index, key)
        self.tabs.setTabToolTip(index, tip)
