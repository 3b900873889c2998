"""Editing in a table: the fitting editor for each column, and nothing typed is overwritten."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.domain.fields import FieldType
from ui.panels.names import spoken
from ui.panels.tables.columns import Column

Index = QModelIndex | QPersistentModelIndex
Choices = Callable[[Index], list[tuple[str, Any]]]


class CalmDelegate(QStyledItemDelegate):
    """Leaves alone what is being typed when the value changes underneath."""

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Take over the value unless somebody is typing."""
        if isinstance(editor, QLineEdit) and editor.isModified():
            return
        super().setEditorData(editor, index)


class RegisterDelegate(CalmDelegate):
    """Combo boxes for words and references, lines for the rest."""

    def __init__(
        self, column_at: Callable[[int], Column], choices: Choices, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._column_at, self._choices = column_at, choices

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """An editor for the column."""
        column = self._column_at(index.column())
        offered = self._choices(index)
        if not offered:
            line = QLineEdit(parent)
            line.setAccessibleName(column.title)
            return line
        combo = QComboBox(parent)
        combo.setAccessibleName(column.title)
        for text, value in offered:
            combo.addItem(text, value)
        if column.field.type is FieldType.TEXT:
            combo.setEditable(True)
            combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        combo.activated.connect(lambda: self._chosen(combo))
        return combo

    def _chosen(self, combo: QComboBox) -> None:
        self.commitData.emit(combo)
        self.closeEditor.emit(combo, QStyledItemDelegate.EndEditHint.NoHint)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Show the value, unless something has been chosen or typed already."""
        if not isinstance(editor, QComboBox):
            value = index.data(Qt.ItemDataRole.EditRole)
            if isinstance(editor, QLineEdit) and not editor.isModified():
                editor.setText("" if value is None else str(value))
            return
        if editor.property("filled"):
            return
        editor.setProperty("filled", True)
        value = index.data(Qt.ItemDataRole.EditRole)
        editor.setCurrentIndex(editor.findData(value))
        if editor.isEditable():
            editor.setEditText(spoken(value) if editor.currentIndex() >= 0 else str(value or ""))
            line = editor.lineEdit()
            if line is not None:
                line.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Hand over the word behind what is shown, the id, or the text."""
        if not isinstance(editor, QComboBox):
            super().setModelData(editor, model, index)
            return
        place = editor.currentIndex()
        if editor.isEditable():
            place = editor.findText(editor.currentText(), Qt.MatchFlag.MatchFixedString)
        if place >= 0:
            model.setData(index, editor.itemData(place))
        elif editor.isEditable():
            model.setData(index, editor.currentText())
