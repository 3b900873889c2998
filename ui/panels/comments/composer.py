"""Where a comment is written: plain text, with people offered behind an @."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QPushButton, QVBoxLayout, QWidget

from app.services.mentions import begun
from ui.panels.editors.text import GrowingText
from ui.theme import ThemeManager

People = Callable[[], Sequence[str]]
_MOST = 8
_TAKE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class MentionText(GrowingText):
    """A growing text that offers names while one is being typed; the keyboard stays in it."""

    def __init__(self, people: People, parent: QWidget | None = None) -> None:
        super().__init__(2, 10, parent)
        self._people = people
        self._typed = ""
        self.offer: QListWidget | None = None
        self.textChanged.connect(self._offer_names)
        self.cursorPositionChanged.connect(self._offer_names)

    @property
    def offers(self) -> bool:
        """Whether names are on offer."""
        return self.offer is not None and not self.offer.isHidden()

    def _offer_names(self) -> None:
        cursor = self.textCursor()
        before = self.toPlainText()[: cursor.position()]
        found = begun(before, self._people()) if self.hasFocus() and not cursor.hasSelection() else None
        if found is None or found[1] == [found[0]]:
            self.hide_offer()
            return
        self._typed = found[0]
        offer = self._list()
        offer.clear()
        offer.addItems(found[1][:_MOST])
        offer.setCurrentRow(0)
        self._place(offer)
        offer.show()
        offer.raise_()

    def _list(self) -> QListWidget:
        if self.offer is None:
            self.offer = QListWidget(self.window())
            self.offer.setObjectName("mentions")
            self.offer.setAccessibleName("People to mention")
            self.offer.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.offer.itemClicked.connect(lambda item: self.take(item.text()))
            self.destroyed.connect(self.offer.deleteLater)
        return self.offer

    def _place(self, offer: QListWidget) -> None:
        window = self.window()
        rows = offer.count()
        height = rows * max(18, offer.sizeHintForRow(0)) + 2 * offer.frameWidth() + 4
        width = max(160, offer.sizeHintForColumn(0) + 40)
        caret = self.cursorRect()
        below = self.viewport().mapTo(window, caret.bottomLeft() + QPoint(0, 4))
        top = below.y()
        if top + height > window.height():
            top = self.viewport().mapTo(window, caret.topLeft()).y() - height - 4
        offer.setGeometry(max(0, min(below.x(), window.width() - width - 4)), top, width, height)

    def hide_offer(self) -> None:
        """Offer nothing."""
        if self.offer is not None:
            self.offer.hide()

    def take(self, name: str) -> None:
        """Put a name in the place of what was typed of it."""
        cursor = self.textCursor()
        for _ in range(len(self._typed)):
            cursor.deletePreviousChar()
        cursor.insertText(f"{name} ")
        self.setTextCursor(cursor)
        self.hide_offer()

    def event(self, event: QEvent) -> bool:
        """Tab takes a name while names are on offer."""
        tab = event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if tab and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab and self.offers:
            self.keyPressEvent(event)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows, Enter, Tab and Esc are the list's while it is there."""
        offer, key = self.offer, event.key()
        if offer is None or offer.isHidden() or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            offer.setCurrentRow((offer.currentRow() + step) % offer.count())
        elif key in _TAKE:
            self.take(offer.item(max(0, offer.currentRow())).text())
        elif key == Qt.Key.Key_Escape:
            self.hide_offer()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Nothing is offered to somebody who is elsewhere."""
        super().focusOutEvent(event)
        self.hide_offer()


class Composer(QWidget):
    """A text with a button that sends it. Ctrl+Enter sends too, Esc leaves it as it is."""

    sent = Signal(str)
    typed = Signal(str)
    left = Signal()
    discarded = Signal()

    def __init__(self, theme: ThemeManager, people: People, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        self.text = MentionText(people, self)
        self.text.setAccessibleName(name)
        self.text.setAccessibleDescription("Ctrl+Enter sends, Esc keeps the text for later, @ names somebody")
        self.text.setPlaceholderText(f"{name}. @ names somebody")
        self.send = QPushButton("Send", self)
        self.send.setToolTip("Send (Ctrl+Enter)")
        self.discard = QPushButton("Discard", self)
        self.discard.setToolTip("Throw the unfinished text away")
        self.problem = QLabel(self)
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.problem.hide()
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.discard)
        row.addWidget(self.send)
        column.addWidget(self.text)
        column.addWidget(self.problem)
        column.addLayout(row)
        self.text.enter_pressed.connect(self._send)
        self.text.escaped.connect(self.left)
        self.text.textChanged.connect(self._changed)
        self.send.clicked.connect(self._send)
        self.discard.clicked.connect(self._discard)
        self._showing = False
        self.put("")

    def put(self, text: str) -> None:
        """Show a text that nobody has typed just now."""
        self._showing = True
        self.text.setPlainText(text)
        cursor = self.text.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        self.text.setTextCursor(cursor)
        self._showing = False
        self._changed_look()
        self.text.hide_offer()

    def say(self, problem: str) -> None:
        """Say why a text was not taken; "" when all is well."""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    def _changed(self) -> None:
        if not self._showing:
            self._changed_look()
            self.typed.emit(self.text.toPlainText())

    def _changed_look(self) -> None:
        written = bool(self.text.toPlainText().strip())
        self.send.setEnabled(written)
        self.discard.setVisible(bool(self.text.toPlainText()))
        self.say("")

    def _send(self) -> None:
        text = self.text.toPlainText().strip()
        if text:
            self.sent.emit(text)

    def _discard(self) -> None:
        self.put("")
        self.typed.emit("")
        self.discarded.emit()
