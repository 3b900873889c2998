"""A threat model in memory: immutable records by id, with the indices that closure and canvas need."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from app.domain.changes import ChangeSet
from app.domain.records import KIND_OF, Cell, Diagram, Record, ThreatModel
from app.domain.references import references

R = TypeVar("R", bound=Record)
EVERY_GROUP = "*"


class ModelState:
    """Records, tombstones and last writers of one model. Changed only by `commit`."""

    def __init__(self, model_id: str) -> None:
        self.model_id = model_id
        self._records: dict[str, Record] = {}
        self._by_kind: dict[str, dict[str, None]] = {}
        self._cells_of: dict[str, dict[str, None]] = {}
        self._stacks: dict[str, list[str]] = {}  # ids in order, until a cell comes, goes or moves in it
        self._pointing_at: dict[str, dict[str, None]] = {}
        self._tombstones: dict[str, str] = {}
        self._writers: dict[str, dict[str, str]] = {}

    @classmethod
    def of(
        cls,
        model_id: str,
        records: Iterable[Record],
        tombstones: Mapping[str, str] | None = None,
        writers: Mapping[str, Mapping[str, str]] | None = None,
    ) -> "ModelState":
        """A state from stored parts: records, tombstones (id to kind), writers (id to group to operation)."""
        state = cls(model_id)
        for record in records:
            state._insert(record)
        state._tombstones.update(tombstones or {})
        for record_id, groups in (writers or {}).items():
            state._writers[record_id] = dict(groups)
        return state

    def copy(self) -> "ModelState":
        """An independent state with the same content; cheap, since records are immutable."""
        twin = ModelState(self.model_id)
        twin._records = dict(self._records)
        twin._tombstones = dict(self._tombstones)
        for name in ("_by_kind", "_cells_of", "_pointing_at", "_writers"):
            setattr(twin, name, {k: dict(inner) for k, inner in getattr(self, name).items()})
        return twin

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._records

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModelState) and self._records == other._records

    __hash__ = None  # type: ignore[assignment]

    def get(self, record_id: str | None) -> Record | None:
        """The record of this id, or None."""
        return self._records.get(record_id) if record_id is not None else None

    def find(self, record_type: type[R], record_id: str | None) -> R | None:
        """The record of this id if it is of this class, or None."""
        record = self.get(record_id)
        return record if isinstance(record, record_type) else None

    def cell(self, cell_id: str | None) -> Cell | None:
        """The cell of this id, or None."""
        return self.find(Cell, cell_id)

    @property
    def model(self) -> ThreatModel | None:
        """The record of the model itself, once it has been added."""
        return self.find(ThreatModel, self.model_id)

    @property
    def records(self) -> Mapping[str, Record]:
        """All records by id, in order of insertion. Do not change."""
        return self._records

    @property
    def tombstones(self) -> Mapping[str, str]:
        """The ids of removed records and their kinds. Do not change."""
        return self._tombstones

    def all(self, record_type: type[R]) -> list[R]:
        """All records of one class, in order of insertion."""
        ids = self._by_kind.get(KIND_OF[record_type], ())
        return [r for r in (self._records[i] for i in ids) if isinstance(r, record_type)]

    def of_kind(self, kind: str) -> Iterator[Record]:
        """All records of one kind, in order of insertion."""
        return (self._records[i] for i in self._by_kind.get(kind, ()))

    def diagrams(self) -> list[Diagram]:
        """The diagrams in their order."""
        return sorted(self.all(Diagram), key=lambda d: (d.order, d.id))

    def cells(self, diagram_id: str) -> list[Cell]:
        """The cells of a diagram from back to front."""
        stack = self._stacks.get(diagram_id)
        if stack is None:
            found = [c for c in map(self.cell, self._cells_of.get(diagram_id, ())) if c is not None]
            found.sort(key=lambda c: (c.order, c.id))
            self._stacks[diagram_id] = [c.id for c in found]
            return found
        records = self._records
        return [c for i in stack if isinstance(c := records[i], Cell)]

    def pointing_at(self, record_id: str) -> list[Record]:
        """The records that refer to this id (flows of a node, children of a boundary, threats of a cell)."""
        return [self._records[i] for i in self._pointing_at.get(record_id, ())]

    def flows_at(self, cell_id: str) -> list[Cell]:
        """The lines that start or end at a cell."""
        return [
            c for c in self.pointing_at(cell_id)
            if isinstance(c, Cell) and c.is_line
        ]  # fmt: skip

    def children(self, cell_id: str) -> list[Cell]:
        """The cells directly inside a boundary."""
        return [c for c in self.pointing_at(cell_id) if isinstance(c, Cell) and c.parent == cell_id]

    def descendants(self, cell_id: str) -> list[Cell]:
        """The cells inside a boundary at any depth."""
        found: dict[str, Cell] = {}
        todo = [cell_id]
        while todo:
            for child in self.children(todo.pop()):
                if child.id not in found:
                    found[child.id] = child
                    todo.append(child.id)
        return list(found.values())

    def last_writer(self, record_id: str, group: str) -> str:
        """The id of the operation that last wrote a merge group of a record; "" when unknown."""
        groups = self._writers.get(record_id, {})
        return groups.get(group, groups.get(EVERY_GROUP, ""))

    def writers_of(self, record_id: str) -> dict[str, str]:
        """Merge group to operation id of a record; "*" stands for all groups not named."""
        return dict(self._writers.get(record_id, {}))

    def commit(self, changes: ChangeSet, writer: str = "") -> None:
        """Take in what `stage` worked out; `writer` is the id of the operation."""
        for change in changes.changes:
            if change.after is None:
                self._remove(change.record)
            elif change.before is None:
                self._insert(change.after)
                self._tombstones.pop(change.id, None)
                self._writers[change.id] = {EVERY_GROUP: writer}
            else:
                self._unpoint(change.before)
                self._records[change.id] = change.after
                self._point(change.after)
                if isinstance(change.after, Cell) and "order" in change.groups:
                    self._stacks.pop(change.after.diagram_id, None)
                groups = self._writers.setdefault(change.id, {})
                for group in change.groups:
                    groups[group] = writer

    def assume(self, other: "ModelState", record_ids: Iterable[str]) -> None:
        """Make these records, their tombstones and last writers what they are in another state."""
        wanted = list(record_ids)
        for record_id in wanted:
            record = self._records.get(record_id)
            if record is not None:
                self._remove(record)
            self._tombstones.pop(record_id, None)
            self._writers.pop(record_id, None)
        for record_id in wanted:
            record = other._records.get(record_id)
            if record is not None:
                self._insert(record)
            if record_id in other._tombstones:
                self._tombstones[record_id] = other._tombstones[record_id]
            if record_id in other._writers:
                self._writers[record_id] = dict(other._writers[record_id])

    def _insert(self, record: Record) -> None:
        self._records[record.id] = record
        self._by_kind.setdefault(record.kind, {})[record.id] = None
        if isinstance(record, Cell):
            self._cells_of.setdefault(record.diagram_id, {})[record.id] = None
            self._stacks.pop(record.diagram_id, None)
        self._point(record)

    def _remove(self, record: Record) -> None:
        self._unpoint(record)
        del self._records[record.id]
        _forget(self._by_kind, record.kind, record.id)
        if isinstance(record, Cell):
            _forget(self._cells_of, record.diagram_id, record.id)
            self._stacks.pop(record.diagram_id, None)
        self._writers.pop(record.id, None)
        self._tombstones[record.id] = record.kind

    def _point(self, record: Record) -> None:
        for _, _, target in references(record):
            self._pointing_at.setdefault(target, {})[record.id] = None

    def _unpoint(self, record: Record) -> None:
        for _, _, target in references(record):
            _forget(self._pointing_at, target, record.id)


def _forget(index: dict[str, dict[str, None]], key: str, record_id: str) -> None:
    """Take an id out of an index, and the key with its last id."""
    ids = index.get(key, {})
    ids.pop(record_id, None)
    if not ids:
        index.pop(key, None)
