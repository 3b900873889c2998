"""A replica by itself: what it sends and when, what it makes of odd news, and other histories."""

import msgspec
import pytest

from app.domain.ids import new_id
from app.domain.intent import intended
from app.domain.patch import GENESIS, Event, Operation, Patch, place, remove, update
from app.domain.records import Cell
from app.domain.stage import stage
from app.domain.state import ModelState
from sync.protocol import messages as m
from sync.replica import Diverged, Gap, Replica
from sync.replica.window import Window
from tests.domain.sound import content
from tests.simulation.company import folded
from tests.simulation.dice import CELLS, MODEL, beginning
from tests.sync.replica.hands import FLOW, NODE, OTHER, ZONE, common, flow, node


def operation(patch: Patch, author: str = "me", base: int = 0) -> Operation:
    return Operation(
        operation_id=new_id(), model_id=MODEL, author=author, patch=patch, base_sequence=base
    )  # fmt: skip


class Server:
    """A log that others write."""

    def __init__(self) -> None:
        self.log: list[Event] = []
        for patch in (beginning(), node(ZONE, "Zone", "trust_boundary"), node(NODE, "Shop"), node(OTHER),
                      flow(FLOW, NODE, OTHER)):  # fmt: skip
            self.write(operation(patch, "ann"))

    def write(self, one: Operation) -> Event:
        changes = stage(folded(self.log), one.patch)
        effective = msgspec.structs.replace(one, patch=changes.effective)
        head = self.log[-1].hash if self.log else GENESIS
        self.log.append(place(effective, len(self.log) + 1, head))
        return self.log[-1]

    def replica(self) -> Replica:
        return Replica(folded(self.log), len(self.log), self.log[-1].hash, "epoch")


def propose(replica: Replica, patch: Patch) -> Operation:
    changes = stage(replica.view, patch)
    one = operation(intended(patch, changes), base=replica.sequence_number)
    replica.view.commit(changes, one.operation_id)
    replica.propose(one, changes)
    return one


def test_what_followed_is_not_sent() -> None:
    """INTENT-1: who removes a node does not decide about flows that others draw to it meanwhile."""
    state = common()
    patch = (remove("cell", NODE),)
    changes = stage(state, patch)
    assert {one.id for one in changes.effective} > {NODE}
    assert intended(patch, changes) == patch
    same = (update("cell", NODE, label="Shop", position={"x": 5, "y": 5}),)
    (sent,) = intended(same, stage(state, same))
    assert sent.data == {"position": {"x": 5.0, "y": 5.0}}, "what was there already is not written again"


def test_what_depends_on_another_waits_for_its_answer() -> None:
    """SEND-1, SEND-2."""
    new = CELLS[6]
    first, apart, then = (
        operation(node(new)),
        operation(node(CELLS[7])),
        operation(flow(CELLS[8], new, OTHER)),
    )
    window, pending = Window(), [first, then, apart]
    saved = {one.operation_id for one in pending}
    assert window.choose(pending, ()) == []
    assert window.choose(pending, saved) == [first, apart]
    assert window.choose(pending, saved) == []
    window.again(first.operation_id)
    assert window.choose(pending, saved) == [first]
    window.settled(first.operation_id)
    assert window.choose(pending[1:], saved) == [then]
    window.disconnected()
    assert window.choose(pending[1:], saved) == [then, apart]
    gone = operation((remove("cell", OTHER),))
    assert Window().choose([then, gone], {then.operation_id, gone.operation_id}) == [then]


def test_not_too_many_at_once() -> None:
    """SEND-2."""
    pending = [operation((update("cell", new_id(), label="x"),)) for _ in range(5)]
    window = Window(2)
    saved = {one.operation_id for one in pending}
    assert window.choose(pending, saved) == pending[:2]
    window.settled(pending[0].operation_id)
    assert window.choose(pending[1:], saved) == [pending[2]]


def test_what_is_not_saved_holds_back_what_came_after_it() -> None:
    """SEND-1."""
    pending = [operation((update("cell", new_id(), label="x"),)) for _ in range(3)]
    saved = {pending[0].operation_id, pending[2].operation_id}
    assert Window().choose(pending, saved) == pending[:1]


def test_a_gap_and_a_broken_chain() -> None:
    """REBASE-1, REBASE-2: what fits is taken in and told, the rest is not."""
    server = Server()
    replica = server.replica()
    propose(replica, (update("cell", NODE, label="Mine"),))
    first = server.write(operation((update("cell", OTHER, label="One"),), "ann"))
    server.write(operation((update("cell", OTHER, label="Two"),), "ann"))
    third = server.write(operation((update("cell", OTHER, label="Three"),), "ann"))
    found = replica.receive([first, third])
    assert isinstance(found.trouble, Gap)
    assert [one.id for one in found.changes.changes] == [OTHER]
    assert replica.sequence_number == first.sequence_number
    odd = msgspec.structs.replace(server.log[-2], previous_hash=bytes(32))
    assert isinstance(replica.receive([odd]).trouble, Diverged)
    assert replica.receive(server.log).trouble is None
    cells = {c.id: c.label for c in replica.view.all(Cell)}
    assert (cells[NODE], cells[OTHER]) == ("Mine", "Three")


@pytest.mark.parametrize("retry", [False, True])
def test_a_refusal_is_taken_back_or_sent_again(retry: bool) -> None:
    """NOLOSS-1, REBASE-2."""
    replica = Server().replica()
    one = propose(replica, (update("cell", NODE, label="Mine"),))
    assert replica.to_send({one.operation_id}) == [one]
    told = m.Rejected(
        operation_id=one.operation_id, reason=m.Reason.BUSY if retry else m.Reason.FORBIDDEN,
        message="no", sequence_number=5, retry=retry,
    )  # fmt: skip
    found = replica.rejected(told)
    assert replica.to_send({one.operation_id}) == ([one] if retry else [])
    label = replica.view.cell(NODE)
    assert label is not None
    assert label.label == ("Mine" if retry else "Shop")
    assert bool(found.changes) is not retry


def test_a_server_that_was_set_back() -> None:
    """NOLOSS-1, CONV-3: what it has lost is offered again, on what it has now."""
    server = Server()
    backup = list(server.log)
    mine = server.write(operation((update("cell", NODE, label="Mine"),)))
    replica = server.replica()
    waiting = propose(replica, (update("cell", OTHER, label="Waiting"),))
    server.log = backup
    server.write(operation((update("cell", ZONE, label="After"),), "ann"))
    news = replica.begin_again(
        folded(server.log), len(server.log), server.log[-1].hash, "another",
        [mine.operation, *replica.pending],
    )  # fmt: skip
    labels = {c.id: c.label for c in replica.view.all(Cell)}
    assert (labels[NODE], labels[OTHER], labels[ZONE]) == ("Mine", "Waiting", "After")
    assert [one.id for one in news.changes] == [ZONE]
    assert [one.operation_id for one in replica.pending] == [
        mine.operation.operation_id, waiting.operation_id
    ]  # fmt: skip
    assert all(one.base_sequence <= len(server.log) for one in replica.pending)


def test_a_state_takes_over_from_another() -> None:
    """REBASE-1: records, tombstones, last writers and the indexes behind them."""
    here, there = common(), common()
    there.commit(stage(there, (remove("cell", NODE), update("cell", OTHER, parent=ZONE))), "they")
    ids = set(here.records) | set(there.tombstones)
    here.assume(there, ids)
    assert content(here) == content(there)
    assert here.flows_at(OTHER) == []
    assert [one.id for one in here.children(ZONE)] == [OTHER]
    back = common()
    here.assume(back, ids)
    assert content(here) == content(back)
    assert isinstance(here, ModelState)
    assert [one.id for one in here.flows_at(OTHER)] == [FLOW]
