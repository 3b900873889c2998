"""Patches in general: inverse, soundness, determinism, folding, indices."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidData
from app.domain.fields import fields_of
from app.domain.merge import data_of
from app.domain.patch import Patch, add, decode_patch, encode, remove, update
from app.domain.records import RECORD_TYPES
from app.domain.stage import apply, stage
from app.domain.state import ModelState
from tests.domain.sound import LINKS, content, faults, rebuilt, views
from tests.manners import ROOT
from tests.strategies import MODEL_ID, an_id, states, valid_patches


def test_the_checker_knows_every_reference() -> None:
    known = {
        (kind, name)
        for kind, cls in RECORD_TYPES.items()
        for name, rule in fields_of(cls).items()
        if rule.is_reference or rule.type.value == "end"
    }
    assert known == {(kind, name) for kind, name, _ in LINKS}


@given(st.data())
def test_the_inverse_restores_exactly(data: st.DataObject) -> None:
    state = data.draw(states())
    before = dict(state.records)
    changes = apply(state, data.draw(valid_patches(state)), "one")
    after = dict(state.records)
    back = apply(state, changes.inverse, "two")
    assert state.records == before
    assert back.dropped == ()
    forth = apply(state, back.inverse, "three")
    assert state.records == after
    assert forth.dropped == ()


@given(st.data())
def test_the_inverse_of_many_operations_one_after_the_other(data: st.DataObject) -> None:
    state = data.draw(states())
    before = dict(state.records)
    done = [apply(state, data.draw(valid_patches(state, 4))) for _ in range(3)]
    for changes in reversed(done):
        apply(state, changes.inverse)
    assert state.records == before


@given(st.data())
def test_no_patches_leave_an_unsound_model(data: st.DataObject) -> None:
    state = data.draw(states())
    assert faults(state) == []
    for _ in range(3):
        changes = apply(state, data.draw(valid_patches(state)))
        assert faults(state) == []
        for change in changes.changes:
            if change.before is not None and change.after is not None:
                assert change.before.kind == change.after.kind
                assert getattr(change.before, "diagram_id", "") == getattr(
                    change.after, "diagram_id", ""
                ) or change.kind in ("threat", "comment")


@given(st.data())
def test_equal_states_give_equal_results(data: st.DataObject) -> None:
    state = data.draw(states())
    patch = data.draw(valid_patches(state))
    one, two = stage(state, patch), stage(rebuilt(state, backwards=True), patch)
    assert encode(one.effective) == encode(two.effective)
    assert encode(one.inverse) == encode(two.inverse)
    assert one.dropped == two.dropped


@given(st.data())
def test_staging_leaves_the_state_alone(data: st.DataObject) -> None:
    state = data.draw(states())
    before, seen = content(state), views(state)
    stage(state, data.draw(valid_patches(state)))
    assert content(state) == before
    assert views(state) == seen


@given(st.data())
def test_effective_patches_fold_to_the_same_state(data: st.DataObject) -> None:
    state = data.draw(states())
    earlier = state.copy()
    log = [apply(state, data.draw(valid_patches(state)), f"p{n}") for n in range(3)]
    for number, changes in enumerate(log):
        patch = decode_patch(encode(changes.effective))
        folded = apply(earlier, patch, f"p{number}")
        assert folded.changes == changes.changes
        assert encode(folded.effective) == encode(changes.effective)
        again = stage(earlier, patch)
        assert not again
        assert again.effective == ()
    assert content(earlier) == content(state)
    for record_id, record in state.records.items():
        folded_record = earlier.get(record_id)
        assert folded_record is not None
        assert encode(data_of(folded_record)) == encode(data_of(record))


def test_values_that_python_takes_for_equal_do_not_part_replicas() -> None:
    state = ModelState(MODEL_ID)
    apply(state, (add("asset", an_id(1), {"name": "a", "new": 1, "deep": [True]}),))
    twin = state.copy()
    changes = apply(state, (update("asset", an_id(1), name="b", new=True, deep=[1]),))
    apply(twin, changes.effective)
    one, two = (encode(data_of(s.records[an_id(1)])) for s in (state, twin))
    assert one == two


@given(st.data())
def test_indices_are_those_of_a_state_built_anew(data: st.DataObject) -> None:
    state = data.draw(states())
    for _ in range(2):
        apply(state, data.draw(valid_patches(state)))
        assert views(state) == views(rebuilt(state, backwards=True))
    twin = state.copy()
    before = views(twin)
    apply(state, data.draw(valid_patches(state)))
    assert views(twin) == before


SCENE = """
from app.domain.patch import add, encode, update
from app.domain.stage import apply
from app.domain.state import ModelState
from tests.strategies import MODEL_ID, an_id
state = ModelState(MODEL_ID)
apply(state, (add("mitigation", an_id(1), {"name": "m"}), add("diagram", an_id(2), {"name": "d"})))
wrong = [an_id(n) for n in range(50, 90)]
changes = apply(state, (
    update("mitigation", an_id(1), threats=wrong, tags=[str(n) for n in range(30)]),
    add("assumption", an_id(3), {"name": "a", "cells": wrong, "threats": wrong}),
))
print(encode(changes.effective).hex(), encode([d.reason + d.prop for d in changes.dropped]).hex())
print(len(changes.dropped), len(changes.effective))
"""


def test_results_do_not_depend_on_how_this_process_hashes() -> None:
    printed = set()
    for number in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": number, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", SCENE], env=environment, capture_output=True, text=True, check=True
        )
        printed.add(done.stdout)
    assert len(printed) == 1
    assert printed.pop().splitlines()[1] == "3 2"


@pytest.mark.parametrize(
    "patch",
    [
        (update("asset", an_id(1), name="new"), update("asset", an_id(1), name="")),
        (remove("asset", an_id(1)), add("asset", an_id(2), {})),
        (add("asset", an_id(2), {"name": "new"}), remove("cell", an_id(1))),
    ],
)
def test_a_patch_is_all_or_nothing(patch: Patch) -> None:
    state = ModelState(MODEL_ID)
    apply(state, (add("asset", an_id(1), {"name": "kept"}),))
    before, seen = content(state), views(state)
    with pytest.raises(InvalidData):
        apply(state, patch)
    assert content(state) == before
    assert views(state) == seen


def test_cells_are_listed_anew_when_their_order_changes() -> None:
    state = ModelState(MODEL_ID)
    diagram, low, high = an_id(1), an_id(2), an_id(3)
    shape = {"diagram_id": diagram, "type": "process"}
    apply(state, (add("diagram", diagram, {"name": "d"}), add("cell", low, {**shape, "order": "A"})))
    apply(state, (add("cell", high, {**shape, "order": "B"}),))
    assert [c.id for c in state.cells(diagram)] == [low, high]
    apply(state, (update("cell", low, order="C"),))
    assert [c.id for c in state.cells(diagram)] == [high, low]
    apply(state, (update("cell", low, label="x"),))
    assert [c.label for c in state.cells(diagram)] == ["", "x"]
    apply(state, (remove("cell", high),))
    assert [c.id for c in state.cells(diagram)] == [low]
