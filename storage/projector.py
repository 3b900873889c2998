"""The tables of records kept in step with the log: the changes of many operations, written at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from app.domain.changes import Change
from app.domain.ids import new_id
from app.domain.records import RECORD_TYPES, Cell, Record
from app.ports import Commit
from storage.columns import json_text
from storage.dialect import put_many, upsert
from storage.kinds import KIND_TABLES, MODEL, KindTable, table_of
from storage.tables import ACCESS, METADATA_ROWS, TOMBSTONES

_PLACES: Final = 2**20
_KEPT: Final = ("created_at", "insertion")
_SEED_KEPT: Final = (
    "svg_image",
    "image_update_vector",
    "owner_internal_uuid",
    "created_by_internal_uuid",
)


@dataclass
class _Row:
    """What becomes of one record in a transaction. `stored` tells whether its row was there before."""

    model_id: str
    kind: str
    id: str
    stored: bool
    metadata: dict[str, str]
    after: Record | None = None
    reborn: bool = False
    restored: bool = False
    created_at: str = ""
    modified_at: str = ""
    status_updated: str | None = None
    sequence: int = 0
    insertion: int = 0
    writers: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> dict[str, str]:
        """Parameters that find the row."""
        return {"m": self.model_id, "i": self.id}


class Projection:
    """The changes of a run of operations, the last state of each record winning, until `write`."""

    def __init__(self, user_id: str) -> None:
        self._user_id = user_id
        self._rows: dict[tuple[str, str, str], _Row] = {}
        self._diagrams: dict[tuple[str, str], tuple[int, str]] = {}
        self._models: dict[str, tuple[int, str]] = {}

    def take(self, commit: Commit, time: str) -> None:
        """Note what an operation changes; `time` is when its author made it."""
        model_id, sequence = commit.operation.model_id, commit.sequence_number
        self._models[model_id] = (sequence, time)
        for place, change in enumerate(commit.changes.changes):
            row = self._row(model_id, change)
            _note(row, change, sequence * _PLACES + place, time)
            row.sequence, row.modified_at = sequence, time
            row.writers = dict(commit.writers.get(change.id, {}))
            for record in (change.before, change.after):
                if isinstance(record, Cell):
                    self._diagrams[model_id, record.diagram_id] = (sequence, time)

    def _row(self, model_id: str, change: Change) -> _Row:
        key = (model_id, change.kind, change.id)
        if key not in self._rows:
            before = change.before
            metadata = dict(before.metadata) if before is not None else {}
            self._rows[key] = _Row(model_id, change.kind, change.id, before is not None, metadata)
        return self._rows[key]

    def write(self, connection: sa.Connection) -> None:
        """Bring the tables to what was noted."""
        rows = list(self._rows.values())
        self._remove(connection, [r for r in rows if r.after is None or r.reborn])
        by_table: dict[str, list[_Row]] = {}
        for row in rows:
            if row.after is not None:
                by_table.setdefault(table_of(row.kind).kind, []).append(row)
        for name in KIND_TABLES:
            if name in by_table:
                self._put(connection, KIND_TABLES[name], by_table[name])
        _write_metadata(connection, rows)
        _forget_tombstones(connection, [r for r in rows if r.restored and r.after is not None])
        self._bump(connection)

    def _remove(self, connection: sa.Connection, rows: list[_Row]) -> None:
        if not rows:
            return
        by_table: dict[str, list[_Row]] = {}
        for row in rows:
            if row.stored:
                by_table.setdefault(table_of(row.kind).kind, []).append(row)
        buried = upsert(connection, TOMBSTONES, ("model_id", "record_id"))
        connection.execute(
            buried,
            [
                {
                    "model_id": row.model_id,
                    "record_id": row.id,
                    "kind": row.kind,
                    "created_at": row.created_at,
                    "update_vector": row.sequence,
                }
                for row in rows
            ],
        )
        for name, gone in by_table.items():
            _remember_creation(connection, KIND_TABLES[name], gone)
            where = _found(KIND_TABLES[name])
            connection.execute(sa.delete(KIND_TABLES[name].table).where(where), [r.key for r in gone])
        c = METADATA_ROWS.c
        named = [row for row in rows if row.stored and row.metadata]
        if named:
            same = sa.and_(
                c.threat_model_id == sa.bindparam("m"),
                c.entity_type == sa.bindparam("k"),
                c.entity_id == sa.bindparam("i"),
            )
            connection.execute(
                sa.delete(METADATA_ROWS).where(same), [{**row.key, "k": row.kind} for row in named]
            )
        for row in named:
            row.metadata = {}

    def _put(self, connection: sa.Connection, kind: KindTable, rows: list[_Row]) -> None:
        kept = (*_KEPT, *(name for name in _SEED_KEPT if name in kind.table.c))
        keys = [column.name for column in kind.table.primary_key.columns]
        filled = ("status_updated",) if kind.kind == MODEL else ()
        statement = upsert(connection, kind.table, keys, kept, filled)
        put_many(connection, statement, [self._values(kind, row) for row in rows])
        if kind.kind == MODEL:
            for row in rows:
                if not row.stored and self._user_id:
                    _give_access(connection, row.model_id, self._user_id, row.created_at)

    def _values(self, kind: KindTable, row: _Row) -> dict[str, Any]:
        values = kind.row(row.after) if row.after is not None else {}
        values["id"] = row.id
        values["created_at"] = row.created_at or row.modified_at
        values["modified_at"] = row.modified_at
        values["update_vector"] = row.sequence
        values["insertion"] = row.insertion
        values["writers"] = json_text(row.writers)
        if kind.kind == MODEL:
            values["status_updated"] = row.status_updated
            values["owner_internal_uuid"] = self._user_id or None
            values["created_by_internal_uuid"] = self._user_id or None
        else:
            values["threat_model_id"] = row.model_id
        return values

    def _bump(self, connection: sa.Connection) -> None:
        """A diagram has changed when a cell of it has, a model when anything in it has."""
        found = [
            {"m": model_id, "i": diagram_id, "sequence": sequence, "time": time}
            for (model_id, diagram_id), (sequence, time) in self._diagrams.items()
        ]
        models = [
            {"m": model_id, "i": model_id, "sequence": sequence, "time": time}
            for model_id, (sequence, time) in self._models.items()
        ]
        for kind, bumps in ((KIND_TABLES["diagram"], found), (KIND_TABLES[MODEL], models)):
            if bumps:
                statement = (
                    sa.update(kind.table)
                    .where(_found(kind))
                    .values(update_vector=sa.bindparam("sequence"), modified_at=sa.bindparam("time"))
                )
                connection.execute(statement, bumps)


def _note(row: _Row, change: Change, insertion: int, time: str) -> None:
    if change.after is not None and change.before is None:
        row.reborn = row.reborn or (row.stored and row.after is None)
        row.restored = row.restored or change.restored
        row.insertion = insertion
        row.created_at = row.created_at or time
    old, new = getattr(change.before, "status", ""), getattr(change.after, "status", "")
    if change.kind == MODEL and old != new:
        row.status_updated = time
    row.after = change.after


def _found(kind: KindTable) -> sa.ColumnElement[bool]:
    return sa.and_(kind.model_column == sa.bindparam("m"), kind.table.c.id == sa.bindparam("i"))


def _remember_creation(connection: sa.Connection, kind: KindTable, rows: Iterable[_Row]) -> None:
    """Note in the tombstone when a record was first added, for the day it comes back."""
    created = sa.select(kind.table.c.created_at).where(_found(kind)).scalar_subquery()
    statement = (
        sa.update(TOMBSTONES)
        .where(TOMBSTONES.c.model_id == sa.bindparam("m"), TOMBSTONES.c.record_id == sa.bindparam("i"))
        .values(created_at=sa.func.coalesce(created, TOMBSTONES.c.created_at))
    )
    connection.execute(statement, [row.key for row in rows])


def _forget_tombstones(connection: sa.Connection, rows: list[_Row]) -> None:
    buried = sa.and_(TOMBSTONES.c.model_id == sa.bindparam("m"), TOMBSTONES.c.record_id == sa.bindparam("i"))
    for row in rows:
        kind = table_of(row.kind)
        noted = sa.select(TOMBSTONES.c.created_at).where(buried).scalar_subquery()
        first = sa.func.coalesce(sa.func.nullif(noted, ""), kind.table.c.created_at)
        connection.execute(sa.update(kind.table).where(_found(kind)).values(created_at=first), row.key)
    if rows:
        connection.execute(sa.delete(TOMBSTONES).where(buried), [row.key for row in rows])


def _write_metadata(connection: sa.Connection, rows: Iterable[_Row]) -> None:
    gone, put = [], []
    for row in rows:
        if row.after is None or row.kind not in RECORD_TYPES:
            continue
        found = {"m": row.model_id, "k": row.kind, "i": row.id}
        after = row.after.metadata
        if after == row.metadata:
            continue
        gone += [{**found, "key": key} for key in row.metadata if key not in after]
        put += [
            {
                "threat_model_id": row.model_id,
                "id": new_id(),
                "entity_type": row.kind,
                "entity_id": row.id,
                "key": key,
                "value": value,
                "created_at": row.modified_at,
                "modified_at": row.modified_at,
            }
            for key, value in after.items()
            if row.metadata.get(key) != value
        ]
    c = METADATA_ROWS.c
    if gone:
        same = sa.and_(
            c.threat_model_id == sa.bindparam("m"),
            c.entity_type == sa.bindparam("k"),
            c.entity_id == sa.bindparam("i"),
            c.key == sa.bindparam("key"),
        )
        connection.execute(sa.delete(METADATA_ROWS).where(same), gone)
    if put:
        keys = ("threat_model_id", "entity_type", "entity_id", "key")
        connection.execute(upsert(connection, METADATA_ROWS, keys, ("id", "created_at")), put)


def _give_access(connection: sa.Connection, model_id: str, user_id: str, time: str) -> None:
    connection.execute(
        sa.insert(ACCESS),
        {
            "id": new_id(),
            "threat_model_id": model_id,
            "user_internal_uuid": user_id,
            "subject_type": "user",
            "role": "owner",
            "granted_by_internal_uuid": user_id,
            "created_at": time,
            "modified_at": time,
        },
    )
