"""Whatever is changed behind the log's back is found, and the first broken event is named."""

import sqlite3
from pathlib import Path

import pytest

from app.domain.patch import add, chain, update
from app.ports import BrokenEvent
from storage import open_library
from tests.storage.building import Pen, flow

THREAT = "0192a000-0000-7000-8000-00000000000a"


@pytest.fixture
def pen(path: Path) -> Pen:
    """A closed library with two models; the pen of one of them, with nine events."""
    library = open_library(path)
    Pen(library).start("Sound")
    pen = Pen(library).start("Touched")
    diagram = pen.diagram()
    first, second = pen.cell(diagram, "First"), pen.cell(diagram, "Second")
    pen.write(flow(THREAT[:-1] + "b", diagram, first, second))
    pen.write(add("threat", THREAT, {"name": "Threat", "metadata": {"a": "b"}}))
    pen.write(update("threat", THREAT, status="Mitigated"))
    pen.write(update("cell", first, label="Renamed"))
    pen.rename("Touched")
    pen.write(update("cell", second, tags={"add": ["x"]}))
    library.close()
    return pen


def tamper(path: Path, statement: str, *values: object) -> None:
    """Change the file as somebody with a database tool would."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        assert connection.execute(statement, values).rowcount > 0
    connection.close()


def broken(path: Path) -> BrokenEvent:
    """The one fault that is found."""
    library = open_library(path)
    try:
        found = library.verify()
    finally:
        library.close()
    assert found.models == 2
    [fault] = found.broken
    return fault


def test_a_sound_library_is_sound(path: Path, pen: Pen) -> None:
    library = open_library(path)
    found = library.verify()
    library.close()
    assert (found.models, found.events, found.broken) == (2, 1 + pen.sequence, ())


LOG: dict[str, tuple[str, int, str]] = {
    "content": ("UPDATE events SET body = replace(body, 'First', 'Fifth')", 3, "not what was written"),
    "hash": ("UPDATE events SET hash = zeroblob(32) WHERE sequence_number = 4", 4, "not what was"),
    "link": ("UPDATE events SET previous_hash = zeroblob(32) WHERE sequence_number = 5", 5, "follow"),
    "gap": ("DELETE FROM events WHERE sequence_number = 5", 5, "missing"),
    "beginning": ("DELETE FROM events WHERE sequence_number = 1", 1, "missing"),
    "end": ("DELETE FROM events WHERE sequence_number = 10", 10, "missing"),
    "author": ("UPDATE events SET author = 'mallory' WHERE sequence_number = 6", 6, "column author"),
    "time": ("UPDATE events SET timestamp = '2020' WHERE sequence_number = 7", 7, "column timestamp"),
    "id": ("UPDATE events SET operation_id = lower(operation_id) || 'x' WHERE sequence_number = 8", 8, "_id"),
    "head": ("UPDATE heads SET hash = zeroblob(32)", 10, "written last"),
}


@pytest.mark.parametrize("what", LOG)
def test_a_touched_log_is_found(path: Path, pen: Pen, what: str) -> None:
    statement, number, reason = LOG[what]
    column = " model_id = ?"
    joined = f"{statement} {'AND' if 'WHERE' in statement else 'WHERE'}{column}"
    if what == "content":
        joined = joined.replace("body = replace(body", "body = CAST(replace(CAST(body AS TEXT)")
        joined = joined.replace("'Fifth')", "'Fifth') AS BLOB)") + " AND sequence_number = 3"
    tamper(path, joined, pen.model_id)
    fault = broken(path)
    assert (fault.model_id, fault.model_name) == (pen.model_id, "Touched")
    assert fault.sequence_number == number
    assert reason in fault.reason


TABLES: dict[str, tuple[str, int, str]] = {
    "label": ("UPDATE cells SET label = 'x' WHERE label = 'Renamed'", 8, "cell"),
    "status": ("UPDATE threats SET status = 'Active'", 7, "threat"),
    "metadata": ("UPDATE metadata SET value = 'c'", 7, "threat"),
    "lost": ("DELETE FROM threats", 7, "is missing"),
    "writers": ("UPDATE cells SET writers = '{}' WHERE label = 'Renamed'", 8, "last writers"),
    "counts": ("UPDATE heads SET threats = 5 WHERE threats = 1", 10, "numbers of diagrams"),
}


@pytest.mark.parametrize("what", TABLES)
def test_a_touched_table_is_found(path: Path, pen: Pen, what: str) -> None:
    statement, number, reason = TABLES[what]
    tamper(path, statement)
    fault = broken(path)
    assert fault.model_id == pen.model_id
    assert (fault.sequence_number, reason in fault.reason) == (number, True)


def test_a_forged_tail_is_found(path: Path, pen: Pen) -> None:
    """Even with a right hash: the head still remembers the event that stood there."""
    with sqlite3.connect(path) as connection:
        row = connection.execute(
            "SELECT body, previous_hash FROM events WHERE model_id = ? AND sequence_number = 10",
            (pen.model_id,),
        ).fetchone()
        forged = bytes(row[0]).replace(b'"x"', b'"y"')
        connection.execute(
            "UPDATE events SET body = ?, hash = ? WHERE model_id = ? AND sequence_number = 10",
            (forged, chain(10, row[1], forged), pen.model_id),
        )
    connection.close()
    assert broken(path).sequence_number == 10
