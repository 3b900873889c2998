"""One table a kind of record, generated from the domain's field table, and records to rows and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from app.domain.fields import FieldType
from app.domain.merge import data_of, merged
from app.domain.patch import add
from app.domain.records import RECORD_TYPES, Record, fields_of_kind, record_type
from storage.columns import ID, Mapped, json_text, mapped
from storage.tables import METADATA, METADATA_ROWS, words

MODEL: Final = "threat_model"
OTHER: Final = ""
_PLURALS: Final = {"repository": "repositories"}
_decode = msgspec.json.decode
# The tables that the seed ties together; closure in the domain keeps every other reference sound.
_TIES: Final[Mapping[tuple[str, str], str]] = {
    ("cell", "diagram_id"): "diagrams",
    ("threat", "diagram_id"): "diagrams",
    ("threat", "asset_id"): "assets",
}
_WHOLE: Final[Mapping[str, Mapping[str, str]]] = {
    "cell": {
        "line": "form = 'box' OR type = 'trust_boundary'",
        "ends": "(type = 'data_flow' OR (type = 'trust_boundary' AND form = 'line'))"
        " = ((source_cell IS NOT NULL OR source_x IS NOT NULL)"
        " AND (target_cell IS NOT NULL OR target_x IS NOT NULL))",
    },
}


def _derived() -> tuple[sa.Column[Any], ...]:
    """What storage adds to each record.

    `update_vector` is the sequence number of the last event that changed it, `insertion` its place in
    the order of additions, `writers` the last operation of each merge group, `extra` what a later
    version wrote.
    """
    return (
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("modified_at", sa.Text, nullable=False),
        sa.Column("update_vector", sa.BigInteger, nullable=False),
        sa.Column("insertion", sa.BigInteger, nullable=False),
        sa.Column("writers", sa.Text, nullable=False),
        sa.Column("extra", sa.Text),
    )


def _seed_columns(kind: str) -> tuple[sa.Column[Any], ...]:
    if kind == MODEL:
        return (
            sa.Column(
                "owner_internal_uuid",
                ID,
                sa.ForeignKey("users.internal_uuid", ondelete="RESTRICT"),
            ),
            sa.Column(
                "created_by_internal_uuid",
                ID,
                sa.ForeignKey("users.internal_uuid", ondelete="RESTRICT"),
            ),
            sa.Column("status_updated", sa.Text),
        )
    if kind == "diagram":
        return (
            sa.Column("svg_image", sa.Text),
            sa.Column("image_update_vector", sa.BigInteger),
        )
    return ()


def _keys(kind: str) -> tuple[sa.Column[Any], ...]:
    if kind == MODEL:
        head = sa.ForeignKey("heads.model_id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")
        return (sa.Column("id", ID, head, primary_key=True),)
    model = sa.ForeignKey("threat_models.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    return (
        sa.Column("threat_model_id", ID, model, primary_key=True),
        sa.Column("id", ID, primary_key=True),
    )


def _ties(kind: str) -> list[Any]:
    made: list[Any] = []
    for (owner, column), target in _TIES.items():
        if owner == kind:
            made.append(
                sa.ForeignKeyConstraint(
                    ["threat_model_id", column],
                    [f"{target}.threat_model_id", f"{target}.id"],
                    deferrable=True,
                    initially="DEFERRED",
                )
            )
            made.append(sa.Index(None, "threat_model_id", column))
    return made


@dataclass(frozen=True)
class KindTable:
    """The table of one kind: how its records become rows and rows become records."""

    kind: str
    table: sa.Table
    plain: tuple[Mapped, ...]
    coded: tuple[Mapped, ...]

    @cached_property
    def columns(self) -> tuple[sa.Column[Any], ...]:
        """What to select for `record`: id, insertion, writers, extra, then every property."""
        c = self.table.c
        head = (c.id, c.insertion, c.writers, c.extra)
        names = [column.name for part in (*self.plain, *self.coded) for column in part.columns]
        return (*head, *(c[name] for name in names))

    @cached_property
    def model_column(self) -> sa.Column[Any]:
        """The column that holds the model's id."""
        return self.table.c.id if self.kind == MODEL else self.table.c.threat_model_id

    @cached_property
    def _class(self) -> type[Record]:
        return record_type(self.kind)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(part.name for part in self.plain)

    @cached_property
    def _slices(self) -> tuple[tuple[str, int, int, Any], ...]:
        place = 4 + len(self.plain)
        found = []
        for part in self.coded:
            found.append((part.name, place, place + len(part.columns), part.decode))
            place += len(part.columns)
        return tuple(found)

    @cached_property
    def _encoders(self) -> tuple[tuple[str, tuple[str, ...], Any], ...]:
        return tuple((p.name, tuple(c.name for c in p.columns), p.encode) for p in self.coded)

    def row(self, record: Record) -> dict[str, Any]:
        """The properties of a record as column values, without keys and derived columns."""
        if self.kind == OTHER:
            return {"kind": record.kind, "data": json_text(data_of(record)), "extra": None}
        values: dict[str, Any] = {name: getattr(record, name) for name in self._names}
        for name, columns, encode in self._encoders:
            values.update(zip(columns, encode(getattr(record, name)), strict=True))
        values["extra"] = json_text(record.extra) if record.extra else None
        return values

    def record(self, row: Sequence[Any], metadata: dict[str, str]) -> Record:
        """The record of a selected row (see `columns`)."""
        if self.kind == OTHER:
            return merged(None, add(row[4], row[0], _decode(row[5])))
        values = dict(zip(self._names, row[4:], strict=False))
        for name, first, end, decode in self._slices:
            if end - first > 1:
                values[name] = decode(*row[first:end])
            elif row[first] is not None:
                values[name] = decode(row[first])
        if row[3] is not None:
            values["extra"] = _decode(row[3])
        if metadata:
            values["metadata"] = metadata
        return self._class(id=row[0], **values)


def _kind_table(kind: str) -> KindTable:
    parts = [
        mapped(field)
        for name, field in fields_of_kind(kind).items()
        if not (name == "metadata" and field.type is FieldType.MAP)
    ]
    checks = [
        sa.CheckConstraint(" AND ".join(f"({check})" for check in part.checks), name=part.name)
        for part in parts
        if part.checks
    ]
    whole = [sa.CheckConstraint(check, name=name) for name, check in _WHOLE.get(kind, {}).items()]
    table = sa.Table(
        _PLURALS.get(kind, f"{kind}s"),
        METADATA,
        *_keys(kind),
        *(column for part in parts for column in part.columns),
        *_seed_columns(kind),
        *_derived(),
        *checks,
        *whole,
        *_ties(kind),
    )
    return KindTable(
        kind,
        table,
        tuple(part for part in parts if part.encode is None),
        tuple(part for part in parts if part.encode is not None),
    )


def _other_table() -> KindTable:
    data = (
        Mapped("kind", (sa.Column("kind", sa.Text, nullable=False),)),
        Mapped("data", (sa.Column("data", sa.Text, nullable=False),)),
    )
    columns = [column for part in data for column in part.columns]
    table = sa.Table(
        "other_records",
        METADATA,
        *_keys(OTHER),
        *columns,
        *_derived(),
        sa.CheckConstraint("LENGTH(kind) BETWEEN 1 AND 64", name="kind"),
    )
    return KindTable(OTHER, table, data, ())


KIND_TABLES: Final[Mapping[str, KindTable]] = {
    **{kind: _kind_table(kind) for kind in RECORD_TYPES},
    OTHER: _other_table(),
}
__all__ = ["KIND_TABLES", "METADATA", "MODEL", "OTHER", "KindTable", "table_of"]

METADATA_ROWS.append_constraint(words("entity_type", *RECORD_TYPES))


def table_of(kind: str) -> KindTable:
    """The table that holds records of a kind."""
    return KIND_TABLES.get(kind, KIND_TABLES[OTHER])
