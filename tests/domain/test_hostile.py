"""Whatever a patch holds: a change set or one clear refusal, never anything else."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.changes import ChangeSet
from app.domain.errors import InvalidData
from app.domain.patch import Patch, RecordOperation, add, decode_patch, encode, remove, update
from app.domain.stage import apply, stage
from app.domain.state import ModelState
from tests.domain.sound import content, faults, views
from tests.strategies import MODEL_ID, an_id, hostile_patches, nested, states, valid_patches

D, E, B1, B2, B3, N, M, F, T, A = (an_id(n) for n in range(1, 11))


def small() -> ModelState:
    """Two diagrams, nested boundaries, two nodes with a flow, a threat and an asset."""
    state = ModelState(MODEL_ID)
    node = {"diagram_id": D, "type": "process"}
    flow = {"diagram_id": D, "type": "data_flow", "source": {"cell": N}, "target": {"cell": M}}
    boundary = {"diagram_id": D, "type": "trust_boundary"}
    apply(
        state,
        (
            add("threat_model", MODEL_ID, {"name": "model"}),
            add("diagram", D, {"name": "one"}),
            add("diagram", E, {"name": "two"}),
            add("cell", B1, boundary),
            add("cell", B2, {**boundary, "parent": B1}),
            add("cell", B3, {**boundary, "parent": B2}),
            add("cell", N, {**node, "parent": B3}),
            add("cell", M, node),
            add("cell", F, flow),
            add("threat", T, {"name": "threat", "cell_id": N}),
            add("asset", A, {"name": "asset"}),
        ),
        "first",
    )
    return state


def attempt(state: ModelState, patch: Patch) -> ChangeSet | InvalidData:
    """The change set of a patch that has been applied, or its refusal; any other error is a failure."""
    try:
        return apply(state, patch, "hostile")
    except InvalidData as error:
        return error


def check_total(state: ModelState, patch: Patch) -> None:
    """Apply a patch; whatever comes of it, the state is sound, and untouched after a refusal."""
    before, seen = content(state), views(state)
    found = attempt(state, patch)
    if isinstance(found, InvalidData):
        assert content(state) == before
        assert views(state) == seen
        assert found.reason
        assert all(isinstance(p, str) for p in (found.kind, found.record_id, found.prop, found.reason))
        assert len(str(found).splitlines()) == 1
        str(found).encode()
        return
    assert faults(state) == []
    encode(found.effective)
    encode([(d.kind, d.id, d.prop, d.reason) for d in found.dropped])
    assert not stage(state, found.effective)
    apply(state, found.inverse)
    assert dict(state.records) == before["records"]


@given(st.data())
def test_hostile_patches(data: st.DataObject) -> None:
    state = data.draw(states(max_cells=5, max_others=3))
    for _ in range(3):
        check_total(state, data.draw(hostile_patches(state)))


@given(st.data())
def test_hostile_patches_to_a_model_not_yet_there(data: st.DataObject) -> None:
    state = ModelState(MODEL_ID)
    patch = data.draw(hostile_patches(state))
    # The model's own record is the one that an inverse cannot take away.
    check_total(state, tuple(o for o in patch if o.id != MODEL_ID or o.kind != "threat_model"))


def ruin(value: Any) -> None:
    """Empty every list and dict inside."""
    if isinstance(value, dict | list):
        for inner in list(value.values()) if isinstance(value, dict) else list(value):
            ruin(inner)
        value.clear()


@given(st.data())
def test_records_share_nothing_with_patches(data: st.DataObject) -> None:
    state = data.draw(states(max_cells=4))
    patch = data.draw(valid_patches(state))
    twin = state.copy()
    apply(twin, copy.deepcopy(patch))
    changes = apply(state, patch)
    for operation in (*patch, *changes.effective, *changes.inverse):
        ruin(operation.data)
    assert state == twin
    fresh = stage(ModelState(MODEL_ID), (add("asset", an_id(5), {"name": "a"}),)).changes[0].after
    assert fresh is not None
    assert fresh.metadata == {}
    assert fresh.extra == {}


CELL = {"diagram_id": D, "type": "process"}
REFUSED: list[tuple[str, Patch, str]] = [
    ("no id", (add("cell", "x", CELL),), "id"),
    ("upper-case id", (add("cell", "0000000A" + D[8:], CELL),), "id"),
    ("second model", (add("threat_model", an_id(77), {"name": "two"}),), "id"),
    ("model removed", (remove("threat_model", MODEL_ID),), ""),
    ("model as cell", (add("cell", MODEL_ID, CELL),), "kind"),
    ("cell as threat", (update("threat", N, name="t"),), "kind"),
    ("removed under another kind", (remove("asset", N),), "kind"),
    ("kind changed in a patch", (remove("cell", N), add("asset", N, {"name": "a"}, restore=True)), "kind"),
    ("moved to another diagram", (update("cell", N, diagram_id=E),), "diagram_id"),
    (
        "moved by removal",
        (remove("cell", N), add("cell", N, {**CELL, "diagram_id": E}, restore=True)),
        "diagram_id",
    ),
    ("node to line", (update("cell", N, type="data_flow"),), "type"),
    ("box to line", (update("cell", B1, form="line"),), "form"),
    ("node with a source", (update("cell", N, source={"cell": M}),), "source"),
    ("node with a target", (update("cell", N, target={"x": 1, "y": 2}),), "target"),
    ("flow without a target", (update("cell", F, target=None),), "target"),
    ("word", (RecordOperation("cell", N, "move"),), "operation"),  # type: ignore[arg-type]
    ("no diagram", (add("cell", an_id(50), {"type": "process"}),), "diagram_id"),
    ("id as property", (update("cell", N, id=M),), "id"),
    ("extra as property", (update("cell", N, extra={}),), "extra"),
    ("too deep", (update("cell", N, new=nested(17)),), "new"),
    ("empty kind", (add("", an_id(50), {}),), "kind"),
    ("surrogate in a kind", (update("a\ud800", an_id(50)),), "kind"),
    ("surrogate in a property", (update("cell", N, **{"p\ud800": 1}),), "p"),
    ("not finite", (update("cell", N, position={"x": float("nan"), "y": 0}),), "position"),
    ("huge", (update("cell", N, position={"x": 10**400, "y": 0}),), "position"),
]


@pytest.mark.parametrize(("patch", "prop"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_refused(patch: Patch, prop: str) -> None:
    state = small()
    with pytest.raises(InvalidData) as caught:
        stage(state, patch)
    assert caught.value.prop == prop
    check_total(state, patch)


LINE = {"diagram_id": D, "type": "data_flow", "source": {"cell": N}, "target": {"cell": M}}
MENDED: list[tuple[str, Patch]] = [
    ("parent of itself", (update("cell", B1, parent=B1),)),
    ("circle of two", (update("cell", B1, parent=B2),)),
    ("circle of three", (update("cell", B1, parent=B3),)),
    ("circles in one patch", (update("cell", B2, parent=None), update("cell", B1, parent=B3))),
    ("turned round", (update("cell", B1, parent=B3), update("cell", B2, parent=None))),
    ("inside a process", (update("cell", B1, parent=M),)),
    ("inside a cell of another diagram", (add("cell", an_id(50), {**CELL, "diagram_id": E, "parent": B1}),)),
    ("flow to a flow", (add("cell", an_id(50), {**LINE, "target": {"cell": F}}),)),
    ("flow to itself", (update("cell", F, target={"cell": F}),)),
    ("flow across diagrams", (add("cell", an_id(50), {**LINE, "diagram_id": E}),)),
    ("flow to a threat", (update("cell", F, target={"cell": T}),)),
    ("cell in a cell as diagram", (add("cell", an_id(50), {**CELL, "diagram_id": N}),)),
    ("threat to a diagram", (update("threat", T, cell_id=D),)),
    ("added twice", (add("asset", A, {"name": "b"}), add("asset", A, {"name": "c"}))),
    ("restore of never known", (add("asset", an_id(50), {"name": "b"}, restore=True),)),
    ("update of never known", (update("asset", an_id(50), name="b"),)),
    ("update after remove", (remove("cell", N), update("cell", N, label="x"))),
    ("removed and restored", (remove("cell", N), add("cell", N, CELL, restore=True))),
    ("removed and added", (remove("cell", N), add("cell", N, CELL))),
    ("boundary becomes a process", (update("cell", B2, type="process"),)),
    ("added and removed", (add("asset", an_id(50), {"name": "b"}), remove("asset", an_id(50)))),
    ("kind of a later version", (add("gadget", an_id(50), {"name": "b", "x": [1, {"y": None}]}),)),
    (
        "threat to a cell that falls with its diagram",
        (
            add("threat", an_id(50), {"name": "t", "cell_id": an_id(51)}),
            add("cell", an_id(51), {**CELL, "diagram_id": an_id(99)}),
        ),
    ),
    (
        "link written in the patch that removes the diagram",
        (
            update("threat", T, cell_id=M),
            add("task", an_id(50), {"name": "x", "cell_id": M}),
            remove("diagram", D),
        ),
    ),
    (
        "replies in a circle",
        (
            add("comment", an_id(50), {"text": "a", "reply_to": an_id(51)}),
            add("comment", an_id(51), {"text": "b", "reply_to": an_id(50)}),
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize("patch", [m[1] for m in MENDED], ids=[m[0] for m in MENDED])
def test_mended(patch: Patch) -> None:
    state = small()
    stage(state, patch)
    check_total(state, patch)


def test_long_chains_take_no_time_to_speak_of() -> None:
    """Twenty thousand boundaries in each other, closed to a circle: linear, not quadratic."""
    count = 20_000
    ids = [an_id(1000 + n) for n in range(count)]
    data = {"diagram_id": D, "type": "trust_boundary"}
    patch = tuple(add("cell", one, {**data, "parent": ids[n - 1]}) for n, one in enumerate(ids))
    state = small()
    changes = apply(state, patch)
    assert len(changes.changes) == count
    assert [d.prop for d in changes.dropped] == ["parent"]
    assert len(state.descendants(ids[0])) + len(state.descendants(ids[-1])) >= count - 1


def test_nothing_else_takes_the_place_of_the_model() -> None:
    for kind in ("gadget", "cell", "asset"):
        with pytest.raises(InvalidData, match="is the id of the model itself"):
            apply(ModelState(MODEL_ID), (add(kind, MODEL_ID, {"name": "x"}),))


def test_parts_of_later_versions_are_passed_over() -> None:
    patch = decode_patch(b'[{"kind":"cell","id":"%s","operation":"remove","later":[1]}]' % N.encode())
    assert patch == (remove("cell", N),)
