"""A disk that is full or protected: it is said, nothing typed is lost, and it is made good later."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.domain.errors import LibraryError
from app.domain.ids import new_id
from storage import SqlLibrary, open_library
from tests.manners import ROOT
from tests.storage.building import Pen, large_patch, whole


class Ears:
    """What a library has said."""

    def __init__(self, library: SqlLibrary) -> None:
        self.saved: list[int] = []
        self.failed: list[str] = []
        self.has_failed = threading.Event()
        library.listen(lambda model_id, sequence: self.saved.append(sequence), self._fail)

    def _fail(self, model_id: str, reason: str) -> None:
        self.failed.append(reason)
        self.has_failed.set()


def limit_pages(library: SqlLibrary, pages: int | None) -> None:
    """Let the database grow by no more pages than that, as a full disk would; None lifts it."""
    assert library._writers is not None
    connection = library._writers.raw_connection()
    try:
        now = connection.cursor().execute("PRAGMA page_count").fetchone()[0]
        most = 2**31 if pages is None else now + pages
        connection.cursor().execute(f"PRAGMA max_page_count={most}").close()
    finally:
        connection.close()


def test_full_disk_keeps_what_was_typed_and_goes_on(library: SqlLibrary) -> None:
    pen = Pen(library).start()
    diagram = pen.diagram()
    library.flush()
    ears = Ears(library)
    limit_pages(library, 2)
    pen.write(*large_patch(diagram, 200, 200))
    for number in range(10):
        pen.rename(f"typed {number}")
    assert ears.has_failed.wait(10)
    assert ears.failed == ["the disk is full"]
    assert library.pending(pen.model_id) == 11
    with pytest.raises(LibraryError, match="the disk is full"):
        library.flush()
    assert whole([library.load(pen.model_id).state]) == whole([pen.state])
    assert ears.saved == []

    limit_pages(library, None)
    library.retry()
    library.flush()
    assert ears.saved == list(range(3, 14))
    assert library.pending(pen.model_id) == 0
    assert library.verify().broken == ()


def test_it_recovers_by_itself(library: SqlLibrary) -> None:
    pen = Pen(library).start()
    diagram = pen.diagram()
    library.flush()
    ears = Ears(library)
    done = threading.Event()
    library.listen(lambda model_id, sequence: done.set(), lambda model_id, reason: None)
    limit_pages(library, 0)
    pen.write(*large_patch(diagram, 100, 100))
    assert ears.has_failed.wait(10)
    limit_pages(library, None)
    assert done.wait(10)
    assert ears.saved == [3]


def test_closing_with_a_full_disk_says_what_is_lost(path: Path) -> None:
    library = open_library(path)
    pen = Pen(library).start()
    diagram = pen.diagram()
    library.flush()
    limit_pages(library, 0)
    pen.write(*large_patch(diagram, 100, 100))
    with pytest.raises(LibraryError, match="1 change could not be written: the disk is full"):
        library.close()
    again = open_library(path)
    assert again.notices == ()
    assert again.load(pen.model_id).sequence_number == 2
    again.close()


def test_what_one_waits_for_fails_on_a_full_disk(library: SqlLibrary) -> None:
    pen = Pen(library).start()
    diagram = pen.diagram()
    library.flush()
    limit_pages(library, 0)
    pen.write(*large_patch(diagram, 100, 100))
    with pytest.raises(LibraryError, match="the disk is full"):
        library.delete(pen.model_id)
    assert library.pending(pen.model_id) == 1
    limit_pages(library, None)
    library.flush()
    assert [summary.id for summary in library.summaries()] == [pen.model_id]
    with pytest.raises(LibraryError, match="no such model"):
        library.delete(new_id())


FULL = """
import resource, sys, threading
from pathlib import Path
from app.domain.errors import LibraryError
from storage import open_library
from tests.storage.building import Pen, large_patch, whole

library = open_library(Path(sys.argv[1]))
pen = Pen(library).start()
diagram = pen.diagram()
library.flush()
failed = threading.Event()
reasons = []
library.listen(lambda *news: None, lambda model_id, reason: (reasons.append(reason), failed.set()))
size = Path(sys.argv[1] + "-wal").stat().st_size
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, hard))
pen.write(*large_patch(diagram, 500, 500))
pen.rename("typed while nothing could be written")
assert failed.wait(20)
assert reasons == ["the disk does not take or give data (it may be full or gone)"], reasons
assert library.pending(pen.model_id) == 2
assert whole([library.load(pen.model_id).state]) == whole([pen.state])
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
library.flush()
assert library.pending(pen.model_id) == 0
assert library.verify().broken == ()
library.close()
print("done")
"""


def in_child(program: str, *arguments: str) -> None:
    """Run a program of its own; it must come to its end."""
    found = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert found.stdout.endswith("done\n"), found.stdout + found.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_disk_that_refuses_to_write(path: Path) -> None:
    in_child(FULL, str(path))


PROTECTED = """
import os, shutil, sys, tempfile
from pathlib import Path
import pytest
from app.domain.errors import LibraryError
from storage import open_library
from tests.storage.building import Pen

def reopened(path):
    library = open_library(path)
    try:
        assert "Nothing can be saved" in library.read_only, library.read_only
        with pytest.raises(LibraryError, match="Nothing can be saved"):
            Pen(library).start()
        return [summary.name for summary in library.summaries()]
    finally:
        library.close()

top = Path(tempfile.mkdtemp())
try:
    folder = top / "data"
    folder.mkdir()
    if os.geteuid() == 0:  # Nothing is protected from root.
        os.chown(top, 65534, 65534)
        os.chown(folder, 65534, 65534)
        os.setegid(65534)
        os.seteuid(65534)
    path = folder / "library.db"

    folder.chmod(0o555)
    assert reopened(path) == []

    folder.chmod(0o755)
    library = open_library(path)
    assert library.read_only == ""
    pen = Pen(library).start("Kept")
    library.flush()
    for name in ("library.db", "library.db-wal"):  # As a killed program would leave them.
        shutil.copyfile(folder / name, top / name)
    library.close()
    folder.chmod(0o555)
    assert reopened(path) == ["Kept"]

    folder.chmod(0o755)
    path.chmod(0o444)
    assert reopened(path) == ["Kept"]

    top.chmod(0o555)
    assert reopened(top / "library.db") == ["Kept"]
    top.chmod(0o755)
finally:
    if os.getuid() == 0:
        os.seteuid(0)
    shutil.rmtree(top)
print("done")
"""


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs the rights of Unix folders")
def test_a_folder_or_file_that_may_not_be_written() -> None:
    in_child(PROTECTED)
