"""The audit trail of a model: its events, found by record, kind, author and time."""

from typing import Any

import sqlalchemy as sa

from app.ports_server import Page, Slice, TrailEntry, TrailQuery
from storage.dialect import by_bytes
from storage.reading import EVENT_COLUMNS, event_of
from storage.server_tables import TOUCHED
from storage.tables import EVENTS


def _conditions(connection: sa.Connection, query: TrailQuery) -> list[Any]:
    c = EVENTS.c
    found = [c.sequence_number > query.after]
    same = {
        c.author: query.author,
        c.origin: query.origin,
        c.correlation_id: query.correlation_id,
    }
    found += [column == value for column, value in same.items() if value]
    if query.since:
        found.append(by_bytes(c.recorded_at, connection) >= query.since)
    if query.until:
        found.append(by_bytes(c.recorded_at, connection) < query.until)
    touched = TOUCHED.c
    about = []
    if query.record_id:
        about.append(touched.record_id == query.record_id)
    if query.kind:
        about.append(touched.kind == query.kind)
    if about:
        numbers = sa.select(touched.sequence_number).where(touched.model_id == c.model_id, *about)
        found.append(c.sequence_number.in_(numbers.correlate(EVENTS)))
    return found


def read_trail(connection: sa.Connection, model_id: str, query: TrailQuery, part: Slice) -> Page:
    """The events of a model that fit, and how many there are."""
    c = EVENTS.c
    where = (c.model_id == model_id, *_conditions(connection, query))
    total = connection.execute(sa.select(sa.func.count()).select_from(EVENTS).where(*where)).scalar() or 0
    order = c.sequence_number.desc() if part.descending else c.sequence_number
    wanted = sa.select(*EVENT_COLUMNS, c.recorded_at, c.remote_address).where(*where).order_by(order)
    rows = connection.execute(wanted.offset(part.offset).limit(part.limit)).all()
    entries = tuple(
        TrailEntry(event=event_of(row), recorded_at=row[4], remote_address=row[5]) for row in rows
    )
    return Page(entries, total)
