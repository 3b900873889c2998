"""What applies always stores, and comes back as it was."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import InvalidData
from app.domain.patch import Patch, add, remove, update
from app.domain.records import RECORD_TYPES, fields_of_kind
from app.domain.stage import patch_of
from app.domain.state import ModelState
from storage import SqlLibrary, open_library
from storage.commits import store
from tests.manners import count
from tests.storage import databases
from tests.storage.building import Pen, node, whole
from tests.storage.conftest import postgresql_library
from tests.strategies import MODEL_ID, hostile_patches, states, valid_patches


@pytest.fixture(scope="module", params=databases.BACKENDS)
def shared(request: pytest.FixtureRequest) -> Iterator[SqlLibrary]:
    """One library on each kind of database for all examples; each purges what it has made."""
    if request.param == "postgresql":
        with postgresql_library() as library:
            yield library
        return
    with tempfile.TemporaryDirectory() as folder:
        library = open_library(Path(folder) / "library.db")
        yield library
        library.close()


@contextmanager
def started(library: SqlLibrary, state: ModelState) -> Iterator[Pen]:
    """A pen for a model that begins as `state`."""
    pen = Pen(library, MODEL_ID)
    pen.write(*patch_of(state.records.values()))
    try:
        yield pen
    finally:
        library.purge([MODEL_ID])


def check(pen: Pen) -> None:
    """What is on disk is what the pen has, by the tables and by the log."""
    library = pen.library
    library.flush()
    assert library.pending(MODEL_ID) == 0
    loaded = library.load(MODEL_ID)
    assert loaded.sequence_number == pen.sequence
    assert whole([loaded.state]) == whole([pen.state])
    found = library.verify()
    assert (found.models, found.events, found.broken) == (1, pen.sequence, ())


@settings(max_examples=count(25, 1000))
@given(data=st.data())
def test_what_applies_stores_and_loads_equal(shared: SqlLibrary, data: st.DataObject) -> None:
    with started(shared, data.draw(states())) as pen:
        if data.draw(st.booleans()):
            shared.flush()
        for _ in range(data.draw(st.integers(1, 4))):
            pen.write(*data.draw(valid_patches(pen.state)))
            if data.draw(st.booleans()):
                shared.flush()
        check(pen)


@settings(max_examples=count(15, 500))
@given(data=st.data())
def test_what_is_taken_back_stores_too(shared: SqlLibrary, data: st.DataObject) -> None:
    with started(shared, data.draw(states())) as pen:
        commit = pen.commit(data.draw(valid_patches(pen.state)))
        shared.append(commit)
        pen.write(*commit.changes.inverse)
        pen.write(*commit.changes.effective)
        check(pen)


@settings(max_examples=count(25, 1000))
@given(data=st.data())
def test_hostile_patches_store_or_are_refused(shared: SqlLibrary, data: st.DataObject) -> None:
    with started(shared, data.draw(states(max_cells=4, max_others=3))) as pen:
        patch: Patch = data.draw(hostile_patches(pen.state))
        try:
            commit = pen.commit(patch)
        except InvalidData:
            return
        shared.append(commit)
        check(pen)


def fullest(kind: str) -> dict[str, object]:
    """A record's data with every text as long as it may be, in letters of four bytes."""
    data: dict[str, object] = {}
    for name, rule in fields_of_kind(kind).items():
        if rule.type.value == "text" and not rule.pattern:
            data[name] = "\U0001f600" * int(rule.max or 0)
        elif rule.type.value == "number":
            data[name] = rule.max
        elif rule.type.value == "set":
            data[name] = [f"{n}\u00e4" for n in range(int(rule.max or 0))]
    return data


@pytest.mark.parametrize("kind", [kind for kind in RECORD_TYPES if kind != "cell"])
def test_limits_are_the_same_in_the_tables(any_library: SqlLibrary, kind: str) -> None:
    pen = Pen(any_library).start()
    data = fullest(kind)
    if kind == "threat_model":
        pen.write(update(kind, pen.model_id, **data))
    else:
        pen.write(add(kind, "0192a000-0000-7000-8000-00000000000a", data))
    any_library.flush()
    assert whole([any_library.load(pen.model_id).state]) == whole([pen.state])


def test_the_farthest_coordinates_store(any_library: SqlLibrary) -> None:
    pen = Pen(any_library).start()
    cell = pen.cell(pen.diagram())
    far = {"x": -1_000_000, "y": 999_999.99}
    pen.write(update("cell", cell, position=far, size={"width": 1, "height": 1_000_000}))
    any_library.flush()
    assert any_library.load(pen.model_id).state == pen.state


def test_two_models_may_hold_the_same_records(any_library: SqlLibrary) -> None:
    first = Pen(any_library).start("One")
    diagram = first.diagram()
    cell = first.cell(diagram, "Here")
    second = Pen(any_library).start("Two")
    second.write(add("diagram", diagram, {"name": "Copy"}), node(cell, diagram, "There"))
    second.write(update("cell", cell, metadata={"a": "b"}))
    second.write(remove("diagram", diagram))
    any_library.flush()
    for pen in (first, second):
        assert whole([any_library.load(pen.model_id).state]) == whole([pen.state])


@pytest.mark.parametrize("at_once", [True, False], ids=["one transaction", "one each"])
def test_what_was_removed_comes_back_as_it_is_now(any_library: SqlLibrary, at_once: bool) -> None:
    pen = Pen(any_library).start()
    diagram = pen.diagram()
    first, second = pen.cell(diagram, "First"), pen.cell(diagram, "Second")
    pen.cell(diagram, "Stays, and then comes before the one that was brought back")
    pen.write(update("cell", first, metadata={"old": "1", "both": "2"}))
    any_library.flush()
    commits = [
        pen.commit((remove("cell", first),)),
        pen.commit(
            (
                add(
                    "cell",
                    first,
                    {"diagram_id": diagram, "type": "text", "metadata": {"both": "3", "new": "4"}},
                    restore=True,
                ),
            )
        ),
        pen.commit((remove("cell", second),)),
        pen.commit((add("cell", second, {"diagram_id": diagram, "type": "text"}, restore=True),)),
        pen.commit((remove("cell", second),)),
    ]
    assert any_library._writers is not None
    size = 1 if not at_once else len(commits)
    for begin in range(0, len(commits), size):
        with any_library._writers.begin() as connection:
            store(connection, commits[begin : begin + size], any_library.setting("local_user"))
    assert whole([any_library.load(pen.model_id).state]) == whole([pen.state])
    assert any_library.verify().broken == ()
    with any_library._readers.begin() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM metadata").scalar() == 2
