"""What waits for a connection: in order, bounded, presence last."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.patch import GENESIS, place, update
from sync.protocol import Assembler, decode_server
from sync.protocol import messages as m
from sync.room import Outbox, OutboxLimits, PlacedEvent
from tests.simulation.dice import CELLS
from tests.strategies import an_id
from tests.sync.room.hands import operation


def event(number: int, label: str = "x") -> PlacedEvent:
    """An event of a label's size."""
    return PlacedEvent(place(operation((update("cell", CELLS[0], label=label),)), number, GENESIS))


def put(outbox: Outbox, *events: PlacedEvent) -> None:
    for one in events:
        outbox.put_events([one], epoch="e")


def emptied(outbox: Outbox) -> list[Any]:
    """Everything that comes out, as messages."""
    found = []
    while (frame := outbox.next()) is not None:
        found.append(decode_server(frame, limit=10_000_000))
    return found


def cursor(who: int, x: float) -> m.Cursor:
    return m.Cursor(participant_id=an_id(who), diagram_id=an_id(1), position=m.Place(x, 0))


def numbers(message: m.Events) -> list[int]:
    return [one.sequence_number for one in message.events]


def test_events_share_frames_and_keep_their_order() -> None:
    """LIVE-2, ACK-3: up to the next message of another kind."""
    outbox = Outbox()
    put(outbox, event(1), event(2))
    outbox.put_message(m.Ack(operation_id=an_id(1), sequence_number=2), epoch="e", sequence_number=2)
    put(outbox, event(3))
    first, ack, last = emptied(outbox)
    assert (numbers(first), numbers(last)) == ([1, 2], [3])
    assert isinstance(ack, m.Ack)
    assert (outbox.held, bool(outbox)) == (0, False)


def test_an_event_is_written_once() -> None:
    """LIVE-2."""
    one = event(1)
    assert one.wire is one.wire
    boxes = [Outbox() for _ in range(3)]
    for outbox in boxes:
        put(outbox, one)
    assert len({outbox.next() for outbox in boxes}) == 1


def test_a_large_event_goes_in_parts() -> None:
    """PART-1: and what follows comes after its last part."""
    outbox = Outbox(OutboxLimits(frame=1000))
    put(outbox, event(1, "x" * 5000), event(2))
    assembler = Assembler()
    whole = []
    while (frame := outbox.next()) is not None:
        assert len(frame) <= 1000
        message = decode_server(frame)
        got = assembler.take(message) if isinstance(message, m.Part) else frame
        if got:
            whole.append(json.loads(got)["events"][0]["sequence_number"])
    assert whole == [1, 2]


def test_a_slow_reader_is_told_to_start_afresh() -> None:
    """LIVE-1, SEQ-6: once; nothing more waits until it resumes."""
    outbox = Outbox(OutboxLimits(bytes=3000))
    for number in range(1, 100):
        put(outbox, event(number))
        assert outbox.held <= 3000
    outbox.put_presence(cursor(1, 1))
    assert outbox.needs_resume
    (told,) = emptied(outbox)
    assert isinstance(told, m.StateTooOld)
    assert told.reason == "slow"
    outbox.resumed()
    put(outbox, event(100))
    assert [numbers(one) for one in emptied(outbox)] == [[100]]


def test_entries_are_bounded() -> None:
    """LIVE-1."""
    outbox = Outbox(OutboxLimits(entries=10))
    for number in range(11):
        outbox.put_message(m.Heartbeat(number=number), epoch="e", sequence_number=0)
    assert outbox.needs_resume


def test_half_a_message_is_given_up() -> None:
    """LIVE-1: the rest of a cut message goes too."""
    outbox = Outbox(OutboxLimits(frame=1000, bytes=8000))
    put(outbox, event(1, "x" * 5000))
    assert isinstance(decode_server(outbox.next() or b""), m.Part)
    for number in range(2, 60):
        put(outbox, event(number))
    assert [type(one) for one in emptied(outbox)] == [m.StateTooOld]


def test_an_event_larger_than_the_bound_passes_alone() -> None:
    """LIVE-1: or its reader could never have it."""
    outbox = Outbox(OutboxLimits(bytes=1000))
    put(outbox, event(1, "x" * 5000))
    assert [numbers(one) for one in emptied(outbox)] == [[1]]


def test_presence_waits_behind_and_only_the_latest_counts() -> None:
    """PRES-2, PRES-3."""
    outbox = Outbox()
    for x in range(5):
        outbox.put_presence(cursor(1, x))
    outbox.put_presence(m.Selection(participant_id=an_id(1), diagram_id=an_id(1)))
    outbox.put_presence(cursor(2, 7))
    put(outbox, event(1))
    outbox.forget(an_id(2))
    events, presences = emptied(outbox)
    assert numbers(events) == [1]
    assert isinstance(presences, m.Presences)
    assert [type(one) for one in presences.entries] == [m.Cursor, m.Selection]
    assert presences.entries[0] == cursor(1, 4)


def test_presence_is_bounded() -> None:
    """PRES-3: the oldest goes, and frames stay within their limit."""
    outbox = Outbox(OutboxLimits(presence=10, frame=600))
    for who in range(30):
        outbox.put_presence(cursor(who, 1))
    seen = []
    while (frame := outbox.next()) is not None:
        assert len(frame) <= 600
        message = decode_server(frame)
        assert isinstance(message, m.Presences)
        seen += [one.participant_id for one in message.entries]
    assert seen == [an_id(who) for who in range(20, 30)]


@given(st.lists(st.sampled_from(["event", "ack", "presence", "take"]), max_size=60))
def test_whatever_happens_the_lane_has_no_gap(steps: list[str]) -> None:
    """SEQ-1, PRES-1, LIVE-1: until it is told to start afresh."""
    outbox = Outbox(OutboxLimits(bytes=3000, frame=700))
    number, frames = 0, []
    for step in steps:
        if step == "event":
            number += 1
            put(outbox, event(number))
        elif step == "ack":
            outbox.put_message(m.Heartbeat(), epoch="e", sequence_number=number)
        elif step == "presence":
            outbox.put_presence(cursor(number % 3, number))
        elif (frame := outbox.next()) is not None:
            frames.append(decode_server(frame))
    frames += emptied(outbox)
    seen = [n for one in frames if isinstance(one, m.Events) for n in numbers(one)]
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) == number or any(isinstance(one, m.StateTooOld) for one in frames)
