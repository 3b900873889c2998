"""Damaged files: said, kept under a telling name, and what can be read is there again."""

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from app.domain.errors import LibraryError
from app.domain.ids import new_id
from app.domain.patch import Origin, add, update
from storage import SqlLibrary, open_library, opening
from storage.files import beside
from tests.manners import count, seed
from tests.storage.building import Pen, large_patch, whole

PAGE = 4096


def filled(path: Path, models: int = 4) -> list[Pen]:
    """A closed library of some models, each with diagrams, cells and threats."""
    library = open_library(path)
    pens = []
    for number in range(models):
        pen = Pen(library).start(f"Model {number}")
        diagram = pen.diagram()
        for part in range(6):
            pen.write(*large_patch(diagram, 12, 12))
            pen.write(add("threat", new_id(), {"name": f"Threat {part}"}))
        pen.write(update("diagram", diagram, metadata={"level": "1"}))
        library.keep_draft(pen.model_id, "key", "unfinished")
        pens.append(pen)
    library.set_setting("theme", "dark")
    library.close()
    return pens


def damaged_files(path: Path) -> list[Path]:
    """The damaged files that were kept."""
    return sorted(path.parent.glob("library.damaged-*.db"))


def reopened(path: Path) -> SqlLibrary:
    """The library after its recovery: it can be written, it is sound, and a second look finds nothing."""
    library = open_library(path)
    assert library.read_only == ""
    assert library.verify().broken == ()
    return library


@pytest.mark.parametrize(
    "content", [b"", b"no database at all\n" * 500, b"SQLite format 3\x00", b"\x00" * 9000]
)
def test_what_is_no_database_is_kept_and_replaced(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    library = reopened(path)
    [kept] = damaged_files(path)
    assert kept.read_bytes() == content
    assert kept.name in library.notices[0]
    assert "Nothing in it could be read" in library.notices[1]
    pen = Pen(library).start("New")
    library.close()
    library = open_library(path)
    assert library.notices == ()
    assert [summary.id for summary in library.summaries()] == [pen.model_id]
    library.close()


def test_another_programs_database_is_kept(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE events (id INTEGER)")
    connection.close()
    before = path.read_bytes()
    library = reopened(path)
    assert "no library" in library.notices[0]
    assert damaged_files(path)[0].read_bytes() == before
    library.close()


def root_page(path: Path, table: str) -> int:
    """The number of the page where a table begins, counted from 1."""
    connection = sqlite3.connect(path)
    row = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    connection.close()
    return int(row[0])


def break_pages(path: Path, pages: list[int], rng: random.Random) -> None:
    """Overwrite whole pages with noise."""
    with path.open("r+b") as file:
        for page in pages:
            file.seek(page * PAGE)
            file.write(rng.randbytes(PAGE))


def test_models_in_sound_pages_come_back_whole(path: Path) -> None:
    pens = filled(path)
    root = root_page(path, "undo_steps")
    break_pages(path, [root - 1], random.Random(1))
    before = path.read_bytes()
    library = reopened(path)
    assert damaged_files(path)[0].read_bytes() == before
    assert library.notices[1:] == ("Recovered whole: 4 models.",)
    assert library.setting("theme") == "dark"
    for pen in pens:
        loaded = library.load(pen.model_id)
        assert loaded.sequence_number == pen.sequence
        assert whole([loaded.state]) == whole([pen.state])
        assert loaded.drafts == {"key": "unfinished"}
        assert library.operation_ids(pen.model_id) == pen.written
    library.close()


def test_a_broken_event_is_bridged_from_the_tables(path: Path) -> None:
    [pen] = filled(path, 1)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM events WHERE sequence_number = 5")
    connection.close()
    root = root_page(path, "undo_steps")
    break_pages(path, [root - 1], random.Random(1))
    library = reopened(path)
    assert "Recovered in part" in library.notices[1]
    assert "Model 0" in library.notices[1]
    loaded = library.load(pen.model_id)
    assert loaded.state == pen.state
    assert library.operation_ids(pen.model_id)[:4] == pen.written[:4]
    *_, (number, last) = library.events(pen.model_id)
    assert (number, last.origin) == (5, Origin.RECOVERY)
    library.close()


def test_any_broken_page_leaves_a_library_that_opens(tmp_path: Path) -> None:
    whole_one = tmp_path / "whole" / "library.db"
    pens = {pen.model_id: pen for pen in filled(whole_one)}
    pages = whole_one.stat().st_size // PAGE
    rng = random.Random(seed())
    found = 0
    for number in range(count(10, 150)):
        path = tmp_path / str(number) / "library.db"
        path.parent.mkdir()
        shutil.copyfile(whole_one, path)
        if rng.random() < 0.3:
            with path.open("r+b") as file:
                file.truncate(rng.randrange(1, pages * PAGE))
        else:
            break_pages(path, rng.sample(range(1, pages), rng.randint(1, 3)), rng)
        library = reopened(path)
        assert damaged_files(path)
        models = {summary.id for summary in library.summaries()}
        assert models <= pens.keys()
        found += len(models)
        for model_id in models:
            cells = {c.id for c in library.load(model_id).state.records.values()}
            assert cells <= pens[model_id].state.records.keys()
        library.close()
    assert found > 0


def test_what_only_the_write_ahead_log_holds_is_recovered(path: Path, tmp_path: Path) -> None:
    library = open_library(path)
    pen = Pen(library).start("Only in the log")
    diagram = pen.diagram()
    pen.write(*large_patch(diagram, 20, 20))
    library.flush()
    copy = tmp_path / "copy" / "library.db"
    copy.parent.mkdir()
    for ending in ("", "-wal"):
        shutil.copyfile(beside(path, ending), beside(copy, ending))
    library.close()
    with copy.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 200)
    again = open_library(copy)
    assert whole([again.load(pen.model_id).state]) == whole([pen.state])
    again.close()


def test_a_log_that_lies_around_is_not_played_into_a_new_library(path: Path) -> None:
    pens = filled(path, 1)
    library = open_library(path)
    Pen(library).start("Another")
    library.flush()
    shutil.copyfile(beside(path, "-wal"), path.with_name("old"))
    library.close()
    path.unlink()
    path.with_name("old").rename(beside(path, "-wal"))
    library = open_library(path)
    assert library.summaries() == []
    assert library.verify().models == 0
    library.close()
    assert pens


@pytest.mark.parametrize("table", ["cells", "heads"])
def test_damage_met_while_working_is_mended_at_the_next_opening(
    path: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    """A large library is not read through each time that it is opened."""
    pens = filled(path, 2)
    monkeypatch.setattr(opening, "SMALL", 0)
    break_pages(path, [root_page(path, table) - 1], random.Random(2))
    library = open_library(path)
    assert library.notices == ()
    with pytest.raises(LibraryError, match=r"library\.db cannot be read: the library file is damaged; open"):
        library.load(pens[0].model_id)
    library.close()
    library = reopened(path)
    assert len(damaged_files(path)) == 1
    for pen in pens:
        assert whole([library.load(pen.model_id).state]) == whole([pen.state])
    library.close()
