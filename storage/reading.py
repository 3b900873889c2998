"""What is on disk, read back: whole models, lists of models, the log."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from app.domain.patch import GENESIS, Event, Operation, decode_operation, decode_patch
from app.domain.records import Record
from app.domain.state import ModelState
from app.ports import ModelSummary, UndoEntry
from storage.kinds import KIND_TABLES, MODEL, table_of
from storage.tables import (
    ATTACHMENTS,
    DRAFTS,
    EVENTS,
    HEADS,
    METADATA_ROWS,
    OUTBOX,
    TOMBSTONES,
    UNDO_STEPS,
)

_CHUNK = 200
EVENT_COLUMNS: Final = (EVENTS.c.sequence_number, EVENTS.c.previous_hash, EVENTS.c.hash, EVENTS.c.body)
_writers = msgspec.json.Decoder(dict[str, str])


def _metadata(connection: sa.Connection, model_id: str) -> dict[tuple[str, str], dict[str, str]]:
    c = METADATA_ROWS.c
    rows = connection.execute(
        sa.select(c.entity_type, c.entity_id, c.key, c.value)
        .where(c.threat_model_id == model_id)
        .order_by(c.key)
    )
    found: dict[tuple[str, str], dict[str, str]] = {}
    for kind, record_id, key, value in rows:
        found.setdefault((kind, record_id), {})[key] = value
    return found


def read_state(connection: sa.Connection, model_id: str) -> ModelState:
    """A model's state from its tables, records in the order in which they were added."""
    with _no_collection():
        return _read_state(connection, model_id)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Thousands of records at once would set off collections that find nothing, for a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read_state(connection: sa.Connection, model_id: str) -> ModelState:
    metadata = _metadata(connection, model_id)
    found: list[tuple[int, Record]] = []
    writers: dict[str, dict[str, str]] = {}
    decode = _writers.decode
    for kind in KIND_TABLES.values():
        name, make = kind.kind, kind.record
        for row in connection.execute(sa.select(*kind.columns).where(kind.model_column == model_id)):
            record_id = row[0]
            found.append((row[1], make(row, metadata.get((name, record_id), {}))))
            writers[record_id] = decode(row[2])
    found.sort(key=lambda one: one[0])
    c = TOMBSTONES.c
    gone = connection.execute(sa.select(c.record_id, c.kind).where(c.model_id == model_id))
    tombstones = {row[0]: row[1] for row in gone}
    return ModelState.of(model_id, (record for _, record in found), tombstones, writers)


def read_sequence(connection: sa.Connection, model_id: str) -> int:
    """The sequence number of a model's last event; 0 when there is no such model."""
    found = connection.execute(
        sa.select(HEADS.c.sequence_number).where(HEADS.c.model_id == model_id)
    ).scalar()
    return int(found) if found is not None else 0


def read_hash(connection: sa.Connection, model_id: str) -> bytes:
    """The hash of a model's last event."""
    found = connection.execute(sa.select(HEADS.c.hash).where(HEADS.c.model_id == model_id)).scalar()
    return bytes(found) if found is not None else GENESIS


def read_undo(connection: sa.Connection, model_id: str) -> tuple[UndoEntry, ...]:
    """The undo entries of a model in the order of their operations."""
    c = UNDO_STEPS.c
    rows = connection.execute(
        sa.select(c.operation_id, c.step, c.title, c.inverse, c.undone)
        .where(c.model_id == model_id)
        .order_by(c.sequence_number, c.operation_id)
    )
    return tuple(
        UndoEntry(
            operation_id=operation_id,
            step=step,
            title=title,
            inverse=decode_patch(inverse),
            undone=undone,
        )
        for operation_id, step, title, inverse, undone in rows
    )


def read_place(connection: sa.Connection, model_id: str) -> int:
    """The highest number that an own operation or undo entry of a model has been given."""
    undo = sa.select(sa.func.max(UNDO_STEPS.c.sequence_number)).where(UNDO_STEPS.c.model_id == model_id)
    waiting = sa.select(sa.func.max(OUTBOX.c.position)).where(OUTBOX.c.model_id == model_id)
    return max(0, *(int(connection.execute(query).scalar() or 0) for query in (undo, waiting)))


def read_drafts(connection: sa.Connection, model_id: str) -> dict[str, str]:
    """The unfinished texts of a model by key."""
    rows = connection.execute(sa.select(DRAFTS.c.key, DRAFTS.c.text).where(DRAFTS.c.model_id == model_id))
    return {row[0]: row[1] for row in rows}


def read_events(engine: sa.Engine, model_id: str, after: int = 0, *columns: sa.Column[Any]) -> Iterator[Any]:
    """Rows of a model's log in order, a part at a time, so that no reader holds up the checkpoint."""
    c = EVENTS.c
    wanted = columns or (c.sequence_number, c.body)
    while True:
        query = (
            sa.select(c.sequence_number, *wanted)
            .where(c.model_id == model_id, c.sequence_number > after)
            .order_by(c.sequence_number)
            .limit(_CHUNK)
        )
        with engine.begin() as connection:
            rows = connection.execute(query).all()
        yield from rows
        if len(rows) < _CHUNK:
            return
        after = rows[-1][0]


def event_of(row: Any) -> Event:
    """The event of a row of `EVENT_COLUMNS`, its bytes as they were hashed."""
    return Event(
        sequence_number=row[0],
        operation=decode_operation(row[3]),
        previous_hash=row[1],
        hash=row[2],
        body=row[3],
    )


def read_log(connection: sa.Connection, model_id: str, after: int, limit: int) -> list[Event]:
    """Events of a model's log after a sequence number, in order, with the bytes that were hashed."""
    c = EVENTS.c
    query = sa.select(*EVENT_COLUMNS).where(c.model_id == model_id, c.sequence_number > after)
    return [event_of(row) for row in connection.execute(query.order_by(c.sequence_number).limit(limit))]


def read_operations(engine: sa.Engine, model_id: str, after: int = 0) -> Iterator[tuple[int, Operation]]:
    """Sequence numbers and operations of a model's log, in order."""
    for row in read_events(engine, model_id, after, EVENTS.c.body):
        yield row[0], decode_operation(row[1])


def read_summaries(connection: sa.Connection, *, deleted: bool) -> list[ModelSummary]:
    """The models, last modified first, each with the picture of its first diagram that has one."""
    models, pictures = table_of(MODEL).table, table_of("diagram").table
    picture = (
        sa.select(pictures.c.svg_image)
        .where(pictures.c.threat_model_id == HEADS.c.model_id)
        .where(pictures.c.svg_image != "")
        .order_by(pictures.c.order, pictures.c.id)
        .limit(1)
        .scalar_subquery()
    )
    head, shared = HEADS.c, ATTACHMENTS.c
    query = (
        sa.select(
            head.model_id, models.c.name, models.c.description, models.c.threat_model_framework,
            head.diagrams, head.threats, head.open_threats, head.created_at, head.modified_at,
            head.opened_at, head.deleted_at, head.source, picture, shared.server, shared.role, shared.seen_at,
            _waiting("pending"), _waiting("review"),
        )
        .join(models, models.c.id == head.model_id)
        .outerjoin(ATTACHMENTS, shared.model_id == head.model_id)
        .where(head.deleted_at != "" if deleted else head.deleted_at == "")
        .order_by(head.modified_at.desc(), head.model_id.desc())
    )  # fmt: skip
    return [
        ModelSummary(
            id=row[0],
            name=row[1],
            description=row[2],
            framework=row[3],
            diagrams=row[4],
            threats=row[5],
            open_threats=row[6],
            created_at=row[7],
            modified_at=row[8],
            opened_at=row[9],
            deleted_at=row[10],
            source=row[11],
            thumbnail=row[12] or "",
            server=row[13] or "",
            role=row[14] or "",
            seen_at=row[15] or "",
            waiting=row[16],
            undecided=row[17],
        )
        for row in connection.execute(query)
    ]


def _waiting(state: str) -> sa.ScalarSelect[int]:
    """How much of a model waits in the outbox in this state."""
    c = OUTBOX.c
    return (
        sa.select(sa.func.count())
        .where(c.model_id == HEADS.c.model_id, c.state == state)
        .correlate(HEADS)
        .scalar_subquery()
    )
