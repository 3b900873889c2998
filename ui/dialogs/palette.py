"""The command palette: every action by name, and every element of the model; type and press Enter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

MOST_ROWS = 60


@dataclass(frozen=True)
class Entry:
    """One line of the palette."""

    title: str
    detail: str
    run: Callable[[], object]
    blocked: str = ""


def score(query: str, text: str) -> int:
    """How well a text fits what was typed, 0 for not at all: whole words, starts of words, letters."""
    words, text = query.lower().split(), text.lower()
    if all(word in text for word in words):
        starts = sum(1 for w in words if any(part.startswith(w) for part in text.split()))
        return 1000 + 100 * starts - min(len(text), 90)
    place = 0
    for letter in "".join(words):
        place = text.find(letter, place) + 1
        if not place:
            return 0
    return max(1, 200 - len(text))


class CommandPalette(QDialog):
    """Filters as one types; Up, Down and Enter choose."""

    def __init__(self, entries: Sequence[Entry], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._entries = entries
        self.setWindowTitle("Commands")
        self.edit = QLineEdit()
        self.edit.setPlaceholderText("Type a command or the name of an element…")
        self.edit.setAccessibleName("Command")
        self.edit.textChanged.connect(self._filter)
        self.edit.installEventFilter(self)
        self.list = QTreeWidget()
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.list.setAccessibleName("Commands")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(lambda item, _column: self._run(item))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.edit)
        layout.addWidget(self.list)
        width = min(640, max(360, parent.width() - 80))
        self.resize(width, 420)
        corner = parent.mapToGlobal(parent.rect().topLeft())
        self.move(corner.x() + (parent.width() - width) // 2, corner.y() + 80)
        self.list.ensurePolished()  # rows keep the height that they are made with
        self._filter("")

    def _filter(self, text: str) -> None:
        found = list(enumerate(self._entries))
        if text.strip():
            ranked = [(score(text, e.title), -i, e) for i, e in found]
            ranked = sorted((r for r in ranked if r[0]), key=lambda r: r[:2], reverse=True)
            entries = [e for _, _, e in ranked]
        else:
            entries = [e for _, e in found]
        self.list.clear()
        for entry in entries[:MOST_ROWS]:
            item = QTreeWidgetItem(self.list, [entry.title, entry.blocked or entry.detail])
            item.setData(0, Qt.ItemDataRole.UserRole, entry)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setDisabled(bool(entry.blocked))
        if not entries:
            QTreeWidgetItem(self.list, ["Nothing found", ""]).setDisabled(True)
        self._go(0)

    def _go(self, row: int) -> None:
        last = self.list.topLevelItemCount() - 1
        item = self.list.topLevelItem(max(0, min(last, row)))
        if item is not None:
            self.list.setCurrentItem(item)

    @property
    def _row(self) -> int:
        item = self.list.currentItem()
        return self.list.indexOfTopLevelItem(item) if item is not None else 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys move in the list while the text field has the focus."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            if event.key() in steps:
                self._go(self._row + steps[Qt.Key(event.key())])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if (current := self.list.currentItem()) is not None:
                    self._run(current)
                return True
        return super().eventFilter(watched, event)

    def _run(self, item: QTreeWidgetItem) -> None:
        entry = item.data(0, Qt.ItemDataRole.UserRole)
        if isinstance(entry, Entry) and not entry.blocked:
            self.close()
            entry.run()
