"""A client's copy of one model: the server's state, and on top of it what is still on its way there.

Pure: no I/O, no clock. `base` is exactly the server's state at its last event; `view`, what one sees, is
base with the pending operations on top, in order, and stays one object for as long as the replica lives.
Rules: sync/SPEC.md.
"""

from collections.abc import Collection, Iterable, Sequence

import msgspec

from app.domain.changes import ChangeSet, Dropped
from app.domain.errors import InvalidData, TmiError
from app.domain.patch import GENESIS, Event, Operation
from app.domain.stage import stage
from app.domain.state import ModelState
from app.ports_live import Applied, News
from sync.protocol.messages import Ack, Rejected
from sync.replica.overlay import Overlay
from sync.replica.window import Window


class Gap(TmiError):
    """Events are missing between what came and what is known: ask for a replay."""


class Diverged(TmiError):
    """What came does not continue what is known: the history has to be fetched anew."""


class Replica:
    """One model on a client. `epoch` and `sequence_number` say up to where the server's log is known."""

    def __init__(
        self, base: ModelState, sequence_number: int, head_hash: bytes = GENESIS, epoch: str = "",
        pending: Iterable[Operation] = (),
    ) -> None:  # fmt: skip
        self._base = base
        self._sequence = sequence_number
        self._head_hash = head_hash
        self.epoch = epoch
        self._pending: dict[str, Operation] = {one.operation_id: one for one in pending}
        self._overlay = Overlay()
        self.window = Window()
        self.view = base.copy()
        self._lay(())

    @property
    def base(self) -> ModelState:
        """The server's state at `sequence_number`. Do not change."""
        return self._base

    @property
    def sequence_number(self) -> int:
        """The last event of the server that is known."""
        return self._sequence

    @property
    def head_hash(self) -> bytes:
        """Its hash."""
        return self._head_hash

    @property
    def pending(self) -> tuple[Operation, ...]:
        """Own operations that the server has not ordered yet, in order."""
        return tuple(self._pending.values())

    def propose(self, operation: Operation, changes: ChangeSet) -> None:
        """Take in an own operation that was staged on the view and committed to it."""
        self._pending[operation.operation_id] = operation
        self._overlay.put(operation, changes)

    def to_send(self, saved: Collection[str]) -> list[Operation]:
        """The operations to send now: only those that are on disk, none before one it may depend on."""
        return self.window.choose(self._pending.values(), saved)

    # What the server says

    def receive(self, events: Sequence[Event]) -> News:
        """Follow the server's log, as far as it goes on from what is known; `trouble` says why no farther."""
        fresh: list[Applied] = []
        touched: set[str] = set()
        through: list[str] = []
        own, trouble = True, None
        for event in events:
            if event.sequence_number <= self._sequence:
                continue
            try:
                changes = self._follow(event)
            except (Gap, Diverged) as error:
                trouble = error
                break
            ids = _ids(changes)
            writers = {c.id: self._base.writers_of(c.id) for c in changes.changes if c.after is not None}
            fresh.append(Applied(event, changes, writers))
            touched |= ids
            operation_id = event.operation.operation_id
            # Only while nothing of others comes between is the view already what it is going to be.
            own = own and self._is_next(operation_id, ids)
            if self._pending.pop(operation_id, None) is not None:
                through.append(operation_id)
                self.window.settled(operation_id)
        if own:
            self._overlay.settle(through)
        news = ChangeSet() if own else self._lay(touched)
        return News(news, tuple(fresh), tuple(through), trouble=trouble)

    def _is_next(self, operation_id: str, touched: frozenset[str]) -> bool:
        first = next(iter(self._pending), "")
        return operation_id == first and self._overlay.touched(operation_id) == touched

    def _follow(self, event: Event) -> ChangeSet:
        if event.sequence_number != self._sequence + 1:
            raise Gap(f"event {event.sequence_number} came where {self._sequence + 1} was due")
        if self._sequence and event.previous_hash != self._head_hash:
            raise Diverged(f"event {event.sequence_number} does not follow the one that is known")
        try:
            changes = stage(self._base, event.operation.patch)
        except InvalidData as error:
            raise Diverged(f"event {event.sequence_number} cannot stand here: {error}") from None
        self._base.commit(changes, event.operation.operation_id)
        self._sequence, self._head_hash = event.sequence_number, event.hash
        return changes

    def acknowledged(self, ack: Ack) -> News:
        """An operation is on the server's disk. Its event brings the effect; without effect it is through."""
        dropped = tuple(Dropped(one.kind, one.id, one.property, one.reason) for one in ack.dropped)
        due = ack.had_effect and ack.sequence_number > self._sequence
        if due or ack.operation_id not in self._pending:
            return News(dropped=dropped)
        return msgspec.structs.replace(self._withdraw([ack.operation_id]), dropped=dropped)

    def rejected(self, refusal: Rejected) -> News:
        """An operation was refused: it is taken back, or with `retry` sent again."""
        if refusal.operation_id not in self._pending:
            return News()
        if refusal.retry:
            self.window.again(refusal.operation_id)
            return News()
        return self._withdraw([refusal.operation_id])

    def withdraw(self, operation_ids: Iterable[str]) -> News:
        """Take own operations back that shall not be sent after all."""
        return self._withdraw([i for i in operation_ids if i in self._pending])

    def _withdraw(self, operation_ids: list[str]) -> News:
        for operation_id in operation_ids:
            del self._pending[operation_id]
            self.window.settled(operation_id)
        return News(self._lay(()), through=tuple(operation_ids))

    def substitute(self, pending: Sequence[Operation]) -> ChangeSet:
        """Have other operations wait instead, under the ids of those that wait (some may be missing)."""
        self._pending = {one.operation_id: one for one in pending}
        return self._lay(())

    def begin_again(
        self, base: ModelState, sequence_number: int, head_hash: bytes, epoch: str,
        pending: Iterable[Operation],
    ) -> ChangeSet:  # fmt: skip
        """Go on with another history of the server; `pending` are the operations that wait for it now."""
        ids = self._base.records.keys() | self._base.tombstones.keys()
        ids |= base.records.keys() | base.tombstones.keys()
        self._base, self._sequence, self._head_hash, self.epoch = base, sequence_number, head_hash, epoch
        self._pending = {one.operation_id: _building_on(one, sequence_number) for one in pending}
        self.window.disconnected()
        return self._lay(ids)

    def _lay(self, changed: Iterable[str]) -> ChangeSet:
        """Make the view base with pending on top where either changed; returns what that did to it."""
        return self._overlay.lay(self.view, self._base, self.pending, changed)


def _ids(changes: ChangeSet) -> frozenset[str]:
    return frozenset(change.id for change in changes.changes)


def _building_on(operation: Operation, sequence_number: int) -> Operation:
    """The operation, building on nothing that the server does not have."""
    if operation.base_sequence <= sequence_number:
        return operation
    return msgspec.structs.replace(operation, base_sequence=sequence_number)
