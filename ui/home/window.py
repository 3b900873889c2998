"""The library window: search, recent models, new, import, the bin."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

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
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMainWindow,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.errors import TmiError
from app.services.workspace import ModelSummary, Workspace
from ui.dialogs.ask import ask
from ui.home.cards import CardDelegate, CardList
from ui.home.models import LibraryModel
from ui.theme import ThemeManager
from ui.thumbnails import keep_thumbnail
from ui.widgets.drops import dropped_files, welcome_files
from ui.widgets.toast import Toast


class Shell(Protocol):
    """What the library asks of the program around it."""

    def open_model(self, model_id: str) -> object: ...
    def new_model(self) -> object: ...
    def choose_files(self, parent: QWidget) -> object: ...
    def open_files(self, files: list[str], parent: QWidget | None = None) -> object: ...
    def close_model(self, model_id: str) -> object: ...
    def show_settings_menu(self, at: QPoint) -> object: ...


class HomeWindow(QMainWindow):
    """All models of the library; double click or Enter opens one."""

    closed = Signal()

    def __init__(self, workspace: Workspace, shell: Shell, theme: ThemeManager) -> None:
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
        self.model = LibraryModel(self)
        self.search = QLineEdit()
        self.list = CardList()
        self.notice = QLabel()
        self._empty = QLabel()
        self._stack = QStackedWidget()
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
        self.refresh()

    def _built(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addLayout(self._header())
        self.notice.setWordWrap(True)
        self.notice.setObjectName("notice")
        self.notice.setProperty("role", "warning")
        self.notice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(self.notice)
        self.list.setModel(self.model)
        self.list.setItemDelegate(CardDelegate(self._theme, self.list))
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.setAccessibleName("Threat models")
        self.list.setObjectName("cards")
        self.list.setProperty("cards", "true")
        self.list.doubleClicked.connect(self._open_index)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setObjectName("emptyState")
        self._empty.setProperty("role", "muted")
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._empty)
        layout.addWidget(self._stack, 1)
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
        self._try(lambda: self.model.set_summaries(self._workspace.summaries(deleted=self._in_bin)))
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
        for button in (self.restore_button, self.purge_button):
            button.setVisible(self._in_bin)
        for button in (self.import_button, self.new_button):
            button.setVisible(not self._in_bin)
            button.setEnabled(not reason)
        self._show_state()
        self._show_chosen()

    def _show_chosen(self) -> None:
        """What acts on chosen models is ready when there are some."""
        able = bool(self.chosen()) and not self._workspace.library.read_only
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
        self.model.set_filter(text)
        self._show_state()

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
        self.refresh()

    def _show_menu(self, at: QPoint) -> None:
        chosen = self.chosen()
        if not chosen:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._in_bin:
            menu.addAction("Restore", self.restore_chosen)
            menu.addAction("Remove for good…", self.purge_chosen)
        else:
            menu.addAction("Open\tEnter", self.open_chosen)
            menu.addAction("Duplicate", self.duplicate_chosen)
            menu.addSeparator()
            menu.addAction("Move to bin\tDel", self.delete_chosen)
        menu.popup(self.list.viewport().mapToGlobal(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Delete moves to the bin, Esc leaves search and bin."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
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
