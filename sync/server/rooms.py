"""The owner of all rooms of this process: loads them, hands them operations, tells everybody what they say.

Everything here runs on one event loop; only the store's methods run on threads. What becomes of an
operation in its room is the keeper's business (`keeper.py`).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar

import msgspec

from app.domain.changes import Dropped
from app.domain.errors import LibraryError, TmiError
from app.domain.patch import GENESIS, Event, Operation
from app.domain.state import ModelState
from app.ports import LoadedRoom, Outcome, RoomStore
from sync.protocol.messages import Ack, Reason, Rejected, Role
from sync.room.outputs import Answer, Output
from sync.room.room import Request, Room, RoomLimits
from sync.server.errors import Refused
from sync.server.keeper import Held, Keeper
from sync.server.metrics import Metrics

T = TypeVar("T")
HOST: Final = "host"


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
        self._max_rooms = max_rooms
        self._limits = limits or RoomLimits()
        self._keepers: dict[str, Keeper] = {}
        self._loading: dict[str, asyncio.Task[Keeper]] = {}
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
        remote_address: str = "", *, muted: bool = False,
    ) -> None:  # fmt: skip
        """Have an operation judged; the answer to `sender` comes to the sinks of the model.

        `muted`: the session takes no new edits of the sender, only answers what was there before.
        """
        await self._take_in(
            model_id, principal, role, operation, sender, {}, False, remote_address, muted=muted
        )

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
        return sum(k.waiting for k in self._keepers.values())

    @property
    def open_rooms(self) -> int:
        """How many models are in memory."""
        return len(self._keepers)

    # Taking in

    async def _take_in(
        self, model_id: str, principal: Author, role: Role | None, operation: Operation, sender: str,
        expect: Mapping[str, int], create: bool, remote_address: str, *, muted: bool = False,
    ) -> None:  # fmt: skip
        keeper = await self._keeper(model_id, create)
        stamped = msgspec.structs.replace(
            operation, author=principal.user_id, timestamp=_iso(self._clock()), model_id=operation.model_id
        )
        loading = keeper.loading
        remembered = await keeper.remembered(stamped)
        stored = await self._blocking(lambda: self._versions(model_id, expect)) if expect else {}
        # While we waited for the store the room may have been let go and loaded again.
        keeper = self._keepers.get(model_id) or await self._keeper(model_id, create)
        request = Request(
            operation=stamped, sender=sender, role=role, muted=muted, remote_address=remote_address
        )
        if self._closing:
            keeper.refuse(request, Reason.BUSY, "the server is being stopped; send it again")
            return
        keeper.take(Held(request, remembered, expect, stored, loading))

    # What keepers say

    def told(self, model_id: str, outputs: Sequence[Output]) -> None:
        """A room says something: to who submitted, and to the sinks of the model."""
        foreign: list[Output] = []
        for output in outputs:
            if isinstance(output, Answer) and output.to.startswith(f"{HOST}:"):
                self._answer(output)
            else:
                foreign.append(output)
        self._metrics.waiting.set(self.waiting)
        self.announce(model_id, *foreign)

    def failed(self, sender: str, error: TmiError) -> None:
        """An operation that was submitted cannot be judged."""
        future = self._answers.get(sender)
        if future is not None and not future.done():
            future.set_exception(error)

    def lost(self, keeper: Keeper) -> None:
        """A keeper has given up: the room is loaded anew when it is next asked for."""
        if self._keepers.get(keeper.room.model_id) is keeper:
            del self._keepers[keeper.room.model_id]
        self._count()

    def _answer(self, answer: Answer) -> None:
        message = answer.message
        if isinstance(message, Rejected):
            self.failed(answer.to, Refused(message))
        elif isinstance(message, Ack):
            future = self._answers.get(answer.to)
            if future is not None and not future.done():
                future.set_result(_outcome(message))

    # Loading

    async def _keeper(self, model_id: str, create: bool = False) -> Keeper:
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

    async def _load(self, model_id: str, create: bool) -> Keeper:
        loaded = await self._blocking(lambda: _load(self._store, model_id, create))
        keeper = Keeper(
            Room(loaded, self.epoch, self._limits), self._store, self._threads, self._metrics, self
        )  # fmt: skip
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
