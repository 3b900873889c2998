"""The library window: search, recent models, new, import, the bin."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.errors import TmiError
from app.services.sharing.links import is_link
from app.services.workspace import ModelSummary, Workspace
from ui.dialogs.ask import ask
from ui.home.cards import CardList
from ui.home.menus import local_menu
from ui.home.models import LibraryModel
from ui.home.places import HERE, Places
from ui.home.remote_page import RemotePage
from ui.servers.transfers import TransferRows
from ui.theme import ThemeManager
from ui.thumbnails import keep_thumbnail
from ui.widgets.drops import dropped_files, welcome_files
from ui.widgets.toast import Toast

if TYPE_CHECKING:
    from ui.servers.connections import Connections


class Shell(Protocol):
    """What the library asks of the program around it."""

    def open_model(self, model_id: str) -> object: ...
    def new_model(self) -> object: ...
    def choose_files(self, parent: QWidget) -> object: ...
    def open_files(self, files: list[str], parent: QWidget | None = None) -> object: ...
    def close_model(self, model_id: str) -> object: ...
    def show_settings_menu(self, at: QPoint) -> object: ...
    def join_shared(self, link: str = "", parent: QWidget | None = None) -> object: ...


class HomeWindow(QMainWindow):
    """All models of the library, and those on servers; double click or Enter opens one."""

    closed = Signal()

    def __init__(
        self, workspace: Workspace, shell: Shell, theme: ThemeManager,
        connections: "Connections | None" = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.setWindowTitle("TMI Desktop")
        self.setObjectName("home")
        self.resize(1000, 700)
        self.setAcceptDrops(True)
        self._workspace = workspace
        self._shell = shell
        self._theme = theme
        self._in_bin = False
        self._last_deleted: list[str] = []
        self._connections = connections
        if connections is None:
            self.model = LibraryModel(self)
        else:
            self.model = LibraryModel(self, connections.state_of)
        self.places = Places(connections) if connections is not None else None
        self.remote: RemotePage | None = None
        self.search = QLineEdit()
        self.list = CardList()
        self.notice = QLabel()
        self._empty = QLabel()
        self._stack = QStackedWidget()
        self._pages = QStackedWidget()
        self.setCentralWidget(self._built())
        self.toast = Toast(self)
        self.model.modelReset.connect(self._show_chosen)
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._show_chosen())
        theme.changed.connect(lambda _theme: self._retheme())
        for keys, act in (
            ("Ctrl+F", self.search.setFocus),
            ("Ctrl+N", shell.new_model),
            ("Ctrl+O", lambda: shell.choose_files(self)),
            ("F5", self.refresh),
            ("Ctrl+Z", self.undo_delete),
            ("Ctrl+Q", self.close),
        ):
            QShortcut(QKeySequence(keys), self, act)
        if connections is not None and self.places is not None:
            self.places.turned.connect(self._turn_to)
            self.places.join.clicked.connect(lambda _checked=False: shell.join_shared("", self))
            connections.states_changed.connect(self._retell)
            places = self.places
            for keys, act in (
                ("Ctrl+J", lambda: shell.join_shared("", self)),
                ("Ctrl+PgDown", lambda: places.step(1)),
                ("Ctrl+PgUp", lambda: places.step(-1)),
            ):
                QShortcut(QKeySequence(keys), self, act)
        self.refresh()

    def _built(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addLayout(self._header())
        if self.places is not None:
            layout.addWidget(self.places)
        self.notice.setWordWrap(True)
        self.notice.setObjectName("notice")
        self.notice.setProperty("role", "warning")
        self.notice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(self.notice)
        self.list.setModel(self.model)
        self._delegate = self.list.dress(self._theme, "Threat models")
        self.list.doubleClicked.connect(self._open_index)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setObjectName("emptyState")
        self._empty.setProperty("role", "muted")
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._empty)
        self._pages.addWidget(self._stack)
        layout.addWidget(self._pages, 1)
        if self._connections is not None:
            layout.addWidget(TransferRows(self._connections.transfers))
        return page

    def _header(self) -> QHBoxLayout:
        header = QHBoxLayout()
        self._title = QLabel("Threat models")
        self._title.setProperty("role", "title")
        header.addWidget(self._title)
        header.addStretch(1)
        self.search.setPlaceholderText("Search models (Ctrl+F)")
        self.search.setAccessibleName("Search models")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(self._theme.px(220))
        self.search.textChanged.connect(self._filter)
        header.addWidget(self.search)
        self.bin_button = self._button("Bin", "delete", self._toggle_bin)
        self.bin_button.setCheckable(True)
        self.bin_button.setToolTip("Deleted models")
        self.import_button = self._button("Open or import…", "import", lambda: self._shell.choose_files(self))
        self.import_button.setToolTip("Open a .tmi.json file or import a Threat Dragon model (Ctrl+O)")
        self.new_button = self._button("New model", "", self._shell.new_model)
        self.new_button.setProperty("kind", "primary")
        self.new_button.setToolTip("Create a model (Ctrl+N)")
        self.settings_button = self._button("", "settings", self._settings)
        self.settings_button.setToolTip("Theme, text size and motion")
        self.settings_button.setAccessibleName("Settings")
        self.restore_button = self._button("Restore", "undo", self.restore_chosen)
        self.restore_button.setToolTip("Take the chosen models out of the bin (Enter)")
        self.purge_button = self._button("Remove for good…", "", self.purge_chosen)
        self.purge_button.setToolTip("Delete the chosen models from the disk (Del)")
        for button in (
            self.restore_button, self.purge_button, self.bin_button, self.import_button,
            self.new_button, self.settings_button,
        ):  # fmt: skip
            header.addWidget(button)
        return header

    def _button(self, text: str, icon: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        if icon:
            self._theme.bind_icon(button, icon)
        button.clicked.connect(lambda _checked=False: act())
        return button

    def _retheme(self) -> None:
        self.search.setMinimumWidth(self._theme.px(220))
        self.list.share_room()
        self.list.viewport().update()

    def _settings(self) -> None:
        self._shell.show_settings_menu(
            self.settings_button.mapToGlobal(self.settings_button.rect().bottomLeft())
        )

    def refresh(self) -> None:
        """Read the library again; the selection stays."""
        chosen = {s.id for s in self.chosen()}
        self._try(self._read)
        selection = self.list.selectionModel()
        for model_id in chosen:
            row = self.model.row_of(model_id)
            if row >= 0:
                selection.select(self.model.index(row), selection.SelectionFlag.Select)
        notices = [*self._workspace.library.notices]
        reason = self._workspace.library.read_only
        if reason and reason not in notices:
            notices.append(reason)
        self.notice.setText("\n".join(notices))
        self.notice.setVisible(bool(notices))
        self.restore_button.setVisible(self._in_bin)
        self.purge_button.setVisible(self._in_bin and self.remote is None)
        for button in (self.import_button, self.new_button):
            button.setVisible(not self._in_bin and self.remote is None)
            button.setEnabled(not reason)
        self._show_state()
        self._show_chosen()

    def _read(self) -> None:
        summaries = self._workspace.summaries(deleted=self._in_bin)
        shows = any(one.server for one in summaries)
        if shows != self._delegate.shows_state:
            self._delegate.shows_state = shows
            self.list.share_room()
        self.model.set_summaries(summaries)

    def _retell(self) -> None:
        """How models stand with their servers is different, or there are others here."""
        if self.isVisible():
            self.refresh()
            self.model.retell()

    def _show_chosen(self) -> None:
        """What acts on chosen models is ready when there are some."""
        chosen: list[object] = [*(self.remote.chosen() if self.remote is not None else self.chosen())]
        able = bool(chosen) and not self._workspace.library.read_only
        self.restore_button.setEnabled(able)
        self.purge_button.setEnabled(able)

    def _try(self, act: Callable[[], object]) -> bool:
        """Do it; say why when the library cannot."""
        try:
            act()
        except TmiError as error:
            self.toast.say(str(error))
            return False
        return True

    def _filter(self, text: str) -> None:
        if self._connections is not None and is_link(text) and self._leads_in(text):
            self.search.clear()
            self._shell.join_shared(text, self)
            return
        if self.remote is not None:
            self.remote.set_search(text)
            return
        self.model.set_filter(text)
        self._show_state()

    def _leads_in(self, text: str) -> bool:
        """Whether it is a whole invite link."""
        try:
            return self._connections is not None and bool(self._connections.network.read_invite(text))
        except TmiError:
            return False

    # Servers

    def _turn_to(self, key: str) -> None:
        """Show another place: this computer, or an account on a server."""
        if self.remote is not None and self.remote.key == key:
            self.remote.refresh()
            return
        gone, self.remote = self.remote, None
        if gone is not None:
            self._pages.removeWidget(gone)
            gone.deleteLater()
        if key != HERE and self._connections is not None:
            page = RemotePage(self._connections, key, self._theme)
            page.chosen_changed.connect(self._show_chosen)
            self.remote = page
            self._pages.addWidget(page)
            self._pages.setCurrentWidget(page)
        blocked = self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(blocked)
        self.model.set_filter("")
        self.search.setPlaceholderText(
            "Search models (Ctrl+F)" if self.remote is None else "Search this server (Ctrl+F)"
        )
        self.bin_button.setChecked(False)
        self._toggle_bin()

    def share(self, summary: ModelSummary) -> None:
        """Invite people to a model that a server has."""
        if self._connections is not None:
            document = self._workspace.open(summary.id)
            dialog = self._connections.share(document, self)
            if not self._connections.has_window(summary.id):
                dialog.finished.connect(lambda _code: self._release(summary.id))

    def _release(self, model_id: str) -> None:
        if self._connections is not None and not self._connections.has_window(model_id):
            self._workspace.release(model_id)

    def _show_state(self) -> None:
        if self.model.rowCount():
            self._stack.setCurrentWidget(self.list)
            return
        if self.model.total:
            text = f"No model matches “{self.search.text()}”."
        elif self._in_bin:
            text = "The bin is empty.\nDeleted models stay here until you remove them for good."
        else:
            text = (
                "No threat models yet.\n\nCreate one with Ctrl+N, open a file with Ctrl+O,\n"
                "or drop a Threat Dragon or .tmi.json file here."
            )
        self._empty.setText(text)
        self._stack.setCurrentWidget(self._empty)

    def chosen(self) -> list[ModelSummary]:
        """The selected models."""
        selection = self.list.selectionModel()
        found = (self.model.summary(i) for i in selection.selectedIndexes())
        return [s for s in found if s is not None]

    def _open_index(self, index: QModelIndex) -> None:
        summary = self.model.summary(index)
        if summary is not None and not self._in_bin:
            self._shell.open_model(summary.id)

    def open_chosen(self) -> None:
        """Open the selected models."""
        for summary in self.chosen():
            if not self._in_bin:
                self._shell.open_model(summary.id)

    def delete_chosen(self) -> None:
        """Move the selected models to the bin; the toast takes it back."""
        chosen = self.chosen()
        if not chosen or self._in_bin or self._workspace.library.read_only:
            return
        gone = []
        for summary in chosen:
            self._shell.close_model(summary.id)
            if self._try(partial(self._workspace.delete, summary.id)):
                gone.append(summary)
        self.refresh()
        if gone:
            ids = [s.id for s in gone]
            what = f"“{gone[0].name}”" if len(gone) == 1 else f"{len(gone)} models"
            self._last_deleted = ids
            self.toast.say(f"Moved {what} to the bin.", "Undo", self.undo_delete)

    def undo_delete(self) -> None:
        """Bring back what was moved to the bin last."""
        ids, self._last_deleted = self._last_deleted, []
        if ids:
            self.toast.hide()
            self._restore(ids)

    def _restore(self, ids: list[str]) -> bool:
        done = [self._try(partial(self._workspace.restore, model_id)) for model_id in ids]
        self.refresh()
        return all(done)

    def restore_chosen(self) -> None:
        """Take the selected models out of the bin."""
        if self.remote is not None:
            self.remote.restore_chosen()
            return
        chosen = self.chosen()
        if chosen and self._restore([s.id for s in chosen]):
            self.toast.say(f"Restored {', '.join(s.name for s in chosen)}.")

    def duplicate_chosen(self) -> None:
        """Add a copy of each selected model."""
        for summary in self.chosen():
            self._try(partial(self._duplicate, summary))
        self.refresh()

    def _duplicate(self, summary: ModelSummary) -> None:
        copy = self._workspace.duplicate(summary.id, f"{summary.name} (copy)"[:200])
        keep_thumbnail(self._workspace, copy)
        self._workspace.release(copy.model_id)

    def purge_chosen(self) -> None:
        """Remove the selected models in the bin for good, after a question: it cannot be undone."""
        chosen = self.chosen()
        if not chosen or not self._in_bin or self._workspace.library.read_only:
            return
        names = ", ".join(s.name for s in chosen[:3]) + (" …" if len(chosen) > 3 else "")

        def purge() -> None:
            self._try(lambda: self._workspace.purge([s.id for s in chosen]))
            self.refresh()

        answers = [("Remove for good", purge)]
        ask(self, "Remove for good?", f"{names}: this cannot be undone.", answers, grave=True)

    def _toggle_bin(self) -> None:
        self._in_bin = self.bin_button.isChecked()
        self._title.setText("Bin" if self._in_bin else "Threat models")
        if self.remote is not None:
            self.remote.set_bin(self._in_bin)
        self.refresh()

    def _show_menu(self, at: QPoint) -> None:
        if self.chosen():
            menu = local_menu(self, self._connections, in_bin=self._in_bin)
            menu.popup(self.list.viewport().mapToGlobal(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Delete moves to the bin, Esc leaves search and bin."""
        key = event.key()
        if self.remote is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            # From the search field; the list sees to its own keys.
            self.remote.list.setFocus()
            if key != Qt.Key.Key_Down:
                self.remote.open_chosen()
        elif self.remote is not None and key == Qt.Key.Key_Delete:
            self.remote.delete_chosen()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self.chosen() and self.model.rowCount():
                self.list.setCurrentIndex(self.model.index(0))
            self.restore_chosen() if self._in_bin else self.open_chosen()
        elif key == Qt.Key.Key_Delete:
            self.purge_chosen() if self._in_bin else self.delete_chosen()
        elif key == Qt.Key.Key_Escape:
            if self.search.text():
                self.search.clear()
            elif self._in_bin:
                self.bin_button.setChecked(False)
                self._toggle_bin()
        elif key == Qt.Key.Key_Down and self.search.hasFocus():
            self.list.setFocus()
            self.list.setCurrentIndex(self.model.index(0))
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped."""
        welcome_files(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the files that were dropped."""
        if files := dropped_files(event):
            self._shell.open_files(files, self)

    def changeEvent(self, event: QEvent) -> None:
        """What changed in other windows shows when this one comes to the front."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow() and self.isVisible():
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """What changed in other windows shows when this one comes back."""
        self.refresh()
        self.list.setFocus()
        super().showEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell the program."""
        super().closeEvent(event)
        self.closed.emit()
