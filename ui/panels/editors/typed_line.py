"""What every editor with one line of text shares: typed text is kept until it is committed or dropped."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.domain.fields import Field
from ui.panels.editors.base import Editor, LetsUndoThrough

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class TypedLine(Editor):
    """Enter and leaving commit, Esc takes back."""

    def __init__(self, field: Field, line: QLineEdit, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.line = line
        self._undo_filter = LetsUndoThrough(line)
        # Filters are asked in the reverse order: undo comes first.
        line.installEventFilter(self)
        line.installEventFilter(self._undo_filter)
        self._shown = ""
        self._mixed = False
        self._dirty = False
        line.textEdited.connect(self._on_typed)

    @property
    def busy(self) -> bool:
        """Whether something is typed that the model does not have yet."""
        return self._dirty

    def _on_typed(self, text: str) -> None:
        self._dirty = self._mixed or text != self._shown
        if self.error:
            self._say("")
        self.typed.emit(text if self._dirty else "")

    def commit(self) -> None:
        """Offer what is typed to the model."""
        self.committed.emit(self.line.text())

    def flush(self) -> None:
        """Commit what is being typed; nothing typed over several values changes none of them."""
        if self._dirty and self._mixed and not self.line.text():
            self.drop()
        elif self._dirty:
            self.commit()

    def drop(self) -> None:
        """Show the stored value again."""
        self._dirty = False
        self._say("")
        self._settle()
        self.line.setText(self._shown)
        self.typed.emit("")

    def accept(self) -> None:
        """The model took the value; from now on its undo is the model's, not the line's."""
        self._dirty = False
        place = self.line.cursorPosition()
        self.line.setText(self.line.text())
        self.line.setCursorPosition(place)
        super().accept()
        self.typed.emit("")

    def resume(self, text: str) -> None:
        """Go on with unfinished text from before."""
        self._dirty = True
        self.line.setText(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter and leaving commit, Esc takes back."""
        if event.type() is QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            if event.reason() is not Qt.FocusReason.PopupFocusReason:
                self.flush()
                self.finished.emit()
        elif event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._dirty:
            if event.key() in ENTER:
                self.commit()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.drop()
                return True
        return False
