"""The operations of a model that a server orders, until it has; and what is to be decided meanwhile."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from app.domain.conflicts import Conflict
from app.domain.patch import Operation, decode_operation, encode
from app.ports import Attachment, Commit
from storage.clock import now
from storage.dialect import insertion, put_many, upsert
from storage.jobs import Job
from storage.tables import ATTACHMENTS, OUTBOX

_conflict = msgspec.json.Decoder(Conflict)


def put(connection: sa.Connection, commits: Sequence[Commit]) -> None:
    """Append own operations."""
    if commits:
        rows = [_row(commit.operation, commit.sequence_number) for commit in commits]
        put_many(connection, insertion(OUTBOX), rows)


def settle(connection: sa.Connection, commits: Sequence[Commit]) -> None:
    """The server has ordered these: what waited of them has its place now."""
    if commits:
        c = OUTBOX.c
        same = sa.and_(c.model_id == sa.bindparam("m"), c.operation_id == sa.bindparam("o"))
        gone = [{"m": one.operation.model_id, "o": one.operation.operation_id} for one in commits]
        connection.execute(sa.delete(OUTBOX).where(same), gone)


def replace(model_id: str, pending: Sequence[Operation], conflicts: Sequence[Conflict]) -> Job:
    """Make a model's outbox exactly this."""

    def job(connection: sa.Connection) -> None:
        connection.execute(sa.delete(OUTBOX).where(OUTBOX.c.model_id == model_id))
        rows = [_row(one, position) for position, one in enumerate(pending, 1)]
        rows += [
            {
                "model_id": model_id, "operation_id": one.id, "position": position, "base_sequence": 0,
                "state": "review", "created_at": now(), "body": encode(one),
            }
            for position, one in enumerate(conflicts, 1)
        ]  # fmt: skip
        if rows:
            put_many(connection, insertion(OUTBOX), rows)

    return job


def attach(model_id: str, attachment: Attachment | None) -> Job:
    """Note which server orders a model; None for this library itself."""

    def job(connection: sa.Connection) -> None:
        if attachment is None:
            connection.execute(sa.delete(ATTACHMENTS).where(ATTACHMENTS.c.model_id == model_id))
            return
        row = {"model_id": model_id, **msgspec.structs.asdict(attachment)}
        connection.execute(upsert(connection, ATTACHMENTS, ("model_id",)), row)

    return job


def read_attachment(connection: sa.Connection, model_id: str) -> Attachment | None:
    """Which server orders a model."""
    c = ATTACHMENTS.c
    columns = [c[name] for name in Attachment.__struct_fields__]
    row = connection.execute(sa.select(*columns).where(c.model_id == model_id)).mappings().first()
    return Attachment(**row) if row is not None else None


def read_outbox(
    connection: sa.Connection, model_id: str
) -> tuple[tuple[Operation, ...], tuple[Conflict, ...]]:
    """What waits for the server, and what is to be decided, each in its order."""
    c = OUTBOX.c
    query = sa.select(c.state, c.body).where(c.model_id == model_id).order_by(c.position, c.operation_id)
    rows = connection.execute(query).all()
    pending = tuple(decode_operation(row[1]) for row in rows if row[0] != "review")
    return pending, tuple(_conflict.decode(row[1]) for row in rows if row[0] == "review")


def _row(operation: Operation, position: int) -> dict[str, object]:
    return {
        "model_id": operation.model_id, "operation_id": operation.operation_id, "position": position,
        "base_sequence": operation.base_sequence, "state": "pending",
        "created_at": operation.timestamp or now(), "body": encode(operation),
    }  # fmt: skip
