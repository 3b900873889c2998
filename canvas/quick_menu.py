"""The menu at the pointer: a list of choices, a field to search them, and names for what is new."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from canvas.theme import CanvasTheme

WIDTH: Final = 300
MOST_ROWS: Final = 9
ROW: Final = 28
ICON: Final = QSize(22, 16)
_KEYPAD: Final = Qt.KeyboardModifier.KeypadModifier


@dataclass(frozen=True)
class Choice:
    """One row: what it is called and does. `key` is its letter, `words` are others to find it by.

    What is `hidden` shows up only once it has been searched for.
    """

    title: str
    act: Callable[[], object]
    key: str = ""
    words: str = ""
    hidden: bool = False
    icon: QIcon | None = None


def matching(choices: Iterable[Choice], typed: str) -> list[Choice]:
    """The choices in which every typed word begins a word; those that begin with it come first."""
    wanted = typed.casefold().split()
    if not wanted:
        return [choice for choice in choices if not choice.hidden]
    found = []
    for choice in choices:
        words = f"{choice.title} {choice.words}".casefold().split()
        if all(any(word.startswith(part) for word in words) for part in wanted):
            found.append(choice)
    found.sort(key=lambda choice: not choice.title.casefold().startswith(wanted[0]))
    return found


class QuickMenu(QFrame):
    """Closes with Esc or a click elsewhere. Arrow keys and Enter choose, or Alt with a row's letter.

    `named` gives more choices for a text, after those that match it. Without `searching` the letters
    choose at once, and a capital letter begins a name.
    """

    def __init__(
        self,
        parent: QWidget,
        theme: CanvasTheme,
        choices: Sequence[Choice],
        named: Callable[[str], Sequence[Choice]],
        *,
        searching: bool = True,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("quick-menu")
        self.setAccessibleName("New element")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._choices, self._named = choices, named
        self._shown: list[Choice] = []
        self.field = QLineEdit()
        self.field.setObjectName("quick-menu-search")
        self.field.setPlaceholderText("Search, or name a new element")
        self.field.setAccessibleName("Search, or name a new element")
        self.field.setMaxLength(1000)
        self.rows = QTreeWidget()
        self._set_up_rows()
        layout = self._rack = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(5)
        layout.addWidget(self.field)
        layout.addWidget(self.rows)
        self._dress(theme)
        for widget in (self.field, self.rows):
            widget.installEventFilter(self)
        self.field.textChanged.connect(self._fill)
        self.rows.itemClicked.connect(lambda item, _: self._choose(self.rows.indexOfTopLevelItem(item)))
        self._first = self.field if searching else self.rows
        self._fill()

    def _set_up_rows(self) -> None:
        rows = self.rows
        rows.setObjectName("quick-menu-rows")
        rows.setAccessibleName("Choices")
        rows.setColumnCount(2)
        rows.setHeaderHidden(True)
        rows.setRootIsDecorated(False)
        rows.setUniformRowHeights(True)
        rows.setIconSize(ICON)
        rows.setMouseTracking(True)
        rows.setFrameShape(QFrame.Shape.NoFrame)
        rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rows.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        rows.header().setStretchLastSection(False)
        rows.header().resizeSection(0, WIDTH - 20 - 30)
        rows.header().resizeSection(1, 30)
        rows.itemEntered.connect(rows.setCurrentItem)

    def _dress(self, theme: CanvasTheme) -> None:
        self.setStyleSheet(
            f"QFrame#quick-menu {{ background: {theme.background}; border: 1px solid {theme.muted_stroke}; }}"
            f" QLineEdit {{ background: {theme.background}; color: {theme.label_text};"
            f" border: 1px solid {theme.muted_stroke}; border-radius: 4px; padding: 4px 6px;"
            f" selection-background-color: {theme.selection_outline};"
            f" selection-color: {theme.handle_fill}; }}"
            f" QLineEdit:focus {{ border: 1px solid {theme.selection_outline}; }}"
            f" QTreeWidget {{ background: {theme.background}; color: {theme.label_text}; border: 0;"
            f" outline: 0; }}"
            f" QTreeWidget::item {{ height: {ROW}px; }}"
            f" QTreeWidget::item:selected {{ background: {theme.selection_outline};"
            f" color: {theme.handle_fill}; }}"
        )

    def open_at(self, screen: QPoint) -> None:
        """Show it at a place of the screen, wholly in sight, and take the keyboard. Does not wait."""
        self._fit()
        found = QGuiApplication.screenAt(screen) or self.screen()
        room = found.availableGeometry()
        x = max(room.left(), min(screen.x(), room.right() - self.width()))
        y = max(room.top(), min(screen.y(), room.bottom() - self.height()))
        self.move(x, y)
        self.show()
        self._first.setFocus(Qt.FocusReason.PopupFocusReason)

    def _fit(self) -> None:
        """Be as high as the rows need."""
        rows = min(MOST_ROWS, max(1, len(self._shown)))
        self.rows.setFixedHeight(rows * self.rows.sizeHintForRow(0) + 2 if self._shown else ROW)
        self.setFixedSize(WIDTH, self._rack.totalSizeHint().height())

    @property
    def titles(self) -> list[str]:
        """The rows on show."""
        return [choice.title for choice in self._shown]

    def _fill(self) -> None:
        typed = " ".join(self.field.text().split())
        self._shown = matching(self._choices, typed)
        if typed:
            self._shown += self._named(typed)
        self.rows.clear()
        for choice in self._shown:
            row = QTreeWidgetItem([choice.title, choice.key])
            row.setTextAlignment(1, Qt.AlignmentFlag.AlignCenter)
            row.setToolTip(0, choice.title)
            if choice.icon is not None:
                row.setIcon(0, choice.icon)
            self.rows.addTopLevelItem(row)
        self._go_to(0)
        if self.isVisible():
            self._fit()

    def _choose(self, place: int) -> None:
        if 0 <= place < len(self._shown):
            choice = self._shown[place]
            self.close()
            choice.act()

    def _go_to(self, place: int) -> None:
        self.rows.setCurrentIndex(self.rows.model().index(place, 0))
        # The keyboard may be in the field: that is where a screen reader listens.
        self.field.setAccessibleDescription(self._shown[place].title if self._shown else "")

    def _step(self, step: int) -> None:
        count = self.rows.topLevelItemCount()
        if count:
            here = self.rows.currentIndex().row()
            self._go_to((here + step) % count)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys mean the same wherever the keyboard is."""
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event, in_rows=watched is self.rows)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent, *, in_rows: bool) -> bool:
        key, held = event.key(), event.modifiers() & ~_KEYPAD
        if key == Qt.Key.Key_Escape:
            self.close()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.rows.currentIndex().row())
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            (self.field if in_rows else self.rows).setFocus(Qt.FocusReason.TabFocusReason)
        elif held == Qt.KeyboardModifier.AltModifier:
            self._choose(self._lettered(chr(key) if key < 128 else ""))
        elif in_rows and event.text().isprintable() and event.text():
            self._letter(event.text())
        else:
            return False
        return True

    def _letter(self, text: str) -> None:
        place = self._lettered(text.upper()) if text.islower() else -1
        if place >= 0:
            self._choose(place)
        else:
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.field.insert(text)

    def _lettered(self, letter: str) -> int:
        keys = [choice.key for choice in self._shown]
        return keys.index(letter) if letter and letter in keys else -1
