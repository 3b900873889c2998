"""The files of a library: the database, what SQLite keeps beside it, and telling names for copies."""

import os
import shutil
from pathlib import Path

from platformdirs import user_data_path

from storage.clock import file_stamp

BESIDE = ("-wal", "-shm")


def default_path() -> Path:
    """Where the library of this user lies."""
    return user_data_path("TMI Desktop", appauthor=False) / "library.db"


def beside(path: Path, ending: str) -> Path:
    """A companion file of a database."""
    return path.with_name(path.name + ending)


def telling(path: Path, what: str) -> Path:
    """A free name for a copy of a library: library.damaged-20260131T120000.000000Z.db."""
    stem = f"{path.stem}.{what}-{file_stamp()}"
    found, number = path.with_name(f"{stem}{path.suffix}"), 1
    while found.exists():
        number += 1
        found = path.with_name(f"{stem}-{number}{path.suffix}")
    return found


def copy_with_log(path: Path, target: Path) -> None:
    """Copy a database file and its write-ahead log as they are, byte by byte."""
    shutil.copyfile(path, target)
    if beside(path, "-wal").exists():
        shutil.copyfile(beside(path, "-wal"), beside(target, "-wal"))


def sync(path: Path) -> None:
    """Have a file's content on the disk, and, where the system can, its name too."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def put_in_place(new: Path, path: Path) -> None:
    """Make `new` the library. A log left over from an older file would be played into it: it goes first."""
    for ending in BESIDE:
        beside(path, ending).unlink(missing_ok=True)
    sync(new)
    os.replace(new, path)
    sync(path)
