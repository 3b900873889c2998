"""Opening a server's store, on a file or on PostgreSQL, and all that it offers in one place."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from app.domain.errors import LibraryError
from app.ports import Verification
from storage import dialect, files, lock, migrating
from storage.access import SqlAccess
from storage.backups import back_up
from storage.catalogue import SqlCatalogue
from storage.database import Database
from storage.epoch import settle_epoch
from storage.idempotency import SqlIdempotency
from storage.identity import SqlGroups, SqlUsers
from storage.invites import SqlInvites, SqlTickets
from storage.jobs import Job
from storage.opening import fault_of, make_new
from storage.rooms import SqlRooms
from storage.server_chain import SqlServerChain
from storage.sessions import SqlSessions
from storage.snapshots import Snapshots
from storage.sweeping import sweep
from storage.tokens import SqlTokens
from storage.uploads import SqlUploads
from storage.verify import verify

# One number for all servers of a database: only one of them makes or migrates the tables.
_SCHEMA_LOCK: Final = 0x544D49


class _AtOnce:
    """Stores the jobs of the snapshots' thread on that thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, model_id: str, *, job: Job) -> None:
        """Do a job now."""
        self._database.write(job)


class ServerStore:
    """Everything that a server stores. Made by `open_server`; `close` it at the end."""

    def __init__(self, database: Database, on_close: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._on_close = on_close
        self._snapshots = Snapshots(database.readers, _AtOnce(database))
        self.rooms = SqlRooms(database, self._snapshots)
        self.uploads = SqlUploads(database, self._snapshots)
        self.users = SqlUsers(database)
        self.groups = SqlGroups(database)
        self.access = SqlAccess(database)
        self.tokens = SqlTokens(database)
        self.tickets = SqlTickets(database)
        self.invites = SqlInvites(database)
        self.idempotency = SqlIdempotency(database)
        self.chain = SqlServerChain(database)
        self.sessions = SqlSessions(database)
        self.catalogue = SqlCatalogue(database)

    @property
    def is_file(self) -> bool:
        """Whether the store is a file of this machine, and not shared with other servers."""
        return self._database.is_sqlite

    def ready(self) -> str:
        """Why the store cannot serve now; empty when it can."""
        try:
            self._database.read(lambda connection: connection.execute(sa.select(1)).scalar())
        except LibraryError as error:
            return str(error)
        return ""

    def settle_epoch(self) -> str:
        """The name of this store's history, another one after a restore. Once a start, by the server."""
        return settle_epoch(self._database)

    def sweep(self, now: float) -> int:
        """Forget tokens, codes, tickets and answers that have expired; returns how many."""
        return self._database.write(lambda connection: sweep(connection, now))

    def verify(self) -> Verification:
        """Check every model's chain and tables; the server's own chain is `chain.verify`."""
        try:
            return verify(self._database.readers)
        except sa.exc.SQLAlchemyError as error:
            raise LibraryError(f"{self._database.name} cannot be read: {dialect.reason_of(error)}") from None

    def back_up(self, target: Path) -> None:
        """Copy the store to a new file while it is in use. LibraryError when that cannot be.

        PostgreSQL has its own tool: `pg_dump`, and `pg_restore` for the way back.
        """
        if self._database.path is None:
            raise LibraryError(
                "a PostgreSQL database is backed up with pg_dump, and restored with pg_restore"
            )
        back_up(self._database.path, target)

    def close(self) -> None:
        """Finish what is under way and let go of the database."""
        self._snapshots.close()
        self._database.close()
        self._on_close()


def open_server(where: Path | str, *, alongside: bool = False) -> ServerStore:
    """Open a server's store: a file, made when there is none, or the address of a PostgreSQL database.

    An older version is migrated, a file after a backup beside it. A file is for one program at a time;
    only with `alongside`, for an administrator's command, may another one have it open. LibraryError
    when it cannot serve: damaged, newer, in use by another program, or out of reach.
    """
    if isinstance(where, str) and where.startswith(("postgresql:", "postgres:", "postgresql+")):
        return ServerStore(open_postgresql(where))
    return _open_file(Path(where).absolute(), alongside=alongside)


def open_postgresql(url: str) -> Database:
    """A PostgreSQL database with all tables at the present version, made or migrated where due."""
    writers, readers = dialect.postgresql_engines(url.replace("postgres:", "postgresql:", 1))
    name = f"the database {writers.url.database} on {writers.url.host or 'this machine'}"
    try:
        with writers.begin() as connection:
            _prepare(connection, name)
    except sa.exc.SQLAlchemyError as error:
        writers.dispose()
        raise LibraryError(f"{name} cannot be opened: {dialect.reason_of(error)}") from None
    except BaseException:
        writers.dispose()
        raise
    return Database(name, writers, readers)


def _prepare(connection: sa.Connection, name: str) -> None:
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise LibraryError(f"{name} has the encoding {encoding}, and must have UTF8")
    version = migrating.version_in(connection)
    if not version:
        migrating.make_tables(connection)
    elif version != migrating.REVISION:
        migrating.check_known(version, name)
        migrating.run_scripts(connection)


def _open_file(path: Path, *, alongside: bool) -> ServerStore:
    held: lock.Lock | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        held = lock.acquire(path)
        if held is not None:
            return ServerStore(_database_of_file(path, unclean=held.unclean), held.release)
        if alongside:
            return ServerStore(_open_beside(path))
    except BaseException as error:
        if held is not None:
            held.release(clean=False)
        if isinstance(error, OSError | sqlite3.Error | sa.exc.SQLAlchemyError):
            raise LibraryError(f"{path} cannot be opened: {dialect.reason_of(error)}") from None
        raise
    raise LibraryError(f"{path} is in use by {lock.holder_of(path)}")


def _open_beside(path: Path) -> Database:
    """A file that another program has made sound and holds open."""
    writers = dialect.writing_engine(path)
    version = migrating.version_of(writers)
    if version != migrating.REVISION:
        writers.dispose()
        raise LibraryError(f"{path} is in use by a program of another version ({version})")
    return Database(path.name, writers, dialect.reading_engine(path), path)


def _database_of_file(path: Path, *, unclean: bool) -> Database:
    if not path.exists():
        make_new(path, local_user=False)
    else:
        fault = fault_of(path, thorough=unclean)
        if fault:
            raise LibraryError(f"{path} is damaged ({fault}): restore a backup of it")
    writers = dialect.writing_engine(path)
    try:
        version = migrating.version_of(writers)
        if version != migrating.REVISION:
            migrating.check_known(version, str(path))
            dialect.back_up(path, files.telling(path, f"backup-{version}"))
            migrating.upgrade(writers)
    except BaseException:
        writers.dispose()
        raise
    return Database(path.name, writers, dialect.reading_engine(path), path)
