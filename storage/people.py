"""Who has had to do with a model: those who may see it, those who wrote in it, and those who were there."""

from typing import Final

import sqlalchemy as sa

from app.ports_server import User
from storage.identity import USER_COLUMNS, user_of
from storage.server_tables import MEMBERS, PARTICIPANTS, SESSIONS
from storage.tables import ACCESS, EVENTS, USERS

MOST: Final = 5000


def read_people(connection: sa.Connection, model_id: str) -> list[User]:
    """The users around a model by name, at most MOST of them."""
    access = ACCESS.c.threat_model_id == model_id
    ids = sa.union(
        sa.select(ACCESS.c.user_internal_uuid).where(access, ACCESS.c.user_internal_uuid.is_not(None)),
        sa.select(MEMBERS.c.user_internal_uuid)
        .join(ACCESS, ACCESS.c.group_internal_uuid == MEMBERS.c.group_internal_uuid)
        .where(access),
        sa.select(EVENTS.c.author).where(EVENTS.c.model_id == model_id),
        sa.select(PARTICIPANTS.c.user_internal_uuid)
        .join(SESSIONS, SESSIONS.c.id == PARTICIPANTS.c.session_id)
        .where(SESSIONS.c.threat_model_id == model_id),
    )
    query = (
        sa.select(*USER_COLUMNS)
        .where(USERS.c.internal_uuid.in_(ids.subquery().select()))
        .order_by(USERS.c.name, USERS.c.internal_uuid)
        .limit(MOST)
    )
    return [user_of(row) for row in connection.execute(query)]
