"""Documents of two people on real libraries, a room between them: live, undone, restarted, reviewed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import LibraryError
from app.domain.ids import new_id
from app.domain.patch import GENESIS, add, remove, update
from app.domain.records import Cell, Threat
from app.ports import Attachment
from app.services.document import ReadOnly
from app.services.workspace import Workspace
from storage import SqlLibrary
from tests.wiring.table import FLOW, NODE, OTHER, Person, Table, agree


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


def test_edits_appear_and_the_logs_are_one(table: Table, two: tuple[Person, Person]) -> None:
    ann, ben = two
    assert ben.label(NODE) == "Shop"
    ann.do(update("cell", NODE, label="Web shop"))
    assert ann.label(NODE) == "Web shop", "at once, before anybody else knows"
    ben.do(update("cell", NODE, position={"x": 50, "y": 60}))
    ann.send()
    ben.send()
    assert ben.label(NODE) == "Web shop"
    assert ben.heard.count("remote") == 2
    agree(table)


def test_what_waits_survives_a_restart(table: Table, two: tuple[Person, Person]) -> None:
    ann, ben = two
    ann.connected = False
    ann.do(update("cell", NODE, label="Offline"))
    ben.do(update("cell", OTHER, label="Meanwhile"))
    ben.send()
    ann.restart()
    assert (ann.label(NODE), ann.label(OTHER)) == ("Offline", "Orders")
    assert ann.document.undo_title == "edit"
    ann.come_back()
    assert (ben.label(NODE), ann.label(OTHER)) == ("Offline", "Meanwhile")
    agree(table)


def test_a_forgotten_acknowledgement_is_asked_for_again(table: Table, two: tuple[Person, Person]) -> None:
    ann, _ = two
    ann.do(update("cell", NODE, label="Once"))
    waiting = ann.replica.pending
    ann.send()
    ann.library.set_outbox(table.model_id, waiting, ())  # as it lay before the answer came
    ann.restart()
    ann.come_back()
    assert len({e.operation.operation_id for e in table.store.log}) == len(table.store.log)
    assert ann.replica.pending == ()


def test_undo_takes_back_only_what_is_mine(table: Table, two: tuple[Person, Person]) -> None:
    """UNDO-1: never over a later value of somebody else's, however many steps back."""
    ann, ben = two
    ann.do(update("cell", NODE, label="Ann 1"))
    ann.send()
    ben.do(update("cell", NODE, label="Ben"))
    ben.send()
    ann.do(update("cell", NODE, label="Ann 2"))
    ann.send()
    ann.document.undo()
    ann.send()
    assert (ann.label(NODE), ben.label(NODE)) == ("Ben", "Ben")
    ann.document.undo()  # Ben's word stands over the step before it; of the one before that, one node does
    ann.send()
    assert (ben.label(NODE), ben.label(OTHER)) == ("Ben", "-")
    ann.document.redo()
    ann.document.redo()
    ann.send()
    assert (ben.label(NODE), ben.label(OTHER)) == ("Ann 2", "Orders")
    agree(table)


def test_undo_and_redo_alone_go_all_the_way(table: Table, two: tuple[Person, Person]) -> None:
    """UNDO-2: as many steps back as forward with nothing between is where one was."""
    ann, ben = two
    for label in ("1", "2", "3"):
        ann.do(update("cell", NODE, label=label))
    ann.send()
    for expected in ("2", "1", "Shop"):
        ann.document.undo()
        assert ann.label(NODE) == expected
    for expected in ("1", "2", "3"):
        ann.document.redo()
        assert ann.label(NODE) == expected
    ann.send()
    assert ben.label(NODE) == "3"
    agree(table)


def test_undoing_an_addition_takes_nobody_elses_work_along(table: Table, two: tuple[Person, Person]) -> None:
    """UNDO-1: a node that somebody has drawn a flow to stays."""
    ann, ben = two
    new = new_id()
    ann.do(*table.node(new, "Mine"))
    ann.send()
    ends = {"source": {"cell": OTHER}, "target": {"cell": new}}
    ben.do(add("cell", FLOW, {"diagram_id": table.diagram, "type": "data_flow", **ends}))
    ben.send()
    ann.document.undo()
    ann.send()
    assert {new, FLOW} <= {c.id for c in ben.document.state.all(Cell)}
    agree(table)


def test_undoing_a_removal_brings_back_what_went_with_it(table: Table, two: tuple[Person, Person]) -> None:
    ann, ben = two
    ends = {"source": {"cell": NODE}, "target": {"cell": OTHER}}
    ann.do(add("cell", FLOW, {"diagram_id": table.diagram, "type": "data_flow", "label": "buy", **ends}))
    ann.do(remove("cell", NODE))
    ann.send()
    assert ben.label(FLOW) == "-"
    ann.document.undo()
    ann.send()
    assert (ben.label(NODE), ben.label(FLOW)) == ("Shop", "buy")
    agree(table)


def test_a_refusal_takes_it_back(table: Table, tmp_path: Path, two: tuple[Person, Person]) -> None:
    """NOLOSS-1: a role that was taken away meanwhile."""
    ann, _ = two
    ann.do(update("cell", NODE, label="Too late"))
    ann.document.attachment = Attachment(server="s", epoch="epoch", role="reader")
    ann.send()
    assert (ann.label(NODE), ann.replica.pending) == ("Shop", ())
    with pytest.raises(ReadOnly, match="you may read"):
        ann.do(update("cell", NODE, label="Never"))
    agree(table)


def test_a_week_apart(table: Table, two: tuple[Person, Person]) -> None:
    """REVIEW-1, REVIEW-2, REVIEW-4: decided one by one, each an undoable edit; it survives a restart."""
    ann, ben = two
    threat = new_id()
    ben.do(add("threat", threat, {"name": "Spoofing", "cell_id": NODE, "description": "Old"}))
    ben.send()
    ann.connected = False
    ann.do(update("cell", NODE, label="Ann's", position={"x": 1, "y": 1}))
    ann.do(update("threat", threat, description="Ann's words"))
    ann.do(update("cell", OTHER, label="Only Ann's"))
    ben.do(update("cell", NODE, label="Ben's", position={"x": 2, "y": 2}))
    ben.do(update("threat", threat, description="Ben's words"))
    ben.send()
    ann.come_back(after_long=True)
    assert (ann.label(NODE), ben.label(OTHER)) == ("Ben's", "Only Ann's")
    agree(table)
    ann.restart()
    kinds = sorted((one.group, one.asked) for one in ann.document.conflicts)
    assert kinds == [("description", True), ("label", True), ("position", False)]
    by_group = {one.group: one for one in ann.document.conflicts}
    ann.document.decide(by_group["label"], "mine")
    ann.document.decide(by_group["description"], "both")
    ann.document.decide(by_group["position"], "theirs")
    ann.send()
    assert ann.document.conflicts == ()
    assert ben.label(NODE) == "Ann's"
    held = ben.document.state.find(Threat, threat)
    assert held is not None
    assert held.description == "Ben's words\n\nAnn's words"
    ann.document.undo()
    ann.send()
    agree(table)


def test_a_model_shared_elsewhere_needs_its_server(tmp_path: Path, table: Table) -> None:
    ann = Person(table, "ann", tmp_path)
    library: SqlLibrary = ann.library
    with pytest.raises(LibraryError, match="cannot reach"):
        Workspace(library, "ann").open(table.model_id)
    library.attach(table.model_id, None)
    document = Workspace(library, "ann").open(table.model_id)
    document.apply((update("threat_model", table.model_id, name="Mine again"),))
    library.flush()
    assert library.load(table.model_id).sequence_number == len(table.store.log) + 1
    assert library.verify().broken == ()
    assert GENESIS not in (library.load(table.model_id).head_hash,)
    library.close()
