"""Typing: single lines and numbers commit on Enter or on leaving, longer texts after a pause as well."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from app.domain.fields import Field, FieldType
from ui.panels.editors.base import Editor, LetsUndoThrough, repolish, same
from ui.panels.editors.typed_line import ENTER, TypedLine
from ui.panels.names import MIXED

PAUSE_MS = 700
_READ_ONLY_STYLE = (
    'QPlainTextEdit[readOnly="true"] { background: palette(window); border-color: palette(mid); }'
)


def text_of(value: Any) -> str:
    """A value as it stands in a line."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def parsed(field: Field, text: str) -> Any:
    """What a line of text means for a field. ValueError with the reason."""
    if field.type not in (FieldType.NUMBER, FieldType.INTEGER):
        return text
    plain = text.strip().replace(",", ".")
    if not plain:
        return None
    try:
        number = float(plain)
    except ValueError:
        raise ValueError("must be a number") from None
    return int(number) if number.is_integer() else number


class LineEditor(TypedLine):
    """One line of text, or a number."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, QLineEdit(), parent)
        self._hint = "YYYY-MM-DD" if "\\d{4}-\\d{2}" in field.pattern else ""
        if field.type in (FieldType.NUMBER, FieldType.INTEGER) and field.max is not None:
            self._hint = f"{field.min or 0:g} to {field.max:g}" if field.max < 1e6 else ""
        self.line.setPlaceholderText(self._hint)
        self.put(self.line)

    def show_values(self, values: Sequence[Any]) -> None:
        """Show the common value, or that there are several."""
        self._mixed = not same(values)
        self._shown = "" if self._mixed else text_of(values[0])
        self.line.setPlaceholderText(MIXED if self._mixed else self._hint)
        if not self._dirty and self.line.text() != self._shown:
            place = self.line.cursorPosition()
            self.line.setText(self._shown)
            self.line.setCursorPosition(min(place, len(self._shown)) if self.line.hasFocus() else 0)

    def set_read_only(self, read_only: bool) -> None:
        """Read-only lines can still be selected and copied."""
        if self.line.isReadOnly() != read_only:
            self.line.setReadOnly(read_only)
            repolish(self.line)

    def commit(self) -> None:
        """Offer what is typed to the model."""
        try:
            value = parsed(self.field, self.line.text())
        except ValueError as error:
            self.refuse(f"{self.field.label} {error}")
            return
        self.committed.emit(value)


class GrowingText(QPlainTextEdit):
    """A text field as high as its text, within bounds; Tab leaves it."""

    left = Signal()
    grown = Signal()
    enter_pressed = Signal()
    escaped = Signal()

    def __init__(self, least: int, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least, self._most = least, most
        self.setTabChangesFocus(True)
        self.setStyleSheet(_READ_ONLY_STYLE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._undo_filter = LetsUndoThrough(self)
        self.installEventFilter(self._undo_filter)
        self._fit()

    def _fit(self) -> None:
        lines = int(self.document().documentLayout().documentSize().height())
        shown = max(self._least, min(self._most, lines))
        edge = self.document().documentMargin() + self.frameWidth() + self.fontMetrics().height() * 0.2
        height = round(shown * self.fontMetrics().lineSpacing() + 2 * edge + 2)
        if height != self.height() or height != self.minimumHeight():
            self.setFixedHeight(height)
            self.grown.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width wraps otherwise."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """As high as it is; the form gives the width."""
        return QSize(160, self.height())

    def minimumSizeHint(self) -> QSize:
        """May become narrow."""
        return QSize(60, self.height())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving commits, a menu or a pop-up does not."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter commits, Esc takes back."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in ENTER and control:
            self.enter_pressed.emit()
        elif event.key() == Qt.Key.Key_Escape and not self.isReadOnly():
            self.escaped.emit()
        else:
            super().keyPressEvent(event)


class AreaEditor(Editor):
    """Text of several lines. A spell of typing is one undo step, `step_open` tells the form so."""

    def __init__(self, field: Field, parent: QWidget | None = None, *, least: int = 3) -> None:
        super().__init__(field, parent)
        self.area = GrowingText(least, 14, self)
        self._shown = ""
        self._mixed = False
        self._dirty = False
        self._showing = False
        self.step_open = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._paused)
        self.area.textChanged.connect(self._on_changed)
        self.area.left.connect(self._leave)
        self.area.enter_pressed.connect(self._leave)
        self.area.escaped.connect(self.drop)
        self.put(self.area)

    @property
    def busy(self) -> bool:
        """Whether something is typed that the model does not have yet."""
        return self._dirty

    def show_values(self, values: Sequence[Any]) -> None:
        """Show the common value, or that there are several."""
        self._mixed = not same(values)
        self._shown = "" if self._mixed else text_of(values[0])
        self.area.setPlaceholderText(MIXED if self._mixed else "")
        if not self._dirty:
            self._put_text(self._shown)

    def _put_text(self, text: str) -> None:
        if self.area.toPlainText() == text:
            return
        cursor = self.area.textCursor()
        place = min(cursor.position(), len(text))
        self._showing = True
        self.area.setPlainText(text)
        self._showing = False
        if self.area.hasFocus():
            cursor = self.area.textCursor()
            cursor.setPosition(place)
            self.area.setTextCursor(cursor)

    def set_read_only(self, read_only: bool) -> None:
        """Read-only text can still be selected and copied."""
        if self.area.isReadOnly() != read_only:
            self.area.setReadOnly(read_only)
            repolish(self.area)

    def _on_changed(self) -> None:
        if self._showing:
            return
        text = self.area.toPlainText()
        self._dirty = self._mixed or text != self._shown
        if self.error:
            self._say("")
        self.typed.emit(text if self._dirty else "")
        if self._dirty:
            self._pause.start()
        else:
            self._pause.stop()

    def _paused(self) -> None:
        """After a pause; emptied text over several values waits for the field to be left."""
        if self._dirty and not self.has_rival and not (self._mixed and not self.area.toPlainText()):
            self.step_open = True
            self.committed.emit(self.area.toPlainText())

    def _leave(self) -> None:
        self.flush()
        self.step_open = False
        self.finished.emit()

    def flush(self) -> None:
        """Commit what is being typed."""
        self._pause.stop()
        if self._dirty and self._mixed and not self.area.toPlainText():
            self.drop()
        elif self._dirty:
            self.step_open = True
            self.committed.emit(self.area.toPlainText())

    def drop(self) -> None:
        """Show the stored value again."""
        self._pause.stop()
        self._dirty = False
        self._say("")
        self._settle()
        self._put_text(self._shown)
        self.typed.emit("")

    def accept(self) -> None:
        """The model took the value."""
        self._pause.stop()
        self._dirty = False
        super().accept()
        self.typed.emit("")

    def resume(self, text: str) -> None:
        """Go on with unfinished text from before."""
        self._put_text(text)
        self._dirty = True
