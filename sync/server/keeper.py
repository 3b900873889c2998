"""The keeper of one room: judges what comes, in order, writes it, begins again after a failure.

Everything here runs on the event loop; only the store's methods, and the working out of large operations,
run on threads. While a batch is being written the next one gathers. An operation waits its turn in `held`
when it names the versions it is meant for, which are certain only when nothing else is on its way, when it
is large, and when another one waits already.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, TypeVar

from app.domain.errors import LibraryError, TmiError
from app.domain.patch import GENESIS, Operation
from app.domain.records import Cell
from app.ports import LoadedRoom, Outcome, RoomStore
from sync.protocol.messages import Ack, Reason, Rejected
from sync.room.outputs import Answer, Broadcast, Output, PlacedEvent
from sync.room.room import Batch, Request, Room, RoomFault
from sync.server.errors import VersionMismatch
from sync.server.metrics import Metrics

T = TypeVar("T")
RETRIES: Final = (0.05, 0.2, 1.0)
MOST_MISSED: Final = 1000
# Record operations from which a patch is worked out beside the loop: about what takes 5 ms.
LARGE: Final = 300
# What waits to be judged while a large operation is worked out: operations, and record operations in them.
MOST_HELD: Final = 5_000
MOST_HELD_RECORDS: Final = 200_000


class Owner(Protocol):
    """Who has keepers."""

    def told(self, model_id: str, outputs: Sequence[Output]) -> None:
        """The room has something to say."""

    def failed(self, sender: str, error: TmiError) -> None:
        """An operation cannot be judged, for a reason that has no message."""

    def lost(self, keeper: "Keeper") -> None:
        """Nothing can be said of the store: the keeper is not to be used again."""


@dataclass(frozen=True)
class Held:
    """An operation that is to be judged. `loading` is the keeper's when the store was asked about it."""

    request: Request
    remembered: Outcome | None
    expect: Mapping[str, int]
    stored: Mapping[str, int]
    loading: object

    @property
    def is_large(self) -> bool:
        """Whether working it out would hold up the loop."""
        return len(self.request.operation.patch) >= LARGE


class Keeper:
    """One room, and what its owner knows beside it. `loading` is another object after each loading."""

    def __init__(
        self, room: Room, store: RoomStore, threads: Executor, metrics: Metrics, owner: Owner
    ) -> None:  # fmt: skip
        self.room = room
        self.used = 0.0
        self.task: asyncio.Task[None] | None = None
        self._store = store
        self._threads = threads
        self._metrics = metrics
        self._owner = owner
        self._held: deque[Held] = deque()
        self._held_records = 0
        self._versions: dict[str, int] = {}
        self.loading: object = object()

    @property
    def idle(self) -> bool:
        """Whether nothing is on its way."""
        return self.task is None and not self.waiting

    @property
    def waiting(self) -> int:
        """How many operations are not on disk yet."""
        return self.room.waiting + len(self._held)

    # Judging

    async def remembered(self, operation: Operation) -> Outcome | None:
        """The store's outcome for an id that may have been here too long ago for the room to know."""
        if not self.room.must_ask(operation):
            return None
        model_id, operation_id = self.room.model_id, operation.operation_id
        return await self._blocking(lambda: self._store.outcome(model_id, operation_id))

    def take(self, one: Held) -> None:
        """Judge an operation now or when its turn comes, and have it written."""
        uncertain = one.expect and (self.room.waiting or self.task)
        if self._held or one.is_large or uncertain:
            self._hold(one)
        else:
            self._judge(one)
        if self.task is None and self.waiting:
            self.task = asyncio.get_running_loop().create_task(self._work())

    def refuse(self, request: Request, reason: Reason, text: str) -> None:
        """Refuse an operation for now."""
        told = Rejected(
            operation_id=request.operation.operation_id, reason=reason, message=text,
            sequence_number=self.room.sequence_number, retry=True,
        )  # fmt: skip
        self._tell((Answer(request.sender, told),))

    def _hold(self, one: Held) -> None:
        size = len(one.request.operation.patch)
        full = len(self._held) >= MOST_HELD or self._held_records + size > MOST_HELD_RECORDS
        if self._held and full:
            self.refuse(one.request, Reason.BUSY, "too many operations wait to be judged; send it again")
            return
        self._held.append(one)
        self._held_records += size

    def _judge(self, one: Held) -> None:
        if self._is_meant_for_now(one):
            self._tell(self.room.judge(one.request, one.remembered))

    async def _judge_beside(self, one: Held) -> None:
        """`_judge` with the long part on a thread; `one` stays the first of `held`, so nothing passes it."""
        worked = await self._blocking(partial(self.room.work_out, one.request))
        if self._is_meant_for_now(one):
            self._tell(self.room.judge(one.request, one.remembered, worked))

    def _is_meant_for_now(self, one: Held) -> bool:
        """Whether the versions are those that the operation expects; otherwise its sender is told."""
        expect = one.expect
        if not expect or self.room.knows(one.request.operation.operation_id) or one.remembered:
            return True
        if one.loading is not self.loading:
            self.refuse(one.request, Reason.BUSY, "the model was loaded again; send it again")
            return False
        now = {i: self._versions.get(i, one.stored.get(i, 0)) for i in expect}
        if now != dict(expect):
            self._owner.failed(one.request.sender, VersionMismatch(now))
            return False
        return True

    async def _judge_held(self) -> None:
        """The first at any rate, then as many as need no certain version and keep nobody waiting."""
        while self._held:
            one = self._held[0]
            if self.room.waiting and (one.expect or one.is_large):
                return
            try:
                if one.is_large:
                    await self._judge_beside(one)
                else:
                    self._judge(one)
            finally:
                self._held.popleft()
                self._held_records -= len(one.request.operation.patch)

    # Writing

    async def _work(self) -> None:
        try:
            while self.waiting:
                batch = self.room.take()
                if batch is not None:
                    await self._commit(batch)
                if not self.room.waiting:
                    await self._judge_held()
        finally:
            self.task = None
            self.used = time.monotonic()

    async def _commit(self, batch: Batch) -> None:
        began = time.perf_counter()
        model_id = self.room.model_id
        try:
            events = await self._blocking(
                lambda: self._store.append(model_id, batch.base_sequence, batch.staged)
            )
            outputs = self.room.committed(events)
        except (LibraryError, RoomFault):
            self._metrics.store_failures.inc()
            await self._begin_again()
            return
        except Exception:
            self._give_up()
            raise
        self._metrics.batch_seconds.observe(time.perf_counter() - began)
        self._metrics.batch_operations.observe(len(batch.staged))
        self._tell(outputs)

    async def _begin_again(self) -> None:
        """The batch may or may not be on disk: ask the store."""
        model_id, after = self.room.model_id, self.room.sequence_number
        in_flight = self.room.in_flight_ids
        for pause in (0.0, *RETRIES):
            await asyncio.sleep(pause)
            try:
                loaded = await self._blocking(lambda: self._store.load(model_id))
                events = await self._blocking(lambda: self._store.events(model_id, after, MOST_MISSED))
                outcomes = await self._blocking(partial(self._outcomes, in_flight, loaded))
            except TmiError:
                continue
            behind = max(0, loaded.sequence_number - after)
            self._tell(self.room.reload(loaded, events[:behind], outcomes))
            self._versions.clear()
            self.loading = object()
            return
        self._give_up()

    def _outcomes(self, ids: Sequence[str], loaded: LoadedRoom) -> list[Outcome]:
        """What the store has of operations that were being written and that `loaded` does not tell."""
        told = {outcome.operation_id for outcome in loaded.outcomes}
        asked = (self._store.outcome(self.room.model_id, i) for i in ids if i not in told)
        return [outcome for outcome in asked if outcome is not None]

    def _give_up(self) -> None:
        """Nothing can be said of the store: whoever waits is refused for now, and the room is let go."""
        room = self.room
        self._tell(room.reload(LoadedRoom(
            state=room.state, sequence_number=room.sequence_number, head_hash=GENESIS,
        )))  # fmt: skip
        for one in self._held:
            self.refuse(one.request, Reason.NOT_STORED, "send it again")
        self._held.clear()
        self._held_records = 0
        self._owner.lost(self)

    # What is known beside the room

    def _tell(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            if isinstance(output, Broadcast):
                for placed in output.events:
                    self._note_versions(placed)
            elif isinstance(output, Answer):
                self._count(output)
        if outputs:
            self._owner.told(self.room.model_id, outputs)

    def _count(self, answer: Answer) -> None:
        message = answer.message
        if isinstance(message, Ack):
            self._metrics.operations.labels("acknowledged").inc()
        elif isinstance(message, Rejected):
            self._metrics.operations.labels(str(message.reason)).inc()

    def _note_versions(self, placed: PlacedEvent) -> None:
        """A diagram has changed when a cell of it has, a model when anything in it has."""
        number = placed.sequence_number
        self._versions[self.room.model_id] = number
        for change in placed.changes.changes if placed.changes is not None else ():
            self._versions[change.id] = number
            for record in (change.before, change.after):
                if isinstance(record, Cell):
                    self._versions[record.diagram_id] = number

    async def _blocking(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
