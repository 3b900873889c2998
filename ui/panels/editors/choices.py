"""Choosing: one of the vocabulary's words, a suggested or own word, yes or no."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from app.domain.fields import Field
from ui.panels.editors.base import Editor, same
from ui.panels.editors.typed_line import TypedLine
from ui.panels.names import MIXED, spoken


class CalmCombo(QComboBox):
    """A combo box that the wheel scrolls past unless it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolling a form must not change what it shows."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceEditor(Editor):
    """Exactly one of the field's words."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.combo = CalmCombo(self)
        self.set_words(field.words)
        self.combo.setPlaceholderText(MIXED)
        self.combo.activated.connect(self._chosen)
        self.put(self.combo)

    def set_words(self, words: Sequence[str], names: Sequence[str] = ()) -> None:
        """Offer these words, shown under these names."""
        self.combo.clear()
        for place, word in enumerate(words):
            self.combo.addItem(names[place] if names else spoken(word), word)

    def show_values(self, values: Sequence[Any]) -> None:
        """Show the common word, or that there are several."""
        self.combo.setCurrentIndex(self.combo.findData(values[0]) if same(values) else -1)

    def _chosen(self, index: int) -> None:
        self.committed.emit(self.combo.itemData(index))


class SuggestEditor(TypedLine):
    """Any text, with words to choose from."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        self.combo = CalmCombo()
        line = QLineEdit(self.combo)
        self.combo.setLineEdit(line)
        super().__init__(field, line, parent)
        self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.combo.installEventFilter(self)
        self.set_words(field.words)
        self.combo.activated.connect(self._chosen)
        self.put(self.combo)
        self.line.setAccessibleName(field.label)

    def set_words(self, words: Sequence[str]) -> None:
        """Offer these words."""
        if [self.combo.itemData(i) for i in range(self.combo.count())] == list(words):
            return
        text = self.line.text()
        self.combo.clear()
        for word in words:
            self.combo.addItem(spoken(word), word)
        self.combo.setCurrentIndex(-1)
        self.line.setText(text)

    def _spoken(self, value: str) -> str:
        return spoken(value) if self.combo.findData(value) >= 0 else value

    def show_values(self, values: Sequence[Any]) -> None:
        """Show the common value, or that there are several."""
        self._mixed = not same(values)
        self._shown = "" if self._mixed else self._spoken(str(values[0] or ""))
        self.line.setPlaceholderText(MIXED if self._mixed else "")
        if not self._dirty:
            self.combo.setCurrentIndex(-1 if self._mixed else self.combo.findData(values[0]))
            self.line.setText(self._shown)
            self.line.setCursorPosition(0)

    def set_read_only(self, read_only: bool) -> None:
        """Nothing to choose while reading only."""
        self.combo.setEnabled(not read_only)

    def _chosen(self, index: int) -> None:
        self._dirty = True
        self.committed.emit(self.combo.itemData(index))

    def commit(self) -> None:
        """Offer what is typed to the model; a word's spoken form stands for the word."""
        text = self.line.text()
        place = self.combo.findText(text, Qt.MatchFlag.MatchFixedString)
        self.committed.emit(self.combo.itemData(place) if place >= 0 else text)


class Tick(QCheckBox):
    """A check box that can show "some of them", but never becomes that by a click."""

    def nextCheckState(self) -> None:
        """On unless it is on."""
        checked = self.checkState() is Qt.CheckState.Checked
        self.setCheckState(Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked)


class FlagEditor(Editor):
    """Yes or no; its label is its own."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.tick = Tick(field.label, self)
        self.tick.clicked.connect(lambda: self.committed.emit(self.tick.isChecked()))
        self.put(self.tick)

    def show_values(self, values: Sequence[Any]) -> None:
        """Show the common value, or that there are both."""
        mixed = not same(values)
        self.tick.setTristate(mixed)
        state = Qt.CheckState.Checked if values[0] else Qt.CheckState.Unchecked
        self.tick.setCheckState(Qt.CheckState.PartiallyChecked if mixed else state)
        self.tick.setToolTip("Some of the selected have it, some do not" if mixed else "")
