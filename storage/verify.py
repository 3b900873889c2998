"""Is everything what it was when it was written? Every chain recomputed, every table replayed."""

from typing import Any

import sqlalchemy as sa

from app.domain.errors import InvalidData
from app.domain.patch import GENESIS, Operation, chain, decode_operation
from app.domain.records import KIND_NAMES
from app.domain.stage import apply
from app.domain.state import ModelState
from app.ports import BrokenEvent, Verification
from storage.commits import event_columns
from storage.dialect import reason_of
from storage.kinds import MODEL, table_of
from storage.reading import read_events, read_state
from storage.tables import EVENTS, HEADS


class _Broken(Exception):
    """The first fault of a model: at which event, and what it is."""

    def __init__(self, sequence_number: int, reason: str) -> None:
        super().__init__(reason)
        self.sequence_number = sequence_number
        self.reason = reason


def check_event(row: Any, sequence_number: int, previous_hash: bytes) -> Operation:
    """The operation of a stored event (a mapping of the table's columns) that must come at this place.

    Raises `_Broken` with the reason when the row is not what it was.
    """
    if row["sequence_number"] != sequence_number:
        raise _Broken(sequence_number, "the event is missing")
    if row["previous_hash"] != previous_hash:
        raise _Broken(sequence_number, "the event does not follow the one before it")
    if chain(sequence_number, previous_hash, row["body"]) != row["hash"]:
        raise _Broken(sequence_number, "the event's content is not what was written")
    try:
        operation = decode_operation(row["body"])
    except InvalidData as error:
        raise _Broken(sequence_number, f"the event cannot be read: {error.reason}") from None
    for name, value in event_columns(operation).items():
        if row[name] != value:
            raise _Broken(sequence_number, f"the column {name} does not agree with the event")
    return operation


def sound_prefix(rows: Any, model_id: str) -> tuple[ModelState, int, bytes, str]:
    """A model replayed as far as its chain holds.

    Returns the state, the sequence number and hash of the last sound event, and what is wrong with
    the one after it (empty at the end of the log).
    """
    state, last, previous = ModelState(model_id), 0, GENESIS
    try:
        for row in rows:
            operation = check_event(row, last + 1, previous)
            try:
                apply(state, operation.patch, operation.operation_id)
            except InvalidData as error:
                raise _Broken(last + 1, f"the event cannot be applied: {error}") from None
            last, previous = last + 1, row["hash"]
    except _Broken as broken:
        return state, last, previous, broken.reason
    return state, last, previous, ""


def _difference(stored: ModelState, replayed: ModelState) -> str:
    """The first thing in which the tables differ from the log, in words; empty when they agree."""
    for record_id in {**replayed.records, **stored.records}:
        one, other = stored.get(record_id), replayed.get(record_id)
        if one != other:
            found = other or one
            what = KIND_NAMES.get(found.kind, found.kind) if found is not None else ""
            how = "is missing" if one is None else "is too many" if other is None else "differs"
            return f"in the tables, {what.lower()} {record_id} {how}"
        if stored.writers_of(record_id) != replayed.writers_of(record_id):
            return f"in the tables, the last writers of {record_id} differ"
    if dict(stored.tombstones) != dict(replayed.tombstones):
        return "in the tables, the list of what was removed differs"
    if list(stored.records) != list(replayed.records):
        return "in the tables, the order of the records differs"
    return ""


def _last_change(engine: sa.Engine, model_id: str, record_id: str, end: int) -> int:
    """The last event up to `end` that touched a record."""
    last = end
    for row in read_events(engine, model_id, 0, EVENTS.c.body):
        if row[0] <= end and record_id.encode() in row[1]:
            last = row[0]
    return last


def _check_model(engine: sa.Engine, model_id: str) -> int:
    """The number of a model's events. Raises `_Broken` for its first fault."""
    with engine.begin() as connection:
        c = HEADS.c
        head = connection.execute(
            sa.select(c.sequence_number, c.hash, c.diagrams, c.threats).where(c.model_id == model_id)
        ).one()
        stored = read_state(connection, model_id)
    end = int(head[0])
    columns = tuple(EVENTS.c)
    rows = (
        row._mapping for row in read_events(engine, model_id, 0, *columns) if row[0] <= end
    )  # fmt: skip
    state, last, previous, reason = sound_prefix(rows, model_id)
    if reason:
        raise _Broken(last + 1, reason)
    if last < end:
        raise _Broken(last + 1, "the event is missing")
    if previous != head[1]:
        raise _Broken(last, "the event is not the one that was written last")
    difference = _difference(stored, state)
    if difference:
        touched = [word for word in difference.split() if len(word) == 36]
        raise _Broken(_last_change(engine, model_id, touched[0], end) if touched else end, difference)
    counts = (len(state.diagrams()), sum(1 for _ in state.of_kind("threat")))
    if tuple(head[2:]) != counts:
        raise _Broken(end, "in the tables, the numbers of diagrams and threats differ")
    return end


def verify(engine: sa.Engine) -> Verification:
    """Check all models, those in the bin too; the first fault of each is named."""
    names = table_of(MODEL).table
    with engine.begin() as connection:
        models = connection.execute(
            sa.select(HEADS.c.model_id, names.c.name)
            .join(names, names.c.id == HEADS.c.model_id, isouter=True)
            .order_by(HEADS.c.model_id)
        ).all()
    events, broken = 0, []
    for model_id, name in models:
        try:
            events += _check_model(engine, model_id)
        except _Broken as fault:
            broken.append(_named(model_id, name, fault.sequence_number, fault.reason))
        except (sa.exc.SQLAlchemyError, InvalidData, ValueError) as error:
            broken.append(_named(model_id, name, 0, f"cannot be read: {reason_of(error)}"))
    return Verification(models=len(models), events=events, broken=tuple(broken))


def _named(model_id: str, name: str | None, sequence: int, reason: str) -> BrokenEvent:
    return BrokenEvent(model_id=model_id, model_name=name or "", sequence_number=sequence, reason=reason)
