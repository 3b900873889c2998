"""Snapshots: made when the log has grown, never in the way, and equal to a replay."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings

from app.domain.errors import LibraryError
from app.domain.patch import update
from app.domain.state import ModelState
from storage import SqlLibrary
from storage.snapshots import KEPT, freeze, thaw
from tests.manners import count
from tests.storage.building import Pen, whole
from tests.strategies import MODEL_ID, states


@settings(max_examples=count(25, 500))
@given(state=states())
def test_thawing_undoes_freezing(state: ModelState) -> None:
    frozen, _ = freeze(state)
    assert whole([thaw(MODEL_ID, frozen)]) == whole([state])


def test_a_broken_snapshot_is_refused() -> None:
    with pytest.raises(LibraryError, match="cannot be read"):
        thaw(MODEL_ID, b"nothing")


def test_snapshots_are_made_as_the_log_grows(library: SqlLibrary, path: Path) -> None:
    pen = Pen(library).start()
    diagram = pen.diagram()
    states = {}
    for number in range(40):
        text = f"{number} " + "x" * 60_000
        pen.write(update("diagram", diagram, description=text))
        states[pen.sequence] = pen.state.copy()
        if number % 10 == 0:
            library.flush()
    library.flush()
    assert library._snapshots is not None
    library._snapshots._pool.submit(lambda: None).result()
    library.flush()
    with sqlite3.connect(path) as connection:
        made = [r[0] for r in connection.execute("SELECT sequence_number FROM snapshots ORDER BY 1")]
        connection.execute("UPDATE events SET body = x'00' WHERE sequence_number < ?", (made[0],))
    connection.close()
    assert 1 <= len(made) <= KEPT
    for sequence in (*made, pen.sequence):
        assert whole([library.state_at(pen.model_id, sequence)]) == whole([states[sequence]])
