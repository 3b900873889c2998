"""Own operations on top of the server's state: of them, only what may come to something else is laid anew.

What an operation comes to depends on the records that it names and touches, on what points at them, and,
where it puts one thing into another, on what is in what.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from app.domain.changes import Change, ChangeSet
from app.domain.errors import InvalidData
from app.domain.patch import Operation
from app.domain.records import Cell, Comment, Record
from app.domain.references import references
from app.domain.stage import stage
from app.domain.state import ModelState
from sync.replica.window import named

# Stands for all that is inside of something: any change there may close a circle elsewhere.
INSIDE: Final = "inside"
_LINKS_UP: Final = frozenset({"parent", "reply_to"})


class _Laid:
    """An operation as it lies on the view: the records that it touched there, and all that it depends on."""

    def __init__(self, operation: Operation, changes: ChangeSet) -> None:
        self.operation = operation
        self.touched = frozenset(change.id for change in changes.changes)
        self.needs = named(operation) | self.touched
        if any(not _LINKS_UP.isdisjoint(one.data) for one in operation.patch):
            self.needs.add(INSIDE)


class Overlay:
    """Keeps a view what base and pending operations come to."""

    def __init__(self) -> None:
        self._laid: dict[str, _Laid] = {}

    def put(self, operation: Operation, changes: ChangeSet) -> None:
        """Note an operation that is on the view, with what it did there."""
        self._laid[operation.operation_id] = _Laid(operation, changes)

    def settle(self, operation_ids: Iterable[str]) -> None:
        """The base holds these now, just as the view does."""
        for operation_id in operation_ids:
            self._laid.pop(operation_id, None)

    def touched(self, operation_id: str) -> frozenset[str] | None:
        """The records that an operation changed on the view; None when it could not stand there."""
        laid = self._laid.get(operation_id)
        return laid.touched if laid is not None else None

    def lay(
        self, view: ModelState, base: ModelState, pending: Sequence[Operation], changed: Iterable[str]
    ) -> ChangeSet:
        """Make the view what base and `pending` come to, where the base or what waits has `changed`.

        Returns what that did to the view.
        """
        waiting = {one.operation_id: one for one in pending}
        ids = set(changed)
        for operation_id, laid in list(self._laid.items()):
            if waiting.get(operation_id) is not laid.operation:
                ids |= laid.touched
                del self._laid[operation_id]
        before: dict[str, Record | None] = {}
        while True:
            again = self._affected(view, base, pending, ids)
            before |= {i: view.get(i) for i in ids if i not in before}
            view.assume(base, ids)
            further = self._lay_on(view, again, before) - ids
            if not further or not self._rest_needs(further, again):
                break
            ids |= further
        return ChangeSet(tuple(
            Change(old, new) for i, old in before.items() if old != (new := view.get(i))
        ))  # fmt: skip

    def _affected(
        self, view: ModelState, base: ModelState, pending: Sequence[Operation], ids: set[str]
    ) -> list[Operation]:
        """The operations that have to be laid anew; adds to `ids` what they had touched."""
        moved = set(ids)
        for record_id in ids:
            moved |= _around(view.get(record_id)) | _around(base.get(record_id))
        found: set[str] = set()
        more = True
        while more:
            more = False
            for one in pending:
                laid = self._laid.get(one.operation_id)
                if one.operation_id in found or (laid is not None and laid.needs.isdisjoint(moved)):
                    continue
                found.add(one.operation_id)
                more = True
                fresh = laid if laid is not None else _Laid(one, ChangeSet())
                moved |= fresh.needs
                for record_id in fresh.touched - ids:
                    moved |= _around(view.get(record_id)) | _around(base.get(record_id))
                ids |= fresh.touched
        return [one for one in pending if one.operation_id in found]

    def _lay_on(
        self, view: ModelState, operations: Iterable[Operation], before: dict[str, Record | None]
    ) -> set[str]:
        touched: set[str] = set()
        for operation in operations:
            try:
                changes = stage(view, operation.patch)
            except InvalidData:
                changes = ChangeSet()  # the server will say so too
            for change in changes.changes:
                before.setdefault(change.id, change.before)
            view.commit(changes, operation.operation_id)
            self.put(operation, changes)
            touched |= self._laid[operation.operation_id].touched
        return touched

    def _rest_needs(self, ids: set[str], again: Iterable[Operation]) -> bool:
        """Whether another operation than those that were laid again depends on these records."""
        done = {one.operation_id for one in again}
        return any(
            not laid.needs.isdisjoint(ids)
            for operation_id, laid in self._laid.items()
            if operation_id not in done
        )


def _around(record: Record | None) -> set[str]:
    """What a record points at, and whether it is inside of something."""
    if record is None:
        return set()
    found = {target for _, _, target in references(record)}
    up = record.parent if isinstance(record, Cell) else None
    up = record.reply_to if isinstance(record, Comment) else up
    return found | {INSIDE} if up is not None else found
