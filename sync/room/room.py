"""The orderer of one model: judges operations, hands batches to be written, says what became of them.

Pure: no I/O, no clock, no threads. The driver calls `judge` for each operation, `take` for a batch to
write, and `committed` or `reload` when the store has answered. Rules: sync/SPEC.md.
"""

from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from app.domain.changes import ChangeSet
from app.domain.errors import InvalidData, TmiError
from app.domain.patch import Event, Operation, Patch
from app.domain.stage import stage
from app.domain.state import ModelState
from app.ports import LoadedRoom, Outcome, Staged
from sync.protocol.messages import Reason, Role, StateTooOld
from sync.room.judging import ack_of, fingerprint, refusal
from sync.room.outputs import Announce, Answer, Broadcast, Output, PlacedEvent
from sync.room.recent import FromLog, FromMemory, RecentEvents
from sync.room.roles import may


class RoomFault(TmiError):
    """The store did something that it must not; the room has to be loaded again."""


class RoomLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a room holds: operations waiting (and their bytes) and remembered, operations and
    records a transaction, events in memory for replay, and how far behind a replay still goes."""

    waiting: int = 5_000
    waiting_bytes: int = 128_000_000
    remembered: int = 20_000
    batch: int = 500
    batch_records: int = 5_000
    replay_events: int = 5_000
    replay_bytes: int = 8_000_000
    behind: int = 20_000


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """An operation and who asks. The author in it is the signed-in one, the time in it the server's.

    `muted` says that the host of the session does not take this sender's edits now.
    """

    operation: Operation
    sender: str
    role: Role | None
    muted: bool = False
    remote_address: str = ""


class Batch(msgspec.Struct, frozen=True):
    """Operations for one transaction: `RoomStore.append(model, base_sequence, staged)`."""

    base_sequence: int
    staged: tuple[Staged, ...]


class WorkedOut(msgspec.Struct, frozen=True):
    """What an operation comes to on one state of a room, and its fingerprint."""

    operation: Operation
    ahead: ModelState
    sequence_number: int
    digest: bytes
    size: int
    result: ChangeSet | InvalidData


class _Waiting(msgspec.Struct):
    """A staged operation, the outcome it will have, and everybody who waits for it."""

    staged: Staged
    outcome: Outcome
    size: int
    senders: list[str]


class Room:
    """One model on the server. `epoch` names the history: another one after a restored backup."""

    def __init__(self, loaded: LoadedRoom, epoch: str, limits: RoomLimits | None = None) -> None:
        self.model_id = loaded.state.model_id
        self.epoch = epoch
        self._limits = limits or RoomLimits()
        self.recent = RecentEvents(
            loaded.sequence_number, self._limits.replay_events, self._limits.replay_bytes
        )
        self._outcomes: OrderedDict[str, Outcome] = OrderedDict()
        # The last place of an operation whose outcome is not in memory any more.
        self._forgotten = 0
        self._begin(loaded)

    def _begin(self, loaded: LoadedRoom) -> None:
        self._state = loaded.state
        self._ahead = loaded.state.copy()  # the state with what is staged on top
        self._sequence = self._ahead_sequence = loaded.sequence_number
        self._head_hash = loaded.head_hash
        self._waiting: OrderedDict[str, _Waiting] = OrderedDict()
        self._waiting_bytes = 0
        self._in_flight = 0
        known = [outcome.sequence_number for outcome in loaded.outcomes]
        self._forgotten = max(self._forgotten, min(known, default=loaded.sequence_number))
        for outcome in loaded.outcomes:
            self._remember(outcome)

    @property
    def state(self) -> ModelState:
        """What is committed. Do not change."""
        return self._state

    @property
    def sequence_number(self) -> int:
        """The sequence of the last committed event."""
        return self._sequence

    @property
    def head_hash(self) -> bytes:
        """The hash of the last committed event."""
        return self._head_hash

    @property
    def waiting(self) -> int:
        """How many operations are staged and not committed."""
        return len(self._waiting)

    @property
    def in_flight_ids(self) -> tuple[str, ...]:
        """The operations that are being written."""
        return tuple(self._waiting)[: self._in_flight]

    def knows(self, operation_id: str) -> bool:
        """Whether the outcome of an operation is in memory."""
        return operation_id in self._waiting or operation_id in self._outcomes

    def must_ask(self, operation: Operation) -> bool:
        """Whether the store has to be asked for the outcome before `judge`.

        An operation's place is never before what it builds on: one that builds on events younger than
        any forgotten outcome cannot have been here unnoticed.
        """
        return operation.base_sequence <= self._forgotten and not self.knows(operation.operation_id)

    def work_out(self, request: Request) -> WorkedOut | None:
        """The long part of judging, for a thread: nothing is changed, and nothing may be judged meanwhile.

        What has been committed meanwhile does no harm, and a room that has begun again disregards it.
        None for somebody who may not have it judged anyway.
        """
        operation, ahead, sequence_number = request.operation, self._ahead, self._ahead_sequence
        if request.muted or not may(request.role, "diagram_operation"):
            return None
        return WorkedOut(
            operation, ahead, sequence_number, *fingerprint(operation), _result(ahead, operation.patch)
        )

    def judge(
        self, request: Request, remembered: Outcome | None = None, worked: WorkedOut | None = None
    ) -> tuple[Output, ...]:
        """Stage an operation, or answer at once when it was there before or may not stand.

        `remembered` is the store's outcome for an id that the room does not know; `worked` is what
        `work_out` made of the operation, which counts only if nothing was judged since.
        """
        operation = request.operation
        if worked is None or worked.operation is not operation:
            digest, size = fingerprint(operation)
        else:
            digest, size = worked.digest, worked.size
        known = self._known(operation.operation_id, remembered)
        if known is not None:
            return self._again(request, known, digest)
        problem = self._problem(request, size)
        if problem is not None:
            return (self._refuse(request, *problem),)
        if worked is not None and self._counts(worked, operation):
            result = worked.result
        else:
            result = _result(self._ahead, operation.patch)
        if isinstance(result, InvalidData):
            return (self._refuse(request, Reason.INVALID, str(result), result),)
        self._stage(request, result, digest, size)
        return ()

    def _counts(self, worked: WorkedOut, operation: Operation) -> bool:
        same = worked.operation is operation and worked.ahead is self._ahead
        return same and worked.sequence_number == self._ahead_sequence

    def resume(self, epoch: str, after: int) -> FromMemory | FromLog | StateTooOld:
        """What a client of `epoch` that has everything up to `after` is to get."""
        return self.recent.resume(epoch, self.epoch, after, max_behind=self._limits.behind)

    def _known(self, operation_id: str, remembered: Outcome | None) -> Outcome | None:
        waiting = self._waiting.get(operation_id)
        if waiting is not None:
            return waiting.outcome
        return self._outcomes.get(operation_id) or remembered

    def _again(self, request: Request, known: Outcome, digest: bytes) -> tuple[Output, ...]:
        waiting = self._waiting.get(known.operation_id)
        # Operations from before the model came to this server are remembered without a digest.
        if known.digest and known.digest != digest:
            if waiting is not None:  # which of them has the id is certain once the store has answered
                text = "another operation with this id is being written; send it again"
                return (self._refuse(request, Reason.BUSY, text),)
            text = "another operation has this id already"
            return (self._refuse(request, Reason.OPERATION_ID_REUSED, text),)
        if waiting is None:
            return (Answer(request.sender, ack_of(known)),)
        if request.sender not in waiting.senders:
            waiting.senders.append(request.sender)
        return ()

    def _problem(self, request: Request, size: int) -> tuple[Reason, str] | None:
        operation = request.operation
        if not may(request.role, "diagram_operation"):
            return Reason.FORBIDDEN, "you may read this model, not change it"
        if request.muted:
            return Reason.MUTED, "the host of the session takes no edits just now"
        if operation.model_id != self.model_id:
            return Reason.WRONG_MODEL, "the operation is meant for another model"
        if operation.base_sequence > self._ahead_sequence:
            return Reason.AHEAD_OF_SERVER, "the operation builds on events that this server does not have"
        bytes_over = self._waiting_bytes + size > self._limits.waiting_bytes
        if self._waiting and (bytes_over or len(self._waiting) >= self._limits.waiting):
            return Reason.BUSY, "too many operations wait to be written; send it again"
        return None

    def _refuse(
        self, request: Request, reason: Reason, message: str, error: InvalidData | None = None
    ) -> Answer:
        told = refusal(request.operation, reason, message, self._state, self._sequence, error)
        return Answer(request.sender, told)

    def _stage(self, request: Request, changes: ChangeSet, digest: bytes, size: int) -> None:
        operation = request.operation
        effective = msgspec.structs.replace(operation, patch=changes.effective)
        if changes:
            self._ahead.commit(changes, operation.operation_id)
            self._ahead_sequence += 1
        writers = {c.id: self._ahead.writers_of(c.id) for c in changes.changes if c.after is not None}
        outcome = Outcome(
            operation_id=operation.operation_id,
            sequence_number=self._ahead_sequence,
            had_effect=bool(changes),
            digest=digest,
            dropped=changes.dropped,
        )
        staged = Staged(
            operation=effective, changes=changes, writers=writers, digest=digest,
            remote_address=request.remote_address,
        )  # fmt: skip
        self._waiting[operation.operation_id] = _Waiting(staged, outcome, size, [request.sender])
        self._waiting_bytes += size

    def take(self) -> Batch | None:
        """The next batch to write, None when there is nothing or one is being written already."""
        if self._in_flight or not self._waiting:
            return None
        chosen: list[Staged] = []
        records = 0
        for waiting in self._waiting.values():
            records += len(waiting.staged.operation.patch)
            full = len(chosen) >= self._limits.batch or records > self._limits.batch_records
            if chosen and full:
                break
            chosen.append(waiting.staged)
        self._in_flight = len(chosen)
        return Batch(self._sequence, tuple(chosen))

    def committed(self, events: Sequence[Event]) -> tuple[Output, ...]:
        """The batch is on disk as these events: tell everybody, and acknowledge.

        RoomFault when they are not the events of the batch; nothing has been taken in then.
        """
        done = [self._waiting[i] for i in self.in_flight_ids]
        self._check(done, events)
        placed = []
        numbered = iter(events)
        for one in done:
            changes = one.staged.changes
            if changes:
                event = next(numbered)
                self._state.commit(changes, event.operation.operation_id)
                self._head_hash = event.hash
                placed.append(PlacedEvent(event, changes))
        self._sequence += len(placed)
        self._in_flight = 0
        self.recent.add(placed)
        outputs: list[Output] = [Broadcast(tuple(placed))] if placed else []
        for one in done:
            del self._waiting[one.outcome.operation_id]
            self._waiting_bytes -= one.size
            self._remember(one.outcome)
            outputs += [Answer(sender, ack_of(one.outcome)) for sender in one.senders]
        return tuple(outputs)

    def _check(self, done: list[_Waiting], events: Sequence[Event]) -> None:
        effective = [one for one in done if one.staged.changes]
        if len(effective) != len(events):
            raise RoomFault(f"{len(events)} events came back for {len(effective)} operations")
        previous = self._head_hash
        for one, event in zip(effective, events, strict=True):
            if event.sequence_number != one.outcome.sequence_number:
                raise RoomFault(
                    f"event {event.sequence_number} stands where {one.outcome.sequence_number} is due"
                )
            if event.operation.operation_id != one.outcome.operation_id or event.previous_hash != previous:
                raise RoomFault(f"event {event.sequence_number} does not follow the one before it")
            previous = event.hash

    def reload(
        self, loaded: LoadedRoom, events: Sequence[Event] = (), outcomes: Sequence[Outcome] = ()
    ) -> tuple[Output, ...]:
        """A batch has failed, or nobody knows: drop all that is staged and begin from the store again.

        `events` are those of the store after `sequence_number`: written by the batch after all, or by
        another process. `outcomes` are further ones that the store has. Whoever waits is acknowledged
        when the store knows the operation, otherwise refused for now, to be sent again.
        """
        waiting = list(self._waiting.values())
        placed = self._caught_up(loaded, events)
        self._begin(loaded)
        for outcome in outcomes:
            self._remember(outcome)
        outputs: list[Output] = []
        if placed is None:
            self.recent.clear(loaded.sequence_number)
            fresh = StateTooOld(reason="behind", epoch=self.epoch, sequence_number=self._sequence)
            outputs.append(Announce(fresh))
        elif placed:
            self.recent.add(placed)
            outputs.append(Broadcast(placed))
        known = {outcome.operation_id: outcome for outcome in (*loaded.outcomes, *outcomes)}
        for one in waiting:
            outputs += self._after_reload(one, known.get(one.outcome.operation_id))
        return tuple(outputs)

    def _caught_up(self, loaded: LoadedRoom, events: Sequence[Event]) -> tuple[PlacedEvent, ...] | None:
        """The events between what is in memory and what the store has; None when they do not join up."""
        due = range(self._sequence + 1, loaded.sequence_number + 1)
        if [e.sequence_number for e in events] != list(due) or loaded.sequence_number < self._sequence:
            return None
        placed = []
        for event in events:
            changes = stage(self._state, event.operation.patch)
            self._state.commit(changes, event.operation.operation_id)
            placed.append(PlacedEvent(event, changes))
        return tuple(placed)

    def _after_reload(self, one: _Waiting, known: Outcome | None) -> list[Output]:
        if known is not None and known.digest in (b"", one.staged.digest):
            return [Answer(sender, ack_of(known)) for sender in one.senders]
        reason, text = Reason.NOT_STORED, "the operation could not be written; send it again"
        if known is not None:
            reason, text = Reason.OPERATION_ID_REUSED, "another operation has this id already"
        told = refusal(one.staged.operation, reason, text, self._state, self._sequence)
        return [Answer(sender, told) for sender in one.senders]

    def _remember(self, outcome: Outcome) -> None:
        self._outcomes[outcome.operation_id] = outcome
        self._outcomes.move_to_end(outcome.operation_id)
        while len(self._outcomes) > self._limits.remembered:
            _, gone = self._outcomes.popitem(last=False)
            self._forgotten = max(self._forgotten, gone.sequence_number)


def _result(state: ModelState, patch: Patch) -> ChangeSet | InvalidData:
    """What a patch would do to a state, everything about it worked out, or why it may not stand."""
    try:
        changes = stage(state, patch)
    except InvalidData as error:
        return error
    # Changes keep what they are asked for, so that it is not worked out while others wait.
    _ = changes.effective, [one.groups for one in changes.changes]
    return changes
