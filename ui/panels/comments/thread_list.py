"""The threads of a model in a list, narrowed down, sorted and searched."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.services import comments as threads
from app.services.comments import Thread
from app.services.document import Document
from app.services.seen import Seen
from canvas.pins.spots import plain_tip
from ui.home.times import ago
from ui.panels.comments.words import first_line, replies_text, where
from ui.theme import ThemeManager

_ID: Final = Qt.ItemDataRole.UserRole
_Test = Callable[[Thread, str, frozenset[str]], bool]
FILTERS: Final[dict[str, _Test]] = {
    "Open": lambda t, _me, _new: not t.root.resolved,
    "Unread": lambda t, _me, new: any(c.id in new for c in t.comments),
    "Mentions of me": lambda t, me, _new: threads.mentions_me(t, me),
    "Mine": lambda t, me, _new: threads.is_mine(t, me),
    "Resolved": lambda t, _me, _new: t.root.resolved,
    "All": lambda _t, _me, _new: True,
}
NEWEST, OLDEST, PLACE = "Newest", "Oldest", "By place"
HERE, EVERYWHERE = "Diagram", "Model"


class ThreadList(QWidget):
    """Enter or a click opens a thread."""

    opened = Signal(str)

    def __init__(self, document: Document, theme: ThemeManager, seen: Seen, parent: QWidget) -> None:
        super().__init__(parent)
        self._document, self._theme, self._seen = document, theme, seen
        self._diagram_id = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search comments")
        self.search.setAccessibleName("Search comments")
        self.search.setClearButtonEnabled(True)
        self.filter = self._combo("Which threads", tuple(FILTERS))
        self.scope = self._combo("Of the whole model or of this diagram", (EVERYWHERE, HERE))
        self.sort = self._combo("Order of threads", (NEWEST, OLDEST, PLACE))
        rows = (QHBoxLayout(), QHBoxLayout())
        for row, widgets in zip(rows, ((self.search, self.filter), (self.scope, self.sort)), strict=True):
            row.setSpacing(theme.px(4))
            for widget in widgets:
                row.addWidget(widget, 1)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Threads")
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setToolTip("Enter or a click opens the thread")
        self.list.itemActivated.connect(self._open)
        self.list.itemClicked.connect(self._open)
        self._empty = QLabel(self)
        self._empty.setWordWrap(True)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.read_button = QPushButton("Mark all as read", self)
        self.read_button.clicked.connect(lambda: seen.mark_all(document.state))
        for row in rows:
            column.addLayout(row)
        column.addWidget(self.list, 1)
        column.addWidget(self._empty, 1)
        column.addWidget(self.read_button)
        self.search.textChanged.connect(lambda _text: self.refresh())
        self.setFocusProxy(self.list)

    def _combo(self, name: str, words: Sequence[str]) -> QComboBox:
        combo = QComboBox(self)
        combo.addItems(list(words))
        combo.setAccessibleName(name)
        combo.setToolTip(name)
        combo.setMinimumContentsLength(6)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.currentIndexChanged.connect(lambda _index: self.refresh())
        return combo

    def show_diagram(self, diagram_id: str) -> None:
        """Say which diagram is in view."""
        if diagram_id != self._diagram_id:
            self._diagram_id = diagram_id
            if self.scope.currentText() == HERE:
                self.refresh()

    def _open(self, item: QListWidgetItem) -> None:
        self.opened.emit(item.data(_ID))

    def wanted(self) -> list[Thread]:
        """The threads that pass, in their order."""
        state, me = self._document.state, self._document.author
        unread = self._seen.unread(state)
        test = FILTERS[self.filter.currentText()]
        words = self.search.text().casefold().split()
        here = self._diagram_id if self.scope.currentText() == HERE else ""
        found = []
        for thread in threads.threads(state):
            if not test(thread, me, unread):
                continue
            if here and threads.diagram_of(state, thread.anchor) != here:
                continue
            if words:
                texts = [where(state, thread.anchor), *(f"{c.author} {c.text}" for c in thread.comments)]
                haystack = "\n".join(texts).casefold()
                if not all(word in haystack for word in words):
                    continue
            found.append(thread)
        if self.sort.currentText() == NEWEST:
            found.sort(key=lambda t: (t.last_at, t.root.id), reverse=True)
        elif self.sort.currentText() == PLACE:
            found.sort(key=lambda t: where(state, t.anchor).casefold())
        return found

    def refresh(self, chosen: str = "") -> None:
        """Show the threads as they are now with this one chosen, or the one that was."""
        row = self.list.currentRow()
        if not chosen and row >= 0:
            chosen = self.list.item(row).data(_ID)
        state = self._document.state
        unread = self._seen.unread(state)
        found = self.wanted()
        self.list.clear()
        for thread in found:
            item = self._item(thread, unread)
            self.list.addItem(item)
            if thread.root.id == chosen:
                self.list.setCurrentItem(item)
        if self.list.currentRow() < 0 and found:
            self.list.setCurrentRow(min(max(row, 0), len(found) - 1))
        any_at_all = next(iter(state.of_kind("comment")), None) is not None
        self.list.setVisible(bool(found))
        self._empty.setVisible(not found)
        self._empty.setText(_nothing(any_at_all, self.filter.currentText(), self.search.text()))
        self.read_button.setVisible(bool(unread))

    def _item(self, thread: Thread, unread: frozenset[str]) -> QListWidgetItem:
        state = self._document.state
        facts = [where(state, thread.anchor), replies_text(thread), ago(thread.last_at)]
        line = f"{thread.root.author or 'Somebody'}: {first_line(thread.root.text)}"
        item = QListWidgetItem(f"{line}\n{' · '.join(fact for fact in facts if fact)}")
        fresh = any(c.id in unread for c in thread.comments)
        item.setIcon(self._theme.icon("check" if thread.root.resolved else "comment"))
        item.setData(_ID, thread.root.id)
        item.setToolTip(plain_tip(first_line(thread.root.text, 400)))
        state_word = "Unread. " if fresh else "Resolved. " if thread.root.resolved else ""
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{state_word}{line}. {', '.join(facts)}")
        font = item.font()
        font.setBold(fresh)
        item.setFont(font)
        return item


def _nothing(any_at_all: bool, filtered: str, searched: str) -> str:
    if not any_at_all:
        return (
            "No comments yet.\n\nPress K in the diagram and click an element, a flow or an empty place. "
            "Ctrl+Alt+M comments on what is selected, a threat as well. @ names somebody."
        )
    if searched.strip():
        return f"No thread with “{searched.strip()}”."
    return "No open threads." if filtered == "Open" else f"Nothing under “{filtered}”."
