"""The models of one account on a server: browse, search, and what can be done with them."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.ports_network import RemoteModel, RemoteModels, SignInRequired
from app.services.workspace import ModelSummary
from ui.home.cards import CardList
from ui.home.menus import remote_menu
from ui.home.remote_models import RemoteList
from ui.servers.labels import label, say, sentence
from ui.servers.words import server_name
from ui.theme import ThemeManager
from ui.widgets.tasks import Tasks

if TYPE_CHECKING:
    from ui.servers.connections import Connections

SEARCH_AFTER_MS = 300
NONE = "No models here yet.\n\nUpload one from “This computer”, or ask somebody to invite you."
NONE_DELETED = "The server's bin is empty."


class RemotePage(QWidget):
    """`key` names the account, or only the server where nobody is signed in.

    What is kept on this computer is listed while the server cannot be reached.
    """

    chosen_changed = Signal()

    def __init__(self, connections: "Connections", key: str, theme: ThemeManager) -> None:
        super().__init__()
        self.key = key
        self.in_bin = False
        self._connections = connections
        self._tasks = Tasks(self)
        self._search = ""
        self._asked = 0
        self._loaded = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEARCH_AFTER_MS)
        self._timer.timeout.connect(self.refresh)
        self.model = RemoteList(connections.state_of, self)
        self.model.wanted.connect(self._load)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.banner = QFrame()
        self.banner.setProperty("banner", "warning")
        self.trouble = label()
        self.retry = QPushButton("Try again")
        self.retry.clicked.connect(self.refresh)
        self.sign_in = QPushButton("Sign in…")
        self.sign_in.setProperty("kind", "primary")
        self.sign_in.clicked.connect(self._sign_in)
        row = QHBoxLayout(self.banner)
        row.addWidget(self.trouble, 1)
        row.addWidget(self.retry)
        row.addWidget(self.sign_in)
        layout.addWidget(self.banner)
        self.banner.hide()
        self.list = CardList()
        self.list.setModel(self.model)
        self.list.dress(theme, "Threat models on the server").shows_state = True
        self.list.doubleClicked.connect(self._open_index)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.selectionModel().selectionChanged.connect(lambda *_: self.chosen_changed.emit())
        self.empty = label("", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        layout.addWidget(self.stack, 1)
        self.foot: QLabel = label("", "small")
        layout.addWidget(self.foot)
        theme.changed.connect(self._retheme)
        connections.states_changed.connect(self._show_here)
        self._show_here()
        self._show_empty("Asking the server…")

    def _retheme(self, _theme: object) -> None:
        self.list.share_room()
        self.list.viewport().update()

    # What is shown

    def set_search(self, text: str) -> None:
        """Look for a part of the name, once nothing more is typed for a moment."""
        if text.strip() != self._search:
            self._search = text.strip()
            self._timer.start()

    def set_bin(self, on: bool) -> None:
        """Show the server's bin, or what is not in it."""
        self.in_bin = on
        self.refresh()

    def refresh(self) -> None:
        """Ask the server anew; what is shown stays until it answers."""
        self._show_here()
        self._load(1)

    def _load(self, page: int) -> None:
        self._timer.stop()
        self._asked += 1
        asked = self._asked
        if not self._loaded:
            self._show_empty("Asking the server…")
        self._tasks.run(
            self._fetch(page), partial(self._show, asked), partial(self._failed, asked)
        )  # fmt: skip

    async def _fetch(self, page: int) -> RemoteModels | SignInRequired:
        try:
            gateway = await self._connections.network.gateway(self.key)
            return await gateway.models(page=page, search=self._search, deleted=self.in_bin)
        except SignInRequired as error:
            return error

    def _show(self, asked: int, found: RemoteModels | SignInRequired) -> None:
        if asked != self._asked:
            return  # something else is wanted by now
        if isinstance(found, SignInRequired):
            self._show_offline(
                f"You are signed out of {server_name(self._connections.network, self.key)}.", signed_out=True
            )
            return
        self._loaded = True
        self.banner.hide()
        chosen = {one.id for one in self.chosen()}
        self.model.show_page(found)
        self._choose(chosen)
        shown, total = self.model.rowCount(), self.model.total
        say(self.foot, f"{shown:,} of {total:,} models" if shown < total else "", "small")
        if not shown:
            none = NONE_DELETED if self.in_bin else NONE
            self._show_empty(f"No model matches “{self._search}”." if self._search else none)
        else:
            self.stack.setCurrentWidget(self.list)

    def _failed(self, asked: int, reason: str) -> None:
        if asked == self._asked:
            self.model.asked_again()
            self._show_offline(sentence(reason), signed_out=False)

    def _show_offline(self, reason: str, *, signed_out: bool) -> None:
        """What one keeps here is there all the same."""
        kept = [] if self.in_bin else self._kept()
        words = self._search.lower().split()
        found = [_as_remote(one) for one in kept if all(word in one.name.lower() for word in words)]
        self._loaded = False
        self.model.show_only(found)
        more = " These are the models that you keep on this computer." if found else ""
        self.trouble.setText(f"{reason}{more}")
        self.retry.setVisible(not signed_out)
        self.sign_in.setVisible(signed_out)
        self.banner.show()
        say(self.foot, "", "small")
        if found:
            self.stack.setCurrentWidget(self.list)
        else:
            self._show_empty("None of its models are kept on this computer." if not kept
                             else f"No model matches “{self._search}”.")  # fmt: skip

    def _kept(self) -> list[ModelSummary]:
        address, _, user = self.key.partition(" ")
        summaries = self._connections.shell.workspace.summaries()
        if user:
            return [one for one in summaries if one.server == self.key]
        return [one for one in summaries if one.server.partition(" ")[0] == address]

    def _show_empty(self, text: str) -> None:
        self.empty.setText(text)
        self.stack.setCurrentWidget(self.empty)

    def _show_here(self) -> None:
        self.model.set_here(self._connections.shell.workspace.summaries())

    # What can be done

    def chosen(self) -> list[RemoteModel]:
        """The selected models."""
        indexes = self.list.selectionModel().selectedIndexes()
        return [one for one in map(self.model.remote, indexes) if one is not None]

    def _choose(self, ids: set[str]) -> None:
        selection = self.list.selectionModel()
        for model_id in ids:
            if (row := self.model.row_of(model_id)) >= 0:
                selection.select(self.model.index(row), selection.SelectionFlag.Select)

    def _open_index(self, index: QModelIndex) -> None:
        remote = self.model.remote(index)
        if remote is not None and not self.in_bin:
            self._connections.moves.open(self.key, remote)

    def open_chosen(self) -> None:
        """Open the selected models; in the bin, take them out."""
        if self.in_bin:
            self.restore_chosen()
            return
        if not self.chosen() and self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(0))
        for remote in self.chosen():
            self._connections.moves.open(self.key, remote)

    def delete_chosen(self) -> None:
        """Move the selected models to the server's bin."""
        chosen = [one for one in self.chosen() if one.role == "owner"]
        if self.in_bin or not self.chosen():
            return
        if not chosen:
            self._connections.say("only its owners may delete a model from its server")
            return
        self._connections.moves.delete_there(self.key, chosen, self.refresh)

    def restore_chosen(self) -> None:
        """Take the selected models out of the server's bin."""
        if self.in_bin and self.chosen():
            self._connections.moves.restore_there(self.key, self.chosen(), self.refresh)

    def _sign_in(self) -> None:
        self._connections.sign_in(self.key.partition(" ")[0], self.window())

    def _show_menu(self, at: QPoint) -> None:
        if self.chosen():
            remote_menu(self, self._connections).popup(self.list.viewport().mapToGlobal(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Delete moves to the server's bin."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_chosen()
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_chosen()
        else:
            super().keyPressEvent(event)


def _as_remote(one: ModelSummary) -> RemoteModel:
    return RemoteModel(
        id=one.id, name=one.name, version=0, description=one.description, framework=one.framework,
        updated_at=one.modified_at, diagrams=one.diagrams, threats=one.threats, open_threats=one.open_threats,
        role="owner" if one.role == "owner" else "writer" if one.role == "writer" else "reader",
    )  # fmt: skip
