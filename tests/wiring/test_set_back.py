"""Documents whose server was set back: on the disk, in memory, after a restart, and killed on the way."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.domain.patch import GENESIS, place, remove, update
from tests.domain.sound import content
from tests.wiring.table import NODE, OTHER, Person, Table, agree


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def two(table: Table, tmp_path: Path) -> Iterator[tuple[Person, Person]]:
    ann, ben = Person(table, "ann", tmp_path), Person(table, "ben", tmp_path)
    ann.do(*table.node(NODE, "Shop"), *table.node(OTHER, "Orders"))
    ann.send()
    yield ann, ben
    for one in (ann, ben):
        one.library.close()


def busy(ann: Person, ben: Person) -> None:
    """Some edits of both, all of them on the server."""
    for number in range(3):
        ann.do(update("cell", NODE, label=f"Ann {number}", position={"x": number, "y": 0}))
        ben.do(update("cell", OTHER, label=f"Ben {number}"))
        ann.send()
        ben.send()


def test_everybody_offers_again_what_is_theirs(table: Table, two: tuple[Person, Person]) -> None:
    """BACK-1, BACK-2, BACK-3, CONV-3: at the end all is there again, and the logs are one."""
    ann, ben = two
    busy(ann, ben)
    seen = dict(ann.document.state.records)
    table.set_back(3)
    ann.do(update("cell", NODE, description="meanwhile"))
    found = ann.begin_again()
    assert found is not None
    assert "2 changes of yours are sent again" in found.line
    assert ann.label(OTHER) == "Orders"
    ann.send()
    assert len(ann.document.lost) == 5
    assert ben.begin_again() is not None
    ben.send()
    agree(table)
    assert {i: one for i, one in ann.document.state.records.items() if i != NODE} == {
        i: one for i, one in seen.items() if i != NODE
    }
    cell = ann.document.state.cell(NODE)
    assert cell is not None
    assert (cell.label, cell.description) == ("Ann 2", "meanwhile")


def test_it_is_the_same_after_a_restart(table: Table, two: tuple[Person, Person]) -> None:
    """BACK-2, BACK-3, BACK-4: what waits, what is asked, what is lost, and what can be undone."""
    ann, ben = two
    busy(ann, ben)
    table.set_back(4)
    ben.begin_again()
    ben.do(update("cell", NODE, label="Ben's, since"))
    ben.send()
    ann.begin_again()
    assert ann.library.verify().broken == ()
    seen, waits = content(ann.document.state), ann.replica.pending
    conflicts, lost = ann.document.conflicts, ann.document.lost
    assert [one.group for one in conflicts] == ["label"]
    ann.restart()
    assert content(ann.document.state) == seen
    assert (ann.replica.pending, ann.document.conflicts) == (waits, conflicts)
    assert [one.event for one in ann.document.lost] == [one.event for one in lost]
    assert all(one.lost_at for one in ann.document.lost)
    assert ann.document.attachment is not None
    assert ann.document.attachment.epoch == table.room.epoch
    ann.come_back()
    agree(table)
    ann.document.decide(ann.document.conflicts[0], "mine")
    ann.send()
    assert ben.label(NODE) == "Ann 2"
    ann.document.undo()
    ann.send()
    assert ben.label(NODE) == "Ben's, since"
    agree(table)
    ann.document.forget_lost()
    ann.restart()
    assert ann.document.lost == ()


def test_undo_goes_on_over_it(table: Table, two: tuple[Person, Person]) -> None:
    """UNDO-1, UNDO-2: operations keep their ids, so that what is undone is what was done."""
    ann, ben = two
    busy(ann, ben)
    table.set_back(3)
    ann.begin_again()
    ann.send()
    for label in ("Ann 1", "Ann 0", "Shop"):
        ann.document.undo()
        assert ann.label(NODE) == label
    ann.send()
    ben.begin_again()
    ben.send()
    assert (ben.label(NODE), ann.label(OTHER)) == ("Shop", "Ben 2")
    agree(table)


def test_it_may_happen_again_before_all_is_sent(table: Table, two: tuple[Person, Person]) -> None:
    """NOLOSS-1: what was offered and not taken yet is offered again."""
    ann, ben = two
    busy(ann, ben)
    for number in (5, 3, 2):
        table.set_back(number)
        ann.begin_again()
    ann.send()
    ben.begin_again()
    ben.send()
    assert (ben.label(NODE), ann.label(OTHER)) == ("Ann 2", "Ben 2")
    agree(table)


def test_what_was_added_and_removed_comes_out_the_same(table: Table, two: tuple[Person, Person]) -> None:
    """BACK-2: also a removal, and a node that came and went."""
    ann, ben = two
    ann.do(remove("cell", OTHER))
    ann.send()
    ben.do(update("cell", NODE, label="Ben's"))
    ben.send()
    table.set_back(2)
    for one in two:
        one.begin_again()
        one.send()
    assert (ann.label(OTHER), ann.label(NODE)) == ("-", "Ben's")
    agree(table)


def test_a_model_that_was_made_anew(table: Table, two: tuple[Person, Person]) -> None:
    """BACK-1: nothing in common but the id; nothing of one's own vanishes unseen."""
    ann, ben = two
    busy(ann, ben)
    first = msgspec.structs.replace(table.store.log[0].operation, operation_id=OTHER)
    table.store.log = [place(first, 1, GENESIS)]
    table.set_back(1)
    found = ann.begin_again()
    assert found is not None
    assert (found.common, found.sequence_number, len(found.lost)) == (0, 1, 8)
    assert ann.label(NODE) == "Ann 2"
    ann.send()
    ben.begin_again()
    ben.send()
    agree(table)
