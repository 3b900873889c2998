"""The library: the models of this machine in one database, read by anyone, written by one thread."""

import atexit
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from app.domain.conflicts import Conflict
from app.domain.errors import LibraryError
from app.domain.patch import Event, Operation
from app.domain.state import ModelState
from app.ports import (
    Attachment,
    Commit,
    Failed,
    LoadedModel,
    ModelSummary,
    Rewrite,
    Saved,
    UndoEntry,
    Verification,
    Waiting,
)
from storage import jobs, outbox
from storage.cells import diagram_cells
from storage.clock import now
from storage.detaching import detach
from storage.dialect import is_damage, reason_of, settle_file
from storage.lock import Lock
from storage.outbox import read_attachment, read_outbox
from storage.reading import (
    read_drafts,
    read_events,
    read_hash,
    read_log,
    read_operations,
    read_place,
    read_sequence,
    read_state,
    read_summaries,
    read_undo,
)
from storage.rewriting import forget_lost, read_lost, rewrite
from storage.snapshots import Snapshots, state_at
from storage.tables import EVENTS, SETTINGS
from storage.undo_owners import read_authors, read_foreign
from storage.verify import verify
from storage.writer import Writer

SETTLE_SECONDS = 0.25
LOCAL_USER = "local_user"


class SqlLibrary:
    """`app.ports.Library` on a database. Made by `open_library`.

    With a reason in `read_only` there is no writer: whatever would write raises LibraryError.
    """

    def __init__(
        self,
        path: Path,
        readers: sa.Engine,
        writers: sa.Engine | None,
        *,
        lock: Lock | None = None,
        read_only: str = "",
        notices: tuple[str, ...] = (),
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self._path = path
        self._readers = readers
        self._writers = writers
        self._lock = lock
        self._read_only = read_only
        self._notices = notices
        self._on_close = on_close
        self._closed = False
        self._damaged = False
        self._settings = self._read_settings()
        self._heads: dict[str, int] = {}
        self._rewritten: set[str] = set()
        self._writer: Writer | None = None
        self._snapshots: Snapshots | None = None
        if writers is not None:
            self._writer = Writer(writers, self._settings.get(LOCAL_USER, ""))
            self._snapshots = Snapshots(readers, self._writer)
            self._writer.on_growth = self._snapshots.want
        atexit.register(self._close_at_exit)

    @property
    def path(self) -> Path:
        """The library file."""
        return self._path

    @property
    def read_only(self) -> str:
        """Why nothing can be written, in words for the user; empty when all is well."""
        return self._read_only

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should be told about opening it."""
        return self._notices

    @contextmanager
    def _guarded(self) -> Iterator[sa.Engine]:
        """The engine for reading; every failure becomes a LibraryError."""
        if self._closed:
            raise LibraryError("the library is closed")
        try:
            yield self._readers
        except sa.exc.SQLAlchemyError as error:
            self._damaged = self._damaged or is_damage(error)
            advice = "; open it again to recover what can be read" if is_damage(error) else ""
            raise LibraryError(f"{self._path.name} cannot be read: {reason_of(error)}{advice}") from None

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one moment."""
        with self._guarded() as engine, engine.begin() as connection:
            yield connection

    def _writing(self) -> Writer:
        if self._writer is None or self._closed:
            raise LibraryError(self._read_only or "the library is closed")
        return self._writer

    def _settle(self) -> None:
        if self._writer is not None and not self._closed:
            self._writer.settle(SETTLE_SECONDS)

    def _read_settings(self) -> dict[str, str]:
        with self._reading() as connection:
            rows = connection.execute(sa.select(SETTINGS.c.key, SETTINGS.c.value))
            return {row[0]: row[1] for row in rows}

    def summaries(self, *, deleted: bool = False) -> list[ModelSummary]:
        """The models, last modified first; with `deleted` those in the bin instead."""
        self._settle()
        with self._reading() as connection:
            return read_summaries(connection, deleted=deleted)

    def load(self, model_id: str) -> LoadedModel:
        """A model with everything queued for it already in. LibraryError when there is none."""
        if model_id in self._rewritten:
            self.flush()  # what is queued behind the other log makes no sense on top of this one
            self._rewritten.discard(model_id)
        # Before the disk is looked at: what is stored in between then counts once, not never.
        waiting = self._writer.waiting(model_id) if self._writer is not None else ()
        with self._reading() as connection:
            sequence = read_sequence(connection, model_id)
            state = read_state(connection, model_id)
            undo = read_undo(connection, model_id)
            drafts = read_drafts(connection, model_id)
            attachment = read_attachment(connection, model_id)
            pending, conflicts = read_outbox(connection, model_id)
            head_hash = read_hash(connection, model_id)
            place = read_place(connection, model_id)
            lost = read_lost(connection, model_id)
            foreign = read_foreign(connection, model_id)
        known = {one.operation_id for one in pending}
        for commit in waiting:
            place = max(place, commit.sequence_number)
            if commit.foreign is not None:
                foreign[commit.operation.operation_id] = commit.foreign
            if commit.waits:
                if commit.operation.operation_id not in known:
                    pending = (*pending, commit.operation)
                    undo = _advanced(undo, commit)
            elif commit.sequence_number > sequence:
                if commit.event is not None:
                    head_hash = commit.event.hash
                    pending = tuple(
                        one for one in pending if one.operation_id != commit.operation.operation_id
                    )
                state.commit(commit.changes, commit.operation.operation_id)
                sequence = commit.sequence_number
                undo = _advanced(undo, commit)
        if not sequence:
            raise LibraryError("there is no such model in the library")
        self._heads[model_id] = max(sequence, self._heads.get(model_id, 0))
        return LoadedModel(
            state=state, sequence_number=sequence, undo=undo, drafts=drafts, head_hash=head_hash,
            attachment=attachment, pending=pending, conflicts=conflicts, place=place,
            lost=lost, foreign=foreign,
        )  # fmt: skip

    def attach(self, model_id: str, attachment: Attachment | None) -> None:
        """Note which server orders a model from now on. LibraryError when that cannot be written."""
        self._writing().call(model_id, outbox.attach(model_id, attachment))

    def detach(self, model_id: str, commits: Sequence[Commit], conflicts: Sequence[Conflict]) -> None:
        """Order a model here again, what waited being the next events. All of it at once, or LibraryError."""
        writer = self._writing()
        writer.call(model_id, detach(model_id, commits, conflicts, self._settings.get(LOCAL_USER, "")))
        if commits:
            self._heads[model_id] = commits[-1].sequence_number

    def rewrite(self, log: Rewrite) -> None:
        """Put a server's log in place of one's own, whole or not at all, queued like an operation."""
        self._writing().put(log.model_id, job=rewrite(log, self._settings.get(LOCAL_USER, "")))
        self._heads[log.model_id] = log.common + len(log.commits)
        self._rewritten.add(log.model_id)

    def forget_lost(self, model_id: str) -> None:
        """Drop what was kept of what a server has lost."""
        self._writing().put(model_id, job=forget_lost(model_id))

    def note_attachment(self, model_id: str, attachment: Attachment) -> None:
        """Keep what has become known of a model's server, queued like an operation."""
        self._writing().put(model_id, job=outbox.attach(model_id, attachment))

    def head(self, model_id: str) -> tuple[int, bytes]:
        """Number and hash of a model's last event on the disk; (0, GENESIS) when there is none."""
        with self._reading() as connection:
            return read_sequence(connection, model_id), read_hash(connection, model_id)

    def set_outbox(self, model_id: str, pending: Sequence[Operation], conflicts: Sequence[Conflict]) -> None:
        """Make a model's outbox exactly this, queued like an operation."""
        self._writing().put(model_id, job=outbox.replace(model_id, pending, conflicts))

    def listen_outbox(self, kept: Waiting) -> Callable[[], None]:
        """Be told, on the writer's thread, which operations for a server have been stored."""
        return self._writer.listen_outbox(kept) if self._writer is not None else lambda: None

    def append(self, commit: Commit) -> None:
        """Queue an operation. LibraryError when it does not follow the one before it."""
        model_id, sequence = commit.operation.model_id, commit.sequence_number
        if commit.waits:
            self._writing().put(model_id, commit=commit)
            return
        last = self._heads.get(model_id)
        if last is not None and sequence != last + 1:
            raise LibraryError(f"operation {sequence} cannot follow number {last} of this model")
        self._writing().put(model_id, commit=commit)
        self._heads[model_id] = sequence

    def flush(self) -> None:
        """Wait until all that is queued is on disk. LibraryError when it could not be written."""
        if self._writer is not None and not self._closed:
            self._writer.flush()

    def retry(self) -> None:
        """Try now to write what could not be written."""
        if self._writer is not None:
            self._writer.retry()

    def listen(self, saved: Saved, failed: Failed) -> Callable[[], None]:
        """Be told, on the writer's thread, what has been stored and what could not be."""
        if self._writer is None:
            return lambda: None
        return self._writer.listen(saved, failed)

    def pending(self, model_id: str) -> int:
        """How many operations of a model wait to be written."""
        return self._writer.pending(model_id) if self._writer is not None else 0

    def keep_draft(self, model_id: str, key: str, text: str) -> None:
        """Keep unfinished text, queued like an operation; empty text drops it."""
        self._writing().put(model_id, job=jobs.keep_draft(model_id, key, text))

    def set_thumbnail(self, model_id: str, diagram_id: str, svg: str, sequence_number: int) -> None:
        """Keep a diagram's picture and the sequence that it shows; never part of the log."""
        job = jobs.set_thumbnail(model_id, diagram_id, svg, sequence_number)
        self._writing().put(model_id, job=job)

    def touch(self, model_id: str) -> None:
        """Note that the model has just been opened; nothing happens in a read-only library."""
        if self._writer is not None and not self._closed:
            self._writer.put(model_id, job=jobs.mark(model_id, "opened_at", now()))

    def delete(self, model_id: str) -> None:
        """Move a model to the bin. LibraryError when that cannot be written."""
        self._writing().call(model_id, jobs.mark(model_id, "deleted_at", now()))

    def restore(self, model_id: str) -> None:
        """Take a model out of the bin. LibraryError when that cannot be written."""
        self._writing().call(model_id, jobs.mark(model_id, "deleted_at", ""))

    def purge(self, model_ids: Iterable[str]) -> None:
        """Remove models from the disk for good, what they held overwritten."""
        doomed = list(model_ids)
        writer = self._writing()
        writer.call("", jobs.purge(doomed))
        writer.forget(doomed)
        for model_id in doomed:
            self._heads.pop(model_id, None)
        if self._writers is not None:
            settle_file(self._writers)

    def events(self, model_id: str, after: int = 0) -> Iterator[tuple[int, Operation]]:
        """Sequence numbers and operations of a model's log after a sequence number, in order."""
        self._settle()
        with self._guarded() as engine:
            yield from read_operations(engine, model_id, after)

    def authors(self, model_id: str, operation_ids: Iterable[str]) -> dict[str, str]:
        """The authors of those of these operations that are in a model's log on the disk."""
        with self._reading() as connection:
            return read_authors(connection, model_id, list(operation_ids))

    def log(self, model_id: str, after: int = 0, limit: int = 1000) -> list[Event]:
        """Events of a model's log after a sequence number, as they were written; fewer at its end."""
        self._settle()
        with self._reading() as connection:
            return read_log(connection, model_id, after, limit)

    def operation_ids(self, model_id: str) -> list[str]:
        """The ids of a model's stored operations, in order."""
        with self._guarded() as engine:
            return [row[1] for row in read_events(engine, model_id, 0, EVENTS.c.operation_id)]

    def state_at(self, model_id: str, sequence_number: int) -> ModelState:
        """A model as it was after an event. LibraryError when the log does not reach it."""
        self._settle()
        with self._guarded() as engine:
            return state_at(engine, model_id, sequence_number)

    def diagram_cells(self, model_id: str, diagram_id: str) -> list[dict[str, object]]:
        """The cells of a diagram, back to front, as the API gives them."""
        self._settle()
        with self._reading() as connection:
            return diagram_cells(connection, model_id, diagram_id)

    def verify(self) -> Verification:
        """Check every hash chain and every projection against its log."""
        self._settle()
        with self._guarded() as engine:
            return verify(engine)

    def setting(self, key: str, default: str = "") -> str:
        """A remembered value of this library."""
        return self._settings.get(key, default)

    def set_setting(self, key: str, value: str) -> None:
        """Remember a value; in a read-only library until it is closed."""
        self._settings[key] = value
        if self._writer is not None and not self._closed:
            self._writer.put("", job=jobs.set_setting(key, value))

    def close(self) -> None:
        """Write what is queued and let go of the file. LibraryError when something could not be written."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self._close_at_exit)
        if self._snapshots is not None:
            self._snapshots.close()
        reason, left = "", 0
        if self._writer is not None:
            reason = self._writer.close()
            left = self._writer.left
            self._damaged = self._damaged or self._writer.met_damage
        self._readers.dispose()
        if self._writers is not None:
            self._writers.dispose()
        if self._lock is not None:
            self._lock.release(clean=not self._damaged)
        self._on_close()
        if reason:
            changes = "1 change" if left == 1 else f"{left} changes"
            raise LibraryError(f"{changes} could not be written: {reason}")

    def _close_at_exit(self) -> None:
        with suppress(LibraryError):
            self.close()


def _advanced(undo: tuple[UndoEntry, ...], commit: Commit) -> tuple[UndoEntry, ...]:
    """The undo entries after an operation that is not on disk yet."""
    kept = tuple(entry for entry in undo if entry.step not in commit.dropped_steps)
    return kept if commit.undo is None else (*kept, commit.undo)
