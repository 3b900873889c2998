"""Keys and values as a table that one types into: metadata, parameters."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.checks import map_entry
from app.domain.fields import Field
from ui.panels.editors.base import Editor
from ui.panels.names import MIXED
from ui.theme import ThemeManager

_KEY, _VALUE = 0, 1
_STORED = Qt.ItemDataRole.UserRole
_MOST_ROWS = 8


class MapEditor(Editor):
    """A row a key. Rows that are not complete or not allowed stay until they are mended or removed."""

    def __init__(self, field: Field, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._theme = theme
        self._showing = False
        self._read_only = False
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.table = QTableWidget(0, 2, body)
        self.table.setHorizontalHeaderLabels(["Key", "Value"])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(True)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.table.setTabKeyNavigation(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.table.itemChanged.connect(self._changed)
        self.table.installEventFilter(self)
        self._bar = QWidget(body)
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(0, 0, 0, 0)
        self.add_button = self._button("plus", "Add", "Add a key", self.start_row)
        self.remove_button = self._button("minus", "Remove", "Remove the chosen key (Del)", self.remove_row)
        row.addWidget(self.add_button)
        row.addWidget(self.remove_button)
        row.addStretch(1)
        column.addWidget(self.table)
        column.addWidget(self._bar)
        self.put(body, focus=self.table)

    def _button(self, icon: str, text: str, tip: str, slot: Any) -> QToolButton:
        button = QToolButton(self._bar)
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setToolTip(tip)
        button.setAccessibleName(f"{tip}: {self.field.label}")
        self._theme.bind_icon(button, icon)
        button.clicked.connect(slot)
        return button

    @property
    def busy(self) -> bool:
        """Whether there is a row that the model does not have."""
        return any(self._pending(row) for row in range(self.table.rowCount()))

    def show_values(self, values: Sequence[Any]) -> None:
        """Show every key of every record; rows that are not stored yet stay below."""
        shown = _together(values)
        self._showing = True
        row_was = self.table.currentRow()
        for row in reversed(range(self.table.rowCount())):
            stored = self._stored(row)
            if stored and stored not in shown and not self._pending(row):
                self.table.removeRow(row)
        rows = {self._stored(row): row for row in range(self.table.rowCount()) if self._stored(row)}
        for key, value in shown.items():
            if key in rows:
                self._fill(rows[key], key, value)
            else:
                self._insert(key, value)
        if row_was >= 0 and row_was < self.table.rowCount() and self.table.currentRow() < 0:
            self.table.setCurrentCell(row_was, _KEY)
        self._showing = False
        self._fit()

    def _insert(self, key: str, value: str | None) -> None:
        count = self.table.rowCount()
        place = next((r for r in range(count) if not self._stored(r) or self._stored(r) > key), count)
        self.table.insertRow(place)
        self._fill(place, key, value)

    def _fill(self, row: int, key: str, value: str | None) -> None:
        for column, text in ((_KEY, key), (_VALUE, MIXED if value is None else value)):
            item = self._item(row, column)
            if self._pending(row) and item.text() not in ("", item.data(_STORED), text):
                continue
            item.setData(_STORED, text)
            item.setText(text)
            item.setToolTip(text)
            font = item.font()
            font.setItalic(column == _VALUE and value is None)
            item.setFont(font)

    def _item(self, row: int, column: int) -> QTableWidgetItem:
        item = self.table.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            self.table.blockSignals(True)
            self.table.setItem(row, column, item)
            self.table.blockSignals(False)
        return item

    def _stored(self, row: int) -> str:
        return str(self._item(row, _KEY).data(_STORED) or "")

    def _texts(self, row: int) -> tuple[str, str]:
        return self._item(row, _KEY).text().strip(), self._item(row, _VALUE).text()

    def _pending(self, row: int) -> bool:
        items = [self._item(row, column) for column in (_KEY, _VALUE)]
        return not self._stored(row) or any(i.text() != (i.data(_STORED) or "") for i in items)

    def start_row(self) -> None:
        """Open a new row to type into."""
        last = self.table.rowCount() - 1
        self._showing = True
        if last < 0 or self._stored(last) or any(self._texts(last)):
            last += 1
            self.table.insertRow(last)
            self._item(last, _KEY)
            self._item(last, _VALUE)
        self._showing = False
        self._fit()
        self.table.setCurrentCell(last, _KEY)
        self.table.setFocus()
        self.table.editItem(self._item(last, _KEY))

    def remove_row(self) -> None:
        """Remove the chosen key."""
        row = self.table.currentRow()
        if row < 0 or self._read_only:
            return
        stored = self._stored(row)
        self._showing = True
        self.table.removeRow(row)
        self._showing = False
        self._fit()
        if stored:
            self.committed.emit({stored: None})
        else:
            self._say("")

    def _changed(self, item: QTableWidgetItem) -> None:
        if self._showing:
            return
        row = item.row()
        key, value = self._texts(row)
        if not key and not value:
            return
        try:
            # An own key with no value yet is fine so far: the value is the next thing typed.
            map_entry(self.field, key, value if value.strip() else "x")
        except ValueError as error:
            self.refuse(_sentence(str(error)))
            return
        self._say("")
        if not value.strip():
            if self._stored(row):
                self.refuse(f"The value of {key} may not be empty. Remove the key instead (Del).")
            elif item.column() == _KEY:
                # The editor of the key is still closing.
                QTimer.singleShot(0, self.table, lambda: self._edit_value(row))
            return
        self._commit(row, key, value)

    def _edit_value(self, row: int) -> None:
        if self.table.state() is QAbstractItemView.State.EditingState:
            return  # Tab went on to the value by itself
        if row < self.table.rowCount() and self._texts(row)[0] and not self._texts(row)[1]:
            self.table.setCurrentCell(row, _VALUE)
            self.table.editItem(self._item(row, _VALUE))

    def _commit(self, row: int, key: str, value: str) -> None:
        stored = self._stored(row)
        twins = [r for r in range(self.table.rowCount()) if r != row and self._stored(r) == key]
        if twins:
            self.refuse(f"There is a key {key} already")
            return
        kept = self._item(row, _VALUE)
        unchanged_mixed = kept.font().italic() and value == MIXED
        delta: dict[str, str | None] = {} if unchanged_mixed else {key: value}
        if stored and stored != key:
            if unchanged_mixed:
                self.refuse("Keys whose values differ cannot be renamed together")
                return
            delta[stored] = None
        self._showing = True
        for column, text in ((_KEY, key), (_VALUE, value)):
            self._item(row, column).setData(_STORED, text)
        self._showing = False
        if delta:
            self.committed.emit(delta)

    def drop(self) -> None:
        """Forget rows that are not stored."""
        self._showing = True
        for row in reversed(range(self.table.rowCount())):
            if not self._stored(row):
                self.table.removeRow(row)
            elif self._pending(row):
                for column in (_KEY, _VALUE):
                    self._item(row, column).setText(str(self._item(row, column).data(_STORED)))
        self._showing = False
        self._fit()
        self._say("")

    def set_read_only(self, read_only: bool) -> None:
        """Allow looking and copying only."""
        self._read_only = read_only
        triggers = QAbstractItemView.EditTrigger
        editing = triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed
        self.table.setEditTriggers(triggers.NoEditTriggers if read_only else editing)
        self._bar.setVisible(not read_only)

    def _fit(self) -> None:
        rows = self.table.rowCount()
        self.table.setVisible(rows > 0)
        self.remove_button.setEnabled(rows > 0)
        height = self.table.horizontalHeader().sizeHint().height() + 2 * self.table.frameWidth()
        height += sum(self.table.rowHeight(row) for row in range(min(rows, _MOST_ROWS)))
        self.table.setFixedHeight(height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Del removes, Insert adds."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Delete:
                self.remove_row()
                return True
            if event.key() == Qt.Key.Key_Insert and not self._read_only:
                self.start_row()
                return True
        return False


def _together(values: Sequence[Mapping[str, str]]) -> dict[str, str | None]:
    """Every key of every record, with the value that all have, or None."""
    keys = sorted({key for value in values for key in value})
    found: dict[str, str | None] = {}
    for key in keys:
        here = {value.get(key) for value in values}
        found[key] = here.pop() if len(here) == 1 else None
    return found


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
