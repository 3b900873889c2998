"""The writer: in order, in groups, on disk before it says so, and never in anyone's way."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.errors import LibraryError
from app.domain.ids import new_id
from app.domain.patch import Origin, add
from storage import SqlLibrary, open_library
from tests.storage.building import Pen, large_patch, whole


def committed(path: Path, model_id: str) -> list[str]:
    """The operation ids that any other program would find in the file now."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT operation_id FROM events WHERE model_id = ? ORDER BY sequence_number", (model_id,)
        ).fetchall()
    connection.close()
    return [row[0] for row in rows]


def test_saved_is_said_in_order_and_after_the_commit(library: SqlLibrary) -> None:
    pen = Pen(library)
    heard: list[int] = []
    wrong: list[int] = []

    def saved(model_id: str, sequence: int) -> None:
        heard.append(sequence)
        if len(committed(library.path, model_id)) < sequence:
            wrong.append(sequence)

    library.listen(saved, lambda model_id, reason: None)
    pen.start()
    for number in range(60):
        pen.rename(f"name {number}")
    library.flush()
    library.close()
    assert heard == list(range(1, 62))
    assert wrong == []
    assert committed(library.path, pen.model_id) == pen.written


def test_many_operations_share_a_commit(library: SqlLibrary) -> None:
    commits: list[int] = []
    sa.event.listen(library._writers, "commit", lambda connection: commits.append(1))
    pen = Pen(library).start()
    for number in range(500):
        pen.rename(f"name {number}")
    library.flush()
    assert len(commits) < 100
    assert library.load(pen.model_id).sequence_number == 501


def test_append_does_not_wait_for_the_disk(library: SqlLibrary) -> None:
    pen = Pen(library).start()
    library.flush()
    blocker = sqlite3.connect(library.path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    pen.rename("while another holds the write lock")
    assert library.pending(pen.model_id) == 1
    assert library.load(pen.model_id).sequence_number == 2
    blocker.execute("ROLLBACK")
    blocker.close()
    library.flush()
    assert library.pending(pen.model_id) == 0
    assert committed(library.path, pen.model_id) == pen.written


def test_each_edit_is_saved_by_itself(library: SqlLibrary) -> None:
    pen = Pen(library).start()
    library.flush()
    done = threading.Event()
    library.listen(lambda model_id, sequence: done.set(), lambda model_id, reason: None)
    for number in range(30):
        done.clear()
        pen.rename(f"name {number}")
        assert done.wait(5)


def test_load_holds_what_is_still_queued(library: SqlLibrary) -> None:
    pen = Pen(library).start()
    diagram = pen.diagram()
    pen.write(*large_patch(diagram, 300, 300))
    for number in range(20):
        pen.rename(f"name {number}")
        assert library.load(pen.model_id).sequence_number == pen.sequence
    assert whole([library.load(pen.model_id).state]) == whole([pen.state])


def test_models_do_not_wait_for_each_other(library: SqlLibrary) -> None:
    good, bad = Pen(library).start(), Pen(library)
    failed: list[tuple[str, str]] = []
    library.listen(lambda *news: None, lambda *news: failed.append(news))
    bad.sequence = 7
    bad.write(add("threat_model", bad.model_id, {"name": "Without a beginning"}))
    for number in range(5):
        good.rename(f"name {number}")
    with pytest.raises(LibraryError, match="operation 8 cannot follow number 0"):
        library.flush()
    assert committed(library.path, good.model_id) == good.written
    assert {model_id for model_id, _ in failed} == {bad.model_id}
    assert library.pending(bad.model_id) == 1
    with pytest.raises(LibraryError, match="1 change could not be written"):
        library.close()


def test_a_gap_is_refused_at_once(library: SqlLibrary) -> None:
    pen = Pen(library).start()
    pen.sequence += 1
    with pytest.raises(LibraryError, match="operation 3 cannot follow number 1"):
        pen.rename("too far")


def test_what_is_stored_already_is_not_stored_twice(library: SqlLibrary) -> None:
    pen = Pen(library).start()
    commit = pen.commit((add("asset", new_id(), {"name": "Asset"}),))
    library.append(commit)
    library.flush()
    library._heads.clear()
    library.append(commit)
    library.flush()
    assert committed(library.path, pen.model_id) == pen.written
    assert library.verify().broken == ()


def test_a_thumbnail_that_cannot_be_stored_holds_nothing_up(library: SqlLibrary) -> None:
    pen = Pen(library).start()
    diagram = pen.diagram()
    library.set_thumbnail(pen.model_id, diagram, "\ud800", 2)
    pen.rename("after it")
    library.flush()
    assert committed(library.path, pen.model_id) == pen.written


def test_a_listener_that_fails_does_not_end_the_writer(library: SqlLibrary) -> None:
    def broken(*news: Any) -> None:
        raise RuntimeError("listener")

    library.listen(broken, broken)
    pen = Pen(library).start()
    library.flush()
    pen.rename("again")
    library.flush()
    assert committed(library.path, pen.model_id) == pen.written


def test_a_listener_can_be_removed(library: SqlLibrary) -> None:
    heard: list[int] = []
    stop: Callable[[], None] = library.listen(lambda m, s: heard.append(s), lambda m, r: None)
    pen = Pen(library).start()
    library.flush()
    stop()
    stop()
    pen.rename("unheard")
    library.flush()
    library.close()
    assert heard == [1]


def test_threads_end_with_the_library(path: Path) -> None:
    before = set(threading.enumerate())
    library = open_library(path)
    pen = Pen(library).start()
    pen.write(*large_patch(pen.diagram(), 2000, 0), origin=Origin.IMPORT)
    library.flush()
    library.close()
    library.close()
    assert set(threading.enumerate()) <= before
    with pytest.raises(LibraryError, match="closed"):
        pen.rename("too late")
    with pytest.raises(LibraryError, match="closed"):
        library.load(pen.model_id)
