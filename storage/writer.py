"""The one thread that writes: it takes what is queued and stores it in one transaction after another."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from app.domain.errors import LibraryError
from app.ports import Commit, Failed, Saved, Waiting
from storage.commits import store
from storage.dialect import is_damage, reason_of

log = logging.getLogger(__name__)

MAX_BATCH: Final = 2000
MAX_CHANGES: Final = 20_000
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
Job = Callable[[sa.Connection], object]


class Ticket:
    """Somebody who waits for a job: done, or with the reason why it could not be done."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.reason = ""

    def finish(self, reason: str = "") -> None:
        """Let the waiting one go on."""
        self.reason = reason
        self.done.set()


@dataclass(slots=True, eq=False)
class Item:
    """Something to write: an operation, or a job on the connection (which only waiters may lose)."""

    number: int
    model_id: str
    commit: Commit | None = None
    job: Job | None = None
    ticket: Ticket | None = None


@dataclass
class Trouble:
    """Why the items of a model wait, how often they have been tried, and when they are due again."""

    reason: str
    attempts: int
    due: float


class Writer:
    """Owns the queue, the writing connection and the thread.

    Items of a model are stored in the order in which they came. What cannot be stored stays queued and
    is tried again, at growing intervals; the items of other models do not wait for it.
    """

    def __init__(self, engine: sa.Engine, user_id: str) -> None:
        self._engine = engine
        self._user_id = user_id
        self._changed = threading.Condition()
        self._queue: deque[Item] = deque()
        self._pending: dict[str, int] = {}
        self._trouble: dict[str, Trouble] = {}
        self._number = 0
        self._closing = False
        self._grown: set[str] = set()
        self.met_damage = False
        self.on_growth: Callable[[str], None] = lambda model_id: None
        self._listeners: list[tuple[Saved, Failed]] = []
        self._outbox_listeners: list[Waiting] = []
        self._thread = threading.Thread(target=self._run, name="library-writer", daemon=True)
        self._thread.start()

    def listen(self, saved: Saved, failed: Failed) -> Callable[[], None]:
        """Add listeners, called on the writer's thread; returns the function that removes them."""
        pair = (saved, failed)
        with self._changed:
            self._listeners = [*self._listeners, pair]

        def stop() -> None:
            with self._changed:
                self._listeners = [one for one in self._listeners if one is not pair]

        return stop

    def listen_outbox(self, kept: Waiting) -> Callable[[], None]:
        """Add a listener for operations that wait for a server; returns the function that removes it."""
        with self._changed:
            self._outbox_listeners = [*self._outbox_listeners, kept]

        def stop() -> None:
            with self._changed:
                self._outbox_listeners = [one for one in self._outbox_listeners if one is not kept]

        return stop

    def put(
        self,
        model_id: str,
        *,
        commit: Commit | None = None,
        job: Job | None = None,
        ticket: Ticket | None = None,
    ) -> None:
        """Queue an operation or a job. LibraryError once the library is being closed."""
        with self._changed:
            if self._closing:
                raise LibraryError("the library is closed")
            self._number += 1
            self._queue.append(Item(self._number, model_id, commit, job, ticket))
            if commit is not None:
                self._pending[model_id] = self._pending.get(model_id, 0) + 1
            self._changed.notify_all()

    def call(self, model_id: str, job: Job) -> None:
        """Do a job after all that is queued, and wait for it. LibraryError when it cannot be done."""
        ticket = Ticket()
        self.put(model_id, job=job, ticket=ticket)
        self.retry()
        ticket.done.wait()
        if ticket.reason:
            raise LibraryError(ticket.reason)

    def forget(self, model_ids: Iterable[str]) -> None:
        """Drop what is queued for models that are gone."""
        gone = set(model_ids)
        with self._changed:
            self._queue = deque(i for i in self._queue if i.model_id not in gone)
            for model_id in gone:
                self._pending.pop(model_id, None)
                self._trouble.pop(model_id, None)
            self._changed.notify_all()

    def pending(self, model_id: str) -> int:
        """How many operations of a model wait."""
        with self._changed:
            return self._pending.get(model_id, 0)

    def waiting(self, model_id: str) -> tuple[Commit, ...]:
        """The operations of a model that wait, in order."""
        with self._changed:
            return tuple(i.commit for i in self._queue if i.commit is not None and i.model_id == model_id)

    def retry(self) -> None:
        """Try now what has failed."""
        with self._changed:
            for trouble in self._trouble.values():
                trouble.due = 0.0
            self._changed.notify_all()

    def settle(self, seconds: float) -> None:
        """Wait until all that is queued has been stored, or tried in vain, but no longer than that."""
        end = time.monotonic() + seconds
        with self._changed:
            last = self._number
            while self._left(last, healthy=True) and time.monotonic() < end:
                self._changed.wait(max(0.0, end - time.monotonic()))

    def flush(self) -> None:
        """Wait until all that is queued is stored. LibraryError when it has been tried in vain."""
        with self._changed:
            last = self._number
            tried = {model_id: t.attempts for model_id, t in self._trouble.items()}
        self.retry()
        with self._changed:
            while left := self._left(last):
                failed = [
                    t for i in left if (t := self._trouble.get(i.model_id)) is not None
                    and t.attempts > tried.get(i.model_id, 0)
                ]  # fmt: skip
                if failed and len(failed) == len(left):
                    raise LibraryError(failed[0].reason)
                self._changed.wait()

    def _left(self, last: int, *, healthy: bool = False) -> list[Item]:
        return [
            i for i in self._queue
            if i.number <= last and not (healthy and i.model_id in self._trouble)
        ]  # fmt: skip

    def close(self) -> str:
        """Try everything that is queued once more and end the thread; returns why something is left."""
        self.retry()
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        return next((t.reason for t in self._trouble.values()), "") if self._queue else ""

    @property
    def left(self) -> int:
        """How many items wait."""
        with self._changed:
            return len(self._queue)

    def _run(self) -> None:
        while batch := self._next_batch():
            self._write(batch)
        with self._changed:
            for item in self._queue:
                if item.ticket is not None:
                    item.ticket.finish(self._trouble[item.model_id].reason)

    def _next_batch(self) -> list[Item]:
        """What to write next; waits for it. Empty when the library closes and nothing more is due."""
        with self._changed:
            while True:
                now = time.monotonic()
                batch = self._due(now)
                if batch or self._closing:
                    return batch
                models = self._models_waiting()
                waits = [t.due - now for i, t in self._trouble.items() if i in models]
                self._changed.wait(max(0.0, min(waits)) if waits else None)

    def _models_waiting(self) -> set[str]:
        return {item.model_id for item in self._queue}

    def _due(self, now: float) -> list[Item]:
        batch: list[Item] = []
        changes = 0
        for item in self._queue:
            trouble = self._trouble.get(item.model_id)
            if trouble is not None and trouble.due > now:
                continue
            batch.append(item)
            changes += len(item.commit.changes.changes) if item.commit is not None else 1
            if len(batch) >= MAX_BATCH or changes >= MAX_CHANGES:
                break
        return batch

    def _write(self, batch: list[Item]) -> None:
        """Store a batch at once; if that fails, model by model, and then item by item."""
        if self._attempt(batch) is None:
            self._stored(batch)
            return
        by_model: dict[str, list[Item]] = {}
        for item in batch:
            by_model.setdefault(item.model_id, []).append(item)
        for model_id, items in by_model.items():
            if len(by_model) > 1 and self._attempt(items) is None:
                self._stored(items)
            else:
                self._write_one_by_one(model_id, items)

    def _write_one_by_one(self, model_id: str, items: list[Item]) -> None:
        for place, item in enumerate(items):
            error = self._attempt([item])
            if error is None:
                self._stored([item])
            elif item.commit is None and not _may_pass(error):
                # Not an operation, and never to be stored: it must not hold up what comes after it.
                log.error("Dropped from the library's queue: %s", error)
                self._stored([item], reason_of(error))
            else:
                self._failed(model_id, items[place:], reason_of(error))
                return

    def _attempt(self, items: list[Item]) -> Exception | None:
        """Store items in one transaction; returns why that was not possible."""
        try:
            with self._engine.begin() as connection:
                self._store(connection, items)
        except Exception as error:
            log.warning("The library could not be written: %s", error)
            self.met_damage = self.met_damage or is_damage(error)
            return error
        return None

    def _store(self, connection: sa.Connection, items: list[Item]) -> None:
        commits: list[Commit] = []
        for item in items:
            if item.commit is not None:
                commits.append(item.commit)
                continue
            if commits:
                self._grown.update(store(connection, commits, self._user_id))
                commits = []
            if item.job is not None:
                item.job(connection)
        if commits:
            self._grown.update(store(connection, commits, self._user_id))

    def _stored(self, items: list[Item], reason: str = "") -> None:
        gone = set(map(id, items))
        with self._changed:
            self._queue = deque(i for i in self._queue if id(i) not in gone)
            for item in items:
                self._trouble.pop(item.model_id, None)
                if item.commit is not None:
                    left = self._pending.get(item.model_id, 1) - 1
                    self._pending[item.model_id] = max(0, left)
                if item.ticket is not None:
                    item.ticket.finish(reason)
            listeners, outbox_listeners = self._listeners, self._outbox_listeners
            self._changed.notify_all()
        for item in items:
            if item.commit is not None and item.commit.waits:
                for kept in outbox_listeners:
                    _tell(kept, item.model_id, item.commit.operation.operation_id)
            elif item.commit is not None:
                for saved, _ in listeners:
                    _tell(saved, item.model_id, item.commit.sequence_number)
        while self._grown:
            _tell(self.on_growth, self._grown.pop())

    def _failed(self, model_id: str, items: list[Item], reason: str) -> None:
        with self._changed:
            old = self._trouble.get(model_id)
            attempts = old.attempts + 1 if old is not None else 1
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts - 1, 10))
            self._trouble[model_id] = Trouble(reason, attempts, time.monotonic() + pause)
            for item in items:
                if item.ticket is not None:
                    item.ticket.finish(reason)
                    self._queue.remove(item)
            if model_id not in self._models_waiting():
                del self._trouble[model_id]
            listeners = self._listeners
            self._changed.notify_all()
        if old is None or old.reason != reason:
            for _, failed in listeners:
                _tell(failed, model_id, reason)


def _may_pass(error: Exception) -> bool:
    """Whether another try may succeed: the disk or a lock was in the way, not what was to be written."""
    permanent = (sa.exc.IntegrityError, sa.exc.DataError, sa.exc.ProgrammingError)
    return isinstance(error, sa.exc.DBAPIError | OSError) and not isinstance(error, permanent)


def _tell(listener: Callable[..., None], *news: object) -> None:
    """Call a listener; what goes wrong in it must not end the writer."""
    try:
        listener(*news)
    except Exception:
        log.exception("A listener of the library failed")
