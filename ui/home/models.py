"""The models of the library as a Qt list, filtered by what is typed."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.services.workspace import ModelSummary
from ui.home.card import Card, local_card
from ui.home.sync_state import SyncState

Index = QModelIndex | QPersistentModelIndex
SUMMARY_ROLE = Qt.ItemDataRole.UserRole
CARD_ROLE = Qt.ItemDataRole.UserRole + 1
NOWHERE = QModelIndex()


class LibraryModel(QAbstractListModel):
    """Summaries in the order given; `set_filter` keeps those whose words begin or contain the text."""

    def __init__(
        self, parent: QObject | None = None,
        state_of: Callable[[ModelSummary], SyncState | None] = lambda _summary: None,
    ) -> None:  # fmt: skip
        """`state_of` tells how a model stands with its server."""
        super().__init__(parent)
        self._state_of = state_of
        self._all: tuple[ModelSummary, ...] = ()
        self._shown: tuple[ModelSummary, ...] = ()
        self._filter = ""

    def set_summaries(self, summaries: Sequence[ModelSummary]) -> None:
        """Show other models."""
        self._all = tuple(summaries)
        self._refilter()

    def set_filter(self, text: str) -> None:
        """Show only models that have every word of the text in their name, description or framework."""
        self._filter = text
        self._refilter()

    def _refilter(self) -> None:
        words = self._filter.lower().split()
        shown = tuple(s for s in self._all if all(w in _haystack(s) for w in words))
        if shown != self._shown:
            self.beginResetModel()
            self._shown = shown
            self.endResetModel()

    @property
    def total(self) -> int:
        """How many models there are, filter or not."""
        return len(self._all)

    def summary(self, index: Index) -> ModelSummary | None:
        """The summary at an index."""
        return self._shown[index.row()] if index.isValid() else None

    def row_of(self, model_id: str) -> int:
        """The row of a model, -1 when it is not shown."""
        return next((row for row, s in enumerate(self._shown) if s.id == model_id), -1)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many models are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Name, tool tip, words for screen readers, or the summary itself."""
        summary = self.summary(index)
        if summary is None:
            return None
        if role == SUMMARY_ROLE:
            return summary
        if role == Qt.ItemDataRole.DisplayRole:
            return summary.name
        return said_by(self.card(summary), role)

    def card(self, summary: ModelSummary) -> Card:
        """What is shown of a model."""
        return local_card(summary, self._state_of(summary))

    def retell(self) -> None:
        """How models stand with their servers is different."""
        if self._shown:
            self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1))


def _haystack(summary: ModelSummary) -> str:
    return f"{summary.name} {summary.description} {summary.framework}".lower()


def said_by(card: Card, role: int) -> object:
    """What a card answers to a view."""
    if role == CARD_ROLE:
        return card
    if role == Qt.ItemDataRole.DisplayRole:
        return card.name
    if role == Qt.ItemDataRole.ToolTipRole:
        return card.tip
    if role == Qt.ItemDataRole.AccessibleTextRole:
        return card.spoken
    return None
