"""Check a library: every event's hash, and every record against the log.

Names the first broken event of each model, and ends with status 1 if there is any.
"""

import argparse
from pathlib import Path
from typing import Final

from app.cli.outcome import DONE, FINDINGS
from app.domain.errors import UnreadableFile

HELP: Final = "check that a library is what was written"
HEADER: Final = b"SQLite format 3\0"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "library",
        nargs="?",
        type=Path,
        metavar="LIBRARY",
        help="the library file; else this user's",
    )


def _check_is_library(path: Path) -> None:
    """Refuse what is no database: opening it would set it aside as damaged and begin a new library."""
    if path.is_dir():
        raise UnreadableFile(str(path), "is a folder")
    if not path.exists():
        raise UnreadableFile(str(path), "there is no library")
    with path.open("rb") as file:
        if file.read(len(HEADER)) != HEADER:
            raise UnreadableFile(str(path), "is no library")


def run(given: argparse.Namespace) -> int:
    """Check, and name the first broken event of each model."""
    from storage import open_library  # the database only where it is read
    from storage.files import default_path

    path: Path = given.library or default_path()
    _check_is_library(path)
    library = open_library(path)
    try:
        for notice in (*library.notices, library.read_only):
            if notice:
                print(notice)
        found = library.verify()
    finally:
        library.close()
    for broken in found.broken:
        name = broken.model_name or broken.model_id
        print(f"{name}: event {broken.sequence_number} is broken: {broken.reason}")
    print(f"{path}: {found.models} models, {found.events} events, {len(found.broken)} broken")
    was_damaged = any("was damaged" in notice for notice in library.notices)
    return FINDINGS if found.broken or was_damaged else DONE
