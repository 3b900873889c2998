"""A register: find, sort, edit in place, add and delete; which columns are shown is remembered."""

from typing import Any, Protocol

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain import edits
from app.domain.changes import ChangeSet
from app.domain.errors import TmiError
from app.domain.fields import FieldType
from app.domain.records import Cell, Record, Threat
from app.services.document import Document
from ui.panels.editors.base import repolish
from ui.panels.making import candidates, words_for
from ui.panels.names import REGISTERS, quoted, refusal, spoken
from ui.panels.panel import Panel
from ui.panels.patches import new_record
from ui.panels.tables.column_layout import lay_out, layout_of, stretch
from ui.panels.tables.columns import Column
from ui.panels.tables.delegate import RegisterDelegate
from ui.panels.tables.model import RECORD_ID, RegisterModel
from ui.panels.tables.proxy import RegisterProxy
from ui.theme import Theme, ThemeManager

Index = QModelIndex | QPersistentModelIndex
_EMPTY = {
    "threat": "No threats yet. Add one here, or select an element and add a threat that applies to it.",
    "asset": "No assets yet. Add what is worth protecting: data, services, people.",
    "document": "No documents yet. Add the address of what belongs to this model.",
    "note": "No notes yet. Add what should not be forgotten.",
    "repository": "No repositories yet. Add where the source code lives.",
    "assumption": "No assumptions yet. Add what you take for granted, so that it can be questioned.",
    "mitigation": "No mitigations yet. Add a measure and tick the threats that it is against.",
}


class Memory(Protocol):
    """Where settings are kept; a library is one."""

    def setting(self, key: str, default: str = "") -> str:
        """A remembered value."""

    def set_setting(self, key: str, value: str) -> None:
        """Remember a value."""


class RegisterTable(Panel):
    """All records of one kind as a table."""

    reveal = Signal(str)
    records_selected = Signal(list)
    record_opened = Signal(str)
    problem = Signal(str)
    deleted = Signal(str)

    def __init__(
        self,
        document: Document,
        theme: ThemeManager,
        kind: str,
        memory: Memory | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(document, theme, parent)
        self.kind = kind
        self._memory = memory
        self._key = f"register.{kind}"
        self._unit = theme.px(100)
        self._restoring = False
        self.setAccessibleName(REGISTERS.get(kind, kind))
        self.model = RegisterModel(document, theme, kind, self)
        self.proxy = RegisterProxy(self.model, self)
        self._build()
        self._restore()
        self._show_state()

    # --- building --------------------------------------------------------------------------------
    def _build(self) -> None:
        column = QVBoxLayout(self)
        margin = self.theme.px(6)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(self.theme.px(4))
        bar = QHBoxLayout()
        bar.setSpacing(self.theme.px(2))
        self.filter = QLineEdit(self)
        title = REGISTERS.get(self.kind, self.kind)
        self.filter.setPlaceholderText(f"Find in {title.lower()}")
        self.filter.setAccessibleName(f"Find in {title.lower()}")
        self.filter.setToolTip("Rows that hold every word, in whatever column")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._narrow)
        self.count = QLabel(self)
        self.count.setProperty("role", "muted")
        self.add_button = self._button("plus", "Add", "Add (Insert)", self.add)
        self.delete_button = self._button("delete", "", "Delete the chosen rows (Del)", self.delete)
        self.reveal_button = self._button("eye", "", "Show the element in its diagram", self._reveal)
        self.reveal_button.setVisible(any(c.name == "cell_id" for c in self.model.columns))
        self.columns_button = self._button("settings", "", "Choose the columns", self._open_columns)
        bar.addWidget(self.filter, 1)
        for widget in (self.count, self.add_button, self.delete_button, self.reveal_button):
            bar.addWidget(widget)
        bar.addWidget(self.columns_button)
        column.addLayout(bar)
        self._build_view()
        self._note = QLabel(self)
        self._note.setWordWrap(True)
        self._note.setProperty("role", "error")
        self._note.hide()
        self._empty = QLabel(self)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        column.addWidget(self._note)
        column.addWidget(self.view, 1)
        column.addWidget(self._empty, 1)

    def _button(self, icon: str, text: str, tip: str, slot: Any) -> QToolButton:
        button = QToolButton(self)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(" (")[0])
        if text:
            button.setText(text)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.theme.bind_icon(button, icon)
        button.clicked.connect(slot)
        return button

    def _build_view(self) -> None:
        self.view = QTableView(self)
        self.view.setModel(self.proxy)
        self.view.setAccessibleName(REGISTERS.get(self.kind, self.kind))
        self.view.setSortingEnabled(True)
        self.view.setAlternatingRowColors(True)
        self.view.setWordWrap(False)
        self.view.setShowGrid(False)
        self.view.setTabKeyNavigation(False)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        triggers = QAbstractItemView.EditTrigger
        self.view.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(self.theme.px(28))
        header = self.view.horizontalHeader()
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(lambda at: self._open_columns(header.mapToGlobal(at)))
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._open_menu)
        self._delegate = RegisterDelegate(self._column_at, self._choices, self)
        self.view.setItemDelegate(self._delegate)
        self.view.selectionModel().selectionChanged.connect(self._selection_changed)
        # A click on the row that is chosen already comes back to it from the diagram.
        self.view.clicked.connect(lambda _index: self.records_selected.emit(self.selected_ids))
        self.model.refused.connect(self._refused)
        for keys, slot in (
            (QKeySequence(Qt.Key.Key_Delete), self.delete),
            (QKeySequence(Qt.Key.Key_Insert), self.add),
            (QKeySequence(Qt.Key.Key_Return), self._open),
            (QKeySequence(Qt.Key.Key_Enter), self._open),
        ):
            shortcut = QShortcut(keys, self.view)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(slot)
        for signal in (header.sectionMoved, header.sectionResized, header.sortIndicatorChanged):
            signal.connect(lambda *_: self._remember())

    # --- what is chosen --------------------------------------------------------------------------
    @property
    def selected_ids(self) -> list[str]:
        """The ids of the chosen rows, from top to bottom."""
        rows = sorted(self.view.selectionModel().selectedRows(), key=lambda index: index.row())
        return [str(index.data(RECORD_ID)) for index in rows]

    def select_records(self, ids: list[str]) -> None:
        """Choose the rows of these records and show the first of them."""
        if set(ids) == set(self.selected_ids):
            return
        if any(not self._index_of(i).isValid() for i in ids if self.model.row_of(i) >= 0):
            self.filter.clear()
        selection = self.view.selectionModel()
        selection.clearSelection()
        flags = QItemSelectionModel.SelectionFlag
        for place, record_id in enumerate(ids):
            index = self._index_of(record_id)
            if index.isValid():
                selection.select(index, flags.Select | flags.Rows)
                if place == 0:
                    bar = self.view.horizontalScrollBar()
                    across = bar.value()
                    selection.setCurrentIndex(index, flags.NoUpdate)
                    self.view.scrollTo(index)
                    bar.setValue(across)

    def _index_of(self, record_id: str, name: str = "name") -> QModelIndex:
        row = self.model.row_of(record_id)
        if row < 0:
            return QModelIndex()
        column = next((i for i, c in enumerate(self.model.columns) if c.name == name), 0)
        return self.proxy.mapFromSource(self.model.index(row, column))

    def _selection_changed(self) -> None:
        ids = self.selected_ids
        self.delete_button.setEnabled(bool(ids) and not self.document.read_only)
        self.reveal_button.setEnabled(bool(self._cell_of(ids)))
        self.records_selected.emit(ids)

    def _cell_of(self, ids: list[str]) -> str:
        record = self.document.state.get(ids[0]) if ids else None
        if isinstance(record, Threat):
            return record.cell_id or ""
        cells = getattr(record, "cells", None)
        return min(cells) if cells else ""

    def _reveal(self) -> None:
        cell_id = self._cell_of(self.selected_ids)
        if isinstance(self.document.state.get(cell_id), Cell):
            self.reveal.emit(cell_id)

    def _open(self) -> None:
        ids = self.selected_ids
        if ids:
            self.record_opened.emit(ids[0])

    # --- editing ---------------------------------------------------------------------------------
    def _column_at(self, column: int) -> Column:
        return self.model.columns[column]

    def _choices(self, index: Index) -> list[tuple[str, Any]]:
        column = self._column_at(index.column())
        record = self.document.state.get(str(index.data(RECORD_ID)))
        shown: list[Record] = [record] if record is not None else []
        if column.field.type is FieldType.REFERENCE:
            pairs = candidates(self.document, column.field, shown)
            return [("None", None), *((title, record_id) for record_id, title in pairs)]
        words = words_for(self.document, shown, column.name, column.field)
        return [(spoken(word), word) for word in words]

    def _refused(self, index: QPersistentModelIndex, text: str, reason: str) -> None:
        """Say why, and open the editor again with what was typed."""
        self._note.setText(reason)
        self._note.show()
        self.problem.emit(reason)
        QTimer.singleShot(0, self.view, lambda: self._reopen(index, text))

    def _reopen(self, index: QPersistentModelIndex, text: str) -> None:
        if not index.isValid():
            return
        shown = self.proxy.mapFromSource(self.model.index(index.row(), index.column()))
        self.view.setCurrentIndex(shown)
        self.view.edit(shown)
        editor = self.view.indexWidget(shown)
        if isinstance(editor, QLineEdit):
            editor.setText(text)
            editor.setModified(True)
            editor.setProperty("invalid", True)
            repolish(editor)

    def add(self) -> None:
        """Add a record and start typing its name."""
        record_id, patch = new_record(self.document.state, self.kind)
        if not self._apply(patch, f"new {self._word()}"):
            return
        self.filter.clear()
        self.select_records([record_id])
        self.view.setFocus()
        index = self._index_of(record_id)
        if index.isValid():
            self.view.setCurrentIndex(index)
            self.view.edit(index)

    def delete(self) -> None:
        """Delete the chosen records; undo brings them back."""
        ids = self.selected_ids
        records = [r for r in map(self.document.state.get, ids) if r is not None]
        if not records:
            return
        what = (
            f"{self._word()} {quoted(self.document.state, records[0])}"
            if len(records) == 1
            else f"{len(records)} {REGISTERS.get(self.kind, 'records').lower()}"
        )
        row = min(index.row() for index in self.view.selectionModel().selectedRows())
        if self._apply(edits.remove_records(records), f"deletion of {what}"):
            index = self.proxy.index(min(row, self.proxy.rowCount() - 1), 0)
            if index.isValid():
                self.view.selectRow(index.row())
            self.deleted.emit(f"{what[:1].upper()}{what[1:]} deleted")

    def _word(self) -> str:
        return self.kind.replace("_", " ")

    def _apply(self, patch: Any, title: str) -> bool:
        try:
            self.document.apply(patch, title=title)
        except TmiError as error:
            self._note.setText(refusal(error, self._word().capitalize()))
            self._note.show()
            self.problem.emit(self._note.text())
            return False
        self._note.hide()
        return True

    # --- columns ---------------------------------------------------------------------------------
    def columns_menu(self) -> QMenu:
        """A menu with a tick for each column."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place, column in enumerate(self.model.columns):
            action = QAction(column.title, menu)
            action.setCheckable(True)
            action.setChecked(not self.view.isColumnHidden(place))
            action.setEnabled(column.name != "name")
            action.toggled.connect(lambda on, place=place: self.show_column(place, on))
            menu.addAction(action)
        return menu

    def show_column(self, place: int, on: bool) -> None:
        """Show or hide a column, and remember it."""
        self.view.setColumnHidden(place, not on)
        self._remember()

    def _open_columns(self, at: QPoint | bool = False) -> None:
        below = self.columns_button.mapToGlobal(QPoint(0, self.columns_button.height()))
        self.columns_menu().popup(at if isinstance(at, QPoint) else below)

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        ids, writable = self.selected_ids, not self.document.read_only
        for text, slot, enabled in (
            ("Add", self.add, writable),
            ("Show element in diagram", self._reveal, bool(self._cell_of(ids))),
            ("Delete", self.delete, bool(ids) and writable),
        ):
            action = QAction(text, menu)
            action.setEnabled(enabled)
            action.triggered.connect(slot)
            menu.addAction(action)
        menu.popup(self.view.viewport().mapToGlobal(at))

    def _remember(self) -> None:
        if self._memory is not None and not self._restoring:
            self._memory.set_setting(self._key, layout_of(self.view, self.model.columns, self.theme.px))

    def _restore(self) -> None:
        self._restoring = True
        kept = self._memory.setting(self._key) if self._memory is not None else ""
        lay_out(self.view, self.model.columns, kept, self.theme.px)
        self._restoring = False

    # --- keeping in step -------------------------------------------------------------------------
    def _narrow(self, text: str) -> None:
        self.proxy.set_text(text)
        self.view.scrollToTop()
        self._show_state()

    def _show_state(self) -> None:
        every, shown = self.model.rowCount(), self.proxy.rowCount()
        self.count.setText(str(every) if shown == every else f"{shown} of {every}")
        self.count.setVisible(every > 0)
        self.view.setVisible(shown > 0)
        self._empty.setVisible(shown == 0)
        self._empty.setText(
            _EMPTY.get(self.kind, "Nothing here yet.")
            if every == 0
            else f"Nothing matches “{self.filter.text().strip()}”. Clear the line above to see all {every}."
        )
        writable = not self.document.read_only
        self.add_button.setEnabled(writable)
        ids = self.selected_ids
        self.delete_button.setEnabled(bool(ids) and writable)
        self.reveal_button.setEnabled(bool(self._cell_of(ids)))

    def update_from(self, changes: ChangeSet) -> None:
        """Rows as the records."""
        self._note.hide()
        self.model.update_from(changes)
        self._show_state()

    def show_rights(self) -> None:
        """Buttons for what may be done."""
        self._show_state()

    def flush(self) -> None:
        """Write what is being typed in a row."""
        editor = self.view.indexWidget(self.view.currentIndex())
        if isinstance(editor, QWidget):
            self._delegate.commitData.emit(editor)

    def rethemed(self, theme: Theme) -> None:
        """Take over the colours of another theme, or another size of text."""
        self.model.retint()
        self._rescale()

    def _rescale(self) -> None:
        """Rows and columns grow and shrink with the text."""
        self.view.verticalHeader().setDefaultSectionSize(self.theme.px(28))
        before, self._unit = self._unit, self.theme.px(100)
        if before == self._unit:
            return
        self._restoring = True
        stretch(self.view, self._unit / before)
        self._restoring = False
        self._remember()
