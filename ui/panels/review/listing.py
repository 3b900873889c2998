"""The list: what is to be decided, places that are settled already, and what others did, each its row."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.domain.absence import Edit
from app.domain.conflicts import Conflict, subject
from app.domain.records import Cell
from app.domain.state import ModelState
from ui.panels.names import icon_of, icon_of_kind
from ui.panels.review import deeds
from ui.panels.review.disputes import Names, headline
from ui.theme import ThemeManager

_WHAT: Final = Qt.ItemDataRole.UserRole
_ICON: Final = Qt.ItemDataRole.UserRole + 1
_KEYS: Final = {Qt.Key.Key_M: "mine", Qt.Key.Key_T: "theirs", Qt.Key.Key_B: "both"}
ASKED, PLACES, NEWS = "asked", "places", "news"
MOST_ROWS: Final = 6
MOST_KNOWN: Final = 5000
_GAP: Final = 4
Index = QModelIndex | QPersistentModelIndex
TIP: Final = "Enter or a click goes there"
MOST_LINES: Final = 500  # of one person; nobody reads more of them


class _Rows(QStyledItemDelegate):
    """Rows as high as their words need; Qt's own are of one line in a tree.

    Qt asks for every row again whenever one goes: heights are reckoned once for each text and width.
    """

    def __init__(self, parent: QTreeWidget) -> None:
        super().__init__(parent)
        self._known: dict[tuple[str, int, int], int] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """See the class."""
        hint = super().sizeHint(option, index)
        tree = self.parent()
        if not isinstance(tree, QTreeWidget):
            return hint
        depth, parent = 1, index.parent()
        while parent.isValid():
            depth, parent = depth + 1, parent.parent()
        icon = tree.iconSize().width() if index.data(Qt.ItemDataRole.DecorationRole) is not None else 0
        icon = icon if icon > 0 else option.decorationSize.width()
        room = tree.viewport().width() - depth * tree.indentation() - icon - 7 * _GAP
        one = option.fontMetrics.height()
        key = (str(index.data(Qt.ItemDataRole.DisplayRole)), room, one)
        if key not in self._known:
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            flags = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeft)
            lines = option.fontMetrics.boundingRect(0, 0, max(60, room), 10_000, flags, key[0])
            self._known[key] = min(max(one, lines.height()), MOST_ROWS * option.fontMetrics.lineSpacing())
        return QSize(hint.width(), hint.height() - one + self._known[key])


class ReviewList(QTreeWidget):
    """Up and Down go through it, Enter goes to the place, M, T and B decide.

    A heading stands for everything below it. `turned` tells that others are chosen, or that the pointer is
    over another one.
    """

    turned = Signal()
    chose = Signal(str)
    revealed = Signal(object)  # Conflict | Edit

    def __init__(self, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.hovered: Conflict | None = None
        self._shown: dict[str, tuple[object, ...]] = {}
        self._sections: dict[str, QTreeWidgetItem] = {}
        self.setHeaderHidden(True)
        self.setWordWrap(True)
        self.setItemDelegate(_Rows(self))
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName("What happened while you were away")
        self.setAccessibleDescription("Enter goes there, M keeps mine, T keeps theirs, B keeps both")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setIndentation(theme.px(14))
        self.setMouseTracking(True)
        self.itemSelectionChanged.connect(self.turned)
        self.itemEntered.connect(lambda item, _column: self._hover(item))
        self.itemClicked.connect(lambda item, _column: self._reveal(item))

    # --- what is shown ---------------------------------------------------------------------------
    def show_all(
        self, state: ModelState, conflicts: Sequence[Conflict], edits: Sequence[Edit], names: Names
    ) -> None:
        """Show these. What stays keeps its row; after a decision the next row is the current one."""
        asked = [one for one in conflicts if one.asked]
        places = [one for one in conflicts if not one.asked]
        place = self._current_place()
        self.blockSignals(True)
        self._section(ASKED, f"To decide ({len(asked)})", bool(asked), folded=False)
        fresh = self._fill(ASKED, asked, state, names)
        self._section(PLACES, f"Places and looks, theirs kept ({len(places)})", bool(places), folded=True)
        self._fill(PLACES, places, state, names)
        self._section(NEWS, f"What others changed ({len(edits)})", bool(edits), folded=False)
        self._fill_news(state, edits, names)
        self.hovered = self.hovered if self.hovered in conflicts else None
        self._go_on(place, fresh)
        self.blockSignals(False)
        self.turned.emit()

    def _section(self, key: str, title: str, wanted: bool, *, folded: bool) -> None:
        item = self._sections.get(key)
        if item is None:
            if not wanted:
                return
            item = self._sections[key] = QTreeWidgetItem()
            item.setData(0, _WHAT, key)
            font = item.font(0)
            font.setBold(True)
            item.setFont(0, font)
            before = [k for k in (ASKED, PLACES, NEWS) if k in self._sections]
            self.insertTopLevelItem(before.index(key), item)
            item.setExpanded(not folded)
        item.setText(0, title)
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, title)
        item.setHidden(not wanted)

    def _fill(
        self, key: str, wanted: Sequence[Conflict], state: ModelState, names: Names
    ) -> QTreeWidgetItem | None:
        """Rows that are there already stay, so that nobody loses the place. Returns the first new one."""
        section, fresh = self._sections.get(key), None
        if section is None:
            return None
        ids = {one.id for one in wanted}
        for row in reversed(range(section.childCount())):
            if _what(section.child(row)).id not in ids:
                section.takeChild(row)
        known = {_what(section.child(row)).id: section.child(row) for row in range(section.childCount())}
        for one in wanted:
            text, item = headline(one, state, names), known.get(one.id)
            if item is None:
                record = subject(one, state)
                icon = icon_of(record) if record is not None else icon_of_kind(one.kind)
                item = self._row(text, one, icon)
                section.addChild(item)
                fresh = fresh or item
            elif item.text(0) != text:
                item.setText(0, text)
                item.setToolTip(0, f"{text}\n{TIP}")
        return fresh

    def _row(self, text: str, what: object, icon: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([text])
        item.setData(0, _WHAT, what)
        item.setData(0, _ICON, icon)
        item.setIcon(0, self._theme.icon(icon))
        item.setToolTip(0, f"{text}\n{TIP}")
        return item

    def _fill_news(self, state: ModelState, edits: Sequence[Edit], names: Names) -> None:
        section = self._sections.get(NEWS)
        if section is None:
            return
        by_author: dict[str, list[Edit]] = {}
        for edit in edits:
            by_author.setdefault(edit.author, []).append(edit)
        told = tuple((author, names(author), tuple(of)) for author, of in by_author.items())
        if self._shown.get(NEWS) == told:
            return
        self._shown[NEWS] = told
        section.takeChildren()
        for author, name, found in told:
            head = self._row(f"{name} {deeds.summary(state, found)}", f"{NEWS} {author}", "user")
            head.setToolTip(0, head.text(0))
            for edit in found[:MOST_LINES]:
                head.addChild(self._edit_row(state, edit))
            if len(found) > MOST_LINES:
                head.addChild(QTreeWidgetItem([f"And {len(found) - MOST_LINES} more"]))
            section.addChild(head)
            head.setExpanded(len(told) == 1 and len(found) <= 12)

    def _edit_row(self, state: ModelState, edit: Edit) -> QTreeWidgetItem:
        record = state.get(edit.record_id)
        icon = icon_of(record) if record is not None else icon_of_kind(edit.kind)
        if record is None and edit.type:
            icon = "delete"
        text = deeds.sentence(state, edit)
        item = self._row(text, edit, icon)
        if record is None:
            item.setToolTip(0, text)
        return item

    def rethemed(self) -> None:
        """Other icons."""
        todo = list(self._sections.values())
        while todo:
            item = todo.pop()
            todo += [child for n in range(item.childCount()) if (child := item.child(n)) is not None]
            if icon := item.data(0, _ICON):
                item.setIcon(0, self._theme.icon(icon))

    # --- the place in it -------------------------------------------------------------------------
    def _current_place(self) -> tuple[str, str, int]:
        """The heading, the conflict and the row of the current item; empty for any other."""
        item = self.currentItem()
        parent = item.parent() if item is not None else None
        what = _what(item)
        if item is None or parent is None or not isinstance(what, Conflict):
            return "", "", 0
        return str(_what(parent)), what.id, parent.indexOfChild(item)

    def _go_on(self, place: tuple[str, str, int], fresh: QTreeWidgetItem | None) -> None:
        """The row that was current, or the one that has its place; else what is new to decide."""
        key, conflict_id, row = place
        section = self._sections.get(key)
        if section is None:
            if fresh is not None and not isinstance(_what(self.currentItem()), Edit):
                self.setCurrentItem(fresh)
            return
        left = [section.child(n) for n in range(section.childCount())]
        if not any(_what(item).id == conflict_id for item in left):
            item = left[min(row, len(left) - 1)] if left else self._first_heading()
            if item is not None:
                self.setCurrentItem(item)

    def _first_heading(self) -> QTreeWidgetItem | None:
        return next((s for s in self._sections.values() if not s.isHidden()), None)

    def go_to_next(self) -> bool:
        """Make the next thing to decide the current one. False when there is none."""
        section = self._sections.get(ASKED)
        if section is None or not section.childCount():
            return False
        section.setExpanded(True)
        item = self.currentItem()
        row = section.indexOfChild(item) if item is not None else -1
        wanted = section.child((row + 1) % section.childCount())
        if wanted is not None:
            self.setCurrentItem(wanted)
        return True

    @property
    def current(self) -> Conflict | Edit | None:
        """What the current row is about; None for a heading."""
        item = self.currentItem()
        what = _what(item)
        return what if isinstance(what, Conflict | Edit) else None

    @property
    def chosen(self) -> list[Conflict]:
        """The conflicts of the selected rows, and of selected headings."""
        found: dict[str, Conflict] = {}
        for item in self.selectedItems():
            rows = [item, *(item.child(n) for n in range(item.childCount()))]
            found.update((what.id, what) for what in map(_what, rows) if isinstance(what, Conflict))
        return list(found.values())

    # --- mouse and keys --------------------------------------------------------------------------
    def _hover(self, item: QTreeWidgetItem | None) -> None:
        what = _what(item)
        over = what if isinstance(what, Conflict) else None
        if over is not self.hovered:
            self.hovered = over
            self.turned.emit()

    def _reveal(self, item: QTreeWidgetItem | None) -> None:
        what = _what(item)
        if isinstance(what, Conflict | Edit) and len(self.selectedItems()) <= 1:
            self.revealed.emit(what)

    def viewportEvent(self, event: QEvent) -> bool:
        """The pointer over no row is over nothing."""
        if event.type() is QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the class."""
        alone = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = Qt.Key(event.key())
        if alone and key in _KEYS:
            self.chose.emit(_KEYS[key])
        elif alone and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        else:
            super().keyPressEvent(event)

    def _enter(self) -> None:
        item = self.currentItem()
        if item is not None and item.childCount():
            item.setExpanded(not item.isExpanded())
        else:
            self._reveal(item)

    def keyboardSearch(self, search: str) -> None:
        """Letters decide here, they do not search."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rows are as high as their words need in this width."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()


def _what(item: QTreeWidgetItem | None) -> Any:
    return item.data(0, _WHAT) if item is not None else None


def place_of(what: Conflict | Edit, state: ModelState) -> str:
    """The id of the record that there is to go to; "" for none."""
    if what.record_id in state:
        return what.record_id
    if isinstance(what, Conflict):
        for _kind, end, _data in what.ends:
            if isinstance(state.get(end), Cell):
                return end
    return ""
