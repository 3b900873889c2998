"""Pointing at other records: one of them in a combo box, any number of them as a check list."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.domain.fields import Field
from ui.panels.editors.base import Editor, same
from ui.panels.editors.choices import CalmCombo
from ui.panels.names import MIXED

Candidates = Callable[[], list[tuple[str, str]]]
TitleOf = Callable[[str], str]
_ID = Qt.ItemDataRole.UserRole
_SHOWN_ROWS = 6
_FILTER_FROM = 9


class LazyCombo(CalmCombo):
    """A combo box that asks for its entries only when somebody wants to choose."""

    def __init__(self, fill: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fill = fill

    def showPopup(self) -> None:
        """Fill, then show."""
        self._fill()
        super().showPopup()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys that choose without opening need the entries too."""
        if event.key() not in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape):
            self._fill()
        super().keyPressEvent(event)


class ReferenceEditor(Editor):
    """The id of one other record, or none."""

    def __init__(
        self,
        field: Field,
        candidates: Candidates,
        title_of: TitleOf,
        parent: QWidget | None = None,
        *,
        none: str = "None",
    ) -> None:
        super().__init__(field, parent)
        self._candidates, self._title_of, self._none = candidates, title_of, none
        self._current: str | None = None
        self._mixed = False
        self.combo = LazyCombo(self._fill, self)
        self.combo.setPlaceholderText(MIXED)
        self.combo.activated.connect(self._chosen)
        self.put(self.combo)

    def show_values(self, values: Sequence[Any]) -> None:
        """Show the name of the record that all point at."""
        self._mixed = not same(values)
        self._current = None if self._mixed else values[0]
        self.combo.clear()
        self.combo.addItem(self._none if not self._current else self._title_of(self._current), self._current)
        self.combo.setCurrentIndex(-1 if self._mixed else 0)
        self.combo.setToolTip(self.combo.currentText())

    def _fill(self) -> None:
        if self.combo.count() > 1:
            return
        self.combo.clear()
        self.combo.addItem(self._none, None)
        for record_id, title in self._candidates():
            self.combo.addItem(title, record_id)
        self.combo.setCurrentIndex(-1 if self._mixed else max(0, self.combo.findData(self._current)))

    def _chosen(self, index: int) -> None:
        chosen = self.combo.itemData(index)
        if self._mixed or chosen != self._current:
            self.committed.emit(chosen)


class ReferenceSetEditor(Editor):
    """Any number of other records, to be ticked."""

    def __init__(
        self, field: Field, candidates: Candidates, empty: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(field, parent)
        self._candidates = candidates
        self._showing = False
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.filter = QLineEdit(body)
        self.filter.setPlaceholderText("Find")
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName(f"Find in {field.label}")
        self.filter.textChanged.connect(self._narrow)
        self.list = QListWidget(body)
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemChanged.connect(self._ticked)
        self._empty = QLabel(empty, body)
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        for widget in (self.filter, self.list, self._empty):
            column.addWidget(widget)
        self.put(body, focus=self.list)

    def show_values(self, values: Sequence[Any]) -> None:
        """Tick what all point at; what only some point at is half ticked."""
        self._showing = True
        found = self._candidates()
        old = [self.list.item(row).data(_ID) for row in range(self.list.count())]
        if [i for i, _ in found] != old:
            self.list.clear()
            for record_id, _ in found:
                item = QListWidgetItem()
                item.setData(_ID, record_id)
                self.list.addItem(item)
        for row, (record_id, title) in enumerate(found):
            self._show_row(self.list.item(row), title, [record_id in v for v in values])
        self._showing = False
        self._empty.setVisible(not found)
        self.list.setVisible(bool(found))
        self.filter.setVisible(len(found) >= _FILTER_FROM)
        rows = max(1, min(_SHOWN_ROWS, len(found)))
        height = max(self.list.sizeHintForRow(0), self.fontMetrics().height() + 8)
        self.list.setFixedHeight(rows * height + 2 * self.list.frameWidth() + 4)
        self._narrow(self.filter.text())

    @staticmethod
    def _show_row(item: QListWidgetItem, title: str, has: list[bool]) -> None:
        state = Qt.CheckState.PartiallyChecked
        if all(has):
            state = Qt.CheckState.Checked
        elif not any(has):
            state = Qt.CheckState.Unchecked
        if item.text() != title:
            item.setText(title)
            item.setToolTip(title)
        item.setFlags(
            Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable
        )
        if item.data(Qt.ItemDataRole.CheckStateRole) != state:
            item.setCheckState(state)

    def _narrow(self, text: str) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setHidden(text.casefold() not in item.text().casefold())

    def _ticked(self, item: QListWidgetItem) -> None:
        if not self._showing:
            checked = item.checkState() is Qt.CheckState.Checked
            self.committed.emit({"add" if checked else "remove": [item.data(_ID)]})
