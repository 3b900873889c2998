"""Quick find: type a few letters, walk through the elements that match."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.changes import ChangeSet
from app.domain.records import Cell, Diagram
from app.domain.state import ModelState
from app.services.document import Document
from ui.panels.names import icon_of, shown_title, type_name
from ui.panels.panel import Panel
from ui.theme import ThemeManager

_ID = Qt.ItemDataRole.UserRole
_MOST_SHOWN = 200
_SHOWN_ROWS = 8


def matches(state: ModelState, text: str, first_diagram: str = "") -> list[Cell]:
    """The cells that hold every word of `text`: names that begin with it, other names, then the rest.

    Cells of `first_diagram` come before those of other diagrams.
    """
    words = text.casefold().split()
    if not words:
        return []
    ranked = []
    for cell in state.all(Cell):
        name = shown_title(state, cell).casefold()
        haystack = "\n".join(
            (name, cell.description, cell.technology, cell.protocol, type_name(cell), *cell.tags)
        ).casefold()
        if all(word in haystack for word in words):
            rank = 0 if name.startswith(words[0]) else 1 if all(w in name for w in words) else 2
            ranked.append((cell.diagram_id != first_diagram, rank, name, cell.id, cell))
    return [entry[-1] for entry in sorted(ranked, key=lambda entry: entry[:-1])]


class FindBar(Panel):
    """A line to type into and the matches below it. Enter and F3 go on, Shift goes back, Esc closes."""

    reveal = Signal(str)
    closed = Signal()

    def __init__(self, document: Document, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(document, theme, parent)
        self._diagram_id = ""
        self._found: list[Cell] = []
        column = QVBoxLayout(self)
        margin = theme.px(6)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(theme.px(4))
        row = QHBoxLayout()
        row.setSpacing(theme.px(2))
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Find elements")
        self.line.setAccessibleName("Find elements")
        self.line.setToolTip("Name, kind, description, technology, protocol or tag")
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(self._search)
        self.line.installEventFilter(self)
        self.count = QLabel(self)
        self.count.setProperty("role", "muted")
        row.addWidget(self.line, 1)
        row.addWidget(self.count)
        for icon, tip, slot in (
            ("chevron-up", "Previous (Shift+Enter)", self.previous),
            ("chevron-down", "Next (Enter)", self.next),
            ("close", "Close (Esc)", self._end),
        ):
            button = QToolButton(self)
            button.setToolTip(tip)
            button.setAccessibleName(tip.partition(" (")[0])
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            theme.bind_icon(button, icon)
            button.clicked.connect(slot)
            row.addWidget(button)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Matching elements")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(lambda item: self.reveal.emit(item.data(_ID)))
        self.list.currentRowChanged.connect(self._say_place)
        self._empty = QLabel(self)
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        column.addLayout(row)
        column.addWidget(self.list)
        column.addWidget(self._empty)
        column.addStretch(1)
        self._search("")

    def show_diagram(self, diagram_id: str) -> None:
        """Say which diagram is in view: its elements come first."""
        self._diagram_id = diagram_id
        self._search(self.line.text())

    def start(self, text: str = "") -> None:
        """Take the focus, with what was typed last selected or with another text."""
        if text:
            self.line.setText(text)
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def _search(self, text: str) -> None:
        row = self.list.currentRow()
        chosen = self.list.item(row).data(_ID) if row >= 0 else ""
        self._found = matches(self.document.state, text, self._diagram_id)
        several = len(self.document.state.diagrams()) > 1
        self.list.blockSignals(True)
        self.list.clear()
        for cell in self._found[:_MOST_SHOWN]:
            title = shown_title(self.document.state, cell)
            diagram = self.document.state.find(Diagram, cell.diagram_id)
            where = f" ({diagram.name})" if several and diagram is not None else ""
            item = QListWidgetItem(self.theme.icon(icon_of(cell)), title + where)
            item.setData(_ID, cell.id)
            item.setToolTip(f"{type_name(cell)}: {title}{where}")
            self.list.addItem(item)
            if cell.id == chosen:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)
        if self.list.currentRow() < 0 and self._found:
            self.list.setCurrentRow(0)
        self._show_state(text.strip())

    def _show_state(self, text: str) -> None:
        found = bool(self._found)
        rows = min(_SHOWN_ROWS, self.list.count())
        height = max(self.list.sizeHintForRow(0), self.theme.px(22)) * max(1, rows)
        self.list.setFixedHeight(height + 2 * self.list.frameWidth() + 2)
        self.list.setVisible(found)
        self._empty.setVisible(bool(text) and not found)
        self._empty.setText(f"No element matches “{text}”. Try a part of its name, its kind or a tag.")
        self._say_place(self.list.currentRow())

    def _say_place(self, row: int) -> None:
        self.count.setText(f"{row + 1} of {len(self._found)}" if self._found else "")

    def next(self) -> None:
        """Show the match chosen, or the one after it when it is the one shown last."""
        self._step(1)

    def previous(self) -> None:
        """Show the match before."""
        self._step(-1)

    def _step(self, by: int) -> None:
        count = self.list.count()
        if not count:
            return
        row = self.list.currentRow()
        shown = self.property("revealed") == self.list.item(row).data(_ID) if row >= 0 else False
        if shown or by < 0:
            row = (row + by) % count
            self.list.setCurrentRow(row)
        cell_id = self.list.item(row).data(_ID)
        self.setProperty("revealed", cell_id)
        self.reveal.emit(cell_id)

    def _end(self) -> None:
        self.setProperty("revealed", "")
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter, F3, the arrows and Esc, while the focus stays in the line."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F3):
            self._step(-1 if back else 1)
        elif key == Qt.Key.Key_Escape:
            self._end()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.list.count():
            step = 1 if key == Qt.Key.Key_Down else -1
            self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
        else:
            return False
        return True

    def update_from(self, changes: ChangeSet) -> None:
        """Elements came, went or changed their words."""
        words = {"label", "description", "technology", "protocol", "tags", "type", "source", "target"}
        if self.line.text().strip() and any(
            not c.groups or c.groups & words for c in changes.of_kind("cell")
        ):
            self._search(self.line.text())
