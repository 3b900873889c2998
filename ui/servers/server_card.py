"""A known server: whether it answers, who is signed in, and what can be done about it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout

from app.domain.errors import TmiError
from app.ports_network import Account, FoundServer, KnownServer, Network, SignInRequired
from ui.dialogs.ask import ask
from ui.servers.fingerprint import changed_panel
from ui.servers.labels import label, say, sentence
from ui.servers.words import host
from ui.widgets.tasks import Tasks

if TYPE_CHECKING:
    from ui.servers.connections import Connections

SIGNED_IN = "signed in"


class ServerCard(QFrame):
    """Emits `said` with what became of something, for the window to show."""

    said = Signal(str)

    def __init__(self, connections: "Connections", server: KnownServer) -> None:
        super().__init__()
        self._connections = connections
        self._network: Network = connections.network
        self._tasks = Tasks(self)
        self.server = server
        self.setProperty("card", "true")
        self.setAccessibleName(server.name)
        self._layout = QVBoxLayout(self)
        self._layout.setSpacing(6)
        self._layout.addLayout(self._head())
        self.state = label("", "muted")
        self._layout.addWidget(self.state)
        self.changed: QFrame | None = None
        self.accounts: dict[str, QLabel] = {}
        for account in server.accounts:
            self._layout.addLayout(self._account_row(account))
        if not server.accounts:
            self._layout.addWidget(label("Nobody is signed in.", "muted"))
        self.check()

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.name = label(self.server.name, "heading")
        self.name.setToolTip(self.server.address)
        self.name_edit = QLineEdit(self.server.name)
        self.name_edit.setAccessibleName("Name of the server")
        self.name_edit.returnPressed.connect(self._renamed)
        self.name_edit.editingFinished.connect(self._renamed)
        self.name_edit.hide()
        row.addWidget(self.name, 1)
        row.addWidget(self.name_edit, 1)
        self.sign_in = _button(
            "Sign in…", self._sign_in, "In your browser; several accounts may be signed in"
        )
        self.rename = _button("Rename", self._rename, "Call it something else here", "quiet")
        self.forget = _button("Forget…", self._forget, "Sign out, and take it off this list", "quiet")
        for button in (self.sign_in, self.rename, self.forget):
            row.addWidget(button)
        return row

    def _account_row(self, account: Account) -> QHBoxLayout:
        row = QHBoxLayout()
        guest = " (guest, for one model)" if account.is_guest else ""
        who = label(f"{account.name}{guest}")
        self.accounts[account.key] = label("", "muted")
        out = _button(
            "Sign out", partial(self._sign_out, account), "End this sign-in, here and at the server"
        )
        out.setAccessibleName(f"Sign {account.name} out")
        row.addWidget(who)
        row.addWidget(self.accounts[account.key], 1)
        row.addWidget(out)
        return row

    # How it is

    def check(self) -> None:
        """Ask the server how it is, and whether the sign-ins are still good."""
        say(self.state, f"{host(self.server.address)}: asking…", "muted")
        self._tasks.run(self._network.look(self.server.address), self._answered, self._silent)

    def _silent(self, reason: str) -> None:
        say(self.state, sentence(reason), "warning")
        for line in self.accounts.values():
            say(line, "its models that you keep here can be edited meanwhile", "muted")

    def _answered(self, found: FoundServer) -> None:
        if not found.is_remembered:
            self._warn(found)
            return
        what = " ".join(part for part in (found.name or "TMI server", found.version) if part)
        pinned = "trusted by its fingerprint" if self.server.fingerprint else ""
        words = [host(self.server.address), "reachable", what, *([pinned] if pinned else [])]
        say(self.state, " · ".join(words), "success")
        self.sign_in.setEnabled(found.can_sign_in)
        for account in self.server.accounts:
            self._tasks.run(
                self._is_signed_in(account),
                partial(self._show_account, account.key),
                partial(self._show_account, account.key),
            )

    async def _is_signed_in(self, account: Account) -> str:
        try:
            await (await self._network.gateway(account.key)).models()
        except SignInRequired:
            return "the sign-in has ended: sign in again"
        return SIGNED_IN

    def _show_account(self, key: str, text: str) -> None:
        line = self.accounts.get(key)
        if line is not None:
            say(line, text, "success" if text == SIGNED_IN else "warning")

    def _warn(self, found: FoundServer) -> None:
        say(self.state, f"{host(self.server.address)}: not to be trusted as it is", "error")
        self.sign_in.setEnabled(False)
        panel = changed_panel(self.server, found)
        panel.trusted.connect(lambda: self._trust(found))
        self.changed = panel
        self._layout.insertWidget(2, panel)

    def _trust(self, found: FoundServer) -> None:
        self._try(lambda: self._network.add(found))

    # What can be done

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except TmiError as error:
            self.said.emit(sentence(str(error)))

    def _sign_in(self) -> None:
        self._connections.sign_in(
            self.server.address, self.window(),
            lambda account: self._connections.say(f"Signed in as {account.name} at {self.server.name}."),
        )  # fmt: skip

    def _rename(self) -> None:
        self.name.hide()
        self.name_edit.show()
        self.name_edit.selectAll()
        self.name_edit.setFocus()

    def _renamed(self) -> None:
        if self.name_edit.isHidden():
            return
        self.name_edit.hide()
        self.name.show()
        name = self.name_edit.text().strip()
        if name and name != self.server.name:
            self._try(lambda: self._network.rename(self.server.address, name))

    def _sign_out(self, account: Account) -> None:
        def told(was_told: bool) -> None:
            self._connections.moves.signed_out(account, self.server.name, was_told)

        # Not as a task of this card: what it does takes the card away.
        self._connections.tasks.run(self._network.sign_out(account.key), told, self._connections.say)

    def _forget(self) -> None:
        here = sum(1 for s in self._connections.shell.workspace.summaries()
                   if s.server.partition(" ")[0] == self.server.address)  # fmt: skip
        stay = (
            f" Its {here} model{'' if here == 1 else 's'} on this computer stay{'s' if here == 1 else ''} "
            "here, and can be edited; what you change waits until you add the server again and sign in."
            if here
            else ""
        )
        ask(
            self.window(), f"Forget {self.server.name}?",
            "All accounts are signed out, and the address and the trusted certificate are forgotten. Nothing "
            f"is deleted on the server.{stay}",
            [("Forget", self._forget_now)],
        )  # fmt: skip

    def _forget_now(self) -> None:
        self._connections.tasks.run(self._network.forget(self.server.address), failed=self._connections.say)

    def keyPressEvent(self, event: object) -> None:
        """Esc leaves a name as it was."""
        if not self.name_edit.isHidden() and getattr(event, "key", int)() == Qt.Key.Key_Escape:
            self.name_edit.setText(self.server.name)
            self._renamed()
            return
        super().keyPressEvent(event)  # type: ignore[arg-type]


def _button(text: str, act: Callable[[], object], tip: str, kind: str = "") -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.setToolTip(tip)
    if kind:
        button.setProperty("kind", kind)
    button.clicked.connect(lambda _checked=False: act())
    return button
