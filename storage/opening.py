"""Opening a library: made when there is none, migrated when old, recovered when damaged, never harmed."""

import contextlib
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from app.domain.errors import LibraryError
from storage import dialect, files, lock, migrating
from storage.library import SqlLibrary
from storage.recovery import recover

SMALL = 16_000_000


@dataclass
class _Opening:
    """One attempt to open a library, and what is to be told about it."""

    path: Path
    scripts: Path
    revision: str
    notices: list[str] = field(default_factory=list)
    read_only: str = ""


def open_library(
    path: Path | None = None, *, migrations: Path = migrating.SCRIPTS, revision: str = ""
) -> SqlLibrary:
    """Open the library at `path` (by default the user's), whatever state it is in.

    What is wrong is said in `read_only` and `notices`. LibraryError only when nothing can be shown at
    all. `migrations` and `revision` (by default the newest) say which versions are known.
    """
    known = revision or migrating.REVISION
    opening = _Opening((path or files.default_path()).absolute(), migrations, known)
    held: lock.Lock | None = None
    try:
        opening.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        held = lock.acquire(opening.path)
    except OSError as error:
        folder = opening.path.parent
        opening.read_only = f"Nothing can be saved: {folder} may not be written to ({error.strerror})."
    else:
        if held is None:
            holder = lock.holder_of(opening.path)
            opening.read_only = f"The library is open in {holder}. Here it can only be read."
            _await_file(opening.path)
        elif not held.supported:
            opening.notices.append(
                "The disk of the library knows no locks. Do not open it twice at the same time."
            )
    try:
        return _read_only(opening) if held is None else _writable(opening, held)
    except BaseException:
        if held is not None:
            held.release(clean=False)
        raise


def _writable(opening: _Opening, held: lock.Lock) -> SqlLibrary:
    path = opening.path
    try:
        _make_sound(opening, unclean=held.unclean)
        engine = dialect.writing_engine(path)
        try:
            if not _is_current(opening, engine):
                engine.dispose()
                held.release(clean=False)
                return _read_only(opening)
        except BaseException:
            engine.dispose()
            raise
        readers = dialect.reading_engine(path)
        return SqlLibrary(path, readers, engine, lock=held, notices=tuple(opening.notices))
    except (OSError, sqlite3.Error, sa.exc.SQLAlchemyError) as error:
        opening.read_only = f"Nothing can be saved: {dialect.reason_of(error)}."
        held.release(clean=False)
        return _read_only(opening)


def _make_sound(opening: _Opening, *, unclean: bool) -> None:
    """See to it that there is a whole database at the path: new, as it was, or recovered."""
    path = opening.path
    if not path.exists():
        make_new(path)
        return
    # SQLite would open a protected file for reading and say nothing of it until the first write.
    os.close(os.open(path, os.O_RDWR))
    fault = fault_of(path, thorough=unclean)
    if fault:
        opening.notices.extend(recover(path, fault))


def _await_file(path: Path) -> None:
    """Give the program that holds the lock the moment that it needs to make a new library."""
    for _ in range(40):
        if path.exists():
            return
        time.sleep(0.05)


def make_new(path: Path, *, local_user: bool = True) -> None:
    """A new library, complete before it has its name."""
    new = path.with_name(path.name + ".new")
    for ending in ("", "-journal", *files.BESIDE):
        files.beside(new, ending).unlink(missing_ok=True)
    engine = dialect.writing_engine(new, create=True)
    try:
        migrating.make_schema(engine, local_user=local_user)
    finally:
        engine.dispose()
    files.put_in_place(new, path)


def fault_of(path: Path, *, thorough: bool) -> str:
    """What is wrong with a library file; the whole file is read when it is small or with `thorough`."""
    size = path.stat().st_size
    if not size:
        return "the file is empty"
    if not dialect.has_header(path):
        return "the file is no database"
    if thorough or size <= SMALL:
        fault = dialect.file_fault(path)
        if fault:
            return fault
    engine = dialect.reading_engine(path)
    try:
        version = migrating.version_of(engine)
        return "" if version else "the file is a database, but no library"
    except sa.exc.SQLAlchemyError as error:
        if dialect.is_damage(error):
            return dialect.reason_of(error)
        raise
    finally:
        engine.dispose()


def _is_current(opening: _Opening, engine: sa.Engine) -> bool:
    """Whether the library has, perhaps after a migration, the version that the program knows."""
    version = migrating.version_of(engine)
    if version == opening.revision:
        return True
    known = migrating.revisions(opening.scripts)
    if version not in known:
        opening.read_only = _newer(version)
        return False
    backup = files.telling(opening.path, f"backup-{version}")
    dialect.back_up(opening.path, backup)
    migrating.upgrade(engine, opening.scripts)
    opening.notices.append(
        f"The library was brought to this version of the program. As it was before, it is kept in "
        f"{backup.name}."
    )
    return True


def _newer(version: str) -> str:
    return (
        f"The library was written by a newer version of this program (its form is {version}). "
        "It can only be read here; update the program to change it."
    )


def _read_only(opening: _Opening) -> SqlLibrary:
    """The library for reading only; an empty one when there is none or it cannot be read."""
    path, done = opening.path, contextlib.ExitStack()
    try:
        readers = _readers(path, done)
        version = migrating.version_of(readers)
        if version != opening.revision:
            if version in migrating.revisions(opening.scripts):
                readers.dispose()
                readers = _migrated(opening, done)
            else:
                opening.read_only = opening.read_only or _newer(version)
        library = SqlLibrary(
            path, readers, None, read_only=opening.read_only, notices=tuple(opening.notices),
            on_close=done.close,
        )  # fmt: skip
    except (OSError, sqlite3.Error, sa.exc.SQLAlchemyError, LibraryError) as error:
        done.close()
        raise LibraryError(
            f"{path} cannot be read: {dialect.reason_of(error)}. {opening.read_only}"
        ) from None
    return library


def _readers(path: Path, done: contextlib.ExitStack) -> sa.Engine:
    """Connections for reading, from copies where the file or its folder does not allow more."""
    if path.exists() and _may_write(path) and _may_write(path.parent):
        return dialect.reading_engine(path)
    log = files.beside(path, "-wal")
    if path.exists() and not (log.exists() and log.stat().st_size):
        return dialect.reading_engine(path, unchanging=True)
    folder = Path(tempfile.mkdtemp(prefix="tmi-library-"))
    done.callback(_remove_folder(folder))
    copy = folder / path.name
    if path.exists():
        files.copy_with_log(path, copy)
    else:
        make_new(copy)
    return dialect.reading_engine(copy)


def _migrated(opening: _Opening, done: contextlib.ExitStack) -> sa.Engine:
    """Connections for reading to a copy of an older library, brought to this version."""
    folder = Path(tempfile.mkdtemp(prefix="tmi-library-"))
    done.callback(_remove_folder(folder))
    copy = folder / opening.path.name
    files.copy_with_log(opening.path, copy)
    os.chmod(copy, 0o600)
    engine = dialect.writing_engine(copy)
    try:
        migrating.upgrade(engine, opening.scripts)
    finally:
        engine.dispose()
    return dialect.reading_engine(copy)


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _remove_folder(folder: Path) -> Callable[[], None]:
    return lambda: shutil.rmtree(folder, ignore_errors=True)
