"""Undo per user: steps of inverse patches, restored only where the last word is still one's own."""

from collections.abc import Callable, Iterable

import msgspec

from app.domain.changes import ChangeSet
from app.domain.merge import data_without, groups_of
from app.domain.patch import Patch, RecordOperation
from app.domain.stage import stage
from app.domain.state import ModelState
from app.ports import UndoEntry

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


class Owners:
    """Whose values operations have left: an undo brings back values that may be somebody else's.

    `mine` are the operations of this document's user. What is not known counts as foreign.
    """

    def __init__(self, mine: Iterable[str] = ()) -> None:
        self._mine = set(mine)
        self._before: dict[str, dict[tuple[str, str], str]] = {}
        self._left: dict[str, dict[tuple[str, str], str]] = {}

    def is_mine(self, operation_id: str) -> bool:
        """Whether an operation is known to be one's own."""
        return operation_id in self._mine

    def wrote(self, state: ModelState, changes: ChangeSet, operation_id: str) -> None:
        """An own operation is about to be committed: remember whose values it replaces."""
        self._mine.add(operation_id)
        self._before[operation_id] = {
            (one.id, group): self._owner(state.last_writer(one.id, group), one.id, group)
            for one in changes.changes for group in one.groups
        }  # fmt: skip
        while len(self._before) > MOST_REMEMBERED:
            del self._before[next(iter(self._before))]

    def brought_back(self, operation_id: str, undone: Iterable[str]) -> None:
        """An operation took these back: what it left is what they had replaced."""
        left: dict[tuple[str, str], str] = {}
        for one in reversed(list(undone)):  # the oldest has the last word
            for key in self._before.get(operation_id, {}):
                left[key] = self._before.get(one, {}).get(key, left.get(key, ""))
        self._left[operation_id] = left

    def is_foreign(self, operation_id: str, record_id: str, group: str) -> bool:
        """Whether what an operation left in a merge group is somebody else's."""
        return self._owner(operation_id, record_id, group) not in self._mine

    def _owner(self, operation_id: str, record_id: str, group: str) -> str:
        seen: set[str] = set()
        while (record_id, group) in self._left.get(operation_id, {}) and operation_id not in seen:
            seen.add(operation_id)
            operation_id = self._left[operation_id][record_id, group]
        return operation_id


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
