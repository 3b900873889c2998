"""Undo per user: steps of inverse patches, restored only where the last word is still one's own."""

from collections.abc import Callable, Iterable

import msgspec

from app.domain.merge import data_without, groups_of
from app.domain.patch import Patch, RecordOperation
from app.domain.state import ModelState
from app.ports import UndoEntry

LIMIT = 200


class Step(msgspec.Struct):
    """A run of operations that is undone together, with the title that menus show."""

    key: str
    title: str
    entries: list[UndoEntry]

    @property
    def patch(self) -> Patch:
        """What takes the whole step back, the last operation first."""
        return tuple(op for entry in reversed(self.entries) for op in entry.inverse)


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


def still_mine(state: ModelState, patch: Patch, is_foreign: Callable[[str], bool]) -> tuple[Patch, int]:
    """The part of an inverse patch that overwrites nobody else, and how much was left out."""
    kept: list[RecordOperation] = []
    skipped = 0
    for operation in patch:
        record = state.get(operation.id)
        if record is None or operation.operation == "add":
            kept.append(operation)
            continue
        writers = state.writers_of(operation.id)
        if operation.operation == "remove":
            if any(is_foreign(writer) for writer in writers.values()):
                skipped += 1
            else:
                kept.append(operation)
            continue
        foreign = {
            group
            for group in groups_of(operation.data, record)
            if is_foreign(state.last_writer(operation.id, group))
        }
        data = data_without(operation.data, foreign) if foreign else operation.data
        skipped += len(foreign)
        if data:
            kept.append(RecordOperation(operation.kind, operation.id, "update", data))
    return tuple(kept), skipped
