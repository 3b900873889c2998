"""The models of a server as a Qt list that fetches its next page when it is scrolled to the end."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractListModel, QObject, Qt, Signal

from app.ports_network import RemoteModel, RemoteModels
from app.services.workspace import ModelSummary
from ui.home.card import Card, remote_card
from ui.home.models import NOWHERE, Index, said_by
from ui.home.sync_state import SyncState

REMOTE_ROLE = Qt.ItemDataRole.UserRole


class RemoteList(QAbstractListModel):
    """Emits `wanted` with the number of a page that it lacks."""

    wanted = Signal(int)

    def __init__(self, state_of: Callable[[ModelSummary], SyncState | None], parent: QObject) -> None:
        super().__init__(parent)
        self._state_of = state_of
        self._all: list[RemoteModel] = []
        self._here: dict[str, ModelSummary] = {}
        self._page = self._pages = 0
        self._asked = 0
        self.total = 0

    def show_page(self, found: RemoteModels) -> None:
        """A page came: the first takes the place of what was there, the others follow."""
        self._asked = 0
        self._page, self._pages, self.total = found.page, found.pages, found.total
        if found.page <= 1:
            self.beginResetModel()
            self._all = list(found.models)
            self.endResetModel()
            return
        known = {one.id for one in self._all}  # one that was edited meanwhile has moved to another page
        news = [one for one in found.models if one.id not in known]
        if news:
            first = len(self._all)
            self.beginInsertRows(NOWHERE, first, first + len(news) - 1)
            self._all += news
            self.endInsertRows()

    def show_only(self, models: Sequence[RemoteModel]) -> None:
        """Nothing more is to be had than these."""
        found = tuple(models)
        self.show_page(RemoteModels(models=found, page=1, pages=1, total=len(found)))

    def set_here(self, summaries: Sequence[ModelSummary]) -> None:
        """Which models are on this computer, too."""
        self._here = {one.id: one for one in summaries}
        self.retell()

    def retell(self) -> None:
        """How models stand with the server is different."""
        if self._all:
            self.dataChanged.emit(self.index(0), self.index(len(self._all) - 1))

    def here(self, model_id: str) -> ModelSummary | None:
        """A model as it is on this computer."""
        return self._here.get(model_id)

    def asked_again(self) -> None:
        """The page that was asked for will not come."""
        self._asked = 0

    def canFetchMore(self, parent: Index = NOWHERE) -> bool:
        """Whether there are more, and none are on the way."""
        return not parent.isValid() and 0 < self._page < self._pages and not self._asked

    def fetchMore(self, parent: Index = NOWHERE) -> None:
        """Ask for the next page."""
        if self.canFetchMore(parent):
            self._asked = self._page + 1
            self.wanted.emit(self._asked)

    def remote(self, index: Index) -> RemoteModel | None:
        """The model at an index."""
        return self._all[index.row()] if index.isValid() else None

    def row_of(self, model_id: str) -> int:
        """The row of a model, -1 when it is not shown."""
        return next((row for row, one in enumerate(self._all) if one.id == model_id), -1)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many have come."""
        return 0 if parent.isValid() else len(self._all)

    def card(self, remote: RemoteModel) -> Card:
        """What is shown of a model."""
        here = self._here.get(remote.id)
        return remote_card(remote, here, self._state_of(here) if here is not None else None)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Name, tool tip, words for screen readers, the card, or the model itself."""
        remote = self.remote(index)
        if remote is None:
            return None
        return remote if role == REMOTE_ROLE else said_by(self.card(remote), role)
