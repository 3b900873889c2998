"""The running program: its windows, its library, and what opens, imports and closes models."""

import contextlib
import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QStyle, QWidget

from app.domain.errors import TmiError
from app.services import files
from app.services.document import Document
from app.services.merging import Mode
from app.services.sharing import Sharing
from app.services.sharing.hosting import Hosts
from app.services.sharing.links import is_link
from app.services.workspace import Workspace
from ui.dialogs.ask import ask, tell
from ui.home.window import HomeWindow
from ui.model.window import ModelWindow
from ui.servers.connections import Connections
from ui.settings import Settings
from ui.theme import ThemeManager, ThemeMode
from ui.widgets.jobs import Jobs, Progress

log = logging.getLogger(__name__)
NO_SERVERS = "this library is only being read, or the program has no way to the network"
FIRST_SAMPLE = "tmi.tmi.json"
SCALES = (0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0)


class Program(QObject):
    """Owns the windows. Ends the application when the last one has closed."""

    _saved = Signal(str, int)
    _failed = Signal(str, str)

    def __init__(
        self, application: QApplication, workspace: Workspace, sharing: Sharing | None = None,
        hosts: Hosts | None = None,
    ) -> None:  # fmt: skip
        """Without `sharing` there is no event loop, and nothing is said of servers."""
        super().__init__(application)
        self.workspace = workspace
        self.sharing = sharing
        self.settings = Settings()
        self.jobs = Jobs()
        self.theme = ThemeManager(
            application,
            _mode(self.settings.text("theme")),
            min(3.0, max(0.5, self.settings.number("scale", 1.0))),
        )
        self.connections = Connections(sharing, self, hosts) if sharing is not None else None
        if self.connections is not None:
            self.connections.followed.connect(self._show_company)
        self.home: HomeWindow | None = None
        self.windows: dict[str, ModelWindow] = {}
        self.problem = ""
        self._ending = self._forced = False
        self._saved.connect(self._on_saved, Qt.ConnectionType.QueuedConnection)
        self._failed.connect(self._on_failed, Qt.ConnectionType.QueuedConnection)
        self._stop_listening = workspace.library.listen(self._saved.emit, self._failed.emit)
        # What waits for a server is as safe here as any other change.
        self._stop_waiting = workspace.library.listen_outbox(
            lambda model_id, _id: self._saved.emit(model_id, 0)
        )

    @property
    def busy(self) -> bool:
        """Whether files are still being read."""
        return self.jobs.running > 0

    def complain(self, title: str, reason: str) -> None:
        """Tell the user what could not be done, and why."""
        self.problem = reason
        tell(self.front(), title, reason)

    # --- start and end -------------------------------------------------------------------------

    def start(self, names: Sequence[str] = ()) -> None:
        """Open the files given, else what was open at the last end, else the library or a sample."""
        if names:
            self.open_files(list(names))
            if not self.windows:
                self.show_home()
            return
        known = {s.id for s in self.workspace.summaries()}
        for model_id in self.settings.texts("session"):
            if model_id in known:
                self.open_model(model_id)
        if not self.windows and not self._open_first_sample(bool(known)):
            self.show_home()

    def _open_first_sample(self, has_models: bool) -> bool:
        library = self.workspace.library
        if has_models or library.read_only or library.setting("sample.shown"):
            return False
        try:
            document = self.workspace.take_in(files.read_sample(FIRST_SAMPLE))
        except TmiError:
            return False
        library.set_setting("sample.shown", "yes")
        self.open_model(document.model_id)
        return True

    def second_start(self, names: Sequence[str]) -> None:
        """Another start of the program: open its files here, or come to the front."""
        if names:
            self.open_files(list(names))
            return
        window: QWidget | None = next(iter(self.windows.values()), self.home)
        if window is None:
            window = self.show_home()
        _to_front(window)

    def quit(self, *, forced: bool = False) -> None:
        """Close every window; what is open now opens again at the next start.

        Where something could not be saved, its window asks first, unless the end is `forced`.
        """
        self._forced = self._forced or forced
        for window in self.windows.values():
            if not self.lets_close(window):
                return
        if not self._ending:
            self._ending = True
            self.settings.set("session", list(self.windows))
            for window in list(self.windows.values()):
                window.close()
            if self.home is not None:
                self.home.close()
            self._end()

    def lets_close(self, window: ModelWindow) -> bool:
        """Whether a window may close; asks when its changes cannot be written to the library."""
        pending = window.document.pending
        if self._forced:
            return True
        if not window.failure or not pending:
            return not self._asks_about_guests(window)

        def leave() -> None:
            window.failure = ""
            window.close()

        _to_front(window)
        ask(
            window,
            "Your last changes are not saved",
            f"{pending} change{'' if pending == 1 else 's'} could not be written: {window.failure}. "
            "Closing may lose them.",
            [
                ("Try again", self.workspace.library.retry),
                ("Save to a file…", lambda: window.actions_set.trigger("save_as")),
                ("Close anyway", leave),
            ],
            grave=True,
        )
        return False

    def _asks_about_guests(self, window: ModelWindow) -> bool:
        """Whether people are in a model over this computer, so that closing has to be asked about."""
        connections, document = self.connections, window.document
        guests = connections.guests_of(document.model_id) if connections is not None else 0
        if connections is None or not guests:
            return False
        _to_front(window)
        who = "One other person is" if guests == 1 else f"{guests} other people are"
        ask(
            window, "Stop sharing from this computer?",
            f"{who} in “{document.name}” over this computer. Closing ends that; what everybody drew stays.",
            [("Stop sharing and close", lambda: connections.stop_hosting(document, window.close))],
            grave=True,
        )  # fmt: skip
        return True

    def hosts_model(self, window: ModelWindow) -> bool:
        """Whether this computer is the server of a window's model."""
        return self.connections is not None and self.connections.hosts_model(window.document.model_id)

    def stop_hosting(self, window: ModelWindow) -> None:
        """Share a window's model from this computer no longer."""
        if self.connections is not None:
            self.connections.stop_hosting(window.document)

    def show_server_log(self, window: ModelWindow) -> None:
        """What this computer's server of a window's model says."""
        if self.connections is not None:
            self.connections.show_log(window.document, window)

    def close(self) -> None:
        """Let go of everything; the library is closed by whoever opened it."""
        self._ending = self._forced = True
        self._stop_listening()
        self._stop_waiting()
        for window in list(self.windows.values()):
            window.close()
        if self.home is not None:
            self.home.close()
        if self.connections is not None:
            self.connections.close()
        self.jobs.close()
        self.settings.sync()

    def _end(self) -> None:
        QTimer.singleShot(0, QApplication.quit)

    def _window_closed(self, remaining: list[str]) -> None:
        if self._ending:
            return
        if self.windows or (self.home is not None and self.home.isVisible()):
            return
        self._ending = True
        self.settings.set("session", remaining)
        self._end()

    # --- windows -------------------------------------------------------------------------------

    def show_home(self) -> HomeWindow:
        """Show the library."""
        if self.home is None:
            self.home = HomeWindow(self.workspace, self, self.theme, self.connections)
            geometry = self.settings.data("home.geometry")
            if not geometry.isEmpty():
                self.home.restoreGeometry(geometry)
            self.home.closed.connect(self._home_closed)
        self.home.show()
        _to_front(self.home)
        return self.home

    def _home_closed(self) -> None:
        if self.home is not None:
            self.settings.set("home.geometry", self.home.saveGeometry())
        self._window_closed([])

    def open_model(self, model_id: str) -> ModelWindow | None:
        """Show a model in its window."""
        window = self.windows.get(model_id)
        if window is None and self.sharing is not None and self.sharing.is_arriving(model_id):
            if self.connections is not None:
                self.connections.say("the model is still being fetched; it opens when it is all here")
            return None
        if window is None:
            try:
                document = self.workspace.open(model_id)
            except TmiError as error:
                self.complain("The model cannot be opened", str(error))
                return None
            window = self._window_of(document)
        window.show()
        _to_front(window)
        self._remember_session()
        return window

    def _remember_session(self) -> None:
        """Write down what is open, so that a crash does not take it."""
        if not self._ending:
            self.settings.set("session", list(self.windows))
            self.settings.sync()

    def _window_of(self, document: Document) -> ModelWindow:
        if self.connections is not None:
            self.connections.opened(document)
        window = ModelWindow(document, self)
        self.windows[document.model_id] = window
        window.closed.connect(self._model_closed)
        self._show_company(document.model_id)
        return window

    def _show_company(self, model_id: str) -> None:
        """A model is followed: its window shows who is there."""
        window = self.windows.get(model_id)
        if window is not None and self.sharing is not None:
            window.collaboration.follow(self.sharing.shared(model_id))

    def _model_closed(self, model_id: str) -> None:
        window = self.windows.pop(model_id, None)
        if window is not None:
            if self.connections is None or not self.connections.closed(model_id):
                self.workspace.release(model_id)
            window.deleteLater()
            if self.home is not None and self.home.isVisible():
                self.home.refresh()
            if self.windows:
                self._remember_session()
            self._window_closed([model_id])

    def has_window(self, model_id: str) -> bool:
        """Whether a model is open."""
        return model_id in self.windows

    def close_model(self, model_id: str) -> None:
        """Close a model's window, if it has one."""
        window = self.windows.get(model_id)
        if window is not None:
            window.close()

    def new_model(self) -> ModelWindow | None:
        """Create an empty model and show it."""
        try:
            document = self.workspace.create("New threat model")
        except TmiError as error:
            self.complain("No model can be created", str(error))
            return None
        window = self.open_model(document.model_id)
        if window is not None:
            window.edit_name()
        return window

    # --- files ---------------------------------------------------------------------------------

    def choose_files(self, parent: QWidget) -> None:
        """Ask for files and open them."""
        everything = sorted({f"*{e}" for _, endings in files.readable() for e in endings})
        filters = [f"All models ({' '.join(everything)})"]
        filters += [f"{n} ({' '.join('*' + e for e in endings)})" for n, endings in files.readable()]
        dialog = QFileDialog(parent, "Open or import", self.settings.text("folder"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([*filters, "All files (*)"])
        dialog.filesSelected.connect(lambda names: self.open_files(names, parent))
        dialog.open()

    def open_files(self, names: list[str], parent: QWidget | None = None) -> None:
        """Read files beside the window and bring their models into the library; follow invite links."""
        for name in names:
            if is_link(name):
                self.join_shared(name, parent)
                continue
            path = Path(name)
            self.settings.set("folder", str(path.parent))
            front = parent or self.front() or self.show_home()
            self.jobs.run(
                front,
                f"Reading {path.name}…",
                partial(_read, path),
                partial(self._bring_in, path),
                partial(self._unreadable, path),
            )

    def open_sample(self, name: str) -> None:
        """Bring one of the program's own models into the library and show it."""
        try:
            self._bring_in(None, files.read_sample(name))
        except TmiError as error:
            self.complain("The sample cannot be opened", str(error))

    def _unreadable(self, path: Path, error: Exception) -> None:
        if not isinstance(error, TmiError | OSError):
            log.error("%s could not be read", path, exc_info=error)
        self.complain(f"{path.name} cannot be opened", files.reason(error))

    def _bring_in(self, path: Path | None, imported: files.Imported) -> None:
        try:
            comparison = self.workspace.compare(imported)
        except TmiError as error:
            self.complain("The file cannot be opened", str(error))
            return
        if comparison is None or comparison.equal:
            self._take_in(imported, path, "merge")
            return
        ask(
            self.front() or self.show_home(),
            "This model is in your library already",
            f"The file has {comparison.added} records more, {comparison.changed} different ones "
            f"and lacks {comparison.missing}. Merging and replacing can be undone.",
            [
                ("Merge", lambda: self._take_in(imported, path, "merge")),
                ("Replace", lambda: self._take_in(imported, path, "replace")),
                ("Keep both", lambda: self._take_in(imported, None, "copy")),
            ],
        )

    def _take_in(self, imported: files.Imported, path: Path | None, mode: Mode) -> None:
        try:
            document = self.workspace.take_in(imported, mode)
        except TmiError as error:
            self.complain("The file cannot be opened", str(error))
            return
        if path is not None and files.is_native(path):
            self.workspace.remember_file(document.model_id, path)
        window = self.open_model(document.model_id)
        if window is not None and path is not None:
            window.show_report(imported.report)

    # --- servers -------------------------------------------------------------------------------

    @property
    def no_servers(self) -> str:
        """Why nothing can be done about servers; "" when it can."""
        return "" if self.connections is not None else NO_SERVERS

    def show_servers(self) -> None:
        """The servers that are known here, and who is signed in."""
        if self.connections is None:
            self.complain("Servers cannot be reached", NO_SERVERS)
        else:
            self.connections.show_servers()

    def join_shared(self, link: str = "", parent: QWidget | None = None) -> None:
        """Come into a model that somebody shares, by the link that they gave."""
        if self.connections is None:
            self.complain("The shared model cannot be joined", NO_SERVERS)
        else:
            self.connections.join(link, parent or self.front() or self.show_home())

    def share(self, window: ModelWindow) -> None:
        """Bring a model to a server, or invite people to it when it is there."""
        if self.connections is None:
            self.complain("The model cannot be shared", NO_SERVERS)
        else:
            self.connections.share(window.document, window)

    # --- settings ------------------------------------------------------------------------------

    def set_theme(self, mode: ThemeMode) -> None:
        """Use the light or the dark theme, or follow the system, from now on."""
        self.settings.set("theme", mode.value)
        self.theme.set_mode(mode)

    def set_scale(self, scale: float) -> None:
        """Make text and controls larger or smaller."""
        self.settings.set("scale", scale)
        self.theme.set_scale(scale)

    @property
    def calm(self) -> bool:
        """Whether nothing should glide or glow: as the user wants it, else as the desktop does."""
        wanted = self.settings.text("motion")
        return wanted == "reduced" if wanted else desktop_is_calm()

    def set_motion(self, wanted: str) -> None:
        """Reduce motion ("reduced"), or never ("full"), or follow the desktop (""), from now on."""
        self.settings.set("motion", wanted)
        for window in self.windows.values():
            window.presenting.set_calm(self.calm)

    def fill_settings_menu(self, menu: QMenu) -> None:
        """Theme, text size and motion as menu entries."""
        group = QActionGroup(menu)
        for mode, name in (
            (ThemeMode.SYSTEM, "Follow the system"),
            (ThemeMode.LIGHT, "Light"),
            (ThemeMode.DARK, "Dark"),
        ):
            action = QAction(name, group, checkable=True, checked=self.theme.mode is mode)
            action.triggered.connect(lambda _checked=False, m=mode: self.set_theme(m))
            menu.addAction(action)
        menu.addSeparator()
        sizes = menu.addMenu("Text size")
        group = QActionGroup(menu)
        for scale in SCALES:
            action = QAction(f"{scale:.0%}", group, checkable=True)
            action.setChecked(abs(self.theme.scale - scale) < 0.01)
            action.triggered.connect(lambda _checked=False, s=scale: self.set_scale(s))
            sizes.addAction(action)
        motion = menu.addMenu("Reduce motion")
        group = QActionGroup(menu)
        for wanted, name in (("", "As the desktop does"), ("reduced", "Always"), ("full", "Never")):
            action = QAction(name, group, checkable=True, checked=self.settings.text("motion") == wanted)
            action.triggered.connect(lambda _checked=False, w=wanted: self.set_motion(w))
            motion.addAction(action)

    def show_settings_menu(self, at: QPoint) -> None:
        """Theme, text size and motion at a place of the screen."""
        menu = QMenu(self.front())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_settings_menu(menu)
        menu.popup(at)

    # --- news from the library -----------------------------------------------------------------

    def _on_saved(self, model_id: str, sequence: int) -> None:
        window = self.windows.get(model_id)
        if window is not None:
            window.show_saved(sequence)

    def _on_failed(self, model_id: str, reason: str) -> None:
        window = self.windows.get(model_id)
        if window is not None:
            window.show_not_saved(reason)

    def front(self) -> QWidget | None:
        """The window of ours that is in use; never a dialog, which would take what it is given along."""
        ours: list[QWidget] = [w for w in (*self.windows.values(), self.home) if w is not None]
        active: QWidget | None = QApplication.activeWindow()
        while active is not None and active not in ours:
            active = active.parentWidget()
        return active or next((w for w in ours if w.isVisible()), None)


def _read(path: Path, _progress: Progress) -> files.Imported:
    return files.read_model(path)


def desktop_is_calm() -> bool:
    """Whether the desktop has switched animations off, where Qt passes that on."""
    return QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) <= 0


def _mode(text: str) -> ThemeMode:
    with contextlib.suppress(ValueError):
        return ThemeMode(text)
    return ThemeMode.SYSTEM


def _to_front(window: QWidget) -> None:
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()
