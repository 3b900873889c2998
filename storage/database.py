"""A database that many threads and, on PostgreSQL, many processes write: transactions and their errors."""

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from app.domain.errors import LibraryError
from app.ports_server import Conflict
from storage.dialect import reason_of

T = TypeVar("T")


class _Turn:
    """One piece of work that waits for its transaction."""

    def __init__(self, work: Callable[[sa.Connection], Any]) -> None:
        self.work = work
        self.result: Any = None
        self.error: Exception | None = None
        self.done = False

    def run(self, connection: sa.Connection) -> None:
        """Do the work."""
        self.result = self.work(connection)


class Database:
    """Owns the engines. On SQLite, work that arrives while another commit runs shares the next commit."""

    def __init__(self, name: str, writers: sa.Engine, readers: sa.Engine, path: Path | None = None) -> None:
        self.name = name
        self.path = path
        self.writers = writers
        self.readers = readers
        self._one_at_a_time = writers.dialect.name == "sqlite"
        self._waiting: deque[_Turn] = deque()
        self._turnstile = threading.Lock()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a file of this machine."""
        return self._one_at_a_time

    def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Do `work` on a connection that sees one moment. LibraryError when it cannot be read."""
        try:
            with self.readers.begin() as connection:
                return work(connection)
        except sa.exc.SQLAlchemyError as error:
            raise LibraryError(f"{self.name} cannot be read: {reason_of(error)}") from None

    def write(self, work: Callable[[sa.Connection], T]) -> T:
        """Do `work` in one transaction; what it returns is returned once that is on disk.

        `work` may be run more than once, each time on the state without its earlier runs: it must do
        nothing but use the connection. What it raises takes it back and is raised here. Conflict when
        it breaks a constraint, LibraryError when it cannot be written.
        """
        turn = _Turn(work)
        try:
            if not self._one_at_a_time:
                self._commit([turn])
            else:
                self._take_turn(turn)
            if turn.error is not None:
                raise turn.error
        except sa.exc.IntegrityError as error:
            raise Conflict(f"this contradicts what is there: {reason_of(error)}") from None
        except sa.exc.SQLAlchemyError as error:
            raise LibraryError(f"{self.name} cannot be written: {reason_of(error)}") from None
        result: T = turn.result
        return result

    def _take_turn(self, turn: _Turn) -> None:
        self._waiting.append(turn)
        with self._turnstile:
            if turn.done:
                return
            batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
            try:
                self._commit(batch)
            except Exception as error:
                if len(batch) == 1:
                    turn.error = error
                else:
                    self._commit_each(batch)
            finally:
                for one in batch:
                    one.done = True

    def _commit_each(self, batch: list[_Turn]) -> None:
        """One of them cannot be done: the others must not suffer for it."""
        for turn in batch:
            try:
                self._commit([turn])
            except Exception as error:
                turn.error = error

    def _commit(self, batch: list[_Turn]) -> None:
        with self.writers.begin() as connection:
            for turn in batch:
                turn.run(connection)

    def close(self) -> None:
        """Let go of all connections."""
        self.readers.dispose()
        self.writers.dispose()
