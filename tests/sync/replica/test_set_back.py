"""A server that was set back: what is offered again, what is asked, and what is only told of."""

import msgspec
import pytest

from app.domain.conflicts import keep_mine
from app.domain.ids import new_id
from app.domain.patch import GENESIS, Event, Operation, Patch, place, remove, update
from app.domain.stage import apply, stage
from app.domain.state import ModelState
from app.ports_live import BegunAgain
from sync.replica import Diverged
from sync.replica.set_back import begin_again, part
from tests.sync.replica.hands import FLOW, NODE, OTHER, common, flow, laid, node

MY_NODE, THEIR_NODE, NEW_FLOW = (f"c1000000-0000-7000-8000-{n:012x}" for n in range(3))
COMMON = 40


class Log:
    """A server's log from the common event on, and what it comes to."""

    def __init__(self) -> None:
        self.state = common()
        self.events: list[Event] = []

    def write(self, author: str, patch: Patch) -> Operation:
        """Somebody's operation becomes the next event."""
        changes = stage(self.state, patch)
        one = Operation(
            operation_id=new_id(), model_id=self.state.model_id, author=author, patch=changes.effective,
            base_sequence=COMMON + len(self.events),
        )  # fmt: skip
        self.state.commit(changes, one.operation_id)
        head = self.events[-1].hash if self.events else GENESIS
        self.events.append(place(one, COMMON + len(self.events) + 1, head))
        return one


def after_all(old: Log, new: Log, *pending: Patch) -> tuple[BegunAgain, ModelState]:
    """What comes of it for "me", and the model once everything was sent."""
    waits = [
        Operation(
            operation_id=new_id(), model_id=old.state.model_id, author="me", patch=one,
            base_sequence=COMMON + len(old.events),
        ) for one in pending
    ]  # fmt: skip
    parting = part(common(), COMMON, old.events, new.events, lambda one: one.author == "me")
    assert parting.head_hash == (new.events[-1].hash if new.events else GENESIS)
    found = begin_again(parting, waits, "epoch 2")
    assert all(one.base_sequence <= COMMON for one in found.pending)
    return found, laid(parting.base, found.pending)


def label(state: ModelState, cell_id: str) -> str:
    found = state.cell(cell_id)
    return found.label if found is not None else "-"


def test_what_only_i_did_is_sent_again_in_order() -> None:
    """BACK-2: a copy that is ahead by its own edits, one of which waits still."""
    old = Log()
    ids = [old.write("me", (update("cell", NODE, label=text),)).operation_id for text in "abc"]
    old.write("me", node(MY_NODE, "New"))
    found, after = after_all(old, Log(), (update("cell", MY_NODE, label="Newer"),))
    assert [one.operation_id for one in found.pending][:3] == ids
    assert (label(after, NODE), label(after, MY_NODE)) == ("c", "Newer")
    assert (found.conflicts, found.sequence_number, len(found.lost)) == ((), COMMON, 4)
    assert found.line == "The server was set back to an earlier state: 4 changes of yours are sent again."


def test_what_others_did_is_theirs_to_send_again() -> None:
    """BACK-3: nothing of it is sent in their place, all of it is told."""
    old = Log()
    old.write("ben", (update("cell", OTHER, label="Ben's"),))
    old.write("me", (update("cell", NODE, label="Mine"),))
    old.write("ben", node(THEIR_NODE, "Ben's"))
    found, after = after_all(old, Log())
    assert (label(after, OTHER), label(after, NODE), label(after, THEIR_NODE)) == ("Orders", "Mine", "-")
    assert [(one.own, one.event) for one in found.lost] == [
        (one.operation.author == "me", one) for one in old.events
    ]
    assert found.line.endswith("1 change of yours is sent again, 2 changes of others are gone there.")


def test_what_was_done_there_since_is_not_overwritten() -> None:
    """BACK-2, REVIEW-1: theirs stands, mine is asked."""
    old, new = Log(), Log()
    old.write("me", (update("cell", NODE, label="Mine", position={"x": 5, "y": 5}),))
    new.write("ben", (update("cell", NODE, label="Ben's, since"),))
    found, after = after_all(old, new)
    (conflict,) = found.conflicts
    assert (conflict.mine, conflict.author, conflict.sequence_number) == (
        {"label": "Mine"},
        "ben",
        COMMON + 1,
    )
    cell = after.cell(NODE)
    assert cell is not None
    assert (cell.label, cell.position.x) == ("Ben's, since", 5)
    assert found.line.endswith("1 change of yours is sent again, 1 to be decided.")


def test_what_has_come_back_already_is_not_sent_twice() -> None:
    """BACK-2, IDEM-1: another machine of mine was faster, and Ben has sent his."""
    old, new = Log(), Log()
    mine = old.write("me", (update("cell", NODE, label="Mine"),))
    bens = old.write("ben", (update("cell", OTHER, label="Ben's"),))
    for one in (bens, mine):
        again = stage(new.state, one.patch)
        new.state.commit(again, one.operation_id)
        head = new.events[-1].hash if new.events else GENESIS
        new.events.append(place(one, COMMON + len(new.events) + 1, head))
    found, after = after_all(old, new)
    assert (found.pending, found.conflicts, found.lost, found.line) == ((), (), (), "")
    assert (label(after, NODE), label(after, OTHER)) == ("Mine", "Ben's")


def test_what_i_did_to_a_thing_that_is_gone_is_asked() -> None:
    """BACK-3, REVIEW-2: their node is gone, my words on it are not; it can be brought back whole."""
    old = Log()
    old.write("ben", node(THEIR_NODE, "Ben's"))
    old.write("me", (update("cell", THEIR_NODE, description="my words"),))
    found, after = after_all(old, Log())
    assert label(after, THEIR_NODE) == "-"
    (conflict,) = found.conflicts
    assert (conflict.what, conflict.mine["description"]) == ("they_removed", "my words")
    apply(after, keep_mine(conflict, after))
    assert label(after, THEIR_NODE) == "Ben's"


def test_a_flow_to_a_thing_that_is_gone_is_asked_with_its_end() -> None:
    """BACK-3, REVIEW-2."""
    old = Log()
    old.write("ben", node(THEIR_NODE, "Ben's"))
    old.write("me", flow(NEW_FLOW, NODE, THEIR_NODE, "mine"))
    found, after = after_all(old, Log())
    (conflict,) = found.conflicts
    assert (conflict.record_id, conflict.what) == (NEW_FLOW, "no_place")
    apply(after, keep_mine(conflict, after))
    assert (label(after, THEIR_NODE), label(after, NEW_FLOW)) == ("Ben's", "mine")


def test_what_i_removed_is_removed_again_unless_somebody_works_there() -> None:
    """BACK-2, REVIEW-1."""
    old, new = Log(), Log()
    old.write("me", (remove("cell", NODE),))
    found, after = after_all(old, new)
    assert (label(after, NODE), label(after, FLOW), found.conflicts) == ("-", "-", ())
    new.write("ben", (update("cell", FLOW, label="Ben's, since"),))
    found, after = after_all(old, new)
    assert label(after, FLOW) == "Ben's, since"
    assert {one.what for one in found.conflicts} == {"i_removed"}


def test_a_log_that_cannot_stand_is_refused() -> None:
    old, new = Log(), Log()
    old.write("me", (update("cell", NODE, label="Mine"),))
    new.write("ben", (update("cell", NODE, label="Ben's"),))
    wrong = msgspec.structs.replace(
        new.events[0],
        operation=msgspec.structs.replace(
            new.events[0].operation, patch=(update("cell", NODE, position={"x": "left"}),)
        ),
    )
    with pytest.raises(Diverged, match=f"event {COMMON + 1} cannot stand"):
        part(common(), COMMON, old.events, [wrong], lambda _one: True)
