"""Opening: made where there is none, one writer at a time, newer ones only read, older ones migrated."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.errors import LibraryError
from storage import open_library
from storage.files import default_path
from storage.lock import lock_path
from storage.migrating import REVISION, SCRIPTS
from tests.manners import ROOT
from tests.storage.building import Pen, whole

LATER = "9999"


def test_a_new_library_is_made_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b ü %20 ?#" / "library.db"
    library = open_library(path)
    assert (library.path, library.read_only, library.notices) == (path, "", ())
    assert library.summaries() == []
    assert library.setting("local_user")
    library.close()
    assert sorted(p.name for p in path.parent.iterdir()) == ["library.db", "library.db.lock"]


def test_the_users_library_lies_in_the_data_folder(user_folders: Path) -> None:
    library = open_library()
    assert library.path == default_path()
    assert library.path.is_relative_to(user_folders)
    assert library.path.exists()
    library.close()


def test_a_second_opening_may_only_read(path: Path) -> None:
    first = open_library(path)
    pen = Pen(first).start("Shared")
    first.flush()
    second = open_library(path)
    assert f"process {os.getpid()}" in second.read_only
    assert [summary.name for summary in second.summaries()] == ["Shared"]
    with pytest.raises(LibraryError, match="can only be read"):
        second.append(pen.commit(()))
    with pytest.raises(LibraryError, match="can only be read"):
        second.delete(pen.model_id)
    second.touch(pen.model_id)
    pen.sequence -= 1
    pen.rename("Changed by the first")
    first.flush()
    assert [summary.name for summary in second.summaries()] == ["Changed by the first"]
    second.close()
    first.close()
    third = open_library(path)
    assert third.read_only == ""
    third.close()


HOLD = """
import os, sys
from pathlib import Path
from storage import open_library
from tests.storage.building import Pen
library = open_library(Path(sys.argv[1]))
Pen(library).start("Held")
library.flush()
print("held", flush=True)
sys.stdin.read()
"""


def test_the_lock_goes_with_a_killed_program(path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        library = open_library(path)
        assert f"process {holder.pid}" in library.read_only
        library.close()
        holder.kill()
    assert holder.returncode != 0
    assert lock_path(path).read_bytes() != b""
    library = open_library(path)
    assert library.read_only == ""
    assert [summary.name for summary in library.summaries()] == ["Held"]
    library.close()
    assert lock_path(path).read_bytes() == b""


def test_a_program_that_forgets_to_close_still_writes(path: Path) -> None:
    program = HOLD.replace('print("held", flush=True)\nsys.stdin.read()', "library.touch('x')")
    program = program.replace("library.flush()\n", "")
    subprocess.run([sys.executable, "-c", program, str(path)], cwd=ROOT, check=True, timeout=60)
    library = open_library(path)
    assert [summary.name for summary in library.summaries()] == ["Held"]
    library.close()


def test_a_newer_library_is_only_read(path: Path) -> None:
    library = open_library(path)
    pen = Pen(library).start("From the future")
    library.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute("ALTER TABLE threat_models ADD COLUMN mood TEXT")
    connection.close()
    before = path.read_bytes()
    library = open_library(path)
    assert "newer version" in library.read_only
    assert whole([library.load(pen.model_id).state]) == whole([pen.state])
    with pytest.raises(LibraryError, match="newer version"):
        library.purge([pen.model_id])
    library.close()
    assert path.read_bytes() == before


SECOND = """
import sqlalchemy as sa
from alembic import op
revision = "{later}"
down_revision = "{revision}"
def upgrade() -> None:
    op.add_column("threat_models", sa.Column("mood", sa.Text()))
    op.execute("UPDATE threat_models SET mood = 'calm'")
    {more}
"""


def later_scripts(folder: Path, more: str = "") -> Path:
    """The scripts with one more, as a later version would have them."""
    scripts = folder / "migrations"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    text = SECOND.format(more=more, later=LATER, revision=REVISION)
    (scripts / "versions" / f"{LATER}_later.py").write_text(text, encoding="utf-8")
    return scripts


def moods(path: Path) -> list[str]:
    """A column that only the later version has."""
    connection = sqlite3.connect(path)
    found = [row[0] for row in connection.execute("SELECT mood FROM threat_models")]
    connection.close()
    return found


def test_an_older_library_is_backed_up_and_migrated(path: Path, tmp_path: Path) -> None:
    library = open_library(path)
    pen = Pen(library).start("Old")
    library.close()
    scripts = later_scripts(tmp_path)
    library = open_library(path, migrations=scripts, revision=LATER)
    [backup] = path.parent.glob(f"library.backup-{REVISION}-*.db")
    assert library.read_only == ""
    assert backup.name in library.notices[0]
    pen = Pen.of(library, pen.model_id)
    pen.rename("New")
    library.close()
    assert moods(path) == ["calm"]
    kept = open_library(backup)
    assert [summary.name for summary in kept.summaries()] == ["Old"]
    kept.close()
    library = open_library(path, migrations=scripts, revision=LATER)
    assert library.notices == ()
    library.close()


def test_a_migration_that_fails_leaves_the_library_as_it_was(path: Path, tmp_path: Path) -> None:
    library = open_library(path)
    Pen(library).start("Old")
    library.close()
    scripts = later_scripts(tmp_path, "op.execute('INSERT INTO nowhere VALUES (1)')")
    with pytest.raises(LibraryError, match="could not be brought to this version: no such table"):
        open_library(path, migrations=scripts, revision=LATER)
    library = open_library(path)
    assert [summary.name for summary in library.summaries()] == ["Old"]
    library.close()
    with pytest.raises(sqlite3.OperationalError, match="mood"):
        moods(path)
