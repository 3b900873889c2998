"""What the program does about servers: its windows about them, open models that are followed, transfers."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.domain.errors import LibraryError
from app.ports_live import LinkStatus
from app.ports_network import Account
from app.services.document import Document
from app.services.sharing import Sharing, Watcher
from app.services.sharing.hosting import Hosts
from app.services.workspace import ModelSummary, Workspace
from ui.home.sync_state import SyncState, sync_state
from ui.servers.hosting import HostWay, ServerLog
from ui.servers.joining import JoinDialog
from ui.servers.labels import sentence
from ui.servers.moves import Moves
from ui.servers.share import ShareDialog
from ui.servers.signing_in import SignInDialog
from ui.servers.transfers import Transfers
from ui.servers.ways import ServerWay, Way
from ui.servers.window import ServersWindow
from ui.servers.words import accounts_of, server_name
from ui.settings import Settings
from ui.theme import ThemeManager
from ui.widgets.tasks import Tasks
from ui.widgets.toast import Toast

SETTLE_MS = 250


class Shell(Protocol):
    """What servers ask of the program around them."""

    workspace: Workspace
    settings: Settings
    theme: ThemeManager

    def open_model(self, model_id: str) -> object: ...
    def close_model(self, model_id: str) -> object: ...
    def has_window(self, model_id: str) -> bool: ...
    def complain(self, title: str, reason: str) -> object: ...
    def front(self) -> QWidget | None: ...


class Connections(QObject):
    """One for the program. `changed`: other servers or accounts; `states_changed`: of models and servers.

    `followed`: an open model, by its id, is followed from now on, or no longer.
    """

    changed = Signal()
    states_changed = Signal()
    followed = Signal(str)

    def __init__(self, sharing: Sharing, shell: Shell, hosts: Hosts | None = None) -> None:
        super().__init__()
        self.sharing = sharing
        self.hosts = hosts
        self.network = sharing.network
        self.shell = shell
        self.tasks = Tasks(self)
        self.transfers = Transfers(self.tasks, self)
        self.moves = Moves(self)
        self.servers: ServersWindow | None = None
        # What else than a server a model can be shared over; each is offered beside the accounts.
        self.more_ways: list[Callable[[Document], Way]] = []
        if hosts is not None:
            self.more_ways.append(lambda _document: HostWay(self, hosts))
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.states_changed)
        self._stops: dict[str, Callable[[], None]] = {}
        self._stop_listening = self.network.listen(self._accounts_changed)

    def _accounts_changed(self) -> None:
        """Whoever has signed in may have what an open model waits for."""
        for model_id in list(self._stops):
            shared = self.sharing.shared(model_id)
            if shared is not None and shared.status_now.state == "stopped":
                shared.retry()
        self.changed.emit()

    # Open models

    def opened(self, document: Document) -> None:
        """A model has a window: it is followed, if a server orders it."""
        shared = self.sharing.opened(document)
        if shared is not None and document.model_id not in self._stops:
            self._stops[document.model_id] = shared.listen(_States(self._settle.start))
            self._settle.start()
            self.followed.emit(document.model_id)
        if self.hosts is not None and self.hosts.is_own(document):
            self.tasks.run(self.hosts.resume(document), failed=self.say)

    def closed(self, model_id: str) -> bool:
        """A model has no window any more; False when it was not followed, so that all is done already."""
        stop = self._stops.pop(model_id, None)
        if stop is not None:
            stop()
        if self.hosts is not None and self.hosts.hosted(model_id) is not None:
            self.tasks.run(self._home_and_closed(self.hosts, model_id))
            return True
        return self.sharing.leave(model_id)

    # Hosting

    async def _home_and_closed(self, hosts: Hosts, model_id: str) -> None:
        await hosts.stop(model_id)
        if not self.shell.has_window(model_id):
            self.sharing.workspace.release(model_id)

    def hosts_model(self, model_id: str) -> bool:
        """Whether this computer is the server of a model now."""
        return self.hosts is not None and self.hosts.hosted(model_id) is not None

    def guests_of(self, model_id: str) -> int:
        """How many other people are in a model that this computer is the server of."""
        shared = self.sharing.shared(model_id)
        if shared is None or not self.hosts_model(model_id):
            return 0
        return max(0, shared.company_now.count - 1)

    def stop_hosting(self, document: Document, then: Callable[[], object] = lambda: None) -> None:
        """Share a model from this computer no longer; it stays open, as this computer's own."""
        if self.hosts is None:
            return
        name = document.name

        def stopped(_none: None) -> None:
            self._stops.pop(document.model_id, lambda: None)()
            self.followed.emit(document.model_id)
            self.states_changed.emit()
            self.say(f"“{name}” is shared no longer. Everybody’s edits are here.")
            then()

        self.tasks.run(self.hosts.stop(document.model_id), stopped, self.say)

    def show_log(self, document: Document, parent: QWidget) -> None:
        """What the server of a hosted model says."""
        if self.hosts is not None:
            ServerLog(self.hosts, document, parent).open()

    async def bring_home(self, model_id: str) -> None:
        """Have this computer order a model again; a window of it stays open."""
        shared = self.sharing.shared(model_id)
        if shared is None:
            await self.sharing.closed(model_id)
        self._stops.pop(model_id, lambda: None)()
        try:
            await self.sharing.bring_home(model_id)
        except LibraryError:
            if shared is not None:
                self.opened(shared.document)
            raise
        self.followed.emit(model_id)

    async def settled(self, model_id: str) -> None:
        """Close a model's window, and wait until nobody follows it any more."""
        self.shell.close_model(model_id)
        await self.sharing.closed(model_id)

    def state_of(self, summary: ModelSummary) -> SyncState | None:
        """How a model of the library stands with its server; None of one that has none."""
        if not summary.server:
            return None
        shared = self.sharing.shared(summary.id)
        link: LinkStatus | None = shared.status_now if shared is not None else None
        return sync_state(
            summary, server_name(self.network, summary.server), self.network.account(summary.server),
            link, self.waiting_of(summary),
        )  # fmt: skip

    def waiting_of(self, summary: ModelSummary) -> int:
        """How many own changes of a model wait for its server, now."""
        shared = self.sharing.shared(summary.id)
        return shared.waiting_count if shared is not None else summary.waiting

    def has_window(self, model_id: str) -> bool:
        """Whether a model is open."""
        return self.shell.has_window(model_id)

    @property
    def accounts(self) -> list[Account]:
        """Everybody who is signed in anywhere, guests left out: they have one model only."""
        return [account for account, _ in accounts_of(self.network, guests=False)]

    # Windows

    def show_servers(self, *, add: bool = False) -> None:
        """The servers that are known here; with `add` ready to take the address of another one."""
        if self.servers is None:
            self.servers = ServersWindow(self)
            self.servers.destroyed.connect(self._servers_gone)
        self.servers.show()
        self.servers.raise_()
        self.servers.activateWindow()
        if add:
            self.servers.adding.address.setFocus()

    def _servers_gone(self) -> None:
        self.servers = None

    def sign_in(
        self, address: str, parent: QWidget | None, done: Callable[[Account], object] = lambda _account: None
    ) -> SignInDialog:
        """Sign in at a server in the system's browser."""
        dialog = SignInDialog(self.network, address, parent)
        dialog.signed_in.connect(done)
        dialog.begin()
        return dialog

    def join(self, link: str, parent: QWidget) -> JoinDialog:
        """Come into a shared model."""
        dialog = JoinDialog(self, parent)
        dialog.open()
        if link:
            dialog.take(link)
        return dialog

    def share(self, document: Document, parent: QWidget) -> ShareDialog:
        """Bring a model to a server, or invite people to it when it is there."""
        dialog = ShareDialog(self, document, parent)
        dialog.open()
        return dialog

    def ways(self, document: Document) -> list[Way]:
        """Over what a model can be shared."""
        found: list[Way] = [ServerWay(self, one, server) for one, server in accounts_of(self.network)
                            if not one.is_guest]  # fmt: skip
        return [*found, *(make(document) for make in self.more_ways)]

    def say(self, text: str, again: Callable[[], object] | None = None) -> None:
        """Tell one line where the user looks, with a way to try again."""
        self.say_with(sentence(text), "Try again" if again is not None else "", again)

    def say_with(self, text: str, button: str = "", act: Callable[[], object] | None = None) -> None:
        """Tell one line where the user looks, with something that can be done about it."""
        toast = self._toast()
        if toast is not None:
            toast.say(text, button, act)
        else:
            self.shell.complain("Servers", text)

    def _toast(self) -> Toast | None:
        """Of the window in use, or of the one from which a dialog in use was opened."""
        places: list[QWidget | None] = []
        active: QWidget | None = QApplication.activeWindow()
        while active is not None:
            places.append(active)
            active = active.parentWidget()
        for place in (*places, self.shell.front(), self.servers):
            found = getattr(place, "toast", None)
            if isinstance(found, Toast):
                return found
        return None

    def fails_with(self, again: Callable[[], object]) -> Callable[[str], None]:
        """What to do with a failure: say it, with a way to try again."""
        return partial(self.say, again=again)

    def close(self) -> None:
        """The program ends: windows and transfers end with it, what is followed is seen to by the caller."""
        self._stop_listening()
        self._settle.stop()
        self.transfers.close()
        if self.servers is not None:
            self.servers.close()
        for stop in self._stops.values():
            stop()


class _States(Watcher):
    """Hears what shows in the library."""

    def __init__(self, tell: Callable[[], object]) -> None:
        self._tell = tell

    def status(self, status: LinkStatus) -> None:
        """The connection is in another state."""
        self._tell()

    def waiting(self) -> None:
        """More or less waits."""
        self._tell()

    def rights(self) -> None:
        """One may do more or less."""
        self._tell()
