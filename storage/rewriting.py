"""A model's log replaced from some event on: by the log of a server that was set back."""

from collections.abc import Sequence

import sqlalchemy as sa

from app.domain.errors import LibraryError
from app.domain.patch import GENESIS, decode_operation
from app.domain.stage import apply
from app.domain.state import ModelState
from app.ports import Commit, LostEvent, Rewrite
from storage import outbox
from storage.clock import now
from storage.commits import Head, extend, read_heads, write_heads
from storage.dialect import insertion, put_many
from storage.jobs import Job
from storage.kinds import KIND_TABLES, MODEL, table_of
from storage.projector import Projection
from storage.reading import EVENT_COLUMNS, event_of
from storage.tables import EVENTS, LOST_EVENTS, METADATA_ROWS, SNAPSHOTS, TOMBSTONES


def rewrite(log: Rewrite, user_id: str) -> Job:
    """Keep a model's log up to the common event, and go on with the server's; in one transaction."""
    model_id = log.model_id

    def job(connection: sa.Connection) -> None:
        head = read_heads(connection, [model_id])[model_id]
        if head.sequence_number < log.common:
            raise LibraryError(f"the log of this model has no event {log.common}")
        _keep_lost(connection, model_id, log.lost)
        for table in (EVENTS, SNAPSHOTS):
            later = table.c.model_id == model_id, table.c.sequence_number > log.common
            connection.execute(sa.delete(table).where(*later))
        pictures = _clear(connection, model_id)
        _replay(connection, head, user_id)
        extend(connection, {model_id: head}, log.commits, user_id)
        _put_pictures(connection, model_id, pictures)
        outbox.replace(model_id, log.pending, log.conflicts)(connection)
        outbox.attach(model_id, log.attachment)(connection)

    return job


def _clear(connection: sa.Connection, model_id: str) -> list[tuple[str, str]]:
    """Empty the tables of a model's records; returns the pictures of its diagrams, which no log has."""
    diagrams = table_of("diagram").table.c
    query = sa.select(diagrams.id, diagrams.svg_image).where(diagrams.threat_model_id == model_id)
    pictures = [(row[0], row[1]) for row in connection.execute(query) if row[1]]
    for table, column in ((METADATA_ROWS, "threat_model_id"), (TOMBSTONES, "model_id")):
        connection.execute(sa.delete(table).where(table.c[column] == model_id))
    for kind in sorted(KIND_TABLES.values(), key=lambda one: one.kind == MODEL):
        connection.execute(sa.delete(kind.table).where(kind.model_column == model_id))
    return pictures


def _replay(connection: sa.Connection, head: Head, user_id: str) -> None:
    """Fill the tables from the log as it stands, and have the head be its end."""
    head.sequence_number, head.hash, head.log_bytes = 0, GENESIS, 0
    head.diagrams = head.threats = head.open_threats = 0
    c = EVENTS.c
    state, projection = ModelState(head.model_id), Projection(user_id)
    query = sa.select(*EVENT_COLUMNS, c.recorded_at).where(c.model_id == head.model_id)
    for row in connection.execute(query.order_by(c.sequence_number)):
        event = event_of(row)
        operation = decode_operation(event.body)
        changes = apply(state, operation.patch, operation.operation_id)
        for change in changes.changes:
            head.count(change)
        writers = {one.id: state.writers_of(one.id) for one in changes.changes if one.after is not None}
        commit = Commit(
            sequence_number=event.sequence_number, operation=operation, changes=changes, writers=writers
        )
        projection.take(commit, operation.timestamp or row[4])
        head.sequence_number, head.hash = event.sequence_number, event.hash
        head.log_bytes += len(event.body)
    head.snapshot_log_bytes = min(head.snapshot_log_bytes, head.log_bytes)
    if head.sequence_number:
        projection.write(connection)
        write_heads(connection, {head.model_id: head}, [head.model_id])


def _put_pictures(connection: sa.Connection, model_id: str, pictures: list[tuple[str, str]]) -> None:
    """Old pictures of diagrams are better than none, until there are new ones."""
    table = table_of("diagram").table
    there = sa.and_(table.c.threat_model_id == model_id, table.c.id == sa.bindparam("i"))
    if pictures:
        statement = sa.update(table).where(there).values(svg_image=sa.bindparam("s"), image_update_vector=0)
        connection.execute(statement, [{"i": diagram_id, "s": svg} for diagram_id, svg in pictures])


def _keep_lost(connection: sa.Connection, model_id: str, lost: Sequence[LostEvent]) -> None:
    c = LOST_EVENTS.c
    last = connection.execute(sa.select(sa.func.max(c.occasion)).where(c.model_id == model_id)).scalar()
    time = now()
    rows = [
        {
            "model_id": model_id, "occasion": int(last or 0) + 1, "own": one.own, "lost_at": time,
            "sequence_number": one.event.sequence_number, "operation_id": one.event.operation.operation_id,
            "body": one.event.body, "previous_hash": one.event.previous_hash, "hash": one.event.hash,
        }
        for one in lost
    ]  # fmt: skip
    if rows:
        put_many(connection, insertion(LOST_EVENTS), rows)


def forget_lost(model_id: str) -> Job:
    """Drop what was kept of what a server has lost: it has been read."""

    def job(connection: sa.Connection) -> None:
        connection.execute(sa.delete(LOST_EVENTS).where(LOST_EVENTS.c.model_id == model_id))

    return job


def read_lost(connection: sa.Connection, model_id: str) -> tuple[LostEvent, ...]:
    """What servers have lost of a model, one occasion after the other."""
    c = LOST_EVENTS.c
    query = sa.select(c.sequence_number, c.previous_hash, c.hash, c.body, c.own, c.lost_at)
    rows = connection.execute(query.where(c.model_id == model_id).order_by(c.occasion, c.sequence_number))
    return tuple(LostEvent(event=event_of(row), own=row[4], lost_at=row[5]) for row in rows)
