"""Whole states beside the log, so that a state of long ago needs no replay from the beginning."""

import logging
import time
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

import msgspec
import sqlalchemy as sa

from app.domain.errors import InvalidData, LibraryError
from app.domain.merge import data_of, merged
from app.domain.patch import RecordOperation, encode
from app.domain.records import Record
from app.domain.stage import apply
from app.domain.state import ModelState
from storage.clock import now
from storage.jobs import Job
from storage.reading import read_operations, read_state
from storage.tables import HEADS, SNAPSHOTS

log = logging.getLogger(__name__)

KEPT: Final = 10
_POLITE: Final = 16  # records between two offers of the interpreter to whoever waits for it
_LEVEL: Final = 3


class _Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """A state as plain data: records in order, tombstones, writers by record and merge group."""

    records: list[tuple[str, str, dict[str, object]]]
    tombstones: dict[str, str]
    writers: dict[str, dict[str, str]]


_decoder = msgspec.json.Decoder(_Frozen)


def freeze(state: ModelState) -> tuple[bytes, int]:
    """A state as compressed bytes, and how many they are uncompressed."""
    raw = encode(
        _Frozen(
            records=list(_written(state.records.values())),
            tombstones=dict(state.tombstones),
            writers={i: state.writers_of(i) for i in state.records},
        )
    )
    return zlib.compress(raw, _LEVEL), len(raw)


def _written(records: Iterable[Record]) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Records as plain data, letting others of this process in between: nobody waits for a snapshot."""
    for n, record in enumerate(records):
        if n % _POLITE == 0:
            time.sleep(0)
        yield record.kind, record.id, data_of(record)


def thaw(model_id: str, frozen: bytes) -> ModelState:
    """The state of `freeze`. LibraryError when the bytes are not what they were."""
    try:
        parts = _decoder.decode(zlib.decompress(frozen))
        records = [
            merged(None, RecordOperation(kind, record_id, "add", data))
            for kind, record_id, data in parts.records
        ]
    except (zlib.error, msgspec.MsgspecError, InvalidData) as error:
        raise LibraryError(f"a snapshot cannot be read: {error}") from None
    return ModelState.of(model_id, records, parts.tombstones, parts.writers)


def state_at(engine: sa.Engine, model_id: str, sequence_number: int) -> ModelState:
    """A model after an event: the last snapshot up to it, and the events since."""
    c = SNAPSHOTS.c
    with engine.begin() as connection:
        row = connection.execute(
            sa.select(c.sequence_number, c.state)
            .where(c.model_id == model_id, c.sequence_number <= sequence_number)
            .order_by(c.sequence_number.desc())
            .limit(1)
        ).first()
    reached = row[0] if row is not None else 0
    state = thaw(model_id, row[1]) if row is not None else ModelState(model_id)
    if reached < sequence_number:
        for number, operation in read_operations(engine, model_id, reached):
            apply(state, operation.patch, operation.operation_id)
            reached = number
            if number >= sequence_number:
                break
    if reached != sequence_number or not sequence_number:
        raise LibraryError(f"the log of this model has no event {sequence_number}")
    return state


class JobQueue(Protocol):
    """Where a job is stored soon, or at once."""

    def put(self, model_id: str, *, job: Job) -> None:
        """Do a job in a transaction. LibraryError when that cannot be."""


class Snapshots:
    """Makes snapshots on a thread of its own, so that a large model holds up no edit."""

    def __init__(self, readers: sa.Engine, writer: JobQueue) -> None:
        self._readers = readers
        self._writer = writer
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="library-snapshots")
        self._wanted: set[str] = set()

    def want(self, model_id: str) -> None:
        """Make a snapshot of a model soon; called by who has extended its log."""
        if model_id in self._wanted:
            return
        self._wanted.add(model_id)
        try:
            self._pool.submit(self._make, model_id)
        except RuntimeError:  # The library is being closed; the next session will make it.
            self._wanted.discard(model_id)

    def _make(self, model_id: str) -> None:
        try:
            with self._readers.begin() as connection:
                c = HEADS.c
                row = connection.execute(
                    sa.select(c.sequence_number, c.log_bytes).where(c.model_id == model_id)
                ).one()
                state = read_state(connection, model_id)
            frozen, size = freeze(state)
            self._writer.put(model_id, job=self._keeping(model_id, row[0], row[1], frozen, size))
        except (sa.exc.SQLAlchemyError, LibraryError) as error:
            log.warning("No snapshot was made: %s", error)
            self._wanted.discard(model_id)

    def _keeping(self, model_id: str, sequence: int, log_bytes: int, frozen: bytes, size: int) -> Job:
        """The job that stores a snapshot; until it is done no other is made of this model."""

        def job(connection: sa.Connection) -> None:
            _keep(connection, model_id, sequence, frozen)
            connection.execute(
                sa.update(HEADS)
                .where(HEADS.c.model_id == model_id)
                .values(snapshot_log_bytes=log_bytes, snapshot_bytes=size)
            )
            self._wanted.discard(model_id)

        return job

    def close(self) -> None:
        """Finish what is under way."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _keep(connection: sa.Connection, model_id: str, sequence: int, frozen: bytes) -> None:
    """Store a snapshot and let the oldest ones go; nothing happens when the model has gone meanwhile."""
    c = SNAPSHOTS.c
    there = connection.execute(sa.select(HEADS.c.model_id).where(HEADS.c.model_id == model_id))
    stored = connection.execute(
        sa.select(c.sequence_number).where(c.model_id == model_id).order_by(c.sequence_number.desc())
    ).scalars()
    numbers = list(stored)
    if there.first() is None or sequence in numbers:
        return
    row = {"model_id": model_id, "sequence_number": sequence, "recorded_at": now(), "state": frozen}
    connection.execute(sa.insert(SNAPSHOTS), row)
    for old in numbers[KEPT - 1 :]:
        connection.execute(sa.delete(SNAPSHOTS).where(c.model_id == model_id, c.sequence_number == old))
