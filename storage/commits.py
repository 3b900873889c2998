"""Operations onto the log: events, heads, undo entries and projections of many commits at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.domain.changes import Change
from app.domain.errors import LibraryError
from app.domain.patch import GENESIS, Event, Origin, encode, place
from app.domain.records import Threat
from app.domain.vocabulary import is_open
from app.ports import Commit
from storage import outbox, undo_owners
from storage.clock import now
from storage.dialect import insertion, put_many, upsert
from storage.projector import Projection
from storage.tables import EVENTS, HEADS, UNDO_STEPS

SNAPSHOT_BYTES = 512 * 1024
# A snapshot costs the process as much as writing hundreds of events. Where many edit at once the log of a
# small model outgrows its state within a second; a state of long ago may as well replay a few megabytes.
SNAPSHOT_SHARE = 8


@dataclass
class Head:
    """The end of a model's log while a transaction extends it."""

    model_id: str
    sequence_number: int = 0
    hash: bytes = GENESIS
    log_bytes: int = 0
    snapshot_log_bytes: int = 0
    snapshot_bytes: int = 0
    diagrams: int = 0
    threats: int = 0
    open_threats: int = 0
    created_at: str = ""
    modified_at: str = ""
    source: str = ""

    @property
    def grown(self) -> bool:
        """Whether the log has grown enough since the last snapshot to be worth the next one."""
        return self.log_bytes - self.snapshot_log_bytes >= max(
            SNAPSHOT_BYTES, SNAPSHOT_SHARE * self.snapshot_bytes
        )

    def count(self, change: Change) -> None:
        """Keep the numbers that a list of models shows."""
        for record, sign in ((change.before, -1), (change.after, 1)):
            if record is None:
                continue
            if record.kind == "diagram":
                self.diagrams += sign
            elif isinstance(record, Threat):
                self.threats += sign
                self.open_threats += sign * is_open(record.status)


_HEAD_COLUMNS = tuple(HEADS.c[name] for name in Head.__dataclass_fields__)


def read_heads(connection: sa.Connection, model_ids: Iterable[str]) -> dict[str, Head]:
    """The heads of some models, a new one for a model that is not there.

    They stay locked until the transaction ends: always in the same order, so that nobody waits in a ring.
    """
    wanted = list(dict.fromkeys(model_ids))
    query = sa.select(*_HEAD_COLUMNS).where(HEADS.c.model_id.in_(wanted)).order_by(HEADS.c.model_id)
    rows = connection.execute(query.with_for_update(key_share=True))
    found = {row[0]: Head(*row) for row in rows}
    return {model_id: found.get(model_id) or Head(model_id) for model_id in wanted}


def _fits(connection: sa.Connection, head: Head, commit: Commit) -> bool:
    """Whether a commit comes next; False when it is stored already. LibraryError when it is neither."""
    operation, sequence = commit.operation, commit.sequence_number
    if sequence <= head.sequence_number:
        stored = connection.execute(
            sa.select(EVENTS.c.operation_id).where(
                EVENTS.c.model_id == operation.model_id, EVENTS.c.sequence_number == sequence
            )
        ).scalar()
        if stored == operation.operation_id:
            return False
        raise LibraryError(f"another operation is stored as number {sequence} of this model")
    if sequence > head.sequence_number + 1:
        raise LibraryError(f"operation {sequence} cannot follow number {head.sequence_number} of this model")
    if sequence == 1 and not any(c.id == operation.model_id for c in commit.changes.changes):
        raise LibraryError("the first operation of a model must add the model itself")
    return True


def store(connection: sa.Connection, commits: Iterable[Commit], user_id: str) -> list[str]:
    """Append operations to their logs and bring every table up to them, in the transaction at hand.

    Operations that are stored already are passed over. LibraryError when one has no place in its log.
    Returns the models whose log has grown enough for a snapshot.
    """
    every = list(commits)
    waiting = [commit for commit in every if not commit.waits]
    outbox.put(connection, [commit for commit in every if commit.waits])
    heads = read_heads(connection, (commit.operation.model_id for commit in waiting))
    fresh = extend(connection, heads, waiting, user_id)
    outbox.settle(connection, [commit for commit in waiting if commit.event is not None])
    stored = {commit.sequence_number for commit, _ in fresh}
    own = [c for c in every if c.waits or c.sequence_number in stored]
    _write_undo(connection, own)
    undo_owners.keep(connection, own)
    return [head.model_id for head in heads.values() if head.grown] if fresh else []


def extend(
    connection: sa.Connection, heads: Mapping[str, Head], commits: Iterable[Commit], user_id: str
) -> list[tuple[Commit, Event]]:
    """`store` under heads that are locked already, without undo; returns what was not stored before."""
    projection = Projection(user_id)
    rows: list[dict[str, Any]] = []
    fresh: list[tuple[Commit, Event]] = []
    for commit in commits:
        head = heads[commit.operation.model_id]
        if not _fits(connection, head, commit):
            continue
        recorded = now()
        event = _placed(head, commit, recorded)
        rows.append(_event_row(event, recorded, commit.remote_address))
        for change in commit.changes.changes:
            head.count(change)
        projection.take(commit, commit.operation.timestamp or recorded)
        fresh.append((commit, event))
    if fresh:
        write_heads(connection, heads, {commit.operation.model_id for commit, _ in fresh})
        put_many(connection, insertion(EVENTS), rows)
        projection.write(connection)
    return fresh


def _placed(head: Head, commit: Commit, recorded: str) -> Event:
    """The operation as the next event of a head that moves on to it."""
    operation = commit.operation
    event = commit.event or place(operation, head.sequence_number + 1, head.hash)
    if event.previous_hash != head.hash:
        raise LibraryError(f"event {event.sequence_number} does not follow the one before it")
    head.sequence_number, head.hash = event.sequence_number, event.hash
    head.log_bytes += len(event.body)
    head.modified_at = recorded
    if event.sequence_number == 1:
        head.created_at = recorded
        head.source = operation.title if operation.origin is Origin.IMPORT else ""
    return event


def _event_row(event: Event, recorded: str, remote_address: str) -> dict[str, Any]:
    return {
        **event_columns(event.operation),
        "sequence_number": event.sequence_number,
        "recorded_at": recorded,
        "remote_address": remote_address,
        "body": event.body,
        "previous_hash": event.previous_hash,
        "hash": event.hash,
    }


def event_columns(operation: Any) -> dict[str, Any]:
    """The columns of an event that repeat parts of its body."""
    return {
        "model_id": operation.model_id,
        "operation_id": operation.operation_id,
        "author": operation.author,
        "origin": str(operation.origin),
        "title": operation.title,
        "base_sequence": operation.base_sequence,
        "correlation_id": operation.correlation_id,
        "causation_id": operation.causation_id,
        "timestamp": operation.timestamp,
    }


def write_heads(connection: sa.Connection, heads: Mapping[str, Head], changed: Iterable[str]) -> None:
    """Store heads as they are now; of what they do not know, what is there stays."""
    kept = [c.name for c in HEADS.c if c.name not in Head.__dataclass_fields__]
    statement = upsert(connection, HEADS, ("model_id",), kept)
    connection.execute(statement, [vars(heads[model_id]) for model_id in changed])


def _write_undo(connection: sa.Connection, commits: Iterable[Commit]) -> None:
    """Keep what can be taken back; steps that left the stack go, also those of this very batch."""
    added: dict[tuple[str, str], dict[str, Any]] = {}
    dropped: list[dict[str, Any]] = []
    for commit in commits:
        model_id = commit.operation.model_id
        for step in commit.dropped_steps:
            dropped.append({"m": model_id, "s": step})
            for key in [k for k, row in added.items() if k[0] == model_id and row["step"] == step]:
                del added[key]
        if commit.undo is not None:
            entry = commit.undo
            added[model_id, entry.operation_id] = {
                "model_id": model_id,
                "operation_id": entry.operation_id,
                "sequence_number": commit.sequence_number,
                "step": entry.step,
                "title": entry.title,
                "inverse": encode(entry.inverse),
                "undone": entry.undone,
            }
    c = UNDO_STEPS.c
    if dropped:
        gone = sa.and_(c.model_id == sa.bindparam("m"), c.step == sa.bindparam("s"))
        connection.execute(sa.delete(UNDO_STEPS).where(gone), dropped)
    if added:
        connection.execute(sa.insert(UNDO_STEPS), list(added.values()))
