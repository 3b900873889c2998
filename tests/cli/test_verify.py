"""`verify` on real libraries: sound, tampered with, damaged, and no library at all."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.cli.parser import run
from app.domain.ids import new_id
from app.domain.patch import Operation, Patch, add, update
from app.domain.stage import stage
from app.domain.state import ModelState
from app.ports import Commit, Library
from storage import open_library

MODEL = new_id()


def write(library: Library, state: ModelState, sequence: int, patch: Patch) -> None:
    changes = stage(state, patch)
    operation = Operation(
        operation_id=new_id(),
        model_id=state.model_id,
        author="tester",
        patch=changes.effective,
        base_sequence=sequence - 1,
        timestamp="2026-01-31T12:00:00.000Z",
    )
    state.commit(changes, operation.operation_id)
    writers = {change.id: state.writers_of(change.id) for change in changes.changes}
    library.append(Commit(sequence_number=sequence, operation=operation, changes=changes, writers=writers))


@pytest.fixture(name="path")
def library_path(tmp_path: Path) -> Path:
    path = tmp_path / "library.db"
    library = open_library(path)
    state = ModelState(MODEL)
    write(library, state, 1, (add("threat_model", MODEL, {"name": "Shop"}),))
    for number in range(2, 5):
        write(library, state, number, (update("threat_model", MODEL, description=f"v{number}"),))
    library.flush()
    library.close()
    return path


def test_a_sound_library(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(path)]) == 0
    out, err = capsys.readouterr()
    assert "1 models, 4 events, 0 broken" in out
    assert err == ""


def test_a_changed_event_is_named(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(path)) as database:
        (body,) = database.execute("SELECT body FROM events WHERE sequence_number = 3").fetchone()
        changed = bytes(body).replace(b"v3", b"w3")
        assert changed != body
        database.execute("UPDATE events SET body = ? WHERE sequence_number = 3", (changed,))
        database.commit()
    assert run(["verify", str(path)]) == 1
    assert "Shop: event 3 is broken" in capsys.readouterr().out


def test_a_damaged_library_is_a_finding(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = bytearray(path.read_bytes())
    for start in range(4096, len(data), 4096):
        data[start : start + 64] = b"\xff" * 64
    path.write_bytes(data)
    assert run(["verify", str(path)]) == 1
    assert "was damaged" in capsys.readouterr().out


def test_another_file_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("my notes", "utf-8")
    assert run(["verify", str(other)]) == 2
    assert capsys.readouterr().err == f"tmi-desktop: {other}: is no library\n"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
