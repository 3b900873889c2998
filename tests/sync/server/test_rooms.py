"""The owner of the rooms: batches, order, versions, failures of the store, letting go, draining."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import LibraryError
from app.domain.ids import new_id
from app.domain.patch import Event, Operation, Patch, add, update
from app.ports import Staged
from app.ports_server import User
from storage.server import ServerStore, open_server
from sync.protocol.messages import Ack, Role
from sync.room.outputs import Answer, Broadcast, Output
from sync.room.room import Request, Room, WorkedOut
from sync.server.context import Principal
from sync.server.errors import Refused, VersionMismatch
from sync.server.keeper import LARGE
from sync.server.metrics import Metrics
from sync.server.rooms import RoomHost


@dataclass
class Failing:
    """The real rooms of a store, which fail or halt when told to."""

    inner: Any
    failures: list[str] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def append(self, model_id: str, base_sequence: int, staged: Sequence[Staged]) -> list[Event]:
        """Write, or not, or write and say that it failed."""
        self.batches.append(len(staged))
        failure = self.failures.pop(0) if self.failures else ""
        if failure == "before":
            raise LibraryError("the disk is full")
        events: list[Event] = self.inner.append(model_id, base_sequence, staged)
        if failure == "after":
            raise LibraryError("the answer was lost")
        return events


class Listener:
    """A sink that keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[Output] = []

    def outputs(self, outputs: tuple[Output, ...]) -> None:
        """Keep."""
        self.heard += outputs

    @property
    def numbers(self) -> list[int]:
        """The sequence numbers of the events that were told."""
        told = [one for one in self.heard if isinstance(one, Broadcast)]
        return [event.sequence_number for one in told for event in one.events]


@dataclass
class House:
    """A host over a real store, and somebody who writes."""

    store: ServerStore
    rooms: Failing
    host: RoomHost
    metrics: Metrics
    ada: Principal
    model: str

    async def send(self, patch: Patch, **more: Any) -> int:
        """Submit a patch; returns its sequence number."""
        operation = Operation(operation_id=new_id(), model_id=self.model, author="", patch=patch)
        outcome = await self.host.submit(self.model, self.ada, Role.OWNER, operation, **more)
        return outcome.sequence_number

    async def begin(self) -> None:
        """Make the model."""
        await self.send((add("threat_model", self.model, {"name": "M"}),), create=True)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with an empty store."""
    store = open_server(tmp_path / "server.db")
    threads = ThreadPoolExecutor(4)
    try:
        user = store.users.create(
            User(id=new_id(), email="", name="ada", provider="local", provider_user_id="ada"), time.time()
        )
        rooms = Failing(store.rooms)
        metrics = Metrics()
        host = RoomHost(
            rooms, threads, metrics, epoch="e", clock=time.time, versions=store.catalogue.versions,
            max_rooms=2,
        )  # fmt: skip
        yield House(store, rooms, host, metrics, Principal(user_id=user.id, name="ada"), new_id())
    finally:
        threads.shutdown()
        store.close()


def note() -> Patch:
    """A patch that adds a note."""
    return (add("note", new_id(), {"name": "N", "content": "c"}),)


def run(body: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test's body."""
    asyncio.run(body())


def test_many_at_once_share_transactions(house: House) -> None:
    """A hundred edits have a hundred places, far fewer commits, and sinks hear them in order."""

    async def body() -> None:
        await house.begin()
        listener = Listener()
        end = house.host.subscribe(house.model, listener)
        places = await asyncio.gather(*(house.send(note()) for _ in range(100)))
        assert sorted(places) == list(range(2, 102))
        assert listener.numbers == list(range(2, 102))
        assert len(house.rooms.batches) < 20
        end()
        await house.send(note())
        assert len(listener.numbers) == 100

    run(body)


def test_posted_operations_are_answered_to_the_sinks(house: House) -> None:
    """The events come before the acknowledgement."""

    async def body() -> None:
        await house.begin()
        listener = Listener()
        house.host.subscribe(house.model, listener)
        operation = Operation(operation_id=new_id(), model_id=house.model, author="", patch=note())
        await house.host.post(house.model, house.ada, Role.WRITER, operation, "p1")
        await house.send(note())
        assert isinstance(listener.heard[0], Broadcast)
        answer = listener.heard[1]
        assert isinstance(answer, Answer)
        assert answer.to == "p1"
        assert isinstance(answer.message, Ack)
        event = listener.heard[0].events[0].event
        assert event.operation.author == house.ada.user_id
        assert event.operation.timestamp

    run(body)


def test_a_reader_is_refused(house: House) -> None:
    """Without a trace."""

    async def body() -> None:
        await house.begin()
        operation = Operation(operation_id=new_id(), model_id=house.model, author="", patch=note())
        with pytest.raises(Refused, match="you may read"):
            await house.host.submit(house.model, house.ada, Role.READER, operation)
        assert (await house.host.state(house.model)).sequence_number == 1

    run(body)


@pytest.mark.parametrize(("failure", "kept"), [("before", False), ("after", True)])
def test_a_failed_commit(house: House, failure: str, kept: bool) -> None:
    """What was not written is refused for now; what was written after all is acknowledged and told."""

    async def body() -> None:
        await house.begin()
        listener = Listener()
        house.host.subscribe(house.model, listener)
        house.rooms.failures = [failure]
        if kept:
            assert await house.send(note()) == 2
        else:
            with pytest.raises(Refused) as error:
                await house.send(note())
            assert error.value.rejected.retry
        assert await house.send(note()) == (3 if kept else 2)
        assert listener.numbers == ([2, 3] if kept else [2])
        state = (await house.host.state(house.model)).state
        assert len(list(state.of_kind("note"))) == (2 if kept else 1)

    run(body)


def test_versions_are_certain_under_load(house: House) -> None:
    """Of edits for one version, one gets in, though others write all the time; nobody waits for ever."""

    async def body() -> None:
        await house.begin()
        thing = new_id()
        version = await house.send((add("note", thing, {"name": "N", "content": "c"}),))
        busy = [asyncio.ensure_future(house.send(note())) for _ in range(200)]
        rivals = [
            house.send((update("note", thing, content=str(n)),), expect={thing: version}) for n in range(10)
        ]
        results = await asyncio.gather(*rivals, return_exceptions=True)
        await asyncio.gather(*busy)
        won = [one for one in results if isinstance(one, int)]
        assert len(won) == 1
        lost = [one for one in results if isinstance(one, VersionMismatch)]
        assert len(lost) == 9
        assert {one.versions[thing] for one in lost} == {won[0]}

    run(body)


def test_rooms_are_let_go_and_loaded_again(house: House) -> None:
    """An operation sent again after its room was loaded anew is answered as the first time."""

    async def body() -> None:
        await house.begin()
        operation = Operation(operation_id=new_id(), model_id=house.model, author="", patch=note())
        first = await house.host.submit(house.model, house.ada, Role.OWNER, operation)
        for _ in range(4):
            other = new_id()
            made = Operation(operation_id=new_id(), model_id=other, author="",
                             patch=(add("threat_model", other, {"name": "O"}),))  # fmt: skip
            await house.host.submit(other, house.ada, Role.OWNER, made, create=True)
        assert house.host.open_rooms <= 2
        again = await house.host.submit(house.model, house.ada, Role.OWNER, operation)
        assert (again.sequence_number, again.had_effect) == (first.sequence_number, True)
        assert [one.sequence_number for one in await house.host.events(house.model, 0, 10)] == [1, 2]

    run(body)


def test_draining_writes_what_waits_and_takes_no_more(house: House) -> None:
    """What was taken in is on disk; what comes after is told to come again."""

    async def body() -> None:
        await house.begin()
        sent = [asyncio.ensure_future(house.send(note())) for _ in range(50)]
        while not house.host.waiting:
            await asyncio.sleep(0)
        assert await house.host.drain(10)
        done = await asyncio.gather(*sent, return_exceptions=True)
        kept = [one for one in done if isinstance(one, int)]
        assert kept
        assert len(kept) + len([one for one in done if isinstance(one, Refused)]) == 50
        assert len(house.store.rooms.events(house.model, 1, 100)) == len(kept)
        with pytest.raises(Refused, match="stopped"):
            await house.send(note())

    run(body)


def test_a_large_operation_is_worked_out_beside_the_loop(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SEQ-5: what comes after it waits for it and builds on it; other models go on meanwhile."""
    begun, go = threading.Event(), threading.Event()
    real = Room.work_out

    def slow(room: Room, request: Request) -> WorkedOut | None:
        begun.set()
        assert go.wait(20)
        return real(room, request)

    monkeypatch.setattr(Room, "work_out", slow)

    async def body() -> None:
        await house.begin()
        ids = [new_id() for _ in range(LARGE)]
        patch = tuple(add("note", one, {"name": "N", "content": "c"}) for one in ids)
        large = asyncio.ensure_future(house.send(patch))
        while not begun.is_set():
            await asyncio.sleep(0)
        later = asyncio.ensure_future(house.send((update("note", ids[-1], content="later"),)))
        while house.host.waiting < 2:
            await asyncio.sleep(0)
        other = new_id()
        made = Operation(operation_id=new_id(), model_id=other, author="",
                         patch=(add("threat_model", other, {"name": "O"}),))  # fmt: skip
        await house.host.submit(other, house.ada, Role.OWNER, made, create=True)
        assert not large.done()
        assert not later.done()
        go.set()
        assert [await large, await later] == [2, 3]
        record = (await house.host.state(house.model)).state.get(ids[-1])
        assert getattr(record, "content", "") == "later"
        assert house.host.waiting == 0

    try:
        run(body)
    finally:
        go.set()


def test_what_is_counted_under_load(house: House) -> None:
    """Every edit is counted once in its batch and once by its answer; nothing is left waiting."""

    async def body() -> None:
        await house.begin()
        await asyncio.gather(*(house.send(note()) for _ in range(300)))
        with pytest.raises(Refused):
            await house.send((update("note", "not an id", content="x"),))

        def value(name: str, **labels: str) -> float | None:
            return house.metrics.registry.get_sample_value(name, labels)

        assert value("tmi_operations_total", outcome="acknowledged") == 301
        assert value("tmi_operations_total", outcome="invalid") == 1
        assert value("tmi_commit_operations_sum") == 301
        assert value("tmi_commit_operations_count") == value("tmi_commit_seconds_count")
        assert value("tmi_commit_seconds_count") == len(house.rooms.batches)
        assert value("tmi_operations_waiting") == 0
        assert value("tmi_store_failures_total") == 0

    run(body)
