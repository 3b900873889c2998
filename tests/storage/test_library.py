"""The library as the application sees it: lists, bin, drafts, pictures, undo, settings."""

import sqlite3
from pathlib import Path

import pytest

from app.domain.errors import LibraryError
from app.domain.ids import new_id
from app.domain.patch import Origin, add, remove, update
from app.ports import Library
from storage import SqlLibrary, open_library
from storage.library import SqlLibrary as Implementation
from tests.storage.building import Pen, node, whole


def test_it_fulfils_the_port(library: SqlLibrary) -> None:
    port: Library = library
    assert isinstance(port, Implementation)


def test_summaries_count_and_sort(any_library: SqlLibrary) -> None:
    first, second = Pen(any_library).start("First"), Pen(any_library)
    second.write(
        add("threat_model", second.model_id, {"name": "Second", "threat_model_framework": "CIA"}),
        title="Second.json", origin=Origin.IMPORT,
    )  # fmt: skip
    first.diagram()
    threats = [new_id() for _ in range(3)]
    first.write(*(add("threat", threat, {"name": "T"}) for threat in threats))
    first.write(update("threat", threats[0], status="Mitigated"))
    first.write(remove("threat", threats[1]))
    found = any_library.summaries()
    assert [summary.name for summary in found] == ["First", "Second"]
    assert (found[0].diagrams, found[0].threats, found[0].open_threats) == (1, 2, 1)
    assert (found[1].framework, found[1].source, found[0].source) == ("CIA", "Second.json", "")
    assert found[0].created_at <= found[0].modified_at
    second.rename("Second again")
    assert [summary.name for summary in any_library.summaries()] == ["Second again", "First"]


def test_the_bin(any_library: SqlLibrary) -> None:
    pen, other = Pen(any_library).start("Gone"), Pen(any_library).start("Here")
    any_library.delete(pen.model_id)
    assert [s.name for s in any_library.summaries()] == ["Here"]
    [binned] = any_library.summaries(deleted=True)
    assert binned.name == "Gone"
    assert binned.deleted_at
    assert any_library.load(pen.model_id).state == pen.state
    any_library.restore(pen.model_id)
    assert {s.name for s in any_library.summaries()} == {"Gone", "Here"}
    assert any_library.summaries(deleted=True) == []
    with pytest.raises(LibraryError, match="no such model"):
        any_library.restore(new_id())
    assert other.sequence == 1


def test_purging_leaves_no_trace_on_the_disk(library: SqlLibrary) -> None:
    kept, pen = Pen(library).start("Kept"), Pen(library).start("Secret-4711")
    diagram = pen.diagram("Secret-4712")
    pen.write(node(new_id(), diagram, "Secret-4713"))
    pen.write(update("diagram", diagram, metadata={"a": "Secret-4714"}))
    library.keep_draft(pen.model_id, "key", "Secret-4715")
    library.set_thumbnail(pen.model_id, diagram, "<svg>Secret-4716</svg>", 3)
    library.flush()
    library.purge([pen.model_id])
    assert [s.name for s in library.summaries()] == ["Kept"]
    with pytest.raises(LibraryError, match="no such model"):
        library.load(pen.model_id)
    for file in library.path.parent.iterdir():
        assert b"Secret-471" not in file.read_bytes(), file.name
    with sqlite3.connect(library.path) as connection:
        tables = [r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        left = {t: connection.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0] for t in tables}  # noqa: S608
    connection.close()
    once = ("heads", "threat_models", "threat_model_access", "events", "users", "alembic_version", "settings")
    assert {t for t, number in left.items() if number} == set(once)
    assert all(left[t] == 1 for t in once)
    kept.rename("Still kept")
    library.flush()


def test_drafts_are_kept_and_dropped(library: SqlLibrary, path: Path) -> None:
    pen = Pen(library).start()
    library.keep_draft(pen.model_id, "a", "first")
    library.keep_draft(pen.model_id, "a", "second")
    library.keep_draft(pen.model_id, "b", "text\n\u00e4")
    library.keep_draft(pen.model_id, "c", "dropped")
    library.keep_draft(pen.model_id, "c", "")
    library.close()
    again = open_library(path)
    assert again.load(pen.model_id).drafts == {"a": "second", "b": "text\n\u00e4"}
    again.close()


def test_thumbnails(any_library: SqlLibrary) -> None:
    pen = Pen(any_library).start()
    second = pen.diagram("Second", "b")
    first = pen.diagram("First", "a")
    any_library.set_thumbnail(pen.model_id, second, "<svg>2</svg>", 3)
    assert any_library.summaries()[0].thumbnail == "<svg>2</svg>"
    any_library.set_thumbnail(pen.model_id, first, "<svg>1</svg>", 3)
    any_library.set_thumbnail(pen.model_id, first, "<svg>older</svg>", 2)
    pen.cell(first)
    pen.write(update("diagram", first, name="Renamed"))
    assert any_library.summaries()[0].thumbnail == "<svg>1</svg>"
    assert any_library.load(pen.model_id).sequence_number == pen.sequence


@pytest.mark.parametrize("at_once", [True, False], ids=["one transaction", "one each"])
def test_undo_entries_survive_a_restart(library: SqlLibrary, path: Path, at_once: bool) -> None:
    pen = Pen(library).start()
    for step in ("one", "one", "two", "three"):
        pen.write(update("threat_model", pen.model_id, name=step), step=step, title=f"Do {step}")
    if not at_once:
        library.flush()
    pen.write(update("threat_model", pen.model_id, name="two"), step="x/", dropped=("three",), undone=True)
    expected = [("one", False), ("one", False), ("two", False), ("x/", True)]
    queued = library.load(pen.model_id).undo
    assert [(entry.step, entry.undone) for entry in queued] == expected
    library.close()
    again = open_library(path)
    entries = again.load(pen.model_id).undo
    again.close()
    assert entries == queued
    assert [entry.title for entry in entries[:3]] == ["Do one", "Do one", "Do two"]
    assert entries[0].inverse[0].data == {"name": "Model"}


def test_settings_survive_a_restart(library: SqlLibrary, path: Path) -> None:
    assert library.setting("theme", "light") == "light"
    library.set_setting("theme", "dark")
    library.set_setting("theme", "system")
    assert library.setting("theme") == "system"
    library.close()
    again = open_library(path)
    assert again.setting("theme") == "system"
    again.close()


def test_opening_is_noted(any_library: SqlLibrary) -> None:
    pen = Pen(any_library).start()
    assert any_library.summaries()[0].opened_at == ""
    any_library.touch(pen.model_id)
    assert any_library.summaries()[0].opened_at >= any_library.summaries()[0].created_at


def test_events_and_earlier_states(any_library: SqlLibrary) -> None:
    pen = Pen(any_library).start()
    states = [pen.state.copy()]
    diagram = pen.diagram()
    for number in range(450):
        states.append(pen.state.copy())
        pen.write(node(new_id(), diagram, f"Node {number}", at=number))
    states.append(pen.state.copy())
    any_library.flush()
    numbers = [number for number, _ in any_library.events(pen.model_id)]
    assert numbers == list(range(1, pen.sequence + 1))
    tail = list(any_library.events(pen.model_id, after=pen.sequence - 2))
    assert [operation.operation_id for _, operation in tail] == pen.written[-2:]
    for sequence in (1, 2, 200, pen.sequence):
        assert whole([any_library.state_at(pen.model_id, sequence)]) == whole([states[sequence - 1]])
    with pytest.raises(LibraryError, match="has no event 999"):
        any_library.state_at(pen.model_id, 999)
    with pytest.raises(LibraryError, match="no such model"):
        any_library.load(new_id())


def test_the_local_user_owns_what_is_made(library: SqlLibrary, path: Path) -> None:
    pen = Pen(library).start()
    library.close()
    with sqlite3.connect(path) as connection:
        connection.row_factory = sqlite3.Row
        access = connection.execute("SELECT * FROM threat_model_access").fetchone()
        model = connection.execute("SELECT * FROM threat_models").fetchone()
        user = connection.execute("SELECT * FROM users").fetchone()
    connection.close()
    assert user["provider"] == "local"
    assert (access["threat_model_id"], access["role"]) == (pen.model_id, "owner")
    assert access["user_internal_uuid"] == model["owner_internal_uuid"] == user["internal_uuid"]


def test_derived_columns(library: SqlLibrary, path: Path) -> None:
    pen = Pen(library).start()
    diagram = pen.diagram()
    other = pen.diagram("Other")
    cell = pen.cell(diagram)
    pen.write(update("threat_model", pen.model_id, status="approved"))
    pen.write(remove("cell", cell))
    pen.write(add("cell", cell, {"diagram_id": diagram, "type": "process"}, restore=True))
    library.close()
    with sqlite3.connect(path) as connection:
        vectors = dict(connection.execute("SELECT id, update_vector FROM diagrams").fetchall())
        model = connection.execute("SELECT update_vector, status_updated FROM threat_models").fetchone()
        made, changed = connection.execute("SELECT created_at, modified_at FROM cells").fetchone()
        times = [r[0] for r in connection.execute("SELECT timestamp FROM events ORDER BY sequence_number")]
    connection.close()
    assert vectors == {diagram: 7, other: 3}
    assert model == (7, times[4])
    assert (made, changed) == (times[3], times[6])


def test_cells_of_a_diagram_as_the_api_gives_them(any_library: SqlLibrary) -> None:
    pen = Pen(any_library).start()
    diagram = pen.diagram()
    low, high = new_id(), new_id()
    pen.write(
        add("cell", high, {"diagram_id": diagram, "type": "datastore", "label": "Orders", "order": "b",
                           "position": {"x": 10, "y": 20.5}, "is_encrypted": True, "metadata": {"k": "v"}}),
        add("cell", low, {"diagram_id": diagram, "type": "data_flow", "order": "a",
                          "source": {"cell": high}, "target": {"x": 1, "y": 2}}),
    )  # fmt: skip
    first, second = any_library.diagram_cells(pen.model_id, diagram)
    assert (first["id"], first["source"], first["target"]) == (low, {"cell": high}, {"x": 1, "y": 2})
    assert second == {
        "id": high,
        "type": "datastore",
        "position": {"x": 10.0, "y": 20.5},
        "size": {"width": 120.0, "height": 60.0},
        "properties": {"label": "Orders", "description": "", "is_encrypted": True},
        "order": "b",
        "metadata": {"k": "v"},
    }
