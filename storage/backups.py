"""Backups of a server's file: made while it is in use, checked, and put in its place again."""

import sqlite3
from pathlib import Path

import sqlalchemy as sa

from app.domain.errors import LibraryError
from app.ports import Verification
from storage import dialect, files, lock, migrating
from storage.epoch import mark_path
from storage.server_chain import verify_chain
from storage.verify import verify


def back_up(path: Path, target: Path) -> None:
    """Copy a store's file to a new one, also while a server uses it. LibraryError when that cannot be."""
    if target.exists():
        raise LibraryError(f"{target} is there already")
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        dialect.back_up(path, part)
        files.put_in_place(part, target)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise LibraryError(f"{target} could not be written: {dialect.reason_of(error)}") from None


def restore(backup: Path, path: Path) -> Path | None:
    """Put a backup in the place of a store's file, and begin another history.

    The backup is copied, brought to this version and checked whole before anything is touched; what stood
    there is kept, and its place returned. LibraryError, with everything as it was, when the backup is not
    sound or a program uses the store.
    """
    _check_is_backup(backup)
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        held = lock.acquire(path)
        if held is None:
            raise LibraryError(f"{path} is in use by {lock.holder_of(path)}: stop it first")
        done = False
        try:
            part.unlink(missing_ok=True)
            dialect.back_up(backup, part)
            _make_present(part, backup)
            aside = _set_aside(path)
            files.put_in_place(part, path)
            # Without the mark the next start begins another history, whatever the backup says.
            mark_path(path).unlink(missing_ok=True)
            done = True
        finally:
            part.unlink(missing_ok=True)
            # Whoever held the store before us may have left it unsound, and it is still there if we failed.
            held.release(clean=done or not held.unclean)
    except (OSError, sqlite3.Error, sa.exc.SQLAlchemyError) as error:
        raise LibraryError(f"{path} could not be restored: {dialect.reason_of(error)}") from None
    return aside


def _make_present(copy: Path, backup: Path) -> None:
    """Bring the copy of a backup to this version, and check every chain and table of it."""
    engine = dialect.writing_engine(copy)
    try:
        version = migrating.version_of(engine)
        if not version:
            raise LibraryError(f"{backup} is no backup of a server")
        if version != migrating.REVISION:
            migrating.check_known(version, str(backup))
            migrating.upgrade(engine)
        found = verify(engine)
        with engine.begin() as connection:
            sound, fault = verify_chain(connection)
    finally:
        engine.dispose()
    if fault:
        raise LibraryError(f"{backup} is damaged: the server's own log after event {sound}: {fault}")
    if found.broken:
        first = found.broken[0]
        name = first.model_name or first.model_id
        raise LibraryError(f"{backup} is damaged: event {first.sequence_number} of {name} {first.reason}")


def _set_aside(path: Path) -> Path | None:
    """Keep what stands at a path under a telling name beside it; None when nothing does."""
    if not path.exists():
        return None
    aside = files.telling(path, "replaced")
    # As it is, byte by byte: it may be the very damage that makes somebody restore.
    files.copy_with_log(path, aside)
    return aside


def _check_is_backup(path: Path) -> None:
    if not path.is_file():
        raise LibraryError(f"{path} is not there")
    try:
        if not dialect.has_header(path):
            raise LibraryError(f"{path} is no backup of a server")
        fault = dialect.file_fault(path)
    except (OSError, sqlite3.Error) as error:
        raise LibraryError(f"{path} cannot be read: {dialect.reason_of(error)}") from None
    if fault:
        raise LibraryError(f"{path} is damaged: {fault}")


def check_backup(path: Path) -> Verification:
    """Whether a backup file is whole, chains and tables included. LibraryError when it is no backup.

    The file is not changed; a newer or older version is refused, since its tables may be others.
    """
    if not path.is_file():
        raise LibraryError(f"{path} is not there")
    engine = dialect.reading_engine(path, unchanging=True)
    try:
        if not dialect.has_header(path):
            raise LibraryError(f"{path} is no database")
        fault = dialect.file_fault(path)
        if fault:
            raise LibraryError(f"{path} is damaged: {fault}")
        version = migrating.version_of(engine)
        if version != migrating.REVISION:
            raise LibraryError(f"{path} has another version ({version or 'none'}) than {migrating.REVISION}")
        return verify(engine)
    except (OSError, sqlite3.Error, sa.exc.SQLAlchemyError) as error:
        raise LibraryError(f"{path} cannot be read: {dialect.reason_of(error)}") from None
    finally:
        engine.dispose()
