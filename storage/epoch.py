"""The name of a store's history: another one whenever the store is not the one that it was at its last start.

A server that comes back from a backup has forgotten what it acknowledged since; who follows it has to
notice. Nobody can be relied on to say so, hence a mark that no backup carries along: on SQLite it is
drawn anew at each start and kept in the database and in a file beside it, on PostgreSQL it names the
cluster, its timeline and the very table, which a restore makes anew.
"""

import os
import secrets
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from app.domain.errors import LibraryError
from storage.database import Database
from storage.dialect import upsert
from storage.tables import SETTINGS

EPOCH: Final = "epoch"
MARK: Final = "epoch.mark"
_WHERE: Final = sa.text(
    "SELECT s.system_identifier || '/' || c.timeline_id || '/' || 'heads'::regclass::oid"
    " FROM pg_control_system() s, pg_control_checkpoint() c"
)


def settle_epoch(database: Database) -> str:
    """The name of this history; called once a start, before anybody is served. LibraryError if it fails."""
    if database.path is None:
        return database.write(lambda connection: _settled(connection, _place(connection)))
    file = mark_path(database.path)
    mark = secrets.token_hex(8)
    before = _read(file)
    epoch = database.write(lambda connection: _settled(connection, before, mark))
    try:
        part = file.with_name(file.name + ".part")
        part.write_text(mark + "\n", "ascii")
        os.replace(part, file)
    except OSError as error:
        raise LibraryError(f"{file}: {error.strerror or error}") from None
    return epoch


def mark_path(path: Path) -> Path:
    """The file with the mark, beside a database file."""
    return path.with_name(path.name + ".epoch")


def renew(connection: sa.Connection) -> str:
    """Begin another history in the transaction at hand; returns its name."""
    epoch = secrets.token_hex(8)
    _put(connection, EPOCH, epoch)
    return epoch


def _settled(connection: sa.Connection, found: str, mark: str = "") -> str:
    """The epoch that stands in the database if the mark is the one found, else a new one."""
    held = {row[0]: row[1] for row in connection.execute(sa.select(SETTINGS.c.key, SETTINGS.c.value))}
    epoch = str(held.get(EPOCH, ""))
    if not epoch or held.get(MARK) != found:
        epoch = renew(connection)
    _put(connection, MARK, mark or found)
    return epoch


def _place(connection: sa.Connection) -> str:
    return str(connection.execute(_WHERE).scalar_one())


def _read(file: Path) -> str:
    try:
        return file.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _put(connection: sa.Connection, key: str, value: str) -> None:
    connection.execute(upsert(connection, SETTINGS, ("key",)), {"key": key, "value": value})
