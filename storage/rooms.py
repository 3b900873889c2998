"""The logs of rooms on a database: many operations a transaction, and what became of each."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from app.domain.changes import Dropped
from app.domain.errors import LibraryError
from app.domain.ids import is_id
from app.domain.patch import Event
from app.ports import Commit, LoadedRoom, Outcome, Staged
from app.ports_server import HeadMoved
from storage.columns import json_text
from storage.commits import Head, extend, read_heads
from storage.database import Database
from storage.dialect import insertion, put_many
from storage.reading import read_log, read_state
from storage.server_tables import OUTCOMES, TOUCHED
from storage.snapshots import Snapshots
from storage.tables import EVENTS, HEADS, USERS

LATEST: Final = 2000
_dropped = msgspec.json.Decoder(tuple[Dropped, ...])


class SqlRooms:
    """`app.ports.RoomStore` on a database. Rooms of other processes may use the same database."""

    def __init__(self, database: Database, snapshots: Snapshots) -> None:
        self._database = database
        self._snapshots = snapshots

    def load(self, model_id: str) -> LoadedRoom:
        """A model's state and head. LibraryError when there is no such model or it is in the bin."""

        def work(connection: sa.Connection) -> LoadedRoom:
            c = HEADS.c
            head = connection.execute(
                sa.select(c.sequence_number, c.hash, c.deleted_at).where(c.model_id == model_id)
            ).first()
            if head is None:
                raise LibraryError("there is no such model")
            if head[2]:
                raise LibraryError("the model is in the bin")
            return LoadedRoom(
                state=read_state(connection, model_id),
                sequence_number=head[0],
                head_hash=head[1],
                outcomes=_latest(connection, model_id),
            )

        return self._database.read(work)

    def append(self, model_id: str, base_sequence: int, staged: Sequence[Staged]) -> list[Event]:
        """Write operations in one transaction under the lock of the model's head: all of them, or none.

        A model's first operation makes it: then `base_sequence` is 0, and its author, where that is a
        user, becomes the owner. HeadMoved when another writer was there first; LibraryError when the
        model is in the bin or nothing can be written.
        """

        def work(connection: sa.Connection) -> tuple[list[Event], bool]:
            head = read_heads(connection, [model_id])[model_id]
            check_head(connection, head, base_sequence)
            commits, outcomes = numbered(model_id, base_sequence, staged)
            owner = _owner(connection, commits) if not base_sequence else ""
            stored = extend(connection, {model_id: head}, commits, owner)
            if outcomes:
                put_many(connection, insertion(OUTCOMES), outcomes)
            if commits:
                touched = [row for commit in commits for row in touched_rows(commit)]
                put_many(connection, insertion(TOUCHED), touched)
            return [event for _, event in stored], head.grown

        if not staged:
            return []
        events, grown = self._database.write(work)
        if grown:
            self._snapshots.want(model_id)
        return events

    def outcome(self, model_id: str, operation_id: str) -> Outcome | None:
        """What became of an operation, however long ago; None when it was never written."""

        def work(connection: sa.Connection) -> Outcome | None:
            c = OUTCOMES.c
            same = sa.and_(c.model_id == model_id, c.operation_id == operation_id)
            row = connection.execute(sa.select(*_OUTCOME).where(same)).first()
            if row is not None:
                return _outcome(row)
            # A model that grew up on a laptop brings events, not outcomes.
            sequence = connection.execute(
                sa.select(EVENTS.c.sequence_number).where(
                    EVENTS.c.model_id == model_id, EVENTS.c.operation_id == operation_id
                )
            ).scalar()
            if sequence is None:
                return None
            return Outcome(operation_id=operation_id, sequence_number=sequence)

        return self._database.read(work)

    def events(self, model_id: str, after: int, limit: int) -> list[Event]:
        """Events after a sequence number, in order, with the bytes that were hashed."""
        return self._database.read(lambda connection: read_log(connection, model_id, after, limit))


_OUTCOME: Final = (
    OUTCOMES.c.operation_id,
    OUTCOMES.c.sequence_number,
    OUTCOMES.c.had_effect,
    OUTCOMES.c.digest,
    OUTCOMES.c.dropped,
)


def _outcome(row: Any) -> Outcome:
    return Outcome(
        operation_id=row[0],
        sequence_number=row[1],
        had_effect=row[2],
        digest=row[3],
        dropped=_dropped.decode(row[4]) if row[4] else (),
    )


def _latest(connection: sa.Connection, model_id: str) -> tuple[Outcome, ...]:
    c = OUTCOMES.c
    rows = connection.execute(
        sa.select(*_OUTCOME)
        .where(c.model_id == model_id)
        .order_by(c.sequence_number.desc(), c.operation_id.desc())
        .limit(LATEST)
    ).all()
    return tuple(_outcome(row) for row in reversed(rows))


def check_head(connection: sa.Connection, head: Head, base_sequence: int) -> None:
    """HeadMoved unless the log ends at this number; LibraryError when the model is in the bin."""
    if head.sequence_number != base_sequence:
        raise HeadMoved(
            f"the log of this model is at number {head.sequence_number} already, not at {base_sequence}"
        )
    if base_sequence:
        binned = sa.select(HEADS.c.deleted_at).where(HEADS.c.model_id == head.model_id)
        if connection.execute(binned).scalar():
            raise LibraryError("the model is in the bin")


def numbered(
    model_id: str, base_sequence: int, staged: Sequence[Staged]
) -> tuple[list[Commit], list[dict[str, Any]]]:
    """The operations with an effect in their places, and the outcome of each operation."""
    sequence, commits, outcomes = base_sequence, [], []
    for one in staged:
        if one.operation.model_id != model_id:
            raise LibraryError("an operation of another model is among those to be written")
        had_effect = bool(one.operation.patch)
        if had_effect:
            sequence += 1
            commits.append(
                Commit(
                    sequence_number=sequence,
                    operation=one.operation,
                    changes=one.changes,
                    writers=one.writers,
                    remote_address=one.remote_address,
                )
            )
        dropped = one.changes.dropped
        outcomes.append(
            {
                "model_id": model_id,
                "operation_id": one.operation.operation_id,
                "sequence_number": sequence,
                "had_effect": had_effect,
                "digest": one.digest,
                "dropped": json_text(dropped) if dropped else None,
            }
        )
    if not base_sequence and not commits:
        raise LibraryError("there is no such model")
    return commits, outcomes


def _owner(connection: sa.Connection, commits: Sequence[Commit]) -> str:
    author = commits[0].operation.author
    if not is_id(author):
        return ""
    found = connection.execute(sa.select(USERS.c.internal_uuid).where(USERS.c.internal_uuid == author))
    return found.scalar() or ""


def touched_rows(commit: Commit) -> list[dict[str, Any]]:
    """Which records an operation touched, as rows for the audit trail."""
    found = {change.id: change.kind for change in commit.changes.changes}
    return [
        {
            "model_id": commit.operation.model_id,
            "record_id": record_id,
            "sequence_number": commit.sequence_number,
            "kind": kind,
        }
        for record_id, kind in found.items()
    ]
