"""Comments outlive what they are on: their text stays, and the place where it was."""

from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.patch import add, remove, update
from app.domain.records import Comment
from app.domain.stage import apply, stage
from app.domain.state import ModelState
from app.domain.values import Point
from tests.domain.sound import faults
from tests.strategies import MODEL_ID, an_id

D, N, M, F, T, ROOT = (an_id(n) for n in range(1, 7))
REPLIES = [an_id(n) for n in range(10, 14)]


def model() -> ModelState:
    """A node with a thread of replies, a flow and a threat with a comment each."""
    state = ModelState(MODEL_ID)
    patch = [
        add("threat_model", MODEL_ID, {"name": "m"}),
        add("diagram", D, {"name": "d"}),
        add("cell", N, {"diagram_id": D, "type": "process", "position": {"x": 100, "y": 50},
                        "size": {"width": 80, "height": 40}}),
        add("cell", M, {"diagram_id": D, "type": "process", "position": {"x": 300, "y": 50},
                        "size": {"width": 80, "height": 40}}),
        add("cell", F, {"diagram_id": D, "type": "data_flow", "source": {"cell": N},
                        "target": {"cell": M}}),
        add("threat", T, {"name": "t"}),
        add("comment", ROOT, {"text": "root", "cell_id": N, "diagram_id": D, "written_at": "1"}),
    ]  # fmt: skip
    for place, reply_id in enumerate(REPLIES):
        data = {"text": f"reply {place}", "reply_to": ROOT, "written_at": str(9 - place)}
        patch.append(add("comment", reply_id, data))
    apply(state, tuple(patch))
    return state


def comment(state: ModelState, comment_id: str) -> Comment:
    """The comment, which must be there."""
    found = state.find(Comment, comment_id)
    assert found is not None
    return found


def test_a_comment_on_a_removed_element_is_pinned_where_the_element_was() -> None:
    state = model()
    apply(state, (update("cell", N, position={"x": 500, "y": 70}),))
    changes = apply(state, (remove("cell", N),))
    root = comment(state, ROOT)
    assert (root.text, root.cell_id, root.diagram_id) == ("root", None, D)
    assert root.position == Point(580, 70)
    apply(state, changes.inverse)
    assert comment(state, ROOT).cell_id == N


def test_one_on_a_removed_flow_stays_between_its_ends() -> None:
    state = model()
    apply(state, (add("comment", an_id(20), {"text": "flow", "cell_id": F}),))
    apply(state, (remove("cell", N),))
    assert comment(state, an_id(20)).position == Point(240, 70)
    assert comment(state, an_id(20)).diagram_id == D


def test_one_on_a_removed_diagram_or_threat_belongs_to_the_model() -> None:
    state = model()
    apply(state, (add("comment", an_id(20), {"text": "threat", "threat_id": T}),))
    apply(state, (remove("diagram", D), remove("threat", T)))
    assert comment(state, ROOT).diagram_id is None
    assert comment(state, an_id(20)).text == "threat"


def test_the_oldest_reply_takes_the_place_of_a_removed_root() -> None:
    state = model()
    changes = apply(state, (remove("comment", ROOT),))
    heir = comment(state, REPLIES[-1])
    assert (heir.reply_to, heir.cell_id, heir.diagram_id) == (None, N, D)
    assert {comment(state, i).reply_to for i in REPLIES[:-1]} == {heir.id}
    apply(state, changes.inverse)
    assert {comment(state, i).reply_to for i in REPLIES} == {ROOT}
    assert comment(state, REPLIES[-1]).cell_id is None


def test_root_and_element_removed_together_leave_the_replies_in_place() -> None:
    state = model()
    apply(state, (remove("comment", ROOT), remove("cell", N)))
    heir = comment(state, REPLIES[-1])
    assert heir.cell_id is None
    assert heir.position == Point(180, 50)


@example([ROOT, D], True)
@example([D, ROOT, N], True)
@given(st.lists(st.sampled_from([D, N, M, F, T, ROOT, *REPLIES]), max_size=8, unique=True), st.booleans())
def test_no_removal_loses_the_text_of_another_comment(gone: list[str], together: bool) -> None:
    state = model()
    kinds = {i: r.kind for i, r in state.records.items()}
    patch = tuple(remove(kinds[i], i) for i in gone)
    for part in [patch] if together else [(one,) for one in patch]:
        before = state.copy()
        changes = apply(state, part)
        twin = state.copy()
        apply(twin, changes.inverse)
        assert {i: twin.get(i) for i in before.records} == dict(before.records)
    assert {c.id for c in state.all(Comment)} == {ROOT, *REPLIES} - set(gone)
    assert not faults(state)
    assert not stage(state, ())
