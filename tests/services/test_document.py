"""Documents: undo in steps and in company, listeners, read-only libraries."""

from pathlib import Path

import pytest

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.changes import ChangeSet
from app.domain.errors import InvalidData
from app.domain.patch import Origin, update
from app.domain.values import Point
from app.services.document import Document, ReadOnly
from app.services.workspace import Workspace
from storage import open_library


def a_process(document: Document, label: str = "P") -> str:
    diagram = document.state.diagrams()[0].id
    cell_id, patch = edits.create_node(document.state, diagram, v.PROCESS, Point(0, 0), label=label)
    document.apply(patch, title="new process")
    return cell_id


def label_of(document: Document, cell_id: str) -> str:
    cell = document.state.cell(cell_id)
    assert cell is not None
    return cell.label


def test_operations_of_one_spell_are_undone_together(workspace: Workspace) -> None:
    document = workspace.create("M")
    cell = a_process(document)
    for text in ("a", "ab", "abc"):
        document.apply((update("cell", cell, label=text),), title="typing", step="typing")
    document.seal()
    document.apply((update("cell", cell, label="abcd"),), title="typing", step="typing")
    assert document.undo_titles == ("typing", "typing", "new process")
    document.undo()
    assert label_of(document, cell) == "abc"
    document.undo()
    assert label_of(document, cell) == "P"
    document.redo()
    assert label_of(document, cell) == "abc"


def test_undo_leaves_alone_what_another_has_written_since(workspace: Workspace) -> None:
    document = workspace.create("M")
    cell = a_process(document)
    document.apply(
        (update("cell", cell, label="mine", description="mine", metadata={"a": "1", "b": "1"}),),
        title="words",
    )
    document.apply((update("cell", cell, label="theirs", metadata={"a": "2"}),), Origin.REMOTE)
    document.undo()
    record = document.state.cell(cell)
    assert record is not None
    assert (record.label, record.description, record.metadata) == ("theirs", "", {"a": "2"})


def test_undo_of_a_creation_leaves_a_record_that_another_has_changed(workspace: Workspace) -> None:
    document = workspace.create("M")
    cell = a_process(document)
    document.apply((update("cell", cell, label="theirs"),), Origin.REMOTE)
    assert not document.undo()
    assert label_of(document, cell) == "theirs"
    assert document.undo_title is None


def test_remote_changes_never_enter_the_stack(workspace: Workspace) -> None:
    document = workspace.create("M")
    a_process(document)
    document.apply((update("threat_model", document.model_id, description="x"),), Origin.REMOTE)
    assert document.undo_titles == ("new process",)


def test_a_refused_patch_changes_nothing(workspace: Workspace) -> None:
    document = workspace.create("M")
    cell = a_process(document)
    sequence = document.sequence_number
    with pytest.raises(InvalidData, match=rf"cell {cell}, size: .*at least 1"):
        document.apply(
            (update("cell", cell, label="x"), update("cell", cell, size={"width": 0, "height": 5}))
        )
    assert (label_of(document, cell), document.sequence_number) == ("P", sequence)
    assert document.undo_titles == ("new process",)


def test_a_listener_that_makes_a_change_is_heard_after_the_first(workspace: Workspace) -> None:
    document = workspace.create("M")
    cell = a_process(document)
    heard: list[str] = []

    def first(changes: ChangeSet, _origin: Origin) -> None:
        if label_of(document, cell) == "one":
            document.apply((update("cell", cell, label="two"),))

    def second(changes: ChangeSet, _origin: Origin) -> None:
        after = changes.changes[0].after
        heard.append(getattr(after, "label", ""))

    document.listen(first)
    document.listen(second)
    document.apply((update("cell", cell, label="one"),))
    assert heard == ["one", "two"]


def test_a_read_only_library_refuses_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    writer = open_library(path)
    model_id = Workspace(writer, "a").create("M").model_id
    writer.flush()
    reader = open_library(path)
    document = Workspace(reader, "b").open(model_id)
    assert reader.read_only
    with pytest.raises(ReadOnly, match="only be read"):
        document.apply((update("threat_model", model_id, name="x"),))
    reader.close()
    writer.close()


def test_a_listener_that_fails_keeps_nothing_from_the_others(workspace: Workspace) -> None:
    document = workspace.create("M")
    heard: list[ChangeSet] = []

    def broken(_changes: ChangeSet, _origin: Origin) -> None:
        raise RuntimeError("broken")

    document.listen(broken)
    document.listen(lambda changes, _origin: heard.append(changes))
    with pytest.raises(RuntimeError, match="broken"):
        a_process(document)
    assert len(heard) == 1
    assert document.undo_title == "new process"
