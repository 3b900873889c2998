"""Lists of models and of records with their versions, the bin, pictures, and the history of each."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from app.domain.errors import LibraryError
from app.domain.state import ModelState
from app.ports_server import (
    Conflict,
    Filter,
    ModelEntry,
    Page,
    Slice,
    StoredRecord,
    TrailQuery,
    User,
)
from storage import jobs
from storage.access import ranks_of_user, role_of
from storage.cells import diagram_cells
from storage.clock import iso
from storage.database import Database
from storage.dialect import reason_of, settle_file
from storage.kinds import KIND_TABLES, MODEL, OTHER, KindTable, table_of
from storage.people import read_people
from storage.querying import page
from storage.snapshots import state_at
from storage.tables import HEADS, METADATA_ROWS, TOMBSTONES, USERS
from storage.trail import read_trail

_MODELS: Final = table_of(MODEL).table
_OWNERS: Final = USERS.alias("owners")
_ENTRY: Final[Mapping[str, Any]] = {
    "id": HEADS.c.model_id,
    "name": _MODELS.c.name,
    "description": _MODELS.c.description,
    "framework": _MODELS.c.threat_model_framework,
    "status": _MODELS.c.status,
    "owner": sa.func.coalesce(_MODELS.c.owner_internal_uuid, ""),
    "created_by": sa.func.coalesce(_MODELS.c.created_by_internal_uuid, ""),
    "issue_uri": _MODELS.c.issue_uri,
    "diagrams": HEADS.c.diagrams,
    "threats": HEADS.c.threats,
    "open_threats": HEADS.c.open_threats,
    "created_at": HEADS.c.created_at,
    "modified_at": HEADS.c.modified_at,
    "deleted_at": HEADS.c.deleted_at,
    "version": HEADS.c.sequence_number,
}
# Beside what an entry shows, a list can be filtered and sorted by its owners' names.
_OWNER_NAME: Final = sa.func.coalesce(_OWNERS.c.name, "")
_DERIVED: Final = {"version": "update_vector", "created_at": "created_at", "modified_at": "modified_at"}
_STORED: Final = ("update_vector", "created_at", "modified_at")


def _entries(user_id: str | None, now: float) -> tuple[Any, dict[str, Any]]:
    """The query of all entries that a user may see, and the columns to filter and sort by."""
    columns = dict(_ENTRY)
    query_from = HEADS.join(_MODELS, _MODELS.c.id == HEADS.c.model_id).outerjoin(
        _OWNERS, _OWNERS.c.internal_uuid == _MODELS.c.owner_internal_uuid
    )
    rank: Any = sa.literal(0)
    if user_id is not None:
        ranks = ranks_of_user(user_id, now)
        query_from = query_from.join(ranks, ranks.c.model_id == HEADS.c.model_id)
        rank = ranks.c.rank
        columns["role"] = sa.case((rank == 3, "owner"), (rank == 2, "writer"), else_="reader")
    labelled = [column.label(name) for name, column in _ENTRY.items()]
    query = sa.select(*labelled, rank.label("rank")).select_from(query_from)
    return query, {**columns, "owner_name": _OWNER_NAME}


def _entry_of(row: Any) -> ModelEntry:
    values = dict(row._mapping)
    return ModelEntry(role=role_of(values.pop("rank")), **values)


@cache
def _usable(kind: str) -> dict[str, Any]:
    """What records of a kind can be filtered and sorted by: the properties that one column holds."""
    table = table_of(kind)
    c = table.table.c
    found: dict[str, Any] = {"id": c.id, **{name: c[column] for name, column in _DERIVED.items()}}
    for part in table.plain:
        found.setdefault(part.name, part.columns[0])
    return found


def _read_record(table: KindTable, row: Any, metadata: Mapping[str, dict[str, str]]) -> StoredRecord:
    width = len(table.columns)
    return StoredRecord(
        record=table.record(row[:width], metadata.get(row[0], {})),
        version=row[width],
        created_at=row[width + 1],
        modified_at=row[width + 2],
    )


def _metadata(
    connection: sa.Connection, model_id: str, kind: str, ids: Sequence[str]
) -> dict[str, dict[str, str]]:
    c = METADATA_ROWS.c
    query = (
        sa.select(c.entity_id, c.key, c.value)
        .where(c.threat_model_id == model_id, c.entity_type == kind, c.entity_id.in_(ids))
        .order_by(c.key)
    )
    found: dict[str, dict[str, str]] = {}
    for record_id, key, value in connection.execute(query):
        found.setdefault(record_id, {})[key] = value
    return found


class SqlCatalogue:
    """`app.ports_server.Catalogue` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def models(
        self, user_id: str | None, now: float, part: Slice, filters: Sequence[Filter] = (),
        *, deleted: bool = False,
    ) -> Page:  # fmt: skip
        """The models that a user may see (None: all), by any column of `ModelEntry` or `owner_name`."""
        query, columns = _entries(user_id, now)
        query = query.where(HEADS.c.deleted_at != "" if deleted else HEADS.c.deleted_at == "")
        if not part.sort:
            part = Slice(part.offset, part.limit, "modified_at", True)
        rows, total = self._database.read(
            lambda one: page(one, query, columns, part, filters, default="name", tie=HEADS.c.model_id)
        )
        return Page(tuple(_entry_of(row) for row in rows), total)

    def model(self, model_id: str, user_id: str | None, now: float) -> ModelEntry | None:
        """One model, deleted or not; None when there is none or the user may not see it."""
        query, _ = _entries(user_id, now)
        query = query.where(HEADS.c.model_id == model_id)
        row = self._database.read(lambda connection: connection.execute(query).first())
        return _entry_of(row) if row is not None else None

    def delete(self, model_id: str, now: float) -> bool:
        """Move a model to the bin; False when it is there already. Conflict when there is no such model."""
        return self._mark(model_id, HEADS.c.deleted_at == "", iso(now))

    def restore(self, model_id: str) -> bool:
        """Take a model out of the bin; False when it is not in it. Conflict when there is no such model."""
        return self._mark(model_id, HEADS.c.deleted_at != "", "")

    def _mark(self, model_id: str, where: Any, value: str) -> bool:
        same = HEADS.c.model_id == model_id
        change = sa.update(HEADS).where(same, where).values(deleted_at=value)

        def work(connection: sa.Connection) -> bool:
            if connection.execute(change).rowcount:
                return True
            if connection.execute(sa.select(HEADS.c.model_id).where(same)).first() is None:
                raise Conflict("there is no such model")
            return False

        return self._database.write(work)

    def purge(self, model_id: str) -> None:
        """Remove a model and all that belongs to it for good. Close its room first."""
        self._database.write(jobs.purge([model_id]))
        settle_file(self._database.writers)

    def records(self, model_id: str, kind: str, part: Slice, filters: Sequence[Filter] = ()) -> Page:
        """The records of one kind as `StoredRecord`, by the field table's columns; else as they were added.

        ValueError for a column that cannot be filtered or sorted by.
        """
        table, columns = table_of(kind), _usable(kind)
        c = table.table.c
        query = sa.select(*table.columns, *(c[name] for name in _STORED)).where(
            table.model_column == model_id
        )
        if table.kind == OTHER:
            query = query.where(c.kind == kind)
        sortable = columns if part.sort else {**columns, "": c.insertion}

        def work(connection: sa.Connection) -> Page:
            rows, total = page(connection, query, sortable, part, filters, default="", tie=c.id)
            named = _metadata(connection, model_id, kind, [row[0] for row in rows])
            return Page(tuple(_read_record(table, row, named) for row in rows), total)

        return self._database.read(work)

    def record(self, model_id: str, kind: str, record_id: str) -> StoredRecord | None:
        """One record with its version."""
        found = self.records(model_id, kind, Slice(0, 1), (Filter("id", "is", record_id),))
        return found.items[0] if found.items else None

    def versions(self, model_id: str, record_ids: Iterable[str]) -> dict[str, int]:
        """The version of each record that is there or was removed."""
        wanted = list(dict.fromkeys(record_ids))

        def work(connection: sa.Connection) -> dict[str, int]:
            c = TOMBSTONES.c
            gone = sa.select(c.record_id, c.update_vector).where(
                c.model_id == model_id, c.record_id.in_(wanted)
            )
            found = {row[0]: row[1] for row in connection.execute(gone)}
            for table in KIND_TABLES.values():
                there = sa.select(table.table.c.id, table.table.c.update_vector).where(
                    table.model_column == model_id, table.table.c.id.in_(wanted)
                )
                found.update({row[0]: row[1] for row in connection.execute(there)})
            return found

        return self._database.read(work) if wanted else {}

    def removed(self, model_id: str, kind: str = "") -> dict[str, int]:
        """The ids of removed records and the sequence number of their removal."""
        c = TOMBSTONES.c
        query = sa.select(c.record_id, c.update_vector).where(c.model_id == model_id)
        if kind:
            query = query.where(c.kind == kind)
        rows = self._database.read(
            lambda one: one.execute(query.order_by(c.update_vector, c.record_id)).all()
        )
        return {row[0]: row[1] for row in rows}

    def people(self, model_id: str) -> list[User]:
        """Everybody who may see a model, wrote in it, or was in a session of it, by name."""
        return self._database.read(lambda connection: read_people(connection, model_id))

    def trail(self, model_id: str, query: TrailQuery, part: Slice) -> Page:
        """The events that fit, as `TrailEntry`, oldest first unless `descending`."""
        return self._database.read(lambda connection: read_trail(connection, model_id, query, part))

    def state_at(self, model_id: str, sequence_number: int) -> ModelState:
        """A model as it was after an event, for rollback. LibraryError when the log does not reach it."""
        try:
            return state_at(self._database.readers, model_id, sequence_number)
        except sa.exc.SQLAlchemyError as error:
            raise LibraryError(f"{self._database.name} cannot be read: {reason_of(error)}") from None

    def cells(self, model_id: str, diagram_id: str) -> list[dict[str, object]]:
        """The cells of a diagram from back to front, in the API's form."""
        return self._database.read(lambda connection: diagram_cells(connection, model_id, diagram_id))

    def set_image(self, model_id: str, diagram_id: str, svg: str, update_vector: int) -> bool:
        """Keep a diagram's picture; False when a newer one is there or the diagram is not."""
        job = jobs.set_thumbnail(model_id, diagram_id, svg, update_vector)
        return self._database.write(job)

    def image(self, model_id: str, diagram_id: str) -> tuple[str, int] | None:
        """A diagram's picture and the version that it shows."""
        c = table_of("diagram").table.c
        query = sa.select(c.svg_image, c.image_update_vector).where(
            c.threat_model_id == model_id, c.id == diagram_id, c.svg_image != ""
        )
        row = self._database.read(lambda connection: connection.execute(query).first())
        return (row[0], row[1] or 0) if row is not None else None
