"""What the room makes of an operation: taken, dropped in part, known already, or refused."""

import msgspec
import pytest

from app.domain.ids import new_id
from app.domain.patch import add, remove, update
from app.domain.records import Cell
from sync.protocol.messages import Current, Reason, Role
from sync.room import Answer, Broadcast, Request, RoomLimits
from sync.room.turn import judge_all, reload
from tests.simulation.dice import CELLS, DIAGRAMS, MODEL
from tests.sync.room.hands import NODE, Table, acks, flow, node, operation, refusals


def test_muted_operations_leave_no_trace() -> None:
    """MUTE-1: refused in words; the same stands once edits are taken; what stood before is acknowledged."""
    table = Table()
    early, late = operation(node()), operation(node(CELLS[1]))
    table.judge(early)
    acknowledged = acks(table.write())
    muted = [Request(operation=one, sender="p1", role=Role.WRITER, muted=True) for one in (late, early)]
    assert table.room.work_out(muted[0]) is None
    (refused,) = refusals(judge_all(table.room, table.store, muted[:1]))
    assert (refused.reason, refused.retry, refused.current) == (Reason.MUTED, False, ())
    assert "takes no edits" in refused.message
    assert table.room.waiting == 0
    assert acks(judge_all(table.room, table.store, muted[1:])) == acknowledged
    table.judge(late)
    (ack,) = acks(table.write())
    assert ack.sequence_number == acknowledged[0].sequence_number + 1


def test_event_then_acknowledgement_after_the_commit() -> None:
    """ACK-1, ACK-3: nothing is said before the batch is written."""
    table = Table()
    sent = operation(node(label="A"))
    assert table.judge(sent) == []
    assert NODE not in table.room.state
    broadcast, answer = table.write()
    assert isinstance(broadcast, Broadcast)
    assert [e.sequence_number for e in broadcast.events] == [2]
    assert isinstance(answer, Answer)
    assert answer.to == "p1"
    assert acks([answer])[0].sequence_number == 2
    assert NODE in table.room.state


def test_dropped_parts_are_named() -> None:
    """DEL-1, DEL-2: an update of what is gone is dropped and named, the rest stands."""
    table = Table()
    table.says(node() + node(CELLS[1]))
    table.says((remove("cell", NODE),))
    told = table.says((update("cell", NODE, label="late"), update("cell", CELLS[1], label="B")))
    (ack,) = acks(told)
    assert [(loss.id, loss.reason) for loss in ack.dropped] == [(NODE, "no longer exists")]
    assert ack.had_effect
    assert NODE not in table.room.state


def test_only_restore_brings_back() -> None:
    """DEL-1."""
    table = Table()
    table.says(node())
    table.says((remove("cell", NODE),))
    (ack,) = acks(table.says(node()))
    assert not ack.had_effect
    assert ack.dropped[0].reason == "was removed and is not being restored"
    back = add("cell", NODE, {"diagram_id": DIAGRAMS[0], "type": "process"}, restore=True)
    assert acks(table.says((back,)))[0].had_effect
    assert NODE in table.room.state


def test_the_broadcast_patch_is_closed_over() -> None:
    """EFF-1, REF-1: a flow goes with its node, in the same event."""
    table = Table()
    table.says(node() + node(CELLS[1]) + flow(CELLS[2], NODE, CELLS[1]))
    broadcast = table.says((remove("cell", NODE),))[0]
    assert isinstance(broadcast, Broadcast)
    patch = broadcast.events[0].event.operation.patch
    assert {(one.operation, one.id) for one in patch} == {("remove", NODE), ("remove", CELLS[2])}


def test_different_groups_both_stand() -> None:
    """PROP-1."""
    table = Table()
    table.says(node(label="A"))
    first = operation((update("cell", NODE, label="B"),), author="ann")
    second = operation((update("cell", NODE, position={"x": 5, "y": 5}, label="C"),), author="ben")
    third = operation((update("cell", NODE, position={"x": 9, "y": 9}),), author="cid")
    for one in (first, second, third):
        table.judge(one)
    table.write()
    cell = table.room.state.find(Cell, NODE)
    assert cell is not None
    assert (cell.label, cell.position.x) == ("C", 9)
    assert table.room.state.last_writer(NODE, "label") == second.operation_id
    assert table.room.state.last_writer(NODE, "position") == third.operation_id


def test_nothing_to_do_is_acknowledged_and_remembered() -> None:
    """IDEM-3, EFF-2, SEQ-1: no event, no number, the same answer after a restart."""
    table = Table()
    table.says(node(label="A"))
    idle = operation((update("cell", NODE, label="A"),))
    table.judge(idle)
    told = table.write()
    assert not [o for o in told if isinstance(o, Broadcast)]
    (ack,) = acks(told)
    assert (ack.had_effect, ack.sequence_number) == (False, 2)
    table.says((update("cell", NODE, label="B"),))
    table.restart()
    assert acks(table.judge(idle)) == [ack]


def test_sent_twice_while_it_waits() -> None:
    """IDEM-1, ACK-2: both who sent it get the one answer."""
    table = Table()
    sent = operation(node())
    for sender in ("p1", "p2", "p1"):
        assert table.judge(sent, sender) == []
    told = table.write()
    assert [o.to for o in told if isinstance(o, Answer)] == ["p1", "p2"]
    assert len(set(acks(told))) == 1
    assert acks(table.judge(sent)) == acks(told)[:1]


def test_forgotten_ids_are_looked_up() -> None:
    """IDEM-4."""
    table = Table(RoomLimits(remembered=1))
    sent = operation(node())
    table.judge(sent)
    (ack,) = acks(table.write())
    table.says(node(CELLS[1]))
    assert not table.room.knows(sent.operation_id)
    assert acks(table.judge(sent)) == [ack]


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("author", ["ann", "mallory"])
def test_the_same_id_with_something_else(author: str, written: bool) -> None:
    """IDEM-2, ACK-4: refused, named, without values, once the first is certain; and nothing changes."""
    table = Table()
    sent = operation(node(label="A"))
    other = operation(node(label="A" if author == "mallory" else "B"), sent.operation_id, author)
    table.judge(sent)
    if not written:
        (refused,) = refusals(table.judge(other))
        assert (refused.reason, refused.current, refused.retry) == (Reason.BUSY, (), True)
    table.write()
    (refused,) = refusals(table.judge(other))
    assert (refused.reason, refused.current, refused.retry) == (Reason.OPERATION_ID_REUSED, (), False)
    table.write()
    assert table.room.sequence_number == 2


def test_invalid_operations_are_refused_whole() -> None:
    """ATOM-1, ACK-4: the reason, the property, and what is there now."""
    table = Table()
    table.says(node(label="A"))
    bad = (update("cell", NODE, label="B"), update("cell", NODE, position={"x": "left", "y": 0}))
    (refused,) = refusals(table.says(bad))
    assert refused.reason is Reason.INVALID
    assert refused.details[0].property == "position"
    data = {"diagram_id": DIAGRAMS[0], "type": "process", "label": "A"}
    assert refused.current == (Current(kind="cell", id=NODE, data=data),)
    assert table.room.sequence_number == 2


def test_a_refusal_leaves_no_trace() -> None:
    """ACK-5, AUTH-3: what was forbidden is taken once the role has changed."""
    table = Table()
    sent = operation(node())
    for role in (Role.READER, None):
        (refused,) = refusals(table.judge(sent, role=role))
        assert (refused.reason, refused.current) == (Reason.FORBIDDEN, ())
    table.judge(sent, role=Role.OWNER)
    assert acks(table.write())


def test_what_the_server_has_not_reached() -> None:
    """SEQ-4."""
    table = Table()
    (refused,) = refusals(table.judge(operation(node(), base=2)))
    assert refused.reason is Reason.AHEAD_OF_SERVER
    table.judge(operation(node()))
    assert table.judge(operation(node(CELLS[1]), base=2)) == []


def test_another_model() -> None:
    """ATOM-1."""
    table = Table()
    stray = msgspec.structs.replace(operation(node()), model_id=new_id())
    assert refusals(table.judge(stray))[0].reason is Reason.WRONG_MODEL


@pytest.mark.parametrize("limits", [RoomLimits(waiting=2), RoomLimits(waiting_bytes=350)])
def test_too_many_waiting(limits: RoomLimits) -> None:
    """LIVE-3, ACK-5."""
    table = Table(limits)
    sent = [operation(node(cell)) for cell in CELLS[:3]]
    told = [table.judge(one) for one in sent]
    (refused,) = refusals(told[2])
    assert (refused.reason, refused.retry) == (Reason.BUSY, True)
    table.write()
    assert table.judge(sent[2]) == []


def test_unknown_kinds_and_properties_are_passed_on() -> None:
    """COMPAT-1."""
    table = Table()
    patch = (*node(later={"a": [1]}), add("milestone", CELLS[9], {"zoom": 2}))
    broadcast = table.says(patch)[0]
    assert isinstance(broadcast, Broadcast)
    sent = {one.kind: one.data for one in broadcast.events[0].event.operation.patch}
    assert sent["cell"]["later"] == {"a": [1]}
    assert sent["milestone"] == {"zoom": 2}


def test_order_is_the_order_of_judging() -> None:
    """SEQ-5: whatever the clients' clocks say."""
    table = Table()
    for second, cell in (("09", CELLS[0]), ("01", CELLS[1])):
        stamped = msgspec.structs.replace(operation(node(cell)), timestamp=f"2026-01-01T00:00:{second}Z")
        table.judge(stamped)
    table.write()
    assert [e.operation.patch[0].id for e in table.store.events(MODEL, 1, 9)] == [CELLS[0], CELLS[1]]


@pytest.mark.parametrize("between", ["nothing", "an operation", "a reload", "a commit"])
def test_what_was_worked_out_beside_counts_only_for_the_state_it_saw(between: str) -> None:
    """SEQ-5: an operation whose record went meanwhile is judged on what is there now."""
    table = Table()
    table.says(node())
    if between == "a commit":
        table.judge(operation(node(CELLS[1])))
    request = Request(
        operation=operation((update("cell", NODE, label="late"),)), sender="p1", role=Role.WRITER
    )
    worked = table.room.work_out(request)
    if between == "an operation":
        table.judge(operation((remove("cell", NODE),)))
    elif between == "a reload":
        other = Table(store=table.store)
        other.says((remove("cell", NODE),))
        reload(table.room, table.store)
    elif between == "a commit":
        table.write()
    (ack,) = acks([*table.room.judge(request, None, worked), *table.write()])[-1:]
    assert ack.had_effect is (between in ("nothing", "a commit"))


def test_what_may_not_stand_is_refused_as_well_when_worked_out_beside() -> None:
    """ATOM-1, AUTH-1."""
    table = Table()
    for patch, role, reason in (
        ((update("cell", MODEL, label="x"),), Role.WRITER, Reason.INVALID),
        (node(), Role.READER, Reason.FORBIDDEN),
    ):
        request = Request(operation=operation(patch), sender="p1", role=role)
        told = list(table.room.judge(request, None, table.room.work_out(request)))
        assert [one.reason for one in refusals(told)] == [reason]
