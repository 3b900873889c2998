"""Whose values own operations have replaced or brought back: undo needs to know after a restart."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import sqlalchemy as sa

from app.domain.patch import encode
from app.ports import Commit, Foreign
from storage.dialect import put_many, upsert
from storage.tables import EVENTS, UNDO_OWNERS

_CHUNK: Final = 500
_foreign = msgspec.json.Decoder(Foreign)


def keep(connection: sa.Connection, commits: Iterable[Commit]) -> None:
    """Store what operations say of it."""
    rows = [
        {
            "model_id": one.operation.model_id, "operation_id": one.operation.operation_id,
            "body": encode(one.foreign),
        }
        for one in commits if one.foreign is not None
    ]  # fmt: skip
    if rows:
        put_many(connection, upsert(connection, UNDO_OWNERS, ("model_id", "operation_id")), rows)


def read_foreign(connection: sa.Connection, model_id: str) -> dict[str, Foreign]:
    """What is stored of it, by operation."""
    c = UNDO_OWNERS.c
    rows = connection.execute(sa.select(c.operation_id, c.body).where(c.model_id == model_id))
    return {row[0]: _foreign.decode(row[1]) for row in rows}


def read_authors(connection: sa.Connection, model_id: str, operation_ids: Sequence[str]) -> dict[str, str]:
    """The authors of those of these operations that are in the log."""
    c, found = EVENTS.c, dict[str, str]()
    for begin in range(0, len(operation_ids), _CHUNK):
        wanted = c.operation_id.in_(operation_ids[begin : begin + _CHUNK])
        rows = connection.execute(sa.select(c.operation_id, c.author).where(c.model_id == model_id, wanted))
        found |= {row[0]: row[1] for row in rows}
    return found
