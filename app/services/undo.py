"""Undo per user: steps of inverse patches, restored only where the last word is still one's own."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from app.domain.changes import ChangeSet
from app.domain.merge import data_without, groups_in, groups_of
from app.domain.patch import Patch, RecordOperation
from app.domain.records import record_type
from app.domain.stage import stage
from app.domain.state import EVERY_GROUP, ModelState
from app.ports import Foreign, UndoEntry

LIMIT = 200
MOST_REMEMBERED = 5_000


class Step(msgspec.Struct):
    """A run of operations that is undone together, with the title that menus show."""

    key: str
    title: str
    entries: list[UndoEntry]

    @property
    def patch(self) -> Patch:
        """What takes the whole step back, the last operation first."""
        return tuple(op for entry in reversed(self.entries) for op in entry.inverse)


# Of merge groups of records, by record and group: whether the value there is somebody else's.
Values = dict[tuple[str, str], bool]


# The authors of operations, as far as the log on the disk knows them.
Authors = Callable[[Iterable[str]], Mapping[str, str]]


class Owners:
    """Whose values operations have left: an undo brings back values that may be somebody else's.

    Alone, what nothing is known of is one's own; `in_company`, it is somebody else's.
    """

    def __init__(
        self, mine: Iterable[str] = (), *, in_company: bool = False, authors: Authors = lambda _ids: {},
        user_id: str = "", foreign: Mapping[str, Foreign] | None = None,
    ) -> None:  # fmt: skip
        """`mine` are operations of this document's user, `foreign` what is known of others' values in them.

        `user_id` is what a server calls this user as an author; before, and elsewhere, it was other names:
        those under which `mine` stand in the log.
        """
        self._mine = set(mine)
        self._named_by = tuple(self._mine)
        self._others: set[str] = set()
        self._asked: set[str] = set()
        self._in_company = in_company
        self._authors = authors
        self._names: set[str] | None = None
        self._user_id = user_id
        known = (foreign or {}).items()
        self._replaced: dict[str, Values] = {i: _values(one.replaced) for i, one in known if one.replaced}
        self._left: dict[str, Values] = {i: _values(one.left) for i, one in known if one.left}

    def known_of(self, operation_id: str) -> Foreign | None:
        """What is to be remembered of an operation, for `foreign` at another start."""
        replaced, left = (_rows(one.get(operation_id, {})) for one in (self._replaced, self._left))
        return Foreign(replaced=replaced, left=left) if replaced or left else None

    def learn(self, operation_ids: Iterable[str]) -> None:
        """Look up in the log whose operations these are, where nothing is known of them."""
        unknown = set(operation_ids) - self._mine - self._others - self._asked - {""}
        if not unknown:
            return
        self._asked |= unknown
        found = self._authors(unknown)
        if not found:
            return
        if self._names is None:
            self._names = {*self._authors(self._named_by).values(), self._user_id} - {""}
        mine = {i for i, author in found.items() if author in self._names}
        self._mine |= mine
        self._others |= found.keys() - mine

    def met(self, operation_id: str) -> None:
        """An operation is somebody else's."""
        self._others.add(operation_id)

    def into_company(self, state: ModelState) -> None:
        """From now on others take part; what stands in a model by now is one's own."""
        writers = {one for i in state.records for one in state.writers_of(i).values()}
        self._mine |= writers - self._others
        self._in_company = True

    def is_mine(self, operation_id: str) -> bool:
        """Whether an operation is known to be one's own."""
        return operation_id in self._mine

    def wrote(self, state: ModelState, changes: ChangeSet, operation_id: str) -> None:
        """An own operation is about to be committed: remember where it replaces values of others."""
        self._mine.add(operation_id)
        if not (self._in_company or self._others):
            return
        self.learn(writer for one in changes.changes for writer in state.writers_of(one.id).values())
        found: Values = {}
        for one in changes.changes:
            if one.before is not None:
                values = self._standing(state, one.id) if one.after is None else {
                    (one.id, group): self.is_foreign(state.last_writer(one.id, group), one.id, group)
                    for group in one.groups
                }  # fmt: skip
                found |= values if any(values.values()) else {}
        _keep(self._replaced, operation_id, found)

    def _standing(self, state: ModelState, record_id: str) -> Values:
        """Whose values stand in a whole record, "*" being every group that is not named."""
        writers = state.writers_of(record_id)
        came_by = self._left.get(writers.get(EVERY_GROUP, ""), {})
        found = {key: foreign for key, foreign in came_by.items() if key[0] == record_id}
        for group, writer in writers.items():
            if group != EVERY_GROUP or not found:
                found[record_id, group] = self.is_foreign(writer, record_id, group)
        return found

    def brought_back(self, operation_id: str, undone: Sequence[UndoEntry]) -> None:
        """An operation took these back: what it left is what they had replaced."""
        if not any(one.operation_id in self._replaced for one in undone):
            return
        left: Values = {}
        for one in reversed(undone):  # the oldest has the last word
            left |= {(op.id, group): False for op in one.inverse for group in _named(op)}
            left |= self._replaced.get(one.operation_id, {})
        _keep(self._left, operation_id, left)

    def is_foreign(self, operation_id: str, record_id: str, group: str) -> bool:
        """Whether what an operation left in a merge group is somebody else's; "*" for any of the record."""
        left = self._left.get(operation_id)
        if left is not None and group == EVERY_GROUP:
            return any(foreign for key, foreign in left.items() if key[0] == record_id)
        if left is not None:
            return left.get((record_id, group), left.get((record_id, EVERY_GROUP), False))
        self.learn((operation_id,))
        if operation_id in self._mine:
            return False
        return operation_id in self._others or self._in_company


def _values(rows: Iterable[tuple[str, str, bool]]) -> Values:
    return {(record_id, group): foreign for record_id, group, foreign in rows}


def _rows(values: Values) -> tuple[tuple[str, str, bool], ...]:
    return tuple((record_id, group, foreign) for (record_id, group), foreign in values.items())


def _keep(memory: dict[str, Values], operation_id: str, values: Values) -> None:
    if any(values.values()):
        memory[operation_id] = values
    while len(memory) > MOST_REMEMBERED:
        del memory[next(iter(memory))]


def _named(operation: RecordOperation) -> set[str]:
    if operation.operation != "update":
        return set()
    return set(groups_in(operation.data, record_type(operation.kind)))


class UndoStack:
    """The steps to undo and to redo of one user in one document, the next one last."""

    def __init__(self, entries: Iterable[UndoEntry] = ()) -> None:
        self.undo: list[Step] = []
        self.redo: list[Step] = []
        for entry in entries:
            self._push(self.redo if entry.undone else self.undo, entry, coalesce=True)

    def record(self, entry: UndoEntry, *, coalesce: bool) -> tuple[str, ...]:
        """Take in a new local operation; returns the keys of the steps that fell away for it."""
        dropped = [step.key for step in self.redo]
        self.redo.clear()
        self._push(self.undo, entry, coalesce=coalesce)
        while len(self.undo) > LIMIT:
            dropped.append(self.undo.pop(0).key)
        return tuple(dropped)

    def moved(self, entry: UndoEntry) -> None:
        """Take in the entry that an undo or a redo has made for the other side."""
        self._push(self.redo if entry.undone else self.undo, entry, coalesce=False)

    def open_step(self) -> Step | None:
        """The step that a further operation with the same coalescing key would join."""
        return self.undo[-1] if self.undo else None

    @staticmethod
    def _push(side: list[Step], entry: UndoEntry, *, coalesce: bool) -> None:
        if coalesce and side and side[-1].key == entry.step:
            side[-1].entries.append(entry)
        else:
            side.append(Step(entry.step, entry.title, [entry]))


# Whether what an operation left in a merge group of a record is somebody else's.
IsForeign = Callable[[str, str, str], bool]


def still_mine(state: ModelState, patch: Patch, is_foreign: IsForeign) -> tuple[Patch, int]:
    """The part of an inverse patch that overwrites nobody else, and how much was left out."""
    kept: list[RecordOperation] = []
    skipped = 0
    for operation in patch:
        record = state.get(operation.id)
        if operation.operation == "update" and record is not None:
            foreign = {
                group for group in groups_of(operation.data, record)
                if is_foreign(state.last_writer(operation.id, group), operation.id, group)
            }  # fmt: skip
            data = data_without(operation.data, foreign) if foreign else operation.data
            skipped += len(foreign)
            if data:
                kept.append(RecordOperation(operation.kind, operation.id, "update", data))
        elif operation.operation == "remove" and record is not None:
            if _takes_along(state, operation, is_foreign):
                skipped += 1
            else:
                kept.append(operation)
        elif operation.operation == "add" and record is not None:
            skipped += 1  # somebody has brought it back already
        else:
            kept.append(operation)
    return tuple(kept), skipped


def _takes_along(state: ModelState, operation: RecordOperation, is_foreign: IsForeign) -> bool:
    """Whether a removal would take away or change something that somebody else has written."""
    for change in stage(state, (operation,)).changes:
        writers = state.writers_of(change.id)
        if change.after is not None:
            writers = {group: state.last_writer(change.id, group) for group in change.groups}
        if any(is_foreign(writer, change.id, group) for group, writer in writers.items()):
            return True
    return False
