"""Batches, failures and replay."""

import msgspec
import pytest

from app.domain.errors import LibraryError
from app.domain.patch import Event, update
from sync.protocol import MAX_FRAME_BYTES
from sync.protocol.messages import Reason, Role, StateTooOld
from sync.room import (
    Announce,
    Broadcast,
    FromLog,
    FromMemory,
    PlacedEvent,
    Request,
    RoomFault,
    RoomLimits,
    frames_of,
)
from sync.room.turn import reload, write
from tests.domain.sound import content
from tests.simulation.dice import CELLS, MODEL
from tests.simulation.follower import Follower
from tests.sync.room.hands import NODE, Table, acks, node, operation, refusals


def test_many_operations_one_transaction() -> None:
    """LIVE-6, SEQ-1: at most so many operations and records a batch, later ones meanwhile judged."""
    table = Table(RoomLimits(batch=3, batch_records=4))
    for cell in CELLS[:5]:
        table.judge(operation(node(cell)))
    batch = table.room.take()
    assert batch is not None
    assert len(batch.staged) == 3
    assert table.room.take() is None
    table.judge(operation((update("cell", NODE, label="on what is not written yet"),)))
    table.room.committed(table.store.append(MODEL, batch.base_sequence, batch.staged))
    write(table.room, table.store)
    assert [e.sequence_number for e in table.store.log] == list(range(1, 8))
    big = [operation(node(cell) * 3) for cell in CELLS[5:8]]
    for one in big:
        table.judge(one)
    batch = table.room.take()
    assert batch is not None
    assert len(batch.staged) >= 1


def test_a_failed_batch_is_dropped() -> None:
    """ATOM-2, ACK-5: all that was staged goes, and may be sent again."""
    table = Table()
    sent = [operation(node()), operation((update("cell", NODE, label="B"),))]
    for one in sent:
        table.judge(one)
    table.store.plan = ["fails"]
    told = table.write()
    assert {(r.reason, r.retry) for r in refusals(told)} == {(Reason.NOT_STORED, True)}
    assert NODE not in table.room.state
    for one in sent:
        table.judge(one)
    assert len(acks(table.write())) == 2


def test_a_batch_that_was_written_after_all() -> None:
    """ATOM-3, ACK-3: the store decides; the event comes before the acknowledgement."""
    table = Table()
    table.judge(operation(node()))
    table.store.plan = ["unknown"]
    told = table.write()
    assert isinstance(told[0], Broadcast)
    assert told[0].events[0].seed(next(iter(table.room.state.diagrams())).id)
    assert [a.sequence_number for a in acks(told)] == [2]
    assert content(table.room.state) == content(table.store.load(MODEL).state)


def test_events_of_another_process_are_told() -> None:
    """ATOM-3, CONV-1: the head has moved on; what the other one wrote is broadcast."""
    store = Table().store
    here, there = Table(store=store), Table(store=store)
    there.says(node(CELLS[1]))
    here.judge(operation(node()))
    told = here.write()
    assert isinstance(told[0], Broadcast)
    assert refusals(told)[0].retry
    assert CELLS[1] in here.room.state


def test_a_history_that_does_not_join_up() -> None:
    """SEQ-3, CONV-2: everybody is told to fetch a fresh state."""
    table = Table()
    for cell in CELLS[:3]:
        table.says(node(cell))
    del table.store.log[2:]
    (told,) = reload(table.room, table.store)
    assert isinstance(told, Announce)
    assert isinstance(told.message, StateTooOld)
    assert table.room.sequence_number == 2
    assert isinstance(table.room.resume("epoch", 2), FromMemory)


def shifted(event: Event) -> Event:
    return msgspec.structs.replace(event, sequence_number=event.sequence_number + 1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda events: events[:-1],
        lambda events: events[::-1],
        lambda events: [shifted(e) for e in events],
        lambda events: [*events, shifted(events[-1])],
        lambda events: [msgspec.structs.replace(events[0], previous_hash=b"x" * 32), *events[1:]],
    ],
)
def test_a_store_that_answers_nonsense(spoil: object) -> None:
    """SEQ-2: refused, and nothing taken in."""
    assert callable(spoil)
    table = Table()
    table.judge(operation(node()))
    table.judge(operation(node(CELLS[1])))
    batch = table.room.take()
    assert batch is not None
    events = table.store.append(MODEL, batch.base_sequence, batch.staged)
    with pytest.raises(RoomFault):
        table.room.committed(spoil(events))
    assert table.room.sequence_number == 1
    assert NODE not in table.room.state


@pytest.mark.parametrize("changed", [False, True])
def test_an_id_that_slipped_through(changed: bool) -> None:
    """IDEM-2, IDEM-4, ATOM-2: it fails its batch once, then everybody is answered as ever."""
    table = Table(RoomLimits(remembered=1))
    old = operation(node())
    table.judge(old)
    (ack,) = acks(table.write())
    table.says(node(CELLS[1]))
    other = operation(node(CELLS[2]))
    again = operation(node(label="B"), old.operation_id) if changed else old
    for one in (again, other):
        table.room.judge(Request(operation=one, sender="p1", role=Role.WRITER))
    told = table.write()
    assert acks(told) == ([] if changed else [ack])
    reasons = {r.operation_id: r.reason for r in refusals(told)}
    assert reasons.pop(other.operation_id) is Reason.NOT_STORED
    assert reasons == ({old.operation_id: Reason.OPERATION_ID_REUSED} if changed else {})
    table.judge(other)
    assert acks(table.write())[0].had_effect


def filled(limits: RoomLimits | None = None, events: int = 20) -> Table:
    """A room with a log."""
    table = Table(limits)
    table.says(node())
    for number in range(events):
        table.says((update("cell", NODE, label=f"{number}"),))
    return table


def test_replay_from_memory_and_log() -> None:
    """SEQ-6."""
    table = filled(RoomLimits(replay_events=5))
    assert table.room.resume("epoch", 22) == FromMemory(())
    recent = table.room.resume("epoch", 18)
    assert isinstance(recent, FromMemory)
    assert [e.sequence_number for e in recent.events] == [19, 20, 21, 22]
    assert table.room.resume("epoch", 3) == FromLog(3, 17)


def test_replay_memory_is_bounded_in_bytes() -> None:
    """SEQ-6, LIVE-1."""
    table = filled(RoomLimits(replay_bytes=2000))
    first = table.room.recent.first
    assert 0 < 22 - first < 20


@pytest.mark.parametrize(
    ("epoch", "after", "reason"), [("older", 5, "epoch"), ("epoch", 23, "ahead"), ("epoch", 3, "behind")]
)
def test_fresh_state_instead_of_replay(epoch: str, after: int, reason: str) -> None:
    """SEQ-3, SEQ-6."""
    told = filled(RoomLimits(behind=10)).room.resume(epoch, after)
    assert told == StateTooOld(reason=reason, epoch="epoch", sequence_number=22)  # type: ignore[arg-type]


def test_frames_are_bounded() -> None:
    """SEQ-6, LIVE-2: every event once, in order, in as few frames as the limit allows."""
    table = filled()
    placed = [PlacedEvent(e) for e in table.store.log]
    frames = list(frames_of(placed, 2000))
    assert 1 < len(frames) < len(placed)
    assert max(map(len, frames)) <= 2000
    assert len(list(frames_of(placed, MAX_FRAME_BYTES))) == 1
    assert list(frames_of([])) == []


def test_replay_gives_the_same_state() -> None:
    """CONV-2."""
    table = filled()
    follower = Follower(Table().store.load(MODEL).state, 1)
    answer = table.room.resume("epoch", 1)
    assert isinstance(answer, FromMemory)
    for frame in frames_of(answer.events):
        follower.receive(frame)
    assert content(follower.state) == content(table.room.state)


def test_a_store_that_cannot_be_read() -> None:
    """ATOM-2: the driver is told, and has to load the room anew."""
    table = Table()
    table.judge(operation(node()))
    table.store.plan = ["fails"]

    def load(model_id: str) -> None:
        raise LibraryError("gone")

    table.store.load = load  # type: ignore[method-assign, assignment]
    with pytest.raises(LibraryError):
        table.write()
