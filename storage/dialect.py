"""All that is particular to one database: connections to SQLite, upserts, backup, checks of the file."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.errors import LibraryError

BUSY_SECONDS: Final = 10.0
_COMMON: Final = (
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA cache_size=-16000",
)
_WRITER: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    # Without these a Mac answers before the data has left the drive's cache; nothing elsewhere.
    "PRAGMA fullfsync=ON",
    "PRAGMA checkpoint_fullfsync=ON",
    "PRAGMA secure_delete=FAST",
)
_READER: Final = ("PRAGMA query_only=ON",)
_MANY: Final = 8
# Classes and codes of PostgreSQL's errors, in words for a person.
_STATES: Final = {
    "08": "the database server cannot be reached",
    "28": "the database server refuses this user or password",
    "53": "the database server is out of room or connections",
    "53100": "the disk of the database server is full",
    "57": "the database server is stopping or stopped the work",
    "25006": "the database may only be read",
    "40": "another writer was in the way",
    "55P03": "another writer was in the way",
    "XX001": "the database is damaged",
    "XX002": "the database is damaged",
}
HEADER: Final = b"SQLite format 3\x00"


def _open(path: Path, parameters: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{parameters}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _engine(path: Path, parameters: str, pragmas: Iterable[str], begin: str, size: int) -> sa.Engine:
    engine = sa.create_engine(
        "sqlite+pysqlite://",
        creator=lambda: _open(path, parameters),
        poolclass=sa.QueuePool,
        pool_size=size,
        max_overflow=16,
        pool_reset_on_return="rollback",
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own transactions would begin late and deferred, and fail at once as "locked".
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(pragma).close()

    @sa.event.listens_for(engine, "begin")
    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def writing_engine(path: Path, *, create: bool = False) -> sa.Engine:
    """For the one writer: its transactions take the write lock when they begin."""
    mode = "mode=rwc" if create else "mode=rw"
    return _engine(path, mode, (*_COMMON, *_WRITER), "BEGIN IMMEDIATE", 1)


def reading_engine(path: Path, *, unchanging: bool = False) -> sa.Engine:
    """For readers: each transaction sees one moment. `unchanging` needs no right to write its folder."""
    mode = "mode=ro&immutable=1" if unchanging else "mode=rw"
    return _engine(path, mode, (*_COMMON, *_READER), "BEGIN", 4)


def postgresql_engines(url: str) -> tuple[sa.Engine, sa.Engine]:
    """For PostgreSQL: writers and readers. LibraryError when the driver is missing or the URL is none.

    Writers lock the rows that they build on; a reader's transaction sees one moment.
    """
    try:
        address = sa.make_url(url).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(
            address, pool_size=8, max_overflow=24, pool_pre_ping=True, isolation_level="READ COMMITTED"
        )
    except ImportError:
        raise LibraryError("PostgreSQL needs the package psycopg, which is not installed") from None
    except (sa.exc.ArgumentError, ValueError):
        raise LibraryError("the database's address is not like postgresql://user@host:5432/name") from None

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # What is acknowledged is on disk, whatever the server's own setting; stricter ones are left.
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') = 'off'"
        )
        connection.commit()

    # Many rows in one statement: a third faster than one statement a row, pipelined.
    engine.dialect.use_insertmanyvalues_wo_returning = True
    readers = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine, readers


def by_bytes(column: Any, connection: sa.Connection) -> Any:
    """A text column in the order of its characters' numbers, as SQLite and Python sort."""
    return sa.collate(column, "C") if connection.dialect.name == "postgresql" else column


def upsert(
    connection: sa.Connection,
    table: sa.Table,
    keys: Iterable[str],
    kept: Iterable[str] = (),
    filled: Iterable[str] = (),
) -> Any:
    """An INSERT that updates the row that is there, all columns but `keys` and `kept`.

    Columns in `filled` keep their value where the new one is NULL.
    """
    return _upsert(connection.dialect.name, table, tuple(keys), frozenset(kept), frozenset(filled))


@lru_cache(maxsize=256)
def _upsert(
    dialect: str, table: sa.Table, keys: tuple[str, ...], kept: frozenset[str], filled: frozenset[str]
) -> Any:
    statement: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    changed = {
        column.name: sa.func.coalesce(statement.excluded[column.name], column)
        if column.name in filled
        else statement.excluded[column.name]
        for column in table.columns
        if column.name not in kept and column.name not in keys
    }
    return statement.on_conflict_do_update(index_elements=list(keys), set_=changed)


def put_if_absent(
    connection: sa.Connection, table: sa.Table, keys: tuple[str, ...], row: dict[str, Any]
) -> bool:
    """Insert a row unless one with these keys is there; whether it was inserted."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing(index_elements=list(keys))
    return connection.execute(statement.returning(table.c[keys[0]]), row).first() is not None


@cache
def insertion(table: sa.Table) -> sa.Insert:
    """The plain INSERT of a table, always the same one, so that it is compiled once."""
    return sa.insert(table)


@lru_cache(maxsize=256)
def _compiled(statement: Any, dialect: sa.Dialect, columns: tuple[str, ...]) -> Any:
    return statement.compile(dialect=dialect, column_keys=list(columns))


def put_many(connection: sa.Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    """Execute an INSERT for many rows; on SQLite without a look at each value, which halves the time.

    The statement is one of `upsert` or `insertion`. All rows have the same keys, in the same order, and
    values that the driver takes as they are.
    """
    if len(rows) < _MANY or connection.dialect.name != "sqlite":
        connection.execute(statement, rows)
        return
    compiled = _compiled(statement, connection.dialect, tuple(rows[0]))
    places = compiled.positiontup
    connection.exec_driver_sql(compiled.string, [tuple([row[name] for name in places]) for row in rows])


@contextmanager
def erasing(connection: sa.Connection) -> Iterator[None]:
    """Have what is deleted inside overwritten, where the database would leave it lying."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    try:
        yield
    finally:
        if sqlite:
            connection.exec_driver_sql("PRAGMA secure_delete=FAST")


def settle_file(engine: sa.Engine) -> None:
    """Move what the write-ahead log holds into the file and empty the log, as far as readers allow."""
    if engine.dialect.name != "sqlite":
        return
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    finally:
        raw.close()


def has_header(path: Path) -> bool:
    """Whether a file begins as a SQLite database does."""
    with path.open("rb") as file:
        return file.read(len(HEADER)) == HEADER


def file_fault(path: Path) -> str:
    """What is wrong with the pages of a database file; empty when nothing is. Reads the whole file.

    sqlite3.Error when it cannot be read for another reason.
    """
    try:
        connection = _open(path, "mode=rw")
        try:
            row = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return str(error)
        raise
    return "" if row is None or row[0] == "ok" else str(row[0])


def back_up(path: Path, target: Path) -> None:
    """Copy a database, what its write-ahead log holds included, to a new file. sqlite3.Error, OSError."""
    source = _open(path, "mode=rw")
    try:
        copy = _open(target, "mode=rwc")
        try:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE").close()
        finally:
            copy.close()
    finally:
        source.close()


def reason_of(error: BaseException) -> str:
    """Why a write or a read failed, in words for a person."""
    original = getattr(error, "orig", None) or error
    if isinstance(original, FileExistsError | NotADirectoryError):
        return "what should be its folder is a file"
    if isinstance(original, OSError):
        return (original.strerror or str(original)).lower()
    code = getattr(original, "sqlite_errorcode", 0) & 0xFF
    state = getattr(original, "sqlstate", None) or ""
    if state[:2] in _STATES or state in _STATES:
        return _STATES.get(state) or _STATES[state[:2]]
    known = {
        sqlite3.SQLITE_FULL: "the disk is full",
        sqlite3.SQLITE_IOERR: "the disk does not take or give data (it may be full or gone)",
        sqlite3.SQLITE_READONLY: "the library file or its folder may not be written to",
        sqlite3.SQLITE_PERM: "the library file or its folder may not be written to",
        sqlite3.SQLITE_CANTOPEN: "the library file cannot be opened (it or its folder is protected or gone)",
        sqlite3.SQLITE_BUSY: "another program holds the library",
        sqlite3.SQLITE_LOCKED: "another program holds the library",
        sqlite3.SQLITE_CORRUPT: "the library file is damaged",
        sqlite3.SQLITE_NOTADB: "the library file is damaged",
    }
    return known.get(code) or " ".join(str(original).split())[:300] or type(original).__name__


def is_damage(error: BaseException) -> bool:
    """Whether an error tells that the file itself is broken."""
    original = getattr(error, "orig", None) or error
    code = getattr(original, "sqlite_errorcode", 0) & 0xFF
    if getattr(original, "sqlstate", None) in ("XX001", "XX002"):
        return True
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
