"""Records of a kind that an older version did not know, moved to the table that the kind has by now."""

from typing import Any, Final

import sqlalchemy as sa

from app.domain.errors import InvalidData
from app.domain.ids import new_id
from app.domain.merge import merged
from app.domain.patch import add, decode_json
from app.domain.records import RECORD_TYPES, Record
from storage.kinds import KIND_TABLES, OTHER
from storage.tables import METADATA_ROWS

_DERIVED: Final = ("created_at", "modified_at", "update_vector", "insertion", "writers")


def adopt(connection: sa.Connection) -> None:
    """Move every row of `other_records` whose kind is known; see `KindTable.record` for what they hold."""
    other = KIND_TABLES[OTHER].table
    rows = connection.execute(sa.select(other).where(other.c.kind.in_(RECORD_TYPES))).mappings().all()
    for row in rows:
        record = _record(row["kind"], row["id"], decode_json(row["data"]))
        keys = {"threat_model_id": row["threat_model_id"], "id": row["id"]}
        kind = KIND_TABLES[record.kind]
        derived = {name: row[name] for name in _DERIVED}
        connection.execute(sa.insert(kind.table), {**keys, **derived, **kind.row(record)})
        connection.execute(
            sa.delete(other).where(other.c.threat_model_id == row["threat_model_id"], other.c.id == row["id"])
        )
        entries = [
            {
                "threat_model_id": row["threat_model_id"], "id": new_id(), "entity_type": record.kind,
                "entity_id": record.id, "key": key, "value": value, "created_at": row["created_at"],
                "modified_at": row["modified_at"],
            }
            for key, value in record.metadata.items()
        ]  # fmt: skip
        if entries:
            connection.execute(sa.insert(METADATA_ROWS), entries)


def _record(kind: str, record_id: str, data: dict[str, Any]) -> Record:
    """The record; a value that the kind cannot hold is kept beside it, under `earlier_values`."""
    try:
        return merged(None, add(kind, record_id, data))
    except InvalidData:
        fits: dict[str, Any] = {}
        strange: dict[str, Any] = {}
        for name, value in data.items():
            try:
                merged(None, add(kind, record_id, {**fits, name: value}))
            except InvalidData:
                strange[name] = value
            else:
                fits[name] = value
        return merged(None, add(kind, record_id, {**fits, "earlier_values": strange}))
