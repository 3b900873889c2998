"""What is written beside the log: drafts, thumbnails, the bin, settings. Each a job for the writer."""

from collections.abc import Callable, Iterable

import sqlalchemy as sa

from app.domain.errors import LibraryError
from storage.clock import now
from storage.dialect import erasing, upsert
from storage.kinds import table_of
from storage.tables import DRAFTS, HEADS, METADATA_ROWS, SETTINGS

Job = Callable[[sa.Connection], object]


def keep_draft(model_id: str, key: str, text: str) -> Job:
    """Keep unfinished text, or drop it when it is empty."""

    def job(connection: sa.Connection) -> None:
        if text:
            row = {"model_id": model_id, "key": key, "text": text, "modified_at": now()}
            connection.execute(upsert(connection, DRAFTS, ("model_id", "key")), row)
        else:
            same = sa.and_(DRAFTS.c.model_id == model_id, DRAFTS.c.key == key)
            connection.execute(sa.delete(DRAFTS).where(same))

    return job


def set_thumbnail(
    model_id: str, diagram_id: str, svg: str, sequence_number: int
) -> Callable[[sa.Connection], bool]:
    """Keep a diagram's picture unless a newer one is there; the job tells whether it did."""
    table = table_of("diagram").table

    def job(connection: sa.Connection) -> bool:
        shown = sa.func.coalesce(table.c.image_update_vector, 0)
        changed = connection.execute(
            sa.update(table)
            .where(table.c.threat_model_id == model_id, table.c.id == diagram_id)
            .where(shown <= sequence_number)
            .values(svg_image=svg, image_update_vector=sequence_number)
        )
        return bool(changed.rowcount)

    return job


def mark(model_id: str, column: str, value: str) -> Job:
    """Set one of a model's times: `opened_at` or `deleted_at`. LibraryError when it is not there."""

    def job(connection: sa.Connection) -> None:
        statement = sa.update(HEADS).where(HEADS.c.model_id == model_id)
        if connection.execute(statement.values({column: value})).rowcount == 0:
            raise LibraryError("there is no such model in the library")

    return job


def purge(model_ids: Iterable[str]) -> Job:
    """Remove models with all that belongs to them."""
    doomed = list(model_ids)

    def job(connection: sa.Connection) -> None:
        with erasing(connection):
            # Metadata and drafts first: one by its own index, the other is tied to no table.
            connection.execute(sa.delete(METADATA_ROWS).where(METADATA_ROWS.c.threat_model_id.in_(doomed)))
            connection.execute(sa.delete(DRAFTS).where(DRAFTS.c.model_id.in_(doomed)))
            connection.execute(sa.delete(HEADS).where(HEADS.c.model_id.in_(doomed)))

    return job


def set_setting(key: str, value: str) -> Job:
    """Remember a value of the library."""

    def job(connection: sa.Connection) -> None:
        connection.execute(upsert(connection, SETTINGS, ("key",)), {"key": key, "value": value})

    return job
