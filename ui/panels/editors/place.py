"""Two numbers side by side: a place (x, y) or a size (width, height)."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from app.domain.fields import Field, FieldType
from ui.panels.editors.base import Editor, LetsUndoThrough, repolish, same
from ui.panels.editors.text import text_of
from ui.panels.names import MIXED

_PARTS = {
    FieldType.POINT: (("x", "X"), ("y", "Y")),
    FieldType.SIZE: (("width", "W"), ("height", "H")),
}


class PairEditor(Editor):
    """Commits `{part: number}` for the part that was typed. Up and Down step by one, with Shift by ten."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        body = QWidget(self)
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.lines: dict[str, QLineEdit] = {}
        self._shown: dict[str, str] = {}
        self._dirty: set[str] = set()
        for part, letter in _PARTS[field.type]:
            line = QLineEdit(body)
            line.setMinimumWidth(40)
            line.setAccessibleName(f"{field.label} {part}")
            line.setToolTip(f"{part.capitalize()} (Up and Down step, with Shift by ten)")
            line.installEventFilter(self)
            line.installEventFilter(LetsUndoThrough(line))
            line.textEdited.connect(lambda text, part=part: self._on_typed(part, text))
            name = QLabel(letter, body)
            name.setProperty("role", "muted")
            name.setBuddy(line)
            row.addWidget(name)
            row.addWidget(line, 1)
            self.lines[part] = line
            self._shown[part] = ""
        first = next(iter(self.lines.values()))
        name_of_first = first.accessibleName()
        self.put(body, focus=first)
        first.setAccessibleName(name_of_first)

    @property
    def busy(self) -> bool:
        """Whether something is typed that the model does not have yet."""
        return bool(self._dirty)

    def show_values(self, values: Sequence[Any]) -> None:
        """Show each part that is the same everywhere."""
        for part, line in self.lines.items():
            found = [getattr(value, part) for value in values]
            mixed = not same(found)
            self._shown[part] = "" if mixed else text_of(round(found[0], 2))
            line.setPlaceholderText(MIXED if mixed else "")
            if part not in self._dirty and line.text() != self._shown[part]:
                line.setText(self._shown[part])

    def set_read_only(self, read_only: bool) -> None:
        """Read-only numbers can still be copied."""
        for line in self.lines.values():
            if line.isReadOnly() != read_only:
                line.setReadOnly(read_only)
                repolish(line)

    def _on_typed(self, part: str, text: str) -> None:
        if text != self._shown[part]:
            self._dirty.add(part)
        else:
            self._dirty.discard(part)
        if self.error:
            self._say("")

    def flush(self) -> None:
        """Commit what is being typed."""
        for part in tuple(self._dirty):
            self._commit(part)

    def _commit(self, part: str) -> None:
        try:
            value = float(self.lines[part].text().strip().replace(",", "."))
        except ValueError:
            if not self.lines[part].text().strip():
                self.drop()
            else:
                self.refuse(f"{part.capitalize()} must be a number")
            return
        self.committed.emit({part: value})

    def drop(self) -> None:
        """Show the stored numbers again."""
        self._dirty.clear()
        self._say("")
        for part, line in self.lines.items():
            line.setText(self._shown[part])

    def accept(self) -> None:
        """The model took the number."""
        self._dirty.clear()
        super().accept()

    def _say(self, reason: str) -> None:
        super()._say(reason)
        for part, line in self.lines.items():
            line.setProperty("invalid", bool(reason) and part in self._dirty)
            repolish(line)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter and leaving commit, Esc takes back, Up and Down step."""
        if event.type() is QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            if event.reason() is not Qt.FocusReason.PopupFocusReason:
                self.flush()
                self.finished.emit()
        elif event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._pressed(watched, event)
        return False

    def _pressed(self, watched: QObject, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._dirty:
            self.flush()
            return True
        if key == Qt.Key.Key_Escape and self._dirty:
            self.drop()
            return True
        if key not in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return False
        part = next((p for p, line in self.lines.items() if line is watched), "")
        if not part or self.lines[part].isReadOnly():
            return False
        step = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        try:
            value = float(self.lines[part].text().replace(",", ".")) + (
                step if key == Qt.Key.Key_Up else -step
            )
        except ValueError:
            return True
        self.lines[part].setText(text_of(round(value, 2)))
        self._dirty.add(part)
        self._commit(part)
        return True
