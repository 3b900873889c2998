"""The rows of a register that match a text, in the order of a column."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel

from ui.panels.tables.model import RegisterModel

Index = QModelIndex | QPersistentModelIndex


class RegisterProxy(QSortFilterProxyModel):
    """Sorts by the model's keys and keeps rows that hold every word of the filter."""

    def __init__(self, model: RegisterModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._words: list[str] = []
        self.setDynamicSortFilter(True)
        self.setSourceModel(model)

    def set_text(self, text: str) -> None:
        """Keep rows that hold every word of the text, in whatever column."""
        words = text.casefold().split()
        if words != self._words:
            self.beginFilterChange()
            self._words = words
            self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether a row holds every word."""
        if not self._words:
            return True
        text = self._model.haystack(row)
        return all(word in text for word in self._words)

    def lessThan(self, left: Index, right: Index) -> bool:
        """The order of two rows; equal ones stay as they came."""
        first = self._model.key(left.row(), left.column())
        second = self._model.key(right.row(), right.column())
        return first < second if first != second else left.row() < right.row()
