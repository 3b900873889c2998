"""What becomes of what hangs on a change, case by case."""

from typing import Any

import pytest

from app.domain.patch import Patch, add, remove, update
from app.domain.stage import apply
from tests.domain.sound import faults
from tests.domain.test_hostile import B1, B2, B3, A, D, E, F, M, N, T, small
from tests.strategies import MODEL_ID, an_id

X, Y, Z = (an_id(n) for n in range(50, 53))
CASES: list[tuple[str, Patch, dict[Any, Any]]] = [
    ("a node takes its flows", (remove("cell", N),), {N: None, F: None, M: "there"}),
    ("a threat keeps its text", (remove("cell", N),), {(T, "cell_id"): None, (T, "diagram_id"): D}),
    ("a threat keeps its name", (remove("cell", N),), {(T, "name"): "threat"}),
    ("a boundary lets its children go", (remove("cell", B2),), {(B3, "parent"): None, (N, "parent"): B3}),
    ("a boundary turned process too", (update("cell", B2, type="process"),), {(B3, "parent"): None}),
    ("a diagram takes its cells", (remove("diagram", D),), {B1: None, N: None, F: None, E: "there"}),
    ("a threat outlives its diagram", (remove("diagram", D),), {T: "there", (T, "diagram_id"): None}),
    (
        "the write that closes a circle gives way",
        (update("cell", B1, parent=B3), update("cell", B2, position={"x": 5, "y": 5})),
        {(B1, "parent"): None, (B2, "parent"): B1, (B3, "parent"): B2},
    ),
    (
        "of two that close it the last",
        (update("cell", B2, parent=None), update("cell", B1, parent=B3), update("cell", B3, parent=B1)),
        {(B2, "parent"): None, (B1, "parent"): B3, (B3, "parent"): B2},
    ),
    (
        "what is taken back may close another circle",
        (
            update("cell", B2, parent=None),
            update("cell", B1, parent=B3),
            update("cell", B3, parent=B1),
            update("cell", B2, parent=B3),
        ),
        {(B2, "parent"): B1, (B1, "parent"): None, (B3, "parent"): B2},
    ),
    (
        "a circle after turning round in one patch is none",
        (update("cell", B1, parent=B2), update("cell", B2, parent=None)),
        {(B1, "parent"): B2, (B2, "parent"): None},
    ),
    (
        "an end that leads nowhere stays where it was",
        (update("cell", F, target={"cell": X}, label="new"),),
        {(F, "label"): "new", (F, "target.cell"): M},
    ),
    (
        "unless that is gone too",
        (update("cell", F, target={"cell": X}), remove("cell", M)),
        {F: None, M: None},
    ),
    (
        "a set loses only what is gone",
        (
            add("asset", X, {"name": "x"}),
            update("cell", N, data_assets=[A, X, Z]),
            remove("asset", A),
        ),
        {(N, "data_assets"): frozenset({X})},
    ),
    (
        "a threat follows its cell",
        (add("cell", X, {"diagram_id": E, "type": "process"}), update("threat", T, cell_id=X)),
        {(T, "cell_id"): X, (T, "diagram_id"): E},
    ),
    (
        "a node removed and restored in one patch keeps its flows",
        (remove("cell", N), add("cell", N, {"diagram_id": D, "type": "process"}, restore=True)),
        {N: "there", F: "there", (N, "parent"): None},
    ),
    (
        "an answer outlives what it answers",
        (
            add("comment", X, {"text": "x"}),
            add("comment", Y, {"text": "y", "reply_to": X}),
            remove("comment", X),
        ),
        {X: None, (Y, "reply_to"): None},
    ),
    ("the model stays", (remove("diagram", D), remove("diagram", E)), {MODEL_ID: "there"}),
]


@pytest.mark.parametrize(("patch", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_closure(patch: Patch, expected: dict[Any, Any]) -> None:
    state = small()
    before = dict(state.records)
    changes = apply(state, patch)
    assert faults(state) == []
    for place, value in expected.items():
        if isinstance(place, str):
            assert (place in state) == (value is not None)
            continue
        found: Any = state.get(place[0])
        for name in place[1].split("."):
            found = getattr(found, name)
        assert found == value
    apply(state, changes.inverse)
    assert dict(state.records) == before


def test_what_had_no_place_is_named() -> None:
    state = small()
    patch = (
        update("cell", F, target={"cell": X}),
        update("cell", B1, parent=B3),
        update("asset", Y, name="y"),
        remove("asset", A),
        update("asset", A, name="late"),
    )
    dropped = [(d.kind, d.id, d.prop, d.reason) for d in apply(state, patch).dropped]
    assert dropped == [
        ("asset", Y, "", "is not known"),
        ("asset", A, "", "no longer exists"),
        ("cell", F, "target", "refers to something that is not there"),
        ("cell", B1, "parent", "would put it inside itself"),
    ]
    again = apply(state, (add("asset", A, {"name": "a"}),))
    assert not again
    assert [d.reason for d in again.dropped] == ["was removed and is not being restored"]
