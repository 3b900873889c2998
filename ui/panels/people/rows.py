"""The people of a session as rows of a list."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.domain.presence import Person
from ui.panels.people import words
from ui.panels.people.situation import Situation

ROW_ROLE: Final = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Row:
    """What a row shows."""

    person: Person
    title: str
    facts: tuple[str, ...]
    presents: bool = False
    asks: bool = False

    @property
    def spoken(self) -> str:
        """All of it in one line."""
        return ", ".join((self.title, *self.facts))


def rows_of(now: Situation) -> list[Row]:
    """Oneself first, then who presents, hosts or asks to, then the others by name; who is away last."""
    company = now.company
    asking = {one: place for place, one in enumerate(company.asking)}

    def rank(person: Person) -> tuple[bool, bool, bool, bool, int, str, str]:
        own = person.participant_id
        return (
            not person.is_me, person.away, own != company.presenter, own != company.host,
            asking.get(own, len(asking)), person.name.casefold(), own,
        )  # fmt: skip

    return [
        Row(
            person, words.title(now, person), tuple(words.facts(now, person)),
            person.participant_id == company.presenter, person.participant_id in asking,
        )
        for person in sorted(company.people, key=rank)
    ]  # fmt: skip


class PeopleModel(QAbstractListModel):
    """Rows of people; where the same ones stay, only what has changed of them is told."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []

    def show(self, rows: list[Row]) -> None:
        """Show these. The selection stays with its person, whatever row that is in."""
        old, same = self.rows, [row.person.participant_id for row in rows]
        if [row.person.participant_id for row in old] == same:
            self.rows = rows
            for number, (before, after) in enumerate(zip(old, rows, strict=True)):
                if before != after:
                    self.dataChanged.emit(self.index(number), self.index(number))
            return
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        moved = [_place(rows, old[index.row()].person) for index in kept]
        self.rows = rows
        self.changePersistentIndexList(kept, [self.index(to) if to >= 0 else QModelIndex() for to in moved])
        self.layoutChanged.emit()

    def person_at(self, index: Index) -> Person | None:
        """Whose row that is."""
        return self.rows[index.row()].person if index.isValid() else None

    def rowCount(self, parent: Index | None = None) -> int:
        """One for each."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The words; `ROW_ROLE` gives the row."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row.title}\n{', '.join(row.facts)}"
        return None


def _place(rows: list[Row], person: Person) -> int:
    """The row of somebody, who has another id after connecting again; -1 for nobody."""
    found = [n for n, row in enumerate(rows) if row.person.participant_id == person.participant_id]
    again = [n for n, row in enumerate(rows) if row.person.user_id == person.user_id]
    return (found or again or [-1])[0]
