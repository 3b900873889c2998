"""A week apart: each hard case has its outcome, and none of them loses a text."""

import random
from collections.abc import Sequence
from itertools import permutations
from typing import Final

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.conflicts import Choice, Conflict, ghost, keep_both, keep_mine, settle
from app.domain.errors import InvalidData
from app.domain.fields import FieldType
from app.domain.intent import intended
from app.domain.merge import data_of
from app.domain.patch import Operation, Patch, add, encode, remove, update
from app.domain.records import Cell, Threat
from app.domain.references import reference_fields
from app.domain.stage import apply, stage
from app.domain.state import ModelState
from sync.replica.review import Review, review
from tests.manners import count, seed
from tests.simulation.company import Author
from tests.simulation.dice import CELLS, DIAGRAMS, MODEL
from tests.sync.replica.hands import FLOW, NODE, OTHER, THREAT, ZONE, common, flow, laid, node, side

WHO = ("ann", 7)
CHOICES: Final[tuple[Choice, ...]] = ("mine", "theirs", "both")


def meet(mine: tuple[Patch, ...], theirs: tuple[Patch, ...]) -> tuple[Review, ModelState]:
    """The review of two sides' edits, and the model with what is sent."""
    was = common()
    now, _ = side(was, *theirs)
    _, operations = side(was, *mine)
    found = review(was, now, operations, lambda _i, _g: WHO)
    return found, laid(now, found.pending)


def cell(state: ModelState, cell_id: str) -> Cell:
    found = state.cell(cell_id)
    assert found is not None
    return found


def only(found: Review) -> Conflict:
    (one,) = found.conflicts
    assert (one.author, one.sequence_number) == WHO
    return one


def test_different_properties_both_stand() -> None:
    """REVIEW-1, REVIEW-2."""
    found, after = meet(
        ((update("cell", NODE, label="Web shop"),),), ((update("cell", NODE, position={"x": 9, "y": 9}),),)
    )
    assert not found.conflicts
    assert (cell(after, NODE).label, cell(after, NODE).position.x) == ("Web shop", 9)


def test_both_renamed() -> None:
    """REVIEW-1, REVIEW-2, REVIEW-4: theirs stands, mine waits and is asked; each choice is an edit."""
    found, after = meet(((update("cell", NODE, label="Mine"),),), ((update("cell", NODE, label="Theirs"),),))
    one = only(found)
    assert (one.what, one.group, one.mine, one.was, one.asked) == (
        "both_changed", "label", {"label": "Mine"}, {"label": "Shop"}, True,
    )  # fmt: skip
    assert cell(after, NODE).label == "Theirs"
    assert cell(laid(after, [_operation(keep_mine(one, after))]), NODE).label == "Mine"
    both = laid(after, [_operation(keep_both(one, after))])
    labels = sorted(c.label for c in both.all(Cell) if c.type == "process")
    assert labels == ["Mine", "Orders", "Theirs"]
    shown = ghost(one, after)
    assert isinstance(shown, Cell)
    assert shown.label == "Mine"


def test_long_texts_can_stand_one_below_the_other() -> None:
    """REVIEW-4."""
    mine, theirs = (
        (update("threat", THREAT, description="Mine."),),
        (update("threat", THREAT, description="Theirs."),),
    )
    found, after = meet((mine,), (theirs,))
    joined = laid(after, [_operation(keep_both(only(found), after))]).find(Threat, THREAT)
    assert joined is not None
    assert joined.description == "Theirs.\n\nMine."


def test_places_are_settled_by_theirs_unless_asked_for() -> None:
    """REVIEW-2."""
    found, after = meet(
        ((update("cell", NODE, position={"x": 1, "y": 1}),),),
        ((update("cell", NODE, position={"x": 2, "y": 2}),),),
    )
    assert not only(found).asked
    assert cell(after, NODE).position.x == 2


def test_the_same_on_both_sides_is_no_conflict() -> None:
    """REVIEW-2."""
    same = (update("cell", NODE, label="Same"),)
    found, after = meet((same,), (same,))
    assert not found.conflicts
    assert not found.pending
    assert cell(after, NODE).label == "Same"


def test_i_edited_what_they_removed() -> None:
    """REVIEW-2, DEL-1: it stays removed, and keeping mine brings it back with what it needs."""
    found, after = meet(((update("cell", FLOW, label="buy"),),), ((remove("cell", NODE),),))
    one = only(found)
    assert (one.what, one.record_id, one.mine["label"]) == ("they_removed", FLOW, "buy")
    assert FLOW not in after
    back = laid(after, [_operation(keep_mine(one, after))])
    assert (cell(back, FLOW).label, cell(back, NODE).label) == ("buy", "Shop")


def test_i_removed_what_they_edited() -> None:
    """REVIEW-1: theirs stays until I say so."""
    found, after = meet(((remove("cell", NODE),),), ((update("cell", NODE, description="Why"),),))
    one = only(found)
    assert one.what == "i_removed"
    assert cell(after, NODE).description == "Why"
    assert FLOW in after
    assert NODE not in laid(after, [_operation(keep_mine(one, after))])


def test_i_removed_what_they_drew_a_flow_to() -> None:
    """REVIEW-1: the flow is theirs, and goes only if I say so."""
    found, after = meet(
        ((remove("cell", OTHER),),),
        (
            node("c0000000-0000-7000-8000-00000000000a", "New"),
            flow(
                "c0000000-0000-7000-8000-00000000000b",
                "c0000000-0000-7000-8000-00000000000a",
                OTHER,
                "theirs",
            ),
        ),
    )
    assert only(found).what == "i_removed"
    assert {OTHER, "c0000000-0000-7000-8000-00000000000b"} <= set(after.records)


def test_my_flow_to_what_they_removed() -> None:
    """REVIEW-2: it waits with its text, and brings its end along."""
    new = "c0000000-0000-7000-8000-00000000000c"
    found, after = meet((flow(new, OTHER, NODE, "mine"),), ((remove("cell", NODE),),))
    one = only(found)
    assert (one.what, one.mine["label"]) == ("no_place", "mine")
    back = laid(after, [_operation(keep_mine(one, after))])
    assert cell(back, new).label == "mine"
    assert cell(back, NODE).label == "Shop"


def test_i_moved_it_into_a_boundary_that_they_removed() -> None:
    """REVIEW-2, REF-1: it keeps its place, and is in no boundary."""
    mine = (update("cell", NODE, parent=ZONE, position={"x": 30, "y": 40}),)
    found, after = meet((mine,), ((remove("cell", ZONE),),))
    assert not found.conflicts
    assert (cell(after, NODE).parent, cell(after, NODE).position.x) == (None, 30)


def test_my_threat_on_what_they_removed() -> None:
    """REVIEW-2: the threat keeps its text and loses its link."""
    new = "f0000000-0000-7000-8000-00000000000a"
    mine = (add("threat", new, {"name": "Mine", "cell_id": NODE, "description": "Long words"}),)
    found, after = meet((mine,), ((remove("cell", NODE),),))
    assert not found.conflicts
    held = after.find(Threat, new)
    assert held is not None
    assert (held.name, held.description, held.cell_id) == ("Mine", "Long words", None)


def test_tags_of_both_sides_are_all_there() -> None:
    """REVIEW-1, PROP-1."""
    found, after = meet(
        ((update("cell", NODE, tags={"add": ["mine"]}),),),
        ((update("cell", NODE, tags={"add": ["theirs"]}),),),
    )
    assert not found.conflicts
    assert cell(after, NODE).tags == {"mine", "theirs"}


def test_what_i_removed_and_brought_back_takes_nothing_along() -> None:
    """REVIEW-1, REVIEW-3."""
    was = common()
    gone = stage(was, (remove("cell", NODE),))
    new = "c0000000-0000-7000-8000-00000000000d"
    found, after = meet(((remove("cell", NODE),), gone.inverse), (flow(new, OTHER, NODE, "theirs"),))
    assert not found.conflicts
    assert {NODE, FLOW, new} <= set(after.records)


def _operation(patch: Patch) -> Operation:
    return Operation(
        operation_id="00000000-0000-7000-9000-ffffffffffff", model_id=MODEL, author="me", patch=patch
    )


def own_ids(patch: Patch, name: str) -> Patch:
    """What a side makes has ids that the other cannot have."""
    return tuple(
        msgspec.structs.replace(one, id=one.id[0] + name + one.id[2:]) if one.operation == "add" else one
        for one in patch
    )


def random_sides(number: int) -> tuple[ModelState, ModelState, list[Operation]]:
    """Two sides at random over the common model."""
    dice = Author(random.Random(number))
    was = common()
    patches: tuple[list[Patch], list[Patch]] = ([], [])
    for name, which in zip("ab", patches, strict=True):
        while len(which) < 6:
            patch = own_ids(dice.patch(), name)
            try:
                side(was, *which, patch)
            except InvalidData:
                continue
            which.append(patch)
    _, operations = side(was, *patches[0])
    return was, side(was, *patches[1])[0], operations


def without_links(state: ModelState) -> dict[str, object]:
    """The records without what they point at: links to what is gone are cleared one by one."""
    found: dict[str, object] = {}
    for record_id, record in state.records.items():
        data = data_of(record)
        for name, rule in reference_fields(type(record)):
            if not rule.required and rule.type is not FieldType.END:
                data.pop(name, None)
        found[record_id] = data
    return found


@given(st.integers(0, 10**9))
def test_it_does_not_matter_by_how_many_operations(number: int) -> None:
    """REVIEW-3: all edits as one give the same conflicts and the same model."""
    was, theirs, operations = random_sides(number)
    every = tuple(one for operation in operations for one in operation.patch)
    at_once = stage(was, every)
    one = msgspec.structs.replace(operations[-1], patch=intended(every, at_once))
    seen = was.copy()
    seen.commit(at_once)
    # A flow led to what is removed then goes with it, but stays where it was when that is one operation.
    assume(without_links(seen) == without_links(laid(was, operations)))
    apart, together = review(was, theirs, operations), review(was, theirs, [one])
    assert set(map(repr, apart.conflicts)) == set(map(repr, together.conflicts))
    assert without_links(laid(theirs, apart.pending)) == without_links(laid(theirs, together.pending))


def decided(state: ModelState, decisions: Sequence[tuple[Conflict, Choice]]) -> ModelState:
    """A state after decisions in that order."""
    state = state.copy()
    for one, choice in decisions:
        patch, _ = settle((one,), choice, state)
        apply(state, patch, "decided")
    return state


def comparable(state: ModelState) -> bytes:
    """What a state holds. Second records have a new id each time, so of these only the content counts."""
    old = {*common().records}
    held = [(i if is_made_up(i) or i in old else "", data) for i, data in without_links(state).items()]
    return b"".join(sorted(map(encode, held)))


def is_made_up(record_id: str) -> bool:
    """Whether the dice have made an id: real ones begin with the time."""
    return not record_id.startswith("0")


def test_the_order_of_decisions_does_not_matter() -> None:
    """REVIEW-4: nor whether many are decided at once. Sides that need each other are rare: many are tried."""
    dice = random.Random(seed())
    for _ in range(count(600, 20_000)):
        number = dice.randrange(10**9)
        was, theirs, operations = random_sides(number)
        found = review(was, theirs, operations)
        after = laid(theirs, found.pending)
        decisions = [(one, dice.choice(CHOICES)) for one in found.conflicts[:4]]
        ends = {comparable(decided(after, order)) for order in permutations(decisions)}
        assert len(ends) <= 1, number
        choice = dice.choice(CHOICES)
        patch, settled = settle(found.conflicts, choice, after)
        together = after.copy()
        apply(together, patch, "decided")
        apart = decided(after, [(one, choice) for one in settled])
        assert comparable(together) == comparable(apart), number


def test_i_remove_a_boundary_that_they_moved_something_into() -> None:
    """REVIEW-1: where they have put it is theirs; I am asked."""
    inner = CELLS[3]
    made = node(inner, "Inner", "trust_boundary")
    was = common()
    apply(was, made, "start")
    now, _ = side(was, (update("cell", NODE, parent=inner),))
    _, operations = side(was, (remove("cell", inner),))
    found = review(was, now, operations, lambda _i, _g: WHO)
    assert only(found).what == "i_removed"
    assert cell(laid(now, found.pending), NODE).parent == inner


def test_a_threat_that_both_have_put_elsewhere() -> None:
    """REVIEW-1: linking it to an element would take it out of the diagram that they have put it into."""
    theirs = (update("threat", THREAT, cell_id=None), update("threat", THREAT, diagram_id=DIAGRAMS[1]))
    was = common()
    apply(was, (update("threat", THREAT, cell_id=None),), "start")
    apply(was, (update("threat", THREAT, diagram_id=None),), "start")
    now, _ = side(was, theirs)
    _, operations = side(was, (update("threat", THREAT, cell_id=OTHER),))
    found = review(was, now, operations, lambda _i, _g: WHO)
    assert {one.group for one in found.conflicts} == {"cell_id", "diagram_id"}
    held = laid(now, found.pending).find(Threat, THREAT)
    assert held is not None
    assert (held.cell_id, held.diagram_id) == (None, DIAGRAMS[1])


def test_what_i_worked_on_and_took_along_is_asked_with_it() -> None:
    """REVIEW-2, REVIEW-3: they have worked on the flow that went with my node: one question for both."""
    found, after = meet(
        ((update("cell", FLOW, label="mine"),), (remove("cell", NODE),)),
        ((update("cell", FLOW, description="theirs"),),),
    )
    assert (only(found).what, only(found).record_id) == ("i_removed", NODE)
    assert cell(after, FLOW).description == "theirs"
    apply(after, keep_mine(only(found), after))
    assert FLOW not in after


def test_what_went_with_mine_and_they_have_led_elsewhere_stays() -> None:
    """REVIEW-1, REVIEW-3: the flow does not hang on my node any more."""
    new = CELLS[6]
    was = common()
    apply(was, node(new, "New"), "start")
    theirs, _ = side(was, (update("cell", FLOW, source={"cell": new}),))
    for mine in (
        ((remove("cell", NODE),),),
        ((update("cell", FLOW, label="mine"),), (remove("cell", NODE),)),
    ):
        _, operations = side(was, *mine)
        found = review(was, theirs, operations)
        after = laid(theirs, found.pending)
        assert not found.conflicts
        assert NODE not in after
        assert cell(after, FLOW).label == "place"


def test_a_flow_that_i_led_to_what_i_removed_goes_too() -> None:
    """REVIEW-2, REVIEW-3: sent as what is left of it, the removal alone would leave the flow where it was."""
    new = CELLS[6]
    was = common()
    apply(was, node(new, "New"), "start")
    mine = ((update("cell", FLOW, source={"cell": new}),), (remove("cell", new),))
    seen, operations = side(was, *mine)
    found = review(was, was, operations)
    assert FLOW not in seen
    assert not found.conflicts
    assert {NODE, OTHER} <= set(laid(was, found.pending).records)
    assert FLOW not in laid(was, found.pending)
    theirs, _ = side(was, (update("cell", FLOW, description="theirs"),))
    found = review(was, theirs, operations, lambda _i, _g: WHO)
    assert (only(found).what, only(found).record_id) == ("i_removed", FLOW)
    assert cell(laid(theirs, found.pending), FLOW).description == "theirs"


def test_what_went_with_a_node_that_came_back_is_gone_all_the_same() -> None:
    """REVIEW-2: nobody has brought the flow back."""
    data = data_of(cell(common(), NODE))
    found, after = meet(((remove("cell", NODE),), (add("cell", NODE, data, restore=True),)), ())
    assert not found.conflicts
    assert NODE in after
    assert FLOW not in after


def test_what_i_moved_and_removed_with_its_diagram_is_asked_with_it() -> None:
    """REVIEW-1, REVIEW-2: they have drawn in the diagram; one question decides for all that went with it."""
    inside, new = CELLS[3], CELLS[4]
    data = {"diagram_id": DIAGRAMS[1], "type": "process"}
    was = common()
    apply(was, (add("cell", inside, data),), "start")
    theirs, _ = side(was, (add("cell", new, data),))
    _, operations = side(was, (update("cell", inside, label="mine"),), (remove("diagram", DIAGRAMS[1]),))
    found = review(was, theirs, operations, lambda _i, _g: WHO)
    assert (only(found).what, only(found).record_id) == ("i_removed", DIAGRAMS[1])
    after = laid(theirs, found.pending)
    assert {DIAGRAMS[1], inside, new} <= set(after.records)
    apply(after, keep_mine(only(found), after))
    assert not {DIAGRAMS[1], inside, new} & set(after.records)


def test_i_turn_a_boundary_that_they_moved_something_into_into_a_process() -> None:
    """REVIEW-1: where they have put it is theirs; what else I did to the boundary is sent."""
    inner = CELLS[3]
    was = common()
    apply(was, node(inner, "Inner", "trust_boundary"), "start")
    turned = (update("cell", inner, type="process", label="No zone"),)
    _, operations = side(was, turned)
    free = review(was, was, operations)
    assert not free.conflicts
    assert cell(laid(was, free.pending), inner).type == "process"
    now, _ = side(was, (update("cell", NODE, parent=inner),))
    found = review(was, now, operations, lambda _i, _g: WHO)
    assert (only(found).what, only(found).group) == ("both_changed", "type")
    after = laid(now, found.pending)
    assert (cell(after, NODE).parent, cell(after, inner).label) == (inner, "No zone")
    apply(after, keep_mine(only(found), after))
    assert (cell(after, NODE).parent, cell(after, inner).type) == (None, "process")


def test_what_cannot_be_settled_together_stays_open() -> None:
    """REVIEW-4, REVIEW-5: one edit does not put an element that goes with its diagram into another."""
    made, new = CELLS[6], CELLS[7]
    was = common()
    data = {"diagram_id": DIAGRAMS[1], "type": "process"}
    theirs, _ = side(was, (add("cell", made, data),), (add("cell", new, data),))
    _, operations = side(was, (remove("diagram", DIAGRAMS[1]),), node(made, "Mine"), node(CELLS[8], "Alone"))
    found = review(was, theirs, operations, lambda _i, _g: WHO)
    assert {one.record_id for one in found.conflicts} == {DIAGRAMS[1], made}
    after = laid(theirs, found.pending)
    patch, settled = settle(found.conflicts, "mine", after)
    apply(after, patch)
    assert [one.record_id for one in settled] == [DIAGRAMS[1]]
    again, settled = settle([one for one in found.conflicts if one not in settled], "mine", after)
    apply(after, again)
    assert (len(settled), cell(after, made).label) == (1, "Mine")


def test_a_boundary_that_was_something_else_for_a_while_keeps_what_they_moved_into_it() -> None:
    """REVIEW-1, REVIEW-3: nobody was in it when I turned it, and it is a boundary again."""
    inner = CELLS[3]
    was = common()
    apply(was, node(inner, "Inner", "trust_boundary"), "start")
    there, back = (update("cell", inner, type=kind) for kind in ("process", "trust_boundary"))
    _, operations = side(was, (there,), (back, update("cell", inner, label="Mine")))
    now, _ = side(was, (update("cell", NODE, parent=inner),))
    found = review(was, now, operations)
    assert not found.conflicts
    after = laid(now, found.pending)
    assert (cell(after, NODE).parent, cell(after, inner).label) == (inner, "Mine")
