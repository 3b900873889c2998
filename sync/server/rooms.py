"""The owner of all rooms of this process: loads them, writes their batches, tells everybody.

Everything here runs on one event loop; only the store's methods run on threads. A room judges an operation
the moment it comes; while a batch is being written the next one gathers. An operation that names the
versions it is meant for is judged only when nothing else is on its way, so that the versions are certain.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Final, Protocol, TypeVar

import msgspec

from app.domain.changes import Dropped
from app.domain.errors import LibraryError, TmiError
from app.domain.patch import GENESIS, Event, Operation
from app.domain.records import Cell
from app.domain.state import ModelState
from app.ports import LoadedRoom, Outcome, RoomStore, Staged
from sync.protocol.messages import Ack, Reason, Rejected, Role
from sync.room.outputs import Answer, Broadcast, Output, PlacedEvent
from sync.room.room import Request, Room, RoomFault, RoomLimits
from sync.server.errors import Refused, VersionMismatch
from sync.server.metrics import Metrics

T = TypeVar("T")
HOST: Final = "host"
RETRIES: Final = (0.05, 0.2, 1.0)
MOST_MISSED: Final = 1000


# The versions of records as they are stored, `Catalogue.versions`.
Versions = Callable[[str, Iterable[str]], dict[str, int]]


class Author(Protocol):
    """Who sends an operation."""

    @property
    def user_id(self) -> str:
        """Their id."""


class Sink(Protocol):
    """Somebody who is told what a room says, on the loop, in order, and who never waits."""

    def outputs(self, outputs: tuple[Output, ...]) -> None:
        """Broadcasts to everybody, and answers to those who posted; answers to others are not for you."""


@dataclass(frozen=True)
class Moment:
    """A model as it is committed: read it before the next await, it goes on changing."""

    state: ModelState
    sequence_number: int
    epoch: str


@dataclass
class _Held:
    """An operation that waits for its turn to be judged."""

    request: Request
    remembered: Outcome | None
    expect: Mapping[str, int]
    stored: Mapping[str, int]
    generation: int


@dataclass
class _Keeper:
    """One room, and what its owner knows beside it."""

    room: Room
    versions: dict[str, int] = field(default_factory=dict)
    held: deque[_Held] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None
    used: float = 0.0
    generation: int = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is on its way."""
        return self.task is None and not self.held and not self.room.waiting


class RoomHost:
    """The rooms of one process. `epoch` names the history of this store; a restored backup has another."""

    def __init__(
        self, store: RoomStore, threads: Executor, metrics: Metrics, *, epoch: str,
        clock: Callable[[], float], versions: Versions, max_rooms: int = 200,
        limits: RoomLimits | None = None,
    ) -> None:  # fmt: skip
        self.epoch = epoch
        self._store = store
        self._threads = threads
        self._metrics = metrics
        self._clock = clock
        self._versions = versions
        self._generation = 0
        self._max_rooms = max_rooms
        self._limits = limits or RoomLimits()
        self._keepers: dict[str, _Keeper] = {}
        self._loading: dict[str, asyncio.Task[_Keeper]] = {}
        self._sinks: dict[str, dict[int, Sink]] = {}
        self._answers: dict[str, asyncio.Future[Outcome]] = {}
        self._next_sender = 0
        self._closing = False
        self._access_listeners: list[Callable[[str], Awaitable[None]]] = []

    # What others use

    async def submit(
        self, model_id: str, principal: Author, role: Role | None, operation: Operation,
        remote_address: str = "", *, expect: Mapping[str, int] | None = None, create: bool = False,
    ) -> Outcome:  # fmt: skip
        """Have an operation judged and written; returns when it is on disk.

        Author and time are stamped here. `expect` maps record ids to the versions that it is meant for;
        with `create` it may be the first of a new model. Refused, VersionMismatch or LibraryError.
        """
        sender = f"{HOST}:{self._next_sender}"
        self._next_sender += 1
        waiting: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._answers[sender] = waiting
        try:
            await self._take_in(
                model_id, principal, role, operation, sender, expect or {}, create, remote_address
            )
            return await waiting
        finally:
            self._answers.pop(sender, None)

    async def post(
        self, model_id: str, principal: Author, role: Role | None, operation: Operation, sender: str,
        remote_address: str = "",
    ) -> None:  # fmt: skip
        """Have an operation judged; the answer to `sender` comes to the sinks of the model."""
        await self._take_in(model_id, principal, role, operation, sender, {}, False, remote_address)

    async def state(self, model_id: str) -> Moment:
        """A model as it is committed now. LibraryError when there is none."""
        room = (await self._keeper(model_id)).room
        return Moment(room.state, room.sequence_number, self.epoch)

    async def room(self, model_id: str) -> Room:
        """The room itself, for replay (`recent`) and reading; only the host may have it judge."""
        return (await self._keeper(model_id)).room

    async def events(self, model_id: str, after: int, limit: int) -> list[Event]:
        """Committed events after a sequence number, from the log. LibraryError when it cannot be read."""
        return await self._blocking(lambda: self._store.events(model_id, after, limit))

    def subscribe(self, model_id: str, sink: Sink) -> Callable[[], None]:
        """Have a sink told what the room of a model says from now on; returns what ends it."""
        sinks = self._sinks.setdefault(model_id, {})
        key = id(sink)
        sinks[key] = sink

        def end() -> None:
            sinks.pop(key, None)
            if not sinks and self._sinks.get(model_id) is sinks:
                del self._sinks[model_id]

        return end

    async def forget(self, model_id: str, *last: Output) -> None:
        """Let what is on its way finish, drop the room, and tell the sinks `last`: the model is gone."""
        keeper = self._keepers.get(model_id)
        if keeper is not None:
            while keeper.task is not None:
                await asyncio.wait([keeper.task])
            self._keepers.pop(model_id, None)
            self._count()
        self.announce(model_id, *last)

    def announce(self, model_id: str, *outputs: Output) -> None:
        """Tell the sinks of a model something that no operation brought about."""
        if outputs:
            for sink in list(self._sinks.get(model_id, {}).values()):
                sink.outputs(outputs)

    def on_access_changed(self, listener: Callable[[str], Awaitable[None]]) -> None:
        """Have somebody told when the roles on a model have changed."""
        self._access_listeners.append(listener)

    async def access_changed(self, model_id: str) -> None:
        """The roles on a model have changed: whoever is connected must be judged anew."""
        for listener in self._access_listeners:
            await listener(model_id)

    async def drain(self, timeout: float) -> bool:
        """Take in nothing more and write what is waiting; whether all of it was written in time."""
        self._closing = True
        tasks = [k.task for k in self._keepers.values() if k.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=timeout)
        return all(k.idle for k in self._keepers.values())

    @property
    def draining(self) -> bool:
        """Whether nothing more is taken in."""
        return self._closing

    @property
    def waiting(self) -> int:
        """How many operations are not on disk yet, in all rooms."""
        return sum(k.room.waiting + len(k.held) for k in self._keepers.values())

    @property
    def open_rooms(self) -> int:
        """How many models are in memory."""
        return len(self._keepers)

    # Taking in

    async def _take_in(
        self, model_id: str, principal: Author, role: Role | None, operation: Operation, sender: str,
        expect: Mapping[str, int], create: bool, remote_address: str,
    ) -> None:  # fmt: skip
        keeper = await self._keeper(model_id, create)
        stamped = msgspec.structs.replace(
            operation, author=principal.user_id, timestamp=_iso(self._clock()), model_id=operation.model_id
        )
        generation = keeper.generation
        remembered = await self._remembered(keeper, stamped)
        stored = await self._blocking(lambda: self._versions(model_id, expect)) if expect else {}
        # While we waited for the store the room may have been let go and loaded again.
        keeper = self._keepers.get(model_id) or await self._keeper(model_id, create)
        request = Request(operation=stamped, sender=sender, role=role, remote_address=remote_address)
        if self._closing:
            text = "the server is being stopped; send it again"
            self._tell(keeper, (_refusal(request, Reason.BUSY, text, keeper.room.sequence_number),))
            return
        held = _Held(request, remembered, expect, stored, generation)
        if keeper.held or (expect and (keeper.room.waiting or keeper.task)):
            keeper.held.append(held)
        else:
            self._judge(keeper, held)
        self._work(keeper)

    async def _remembered(self, keeper: _Keeper, operation: Operation) -> Outcome | None:
        """The store's outcome for an id that may have been here too long ago for the room to know."""
        if not keeper.room.must_ask(operation):
            return None
        model_id, operation_id = keeper.room.model_id, operation.operation_id
        return await self._blocking(lambda: self._store.outcome(model_id, operation_id))

    def _judge(self, keeper: _Keeper, held: _Held) -> None:
        expect = held.expect
        if expect and not keeper.room.knows(held.request.operation.operation_id) and not held.remembered:
            if held.generation != keeper.generation:
                text = "the model was loaded again; send it again"
                self._tell(keeper, (_refusal(held.request, Reason.BUSY, text, 0),))
                return
            now = {i: keeper.versions.get(i, held.stored.get(i, 0)) for i in expect}
            if now != dict(expect):
                self._fail(held.request.sender, VersionMismatch(now))
                return
        outputs = keeper.room.judge(held.request, held.remembered)
        self._tell(keeper, outputs)

    # Writing

    def _work(self, keeper: _Keeper) -> None:
        if keeper.task is None and (keeper.room.waiting or keeper.held):
            keeper.task = asyncio.get_running_loop().create_task(self._write(keeper))

    async def _write(self, keeper: _Keeper) -> None:
        try:
            while True:
                batch = keeper.room.take()
                if batch is None:
                    break
                await self._commit(keeper, batch.base_sequence, batch.staged)
                if not keeper.room.waiting:
                    self._judge_held(keeper)
        finally:
            keeper.task = None
            keeper.used = time.monotonic()
            self._metrics.waiting.set(self.waiting)

    def _judge_held(self, keeper: _Keeper) -> None:
        """The first at any rate, then as many as need no certain version."""
        while keeper.held and not (keeper.held[0].expect and keeper.room.waiting):
            self._judge(keeper, keeper.held.popleft())

    async def _commit(self, keeper: _Keeper, base: int, staged: Sequence[Staged]) -> None:
        began = time.perf_counter()
        model_id = keeper.room.model_id
        try:
            events = await self._blocking(lambda: self._store.append(model_id, base, staged))
            outputs = keeper.room.committed(events)
        except (LibraryError, RoomFault):
            self._metrics.store_failures.inc()
            await self._begin_again(keeper)
            return
        except Exception:
            self._give_up(keeper)
            raise
        self._metrics.batch_seconds.observe(time.perf_counter() - began)
        self._metrics.batch_operations.observe(len(staged))
        self._tell(keeper, outputs)

    async def _begin_again(self, keeper: _Keeper) -> None:
        """The batch may or may not be on disk: ask the store."""
        model_id, after = keeper.room.model_id, keeper.room.sequence_number
        in_flight = keeper.room.in_flight_ids
        for pause in (0.0, *RETRIES):
            await asyncio.sleep(pause)
            try:
                loaded = await self._blocking(lambda: self._store.load(model_id))
                events = await self._blocking(lambda: self._store.events(model_id, after, MOST_MISSED))
                outcomes = await self._blocking(partial(self._outcomes, model_id, in_flight, loaded))
            except TmiError:
                continue
            behind = max(0, loaded.sequence_number - after)
            self._generation += 1
            keeper.generation = self._generation
            self._tell(keeper, keeper.room.reload(loaded, events[:behind], outcomes))
            keeper.versions.clear()
            return
        self._give_up(keeper)

    def _outcomes(self, model_id: str, ids: Sequence[str], loaded: LoadedRoom) -> list[Outcome]:
        """What the store has of operations that were being written and that `loaded` does not tell."""
        told = {outcome.operation_id for outcome in loaded.outcomes}
        asked = (self._store.outcome(model_id, i) for i in ids if i not in told)
        return [outcome for outcome in asked if outcome is not None]

    def _give_up(self, keeper: _Keeper) -> None:
        """Nothing can be said of the store: whoever waits is refused for now, and the room is let go."""
        room = keeper.room
        outputs = room.reload(LoadedRoom(
            state=room.state, sequence_number=room.sequence_number, head_hash=GENESIS,
        ))  # fmt: skip
        self._tell(keeper, outputs)
        for held in keeper.held:
            self._tell(keeper, (_refusal(held.request, Reason.NOT_STORED, "send it again", 0),))
        keeper.held.clear()
        if self._keepers.get(room.model_id) is keeper:
            del self._keepers[room.model_id]
        self._count()

    # Telling

    def _tell(self, keeper: _Keeper, outputs: Sequence[Output]) -> None:
        if not outputs:
            return
        foreign: list[Output] = []
        for output in outputs:
            if isinstance(output, Answer):
                self._count_answer(keeper, output)
                if output.to.startswith(f"{HOST}:"):
                    self._answer(output)
                    continue
            elif isinstance(output, Broadcast):
                for placed in output.events:
                    _note_versions(keeper, placed)
            foreign.append(output)
        if foreign:
            told = tuple(foreign)
            for sink in list(self._sinks.get(keeper.room.model_id, {}).values()):
                sink.outputs(told)

    def _answer(self, answer: Answer) -> None:
        message = answer.message
        if isinstance(message, Rejected):
            self._fail(answer.to, Refused(message))
        elif isinstance(message, Ack):
            future = self._answers.get(answer.to)
            if future is not None and not future.done():
                future.set_result(_outcome(message))

    def _fail(self, sender: str, error: TmiError) -> None:
        future = self._answers.get(sender)
        if future is not None and not future.done():
            future.set_exception(error)

    def _count_answer(self, keeper: _Keeper, answer: Answer) -> None:
        message = answer.message
        if isinstance(message, Ack):
            self._metrics.operations.labels("acknowledged").inc()
        elif isinstance(message, Rejected):
            self._metrics.operations.labels(str(message.reason)).inc()

    # Loading

    async def _keeper(self, model_id: str, create: bool = False) -> _Keeper:
        keeper = self._keepers.get(model_id)
        if keeper is None:
            loading = self._loading.get(model_id)
            if loading is None:
                loading = asyncio.get_running_loop().create_task(self._load(model_id, create))
                self._loading[model_id] = loading
                loading.add_done_callback(lambda _: self._loading.pop(model_id, None))
            keeper = await asyncio.shield(loading)
        keeper.used = time.monotonic()
        return keeper

    async def _load(self, model_id: str, create: bool) -> _Keeper:
        loaded = await self._blocking(lambda: _load(self._store, model_id, create))
        self._generation += 1
        keeper = _Keeper(Room(loaded, self.epoch, self._limits), generation=self._generation)
        self._make_space()
        self._keepers[model_id] = keeper
        self._count()
        return keeper

    def _make_space(self) -> None:
        """Let go of the rooms that were used longest ago and are nobody's now."""
        for model_id, keeper in sorted(self._keepers.items(), key=lambda one: one[1].used):
            if len(self._keepers) < self._max_rooms:
                return
            if keeper.idle and not self._sinks.get(model_id):
                del self._keepers[model_id]

    def _count(self) -> None:
        self._metrics.rooms.set(len(self._keepers))

    async def _blocking(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _load(store: RoomStore, model_id: str, create: bool = False) -> LoadedRoom:
    try:
        return store.load(model_id)
    except LibraryError:
        if not create:
            raise
        return LoadedRoom(state=ModelState(model_id), sequence_number=0, head_hash=GENESIS)


def _note_versions(keeper: _Keeper, placed: PlacedEvent) -> None:
    """A diagram has changed when a cell of it has, a model when anything in it has."""
    number = placed.sequence_number
    keeper.versions[keeper.room.model_id] = number
    for change in placed.changes.changes if placed.changes is not None else ():
        keeper.versions[change.id] = number
        for record in (change.before, change.after):
            if isinstance(record, Cell):
                keeper.versions[record.diagram_id] = number


def _refusal(request: Request, reason: Reason, text: str, sequence_number: int) -> Answer:
    return Answer(
        request.sender,
        Rejected(
            operation_id=request.operation.operation_id, reason=reason, message=text,
            sequence_number=sequence_number, retry=True,
        ),
    )  # fmt: skip


def _outcome(ack: Ack) -> Outcome:
    dropped = tuple(Dropped(one.kind, one.id, one.property, one.reason) for one in ack.dropped)
    return Outcome(
        operation_id=ack.operation_id,
        sequence_number=ack.sequence_number,
        had_effect=ack.had_effect,
        dropped=dropped,
    )


def _iso(now: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(now, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
