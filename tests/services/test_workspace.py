"""The library as a person uses it: bringing files in, copies, the bin."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.patch import update
from app.domain.records import Cell
from app.domain.stage import apply
from app.domain.state import ModelState
from app.services import files
from app.services.merging import _same_thing, compare, copied, merge_patch, replace_patch
from app.services.workspace import Workspace
from tests.domain.sound import faults
from tests.manners import count
from tests.strategies import states, valid_patches


def saved(workspace: Workspace, tmp_path: Path, model_id: str) -> files.Imported:
    path = tmp_path / "model.tmi.json"
    files.write_model(workspace.open(model_id).state, path)
    return files.read_model(path)


def test_a_file_of_an_unknown_model_is_added(workspace: Workspace, tmp_path: Path) -> None:
    imported = files.read_sample("tmi.tmi.json")
    assert workspace.compare(imported) is None
    document = workspace.take_in(imported)
    assert dict(document.state.records) == dict(imported.state().records)
    assert [s.id for s in workspace.summaries()] == [imported.model_id]


def test_merge_replace_and_keep_both(workspace: Workspace, tmp_path: Path) -> None:
    document = workspace.create("M")
    imported = saved(workspace, tmp_path, document.model_id)
    diagram = document.state.diagrams()[0].id
    document.apply((update("threat_model", document.model_id, name="Changed", description="mine"),))
    document.apply((update("diagram", diagram, name="Mine"),))
    comparison = workspace.compare(imported)
    assert comparison is not None
    assert (comparison.added, comparison.changed) == (0, 2)

    copy = workspace.take_in(imported, "copy")
    assert copy.model_id != document.model_id
    assert copy.name == "M"
    before = dict(document.state.records)
    assert workspace.take_in(imported, "replace") is document
    assert dict(document.state.records) == dict(imported.state().records)
    document.undo()
    assert dict(document.state.records) == before


def test_a_model_out_of_the_bin_by_its_file(workspace: Workspace, tmp_path: Path) -> None:
    document = workspace.create("M")
    imported = saved(workspace, tmp_path, document.model_id)
    workspace.release(document.model_id)
    workspace.delete(document.model_id)
    assert workspace.summaries() == []
    workspace.take_in(imported)
    assert [s.name for s in workspace.summaries()] == ["M"]


def diverged(data: st.DataObject) -> tuple[ModelState, ModelState]:
    """Two versions that grew from the same model."""
    mine = data.draw(states(max_cells=5, max_others=3, max_edits=1))
    theirs = mine.copy()
    for version in (mine, theirs):
        for _ in range(data.draw(st.integers(0, 2))):
            apply(version, data.draw(valid_patches(version, max_size=4)))
    return mine, theirs


@settings(max_examples=count(25, 500))
@given(data=st.data())
def test_merging_adds_and_changes_and_keeps_the_model_sound(data: st.DataObject) -> None:
    mine, theirs = diverged(data)
    before = set(mine.records)
    merged = mine.copy()
    apply(merged, merge_patch(mine, theirs))
    assert faults(merged) == []
    for record in theirs.records.values():
        assert record.id in merged or isinstance(record, Cell) or record.id in mine.tombstones
    assert not [i for i in before if i not in merged and not isinstance(mine.get(i), Cell)]


@settings(max_examples=count(25, 500))
@given(data=st.data())
def test_replacing_makes_the_model_theirs(data: st.DataObject) -> None:
    mine, theirs = diverged(data)
    reused = [i for i, r in theirs.records.items()
              if mine.tombstones.get(i, r.kind) != r.kind
              or (i in mine and not _same_thing(mine.records[i], r))]  # fmt: skip
    apply(mine, replace_patch(mine, theirs))
    assert faults(mine) == []
    if not reused:
        assert compare(mine, theirs).equal


@settings(max_examples=count(25, 500))
@given(state=states(max_cells=5, max_others=3, max_edits=1))
def test_a_copy_has_the_same_shape_and_no_id_in_common(state: ModelState) -> None:
    model_id, patch = copied(state)
    copy = ModelState(model_id)
    apply(copy, patch)
    assert faults(copy) == []
    assert not set(copy.records) & set(state.records)
    assert len(copy.records) == len(state.records)
    assert [d.name for d in copy.diagrams()] == [d.name for d in state.diagrams()]
    assert len(copy.all(Cell)) == len(state.all(Cell))
