"""The hard cases of a week apart, decided each way on real libraries: what comes of it, and the way back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.domain.absence import Edit
from app.domain.conflicts import Choice, Conflict
from app.domain.errors import InvalidData
from app.domain.ids import new_id
from app.domain.patch import Patch, add, remove, update
from app.domain.records import Cell, Threat
from app.ports import Attachment
from app.services.document import ReadOnly
from tests.wiring.table import SEEN_AT, Person, Table, agree

NODE, OTHER, FLOW, ZONE, THREAT, NEW = (new_id() for _ in range(6))
Look = Callable[[Person], object]


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def two(table: Table, tmp_path: Path) -> Iterator[tuple[Person, Person]]:
    """Ann and Ben, with two nodes in a zone, a flow between them, a threat on one."""
    ann, ben = Person(table, "ann", tmp_path), Person(table, "ben", tmp_path)
    zone = {"diagram_id": table.diagram, "type": "trust_boundary", "label": "Zone"}
    ends = {"source": {"cell": NODE}, "target": {"cell": OTHER}}
    ann.do(
        *table.node(NODE, "Shop"), *table.node(OTHER, "Orders"), add("cell", ZONE, zone),
        add("cell", FLOW, {"diagram_id": table.diagram, "type": "data_flow", "label": "place", **ends}),
        add("threat", THREAT, {"name": "Tampering", "cell_id": NODE, "description": "Old words"}),
    )  # fmt: skip
    ann.send()
    yield ann, ben
    for one in (ann, ben):
        one.library.close()


def apart(two: tuple[Person, Person], mine: Patch, theirs: Patch) -> tuple[Conflict, ...]:
    """Ann does this offline, Ben that meanwhile, and she comes back after a week."""
    ann, ben = two
    ann.connected = False
    ann.do(*mine)
    ben.do(*theirs)
    ben.send()
    ann.come_back(after_long=True)
    return ann.document.conflicts


def flow(table: Table, cell_id: str, source: str, target: str, label: str) -> Patch:
    data = {"diagram_id": table.diagram, "type": "data_flow", "label": label,
            "source": {"cell": source}, "target": {"cell": target}}  # fmt: skip
    return (add("cell", cell_id, data),)


def decided(table: Table, two: tuple[Person, Person], choice: Choice) -> None:
    """Ann decides the one conflict; everybody sees what comes of it."""
    ann, _ = two
    (conflict,) = ann.document.conflicts
    if choice == "both" and not conflict.can_keep_both:
        with pytest.raises(InvalidData, match="twice"):
            ann.document.decide(conflict, choice)
        assert ann.document.conflicts == (conflict,)
        return
    ann.document.decide(conflict, choice)
    ann.send()
    assert ann.document.conflicts == ()
    agree(table)


def labels(one: Person) -> list[str]:
    return sorted(cell.label for cell in one.document.state.all(Cell) if cell.type == "process")


@pytest.mark.parametrize(
    ("choice", "there"),
    [
        ("mine", ["Mine", "Orders"]),
        ("theirs", ["Orders", "Theirs"]),
        ("both", ["Mine", "Orders", "Theirs"]),
    ],
)
def test_both_renamed(table: Table, two: tuple[Person, Person], choice: Choice, there: list[str]) -> None:
    """REVIEW-1, REVIEW-2, REVIEW-4."""
    (one,) = apart(two, (update("cell", NODE, label="Mine"),), (update("cell", NODE, label="Theirs"),))
    assert (one.what, one.author) == ("both_changed", "ben")
    assert labels(two[0]) == ["Orders", "Theirs"]
    decided(table, two, choice)
    assert labels(two[1]) == there


@pytest.mark.parametrize(
    ("choice", "words"),
    [("mine", "Mine."), ("theirs", "Theirs."), ("both", "Theirs.\n\nMine.")],
)
def test_both_wrote_a_text(table: Table, two: tuple[Person, Person], choice: Choice, words: str) -> None:
    """REVIEW-4: both is one below the other."""
    (one,) = apart(
        two, (update("threat", THREAT, description="Mine."),),
        (update("threat", THREAT, description="Theirs."),),
    )  # fmt: skip
    assert one.joins
    decided(table, two, choice)
    assert two[1].text(THREAT, "description") == words


def test_two_texts_that_are_too_long_together_stand_in_two_records(
    table: Table, two: tuple[Person, Person]
) -> None:
    """REVIEW-2: nothing is cut off."""
    mine, theirs = "m" * 40_000, "t" * 40_000
    apart(two, (update("threat", THREAT, description=mine),), (update("threat", THREAT, description=theirs),))
    decided(table, two, "both")
    assert sorted(one.description for one in two[1].document.state.all(Threat)) == [mine, theirs]


def test_a_model_is_not_doubled(table: Table, two: tuple[Person, Person]) -> None:
    """Its texts are put below each other only where they fit; there is no second model."""
    model = table.model_id
    mine, theirs = "m" * 1500, "t" * 1500
    apart(
        two, (update("threat_model", model, name="Mine", description=mine),),
        (update("threat_model", model, name="Theirs", description=theirs),),
    )  # fmt: skip
    ann = two[0].document
    by_group = {one.group: one for one in ann.conflicts}
    assert not by_group["name"].can_keep_both
    with pytest.raises(InvalidData, match="longer"):
        ann.decide(by_group["description"], "both")
    ann.decide_all(ann.conflicts, "mine")
    assert (ann.name, two[0].text(model, "description"), ann.conflicts) == ("Mine", mine, ())


@pytest.mark.parametrize(("choice", "flow_is"), [("mine", "buy"), ("theirs", None), ("both", None)])
def test_i_edited_what_they_removed(
    table: Table, two: tuple[Person, Person], choice: Choice, flow_is: str | None
) -> None:
    """REVIEW-2, DEL-1: what comes back brings along what it needs."""
    (one,) = apart(two, (update("cell", FLOW, label="buy"),), (remove("cell", NODE),))
    assert one.what == "they_removed"
    decided(table, two, choice)
    assert two[1].text(FLOW, "label") == flow_is
    assert two[1].text(NODE, "label") == ("Shop" if flow_is else None)


@pytest.mark.parametrize(("choice", "why"), [("mine", None), ("theirs", "Why"), ("both", "Why")])
def test_i_removed_what_they_edited(
    table: Table, two: tuple[Person, Person], choice: Choice, why: str | None
) -> None:
    """REVIEW-1: theirs stays until I say so."""
    (one,) = apart(two, (remove("cell", NODE),), (update("cell", NODE, description="Why"),))
    assert one.what == "i_removed"
    assert two[0].text(FLOW, "label") == "place"
    decided(table, two, choice)
    assert two[1].text(NODE, "description") == why
    assert two[1].text(FLOW, "label") == ("place" if why else None)


@pytest.mark.parametrize(("choice", "flow_is"), [("mine", "mine"), ("theirs", None), ("both", None)])
def test_my_flow_to_what_they_removed(
    table: Table, two: tuple[Person, Person], choice: Choice, flow_is: str | None
) -> None:
    """REVIEW-2: it waits with its text, and brings its end along."""
    (one,) = apart(two, flow(table, NEW, OTHER, NODE, "mine"), (remove("cell", NODE),))
    assert (one.what, one.mine["label"], one.author) == ("no_place", "mine", "ben")
    decided(table, two, choice)
    assert two[1].text(NEW, "label") == flow_is


def test_i_moved_it_into_a_boundary_that_they_removed(table: Table, two: tuple[Person, Person]) -> None:
    """REVIEW-2, REF-1: nobody is asked; it keeps its place and is in no boundary."""
    mine = (update("cell", NODE, parent=ZONE, position={"x": 30, "y": 40}),)
    assert apart(two, mine, (remove("cell", ZONE),)) == ()
    held = two[1].document.state.cell(NODE)
    assert held is not None
    assert (held.parent, held.position.x, held.position.y) == (None, 30, 40)
    agree(table)


def test_they_moved_it_into_a_boundary_that_i_removed(table: Table, two: tuple[Person, Person]) -> None:
    """REF-1: the boundary goes, what is in it stays where they put it."""
    theirs = (update("cell", NODE, parent=ZONE, position={"x": 30, "y": 40}),)
    apart(two, (remove("cell", ZONE),), theirs)
    held = two[1].document.state.cell(NODE)
    assert held is not None
    assert (held.position.x, held.position.y) == (30, 40)
    agree(table)


def test_my_threat_on_what_they_removed(table: Table, two: tuple[Person, Person]) -> None:
    """REVIEW-2: nobody is asked; it keeps its words and loses its link."""
    mine = (
        add("threat", NEW, {"name": "Mine", "cell_id": NODE, "description": "Long words"}),
        update("threat", THREAT, description="Better words"),
    )
    assert apart(two, mine, (remove("cell", NODE),)) == ()
    ben = two[1].document.state
    found = {one.id: (one.description, one.cell_id) for one in ben.all(Threat)}
    assert found == {NEW: ("Long words", None), THREAT: ("Better words", None)}
    agree(table)


@pytest.mark.parametrize(("choice", "words"), [("mine", "Mine"), ("theirs", None), ("both", None)])
def test_they_removed_the_threat_that_i_wrote_on(
    table: Table, two: tuple[Person, Person], choice: Choice, words: str | None
) -> None:
    """REVIEW-2: the whole threat comes back, with its link."""
    apart(two, (update("threat", THREAT, description="Mine"),), (remove("threat", THREAT),))
    decided(table, two, choice)
    assert two[1].text(THREAT, "description") == words
    if words:
        assert two[1].text(THREAT, "cell_id") == NODE


def test_two_flows_between_the_same_two_both_stand(table: Table, two: tuple[Person, Person]) -> None:
    """REVIEW-1, REVIEW-2: nobody is asked."""
    other = new_id()
    mine, theirs = flow(table, NEW, NODE, OTHER, "mine"), flow(table, other, NODE, OTHER, "theirs")
    assert apart(two, mine, theirs) == ()
    assert (two[1].label(NEW), two[1].label(other)) == ("mine", "theirs")
    agree(table)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_node_and_its_flow_that_both_wait_come_back_as_i_had_them(
    table: Table, two: tuple[Person, Person], order: tuple[int, int]
) -> None:
    """REVIEW-4: the flow needs its end as it was, and does not put that over what I made of it."""
    mine = (update("cell", NODE, label="Web shop"), update("cell", FLOW, label="buy"))
    conflicts = apart(two, mine, (remove("cell", NODE),))
    assert [one.what for one in conflicts] == ["they_removed", "they_removed"]
    for place in order:
        two[0].document.decide(conflicts[place], "mine")
    two[0].send()
    assert (two[1].label(NODE), two[1].label(FLOW)) == ("Web shop", "buy")
    agree(table)


def test_what_has_been_removed_since_stays_open_unless_theirs_counts(two: tuple[Person, Person]) -> None:
    """REVIEW-5: keeping mine would do nothing, and lose my words unseen."""
    ann, ben = two
    (one,) = apart(two, (update("cell", NODE, label="Mine"),), (update("cell", NODE, label="Theirs"),))
    ben.do(remove("cell", NODE))
    ben.send()
    for choice in ("mine", "both"):
        with pytest.raises(InvalidData, match="removed since"):
            ann.document.decide(one, choice)
        assert ann.document.decide_all((one,), choice).changes == ()
    assert list(ann.document.conflicts) == [one]
    ann.document.decide(one, "theirs")
    assert not ann.document.conflicts


def test_who_takes_a_decision_back_is_asked_again(table: Table, two: tuple[Person, Person]) -> None:
    """REVIEW-5: also after a restart in between; who does it again is not."""
    ann, _ = two
    (one,) = apart(two, (update("cell", NODE, label="Mine"),), (update("cell", NODE, label="Theirs"),))
    told: list[int] = []
    ann.document.listen_conflicts(lambda: told.append(len(ann.document.conflicts)))
    ann.document.decide(one, "mine")
    ann.document.undo()
    assert (ann.label(NODE), ann.document.conflicts) == ("Theirs", (one,))
    ann.document.redo()
    assert (ann.label(NODE), ann.document.conflicts) == ("Mine", ())
    ann.document.undo()
    assert told == [0, 1, 0, 1]
    ann.send()
    ann.restart()
    assert (ann.label(NODE), ann.document.conflicts) == ("Theirs", (one,))
    ann.document.decide(one, "theirs")
    ann.document.decide(one, "mine")  # not any more
    assert ann.label(NODE) == "Theirs"
    ann.document.reopen((one,))
    ann.document.decide(one, "mine")
    ann.send()
    assert two[1].label(NODE) == "Mine"
    agree(table)


def test_many_are_one_step(table: Table, two: tuple[Person, Person]) -> None:
    """REVIEW-4, REVIEW-5: one edit, one undo, and all of them are asked again."""
    ann, ben = two
    mine = (
        update("cell", NODE, label="M", position={"x": 1, "y": 1}),
        update("cell", OTHER, position={"x": 2, "y": 2}),
    )
    theirs = (
        update("cell", NODE, label="T", position={"x": 8, "y": 8}),
        update("cell", OTHER, position={"x": 9, "y": 9}),
    )
    conflicts = apart(two, mine, theirs)
    assert sorted(one.asked for one in conflicts) == [False, False, True]
    before = dict(ann.document.state.records)
    ann.document.decide_all([one for one in conflicts if not one.asked], "mine")
    assert [one.group for one in ann.document.conflicts] == ["label"]
    assert ann.document.undo_titles[0] == "keep mine"
    ann.document.undo()
    assert ann.document.state.records == before
    assert sorted(one.id for one in ann.document.conflicts) == sorted(one.id for one in conflicts)
    ann.document.decide_all(conflicts, "mine")
    ann.send()
    assert (ben.label(NODE), ann.document.conflicts) == ("M", ())
    agree(table)


def test_a_reader_can_only_let_theirs_count(two: tuple[Person, Person]) -> None:
    ann, _ = two
    (one,) = apart(two, (update("cell", NODE, label="Mine"),), (update("cell", NODE, label="Theirs"),))
    ann.document.attachment = Attachment(server="s", epoch="epoch", role="reader")
    with pytest.raises(ReadOnly, match="you may read"):
        ann.document.decide(one, "mine")
    assert list(ann.document.conflicts) == [one]
    ann.document.decide(one, "theirs")
    assert not ann.document.conflicts


def test_what_others_did_is_told_until_it_is_dismissed(two: tuple[Person, Person]) -> None:
    """REVIEW-6: also where there is nothing to decide; one's own edits are no news."""
    ann, ben = two
    ann.connected = False
    ann.do(update("cell", OTHER, label="Mine"))
    for label in ("One", "Web shop"):
        ben.do(update("cell", NODE, label=label))
    ben.do(update("cell", NODE, position={"x": 5, "y": 5}))
    ben.do(add("threat", NEW, {"name": "Spoofing", "cell_id": NODE}))
    ben.do(remove("threat", THREAT))
    gone = new_id()
    ben.do(add("note", gone, {"name": "Brief", "content": "x"}))
    ben.do(remove("note", gone))
    ben.send()
    ann.come_back(after_long=True)
    expected = {
        Edit(author="ben", kind="cell", record_id=NODE, what="changed", type="process", name="Web shop",
             was_called="Shop", groups=("label", "position")),
        Edit(author="ben", kind="threat", record_id=NEW, what="added", name="Spoofing",
             was_called="Spoofing"),
        Edit(author="ben", kind="threat", record_id=THREAT, what="removed", name="Tampering",
             was_called="Tampering"),
    }  # fmt: skip
    assert (set(ann.document.absence.edits), ann.document.absence.since) == (expected, SEEN_AT)
    assert ann.document.conflicts == ()
    ann.restart()
    assert set(ann.document.absence.edits) == expected
    assert ann.document.drafts == {}
    ben.do(update("cell", NODE, technology="Go"))
    ben.send()
    assert set(ann.document.absence.edits) == expected, "what one sees happen is no news"
    ann.document.dismiss_absence()
    ann.restart()
    assert not ann.document.absence
