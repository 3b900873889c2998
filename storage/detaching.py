"""A model that a server ordered, ordered by this library again."""

from collections.abc import Sequence

import sqlalchemy as sa

from app.domain.conflicts import Conflict
from app.ports import Commit
from storage import outbox
from storage.commits import store
from storage.jobs import Job
from storage.tables import HEADS, UNDO_STEPS


def detach(model_id: str, commits: Sequence[Commit], conflicts: Sequence[Conflict], user_id: str) -> Job:
    """Make what waited the next events of the log, and forget the server, in one transaction."""

    def job(connection: sa.Connection) -> None:
        store(connection, commits, user_id)
        outbox.replace(model_id, (), conflicts)(connection)
        outbox.attach(model_id, None)(connection)
        _number_undo(connection, model_id)

    return job


def _number_undo(connection: sa.Connection, model_id: str) -> None:
    """Undo entries were numbered by their places in the outbox: what comes now must come after them."""
    c = UNDO_STEPS.c
    mine = c.model_id == model_id
    head = connection.execute(sa.select(HEADS.c.sequence_number).where(HEADS.c.model_id == model_id)).scalar()
    found = sa.select(c.operation_id).where(mine).order_by(c.sequence_number.desc(), c.operation_id.desc())
    numbered = [
        {"i": operation_id, "n": int(head or 0) - place}
        for place, operation_id in enumerate(connection.execute(found).scalars())
    ]
    if numbered:
        there = sa.and_(mine, c.operation_id == sa.bindparam("i"))
        connection.execute(
            sa.update(UNDO_STEPS).where(there).values(sequence_number=sa.bindparam("n")), numbered
        )
