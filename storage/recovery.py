"""A damaged library made whole: what can be read goes into a new one, the damaged file is kept."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.domain.errors import InvalidData
from app.domain.ids import is_id, new_id
from app.domain.merge import operation_between
from app.domain.patch import Operation, Origin, Patch, RecordOperation, decode_operation
from app.domain.records import Record
from app.domain.stage import apply, stage
from app.domain.state import ModelState
from app.ports import Commit
from storage import dialect, files, migrating
from storage.clock import now
from storage.commits import store
from storage.kinds import KIND_TABLES, MODEL, OTHER, table_of
from storage.salvage import Row, Wreck
from storage.tables import DRAFTS, EVENTS, HEADS, METADATA_ROWS, SETTINGS
from storage.verify import sound_prefix


@dataclass
class _Found:
    """What a damaged file still holds of one model."""

    events: dict[int, Row]
    records: dict[str, tuple[int, Record]]
    head: Row


def recover(path: Path, fault: str) -> list[str]:
    """Put a new library in place of a damaged one. Returns what to tell the user.

    The damaged file is kept beside it, as it was, until the user removes it.
    """
    kept = files.telling(path, "damaged")
    files.copy_with_log(path, kept)
    working, new = files.telling(path, "salvage"), path.with_name(path.name + ".new")
    for ending in ("", "-journal", *files.BESIDE):
        files.beside(new, ending).unlink(missing_ok=True)
    files.copy_with_log(path, working)
    engine = dialect.writing_engine(new, create=True)
    try:
        migrating.make_schema(engine)
        lines = _salvage(working, engine)
    finally:
        engine.dispose()
        for ending in ("", "-journal", *files.BESIDE):
            files.beside(working, ending).unlink(missing_ok=True)
    files.put_in_place(new, path)
    return [f"The library was damaged ({fault}). The damaged file is kept as {kept.name}.", *lines]


def _salvage(working: Path, engine: sa.Engine) -> list[str]:
    """Bring what can be read into a new library; a line for the user on what came of it."""
    try:
        wreck = Wreck(working)
    except sqlite3.DatabaseError:
        return ["Nothing in it could be read; a new, empty library was made."]
    try:
        rows = {table.name: wreck.rows(table) for table in _wanted()}
    finally:
        wreck.close()
    models = _by_model(rows)
    _keep_settings(engine, rows[SETTINGS.name])
    whole, partly, lost = 0, [], []
    for model_id, found in models.items():
        name, complete = _bring(engine, model_id, found)
        if complete:
            whole += 1
        elif name:
            partly.append(name)
        else:
            lost.append(model_id)
    _keep_drafts(engine, rows[DRAFTS.name])
    return _told(whole, partly, lost)


def _wanted() -> list[sa.Table]:
    kinds = [kind.table for kind in KIND_TABLES.values()]
    return [HEADS, EVENTS, METADATA_ROWS, SETTINGS, DRAFTS, *kinds]


def _told(whole: int, partly: list[str], lost: list[str]) -> list[str]:
    lines = []
    if whole:
        lines.append(f"Recovered whole: {whole} model{'s' if whole > 1 else ''}.")
    if partly:
        lines.append(f"Recovered in part, please look them through: {', '.join(sorted(partly))}.")
    if lost:
        lines.append(f"Not to be recovered: {len(lost)} model{'s' if len(lost) > 1 else ''}.")
    return lines or ["Nothing in it could be read; a new, empty library was made."]


def _by_model(rows: dict[str, list[Row]]) -> dict[str, _Found]:
    """The salvaged rows sorted by model; what is no row of a model any more is left out."""
    models: dict[str, _Found] = {}

    def of(model_id: Any) -> _Found | None:
        if not is_id(model_id):
            return None
        return models.setdefault(model_id, _Found({}, {}, {}))

    for row in rows[HEADS.name]:
        if (found := of(row.get("model_id"))) is not None:
            found.head = row
    for row in rows[EVENTS.name]:
        number = row.get("sequence_number")
        if isinstance(number, int) and (found := of(row.get("model_id"))) is not None:
            found.events[number] = row
    metadata: dict[tuple[Any, ...], dict[str, str]] = {}
    for row in rows[METADATA_ROWS.name]:
        key = (row.get("threat_model_id"), row.get("entity_type"), row.get("entity_id"))
        metadata.setdefault(key, {})[str(row.get("key"))] = str(row.get("value"))
    for kind in KIND_TABLES.values():
        for row in rows[kind.table.name]:
            found = of(row.get("id" if kind.kind == MODEL else "threat_model_id"))
            if found is not None:
                _keep_record(found, kind.kind, row, metadata)
    return models


def _keep_record(found: _Found, kind: str, row: Row, metadata: dict[tuple[Any, ...], dict[str, str]]) -> None:
    table = table_of(kind)
    model_id = row.get("id" if kind == MODEL else "threat_model_id")
    for part in table.plain:  # Without SQLAlchemy's types a flag comes as a number.
        if kind != OTHER and part.name in row and _is_flag(part.columns[0]):
            row[part.name] = bool(row[part.name])
    try:
        values = [row[column.name] for column in table.columns]
        record = table.record(values, metadata.get((model_id, kind, row["id"]), {}))
        found.records[record.id] = (int(row["update_vector"]), record)
    except Exception:  # Whatever a broken page has left of a row: it is not a record.
        return


def _is_flag(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.Boolean)


def _bring(engine: sa.Engine, model_id: str, found: _Found) -> tuple[str, bool]:
    """Write one model into the new library: its name, empty when lost, and whether it is whole."""
    rows: list[Row] = []
    while len(rows) + 1 in found.events:
        rows.append(found.events[len(rows) + 1])
    state, last, _, _ = sound_prefix(rows, model_id)
    end = max([last, int(found.head.get("sequence_number") or 0), *found.events])
    commits = _commits(rows[:last], model_id)
    complete = last == end
    if not complete:
        mended = _mended(state, last, found)
        if mended.model is None:
            return "", False
        commits.extend(_mending(state, mended, last))
    model = (state if complete else mended).model
    if model is None:
        return "", False
    try:
        with engine.begin() as connection:
            user_id = connection.execute(
                sa.select(SETTINGS.c.value).where(SETTINGS.c.key == "local_user")
            ).scalar()
            store(connection, commits, str(user_id))
            times = {
                name: str(found.head[name])
                for name in ("created_at", "opened_at", "deleted_at", "source")
                if isinstance(found.head.get(name), str)
            }
            if times:
                connection.execute(sa.update(HEADS).where(HEADS.c.model_id == model_id).values(times))
    except (sa.exc.SQLAlchemyError, InvalidData):
        return "", False
    return model.name, complete


def _commits(rows: Iterable[Row], model_id: str) -> list[Commit]:
    """The sound part of a log as operations to be stored again: the same bytes, the same hashes."""
    state = ModelState(model_id)
    commits = []
    for row in rows:
        operation = decode_operation(row["body"])
        changes = apply(state, operation.patch, operation.operation_id)
        writers = {c.id: state.writers_of(c.id) for c in changes.changes if c.after is not None}
        commits.append(
            Commit(
                sequence_number=row["sequence_number"],
                operation=operation,
                changes=changes,
                writers=writers,
            )
        )
    return commits


def _mended(state: ModelState, last: int, found: _Found) -> ModelState:
    """The sound part of a log, and on top of it what the later events and the tables still tell."""
    mended = state.copy()
    for number in sorted(n for n in found.events if n > last):
        try:
            operation = decode_operation(found.events[number]["body"])
        except (InvalidData, KeyError, TypeError):
            continue
        for later in operation.patch:
            _try(mended, later)
    for _ in range(2):  # The second time what was refers to something that came later is there.
        for number, record in found.records.values():
            if number > last or record.id not in mended:
                one = operation_between(mended.get(record.id), record)
                if one is not None:
                    _try(mended, one)
    return mended


def _try(state: ModelState, operation: RecordOperation) -> None:
    try:
        apply(state, (operation,))
    except InvalidData:
        return


def _mending(state: ModelState, mended: ModelState, last: int) -> list[Commit]:
    """The operation that leads from the sound part of a log to what was recovered beyond it."""
    ids = {**state.records, **mended.records}
    found = (operation_between(state.get(i), mended.get(i)) for i in ids)
    patch: Patch = tuple(one for one in found if one is not None)
    if not patch:
        return []
    changes = stage(state, patch)
    operation = Operation(
        operation_id=new_id(),
        model_id=state.model_id,
        author="",
        patch=changes.effective,
        origin=Origin.RECOVERY,
        base_sequence=last,
        timestamp=now(),
        title="Recovered from a damaged library",
    )
    state.commit(changes, operation.operation_id)
    writers = {c.id: state.writers_of(c.id) for c in changes.changes if c.after is not None}
    return [Commit(sequence_number=last + 1, operation=operation, changes=changes, writers=writers)]


def _keep_settings(engine: sa.Engine, rows: Iterable[Row]) -> None:
    with engine.begin() as connection:
        for row in rows:
            if row.get("key") not in (None, "local_user") and isinstance(row.get("value"), str):
                connection.execute(dialect.upsert(connection, SETTINGS, ("key",)), row)


def _keep_drafts(engine: sa.Engine, rows: Iterable[Row]) -> None:
    with engine.begin() as connection:
        for row in rows:
            if len(row) == len(DRAFTS.columns) and all(isinstance(v, str) for v in row.values()):
                connection.execute(dialect.upsert(connection, DRAFTS, ("model_id", "key")), row)
