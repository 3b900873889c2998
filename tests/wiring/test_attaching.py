"""A model attached to a server and detached again, open all the while, or not open at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import LibraryError
from app.domain.patch import add, remove, update
from app.ports import Attachment
from app.services.document import Document
from app.services.workspace import Workspace
from app.wiring.desktop import replica_of
from storage import SqlLibrary, open_library
from sync.replica import Replica
from sync.room import Room
from tests.domain.sound import content
from tests.simulation.dice import MODEL
from tests.simulation.memory_store import MemoryStore
from tests.wiring.table import FLOW, NODE, OTHER, Person, Table, agree

HERE = Attachment(server="s", epoch="epoch", author="Ann of the account", user_id="ann")


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def ann(table: Table, tmp_path: Path) -> Iterator[Person]:
    """Somebody whose model is on nobody's server, with some history of her own."""
    one = Person(table, "ann", tmp_path)
    one.workspace.detach(MODEL)
    reopened(one)
    one.do(*table.node(NODE, "Shop"), *table.node(OTHER, "Orders"))
    one.do(update("cell", NODE, label="Web shop"))
    yield one
    one.library.close()


def seeded(table: Table, library: SqlLibrary) -> None:
    """The model's log, brought to the room as it is."""
    library.flush()
    store = MemoryStore(MODEL)
    store.log = library.log(MODEL)
    table.store = store
    table.room = Room(store.load(MODEL), "epoch")


def shared(table: Table, one: Person) -> None:
    """Seed, attach in place, and have the person follow."""
    seeded(table, one.library)
    one.workspace.attach(MODEL, HERE)
    assert isinstance(one.document.replica, Replica)
    one.replica = one.document.replica


def reopened(one: Person) -> Document:
    """The document after another start."""
    one.library.close()
    one.library = open_library(one.path)
    one.library.listen_outbox(lambda _model, operation_id: one.saved.add(operation_id))
    one.workspace = Workspace(one.library, one.name, replicas=replica_of)
    one.document = one.workspace.open(MODEL)
    one.document.listen(lambda _changes, origin: one.heard.append(f"{origin}"))
    return one.document


def test_an_open_document_is_shared_in_place(table: Table, ann: Person, tmp_path: Path) -> None:
    """CONV-3, ATTACH-2: the same document, nothing to repaint, and what it does now goes to the server."""
    before, heard = content(ann.document.state), len(ann.heard)
    records = dict(ann.document.state.records)
    shared(table, ann)
    assert content(ann.document.state) == before
    assert all(ann.document.state.get(i) is one for i, one in records.items())
    assert len(ann.heard) == heard
    ben = Person(table, "ben", tmp_path)
    ann.do(update("cell", NODE, label="Together"))
    assert ann.replica.pending[0].author == "Ann of the account"
    ann.send()
    assert ben.label(NODE) == "Together"
    ben.do(update("cell", OTHER, label="Ben's"))
    ben.send()
    assert ann.label(OTHER) == "Ben's"
    agree(table)
    ben.library.close()


def test_what_was_done_before_can_be_undone_in_company(table: Table, ann: Person, tmp_path: Path) -> None:
    """UNDO-1, UNDO-2: own values of before are one's own; where somebody has written since, it stays."""
    ann.do(update("cell", NODE, label="Undone before"))
    ann.document.undo()
    shared(table, ann)
    ben = Person(table, "ben", tmp_path)
    ann.document.undo()
    ann.document.redo()
    ann.document.undo()
    ann.send()
    assert ben.label(NODE) == "Shop"
    ben.do(update("cell", OTHER, label="Ben's"))
    ben.send()
    ann.document.undo()
    ann.send()
    assert (ben.label(NODE), ben.label(OTHER)) == ("-", "Ben's")
    ben.library.close()


def test_detaching_keeps_what_has_not_reached_the_server(table: Table, ann: Person) -> None:
    """ATTACH-2, ATTACH-3, NOLOSS-1: in order, as ordinary events, and the chain goes on."""
    shared(table, ann)
    ann.do(update("cell", NODE, label="Reached it"))
    ann.send()
    ann.connected = False
    ann.do(update("cell", NODE, label="Waits"), update("cell", OTHER, label="Waits too"))
    ann.do(update("cell", NODE, label="Waits still"))
    seen, number = content(ann.document.state), ann.document.sequence_number
    ann.document.detach()
    assert (ann.document.replica, ann.document.attachment) == (None, None)
    assert ann.document.author == "ann"
    assert content(ann.document.state) == seen
    assert ann.document.sequence_number == number + 2
    ann.do(update("cell", OTHER, label="Alone again"))
    document = reopened(ann)
    loaded = ann.library.load(MODEL)
    assert (loaded.attachment, loaded.pending, loaded.sequence_number) == (None, (), number + 3)
    assert ann.library.verify().broken == ()
    for label in ("Waits too", "Waits too", "Orders"):
        document.undo()
        assert ann.label(OTHER) == label
    assert ann.label(NODE) == "Reached it"
    ann.library.flush()
    assert ann.library.verify().broken == ()


def test_undo_after_detaching_leaves_to_others_what_is_theirs(
    table: Table, ann: Person, tmp_path: Path
) -> None:
    """UNDO-1."""
    shared(table, ann)
    ben = Person(table, "ben", tmp_path)
    ann.do(update("cell", NODE, label="Ann 1"))
    ann.send()
    ben.do(update("cell", NODE, label="Ben"))
    ben.send()
    ann.document.detach()
    ann.do(update("cell", NODE, label="Ann 2"))
    ann.document.undo()
    assert ann.label(NODE) == "Ben"
    ann.document.undo()
    assert ann.label(NODE) == "Ben", "it went on to the step before, which is another node's"
    ben.library.close()


def test_conflicts_are_decided_after_detaching_too(table: Table, ann: Person, tmp_path: Path) -> None:
    """ATTACH-3, REVIEW-2: what is mine and waits for a decision does not go with the server."""
    shared(table, ann)
    ben = Person(table, "ben", tmp_path)
    ann.connected = False
    ann.do(update("cell", NODE, label="Ann's"))
    ben.do(update("cell", NODE, label="Ben's"))
    ben.send()
    ann.come_back(after_long=True)
    ann.document.detach()
    document = reopened(ann)
    (conflict,) = document.conflicts
    document.decide(conflict, "mine")
    assert (ann.label(NODE), document.conflicts) == ("Ann's", ())
    assert reopened(ann).conflicts == ()
    assert ann.label(NODE) == "Ann's"
    ben.library.close()


def test_again_and_again(table: Table, ann: Person) -> None:
    """Undo steps keep their order, whatever numbers they were given on the way."""
    for round_number in range(3):
        shared(table, ann)
        ann.do(update("cell", NODE, label=f"shared {round_number}"))
        ann.send()
        ann.connected = False
        ann.do(update("cell", NODE, label=f"waits {round_number}"))
        ann.document.detach()
        ann.connected = True
        ann.do(update("cell", NODE, label=f"alone {round_number}"))
    document = reopened(ann)
    for round_number in (2, 1, 0):
        for word in ("alone", "waits", "shared"):
            assert ann.label(NODE) == f"{word} {round_number}"
            document.undo()
    assert ann.label(NODE) == "Web shop"
    ann.library.flush()
    assert ann.library.verify().broken == ()


def test_what_follows_from_it_is_part_of_the_event(table: Table, ann: Person) -> None:
    """EFF-1, INTENT-1: what waited was what she did; from now on the log is here."""
    ends = {"source": {"cell": NODE}, "target": {"cell": OTHER}}
    ann.do(add("cell", FLOW, {"diagram_id": table.diagram, "type": "data_flow", **ends}))
    shared(table, ann)
    ann.do(remove("cell", NODE))
    assert [one.id for one in ann.replica.pending[0].patch] == [NODE]
    ann.document.detach()
    ((_, operation),) = ann.library.events(MODEL, ann.document.sequence_number - 1)
    assert {one.id for one in operation.patch} == {NODE, FLOW}


@pytest.mark.parametrize("detaching", [False, True])
def test_undo_keeps_its_order_where_places_ran_ahead(
    table: Table, ann: Person, tmp_path: Path, detaching: bool
) -> None:
    """Operations without effect take a place in the outbox and none in the log."""
    shared(table, ann)
    ben = Person(table, "ben", tmp_path)
    ann.connected = False
    for number in range(4):
        ann.do(update("cell", OTHER, label=f"too late {number}"))
    ben.do(remove("cell", OTHER))
    ben.send()
    ann.come_back()
    assert ann.replica.pending == ()
    ann.do(update("cell", NODE, label="first"))
    ann.send()
    if detaching:
        ann.document.detach()
    for label in ("second", "third", "fourth", "fifth", "sixth"):
        document = reopened(ann)
        ann.do(update("cell", NODE, label=label))
    for label in ("fifth", "fourth", "third", "second", "first"):
        document.undo()
        assert ann.label(NODE) == label
    ben.library.close()


def test_a_model_that_is_not_open(table: Table, ann: Person) -> None:
    """As after a program that died while it shared."""
    seeded(table, ann.library)
    ann.workspace.release(MODEL)
    ann.workspace.attach(MODEL, HERE)
    document = reopened(ann)
    assert document.attachment == HERE
    document.apply((update("cell", NODE, label="Waits"),))
    ann.workspace.release(MODEL)
    ann.workspace.detach(MODEL)
    ann.workspace.detach(MODEL)
    assert reopened(ann).replica is None
    assert ann.label(NODE) == "Waits"
    assert ann.library.verify().broken == ()


def test_what_cannot_be_is_refused_in_a_line(table: Table, ann: Person) -> None:
    """ATTACH-2: nothing has changed then."""
    seeded(table, ann.library)
    there = table.store.load(MODEL)

    def replica(number: int, head_hash: bytes) -> Replica:
        return Replica(there.state, number, head_hash, "epoch")

    number = there.sequence_number
    for wrong, words in (
        (replica(number - 1, there.head_hash), "does not have the last 1 change"),
        (replica(number + 2, there.head_hash), "has 2 changes of this model that are not here"),
        (replica(number, bytes(32)), "another history"),
    ):
        with pytest.raises(LibraryError, match=words):
            ann.document.attach(HERE, wrong)
        assert (ann.document.replica, ann.document.attachment) == (None, None)
    ann.document.attach(HERE, replica(number, there.head_hash))
    with pytest.raises(LibraryError, match="already"):
        ann.workspace.attach(MODEL, HERE)
    other = open_library(ann.path)
    document = Workspace(other, "ann", replicas=replica_of).open(MODEL)
    with pytest.raises(LibraryError, match="open in another"):
        document.detach()
    assert document.replica is not None
    other.close()
