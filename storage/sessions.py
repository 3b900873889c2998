"""Live sessions of models, and who took part."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from app.domain.ids import new_id
from app.ports_server import Conflict, Participant, Session
from storage.access import lock_model, ranks_of_user
from storage.clock import iso
from storage.database import Database
from storage.server_tables import PARTICIPANTS, SESSIONS
from storage.tables import USERS

_S: Final = SESSIONS.c
_P: Final = PARTICIPANTS.c
_SESSION: Final[Mapping[str, Any]] = {
    "id": _S.id,
    "model_id": _S.threat_model_id,
    "diagram_id": _S.diagram_id,
    "websocket_url": _S.websocket_url,
    "host": sa.func.coalesce(_S.host_internal_uuid, ""),
    "created_at": _S.created_at,
    "expires_at": _S.expires_at,
    "ended_at": _S.ended_at,
}
_PARTICIPANT: Final = (_P.session_id, _P.user_internal_uuid, USERS.c.name, _P.joined_at, _P.left_at)


def _session_of(row: Any) -> Session:
    return Session(**dict(zip(_SESSION, row, strict=True)))


def _present(now: float) -> Any:
    return sa.and_(_S.ended_at == "", sa.or_(_S.expires_at == 0, _S.expires_at > now))


def _read(connection: sa.Connection, *where: Any) -> Session | None:
    row = connection.execute(sa.select(*_SESSION.values()).where(*where)).first()
    return _session_of(row) if row is not None else None


def _end(connection: sa.Connection, now: float, *where: Any) -> int:
    """End the sessions that the conditions find, everybody's stay in them first."""
    open_ones = sa.select(_S.id).where(_S.ended_at == "", *where)
    staying = sa.and_(_P.left_at == "", _P.session_id.in_(open_ones))
    connection.execute(sa.update(PARTICIPANTS).where(staying).values(left_at=iso(now)))
    ended = sa.update(SESSIONS).where(_S.ended_at == "", *where).values(ended_at=iso(now))
    return int(connection.execute(ended).rowcount)


class SqlSessions:
    """`app.ports_server.Sessions` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, session: Session, now: float) -> Session:
        """Begin a session; the model's present one instead when there is one."""

        def work(connection: sa.Connection) -> Session:
            lock_model(connection, session.model_id)
            same = _S.threat_model_id == session.model_id
            there = _read(connection, same, _present(now))
            if there is not None:
                return there
            _end(connection, now, same)
            row = {
                "id": session.id,
                "threat_model_id": session.model_id,
                "diagram_id": session.diagram_id,
                "websocket_url": session.websocket_url,
                "host_internal_uuid": session.host or None,
                "created_at": iso(now),
                "expires_at": session.expires_at,
            }
            connection.execute(sa.insert(SESSIONS), row)
            return _found(_read(connection, _S.id == session.id))

        return self._database.write(work)

    def get(self, session_id: str) -> Session | None:
        """The session of an id, ended or not."""
        return self._database.read(lambda connection: _read(connection, _S.id == session_id))

    def active(self, model_id: str, now: float) -> Session | None:
        """The model's present session."""
        return self._database.read(
            lambda connection: _read(connection, _S.threat_model_id == model_id, _present(now))
        )

    def list_active(self, user_id: str, now: float) -> list[Session]:
        """The present sessions of models that a user may see."""
        ranks = ranks_of_user(user_id, now)
        query = (
            sa.select(*_SESSION.values())
            .join(ranks, ranks.c.model_id == _S.threat_model_id)
            .where(_present(now))
            .order_by(_S.created_at, _S.id)
        )
        return [_session_of(row) for row in self._database.read(lambda one: one.execute(query).all())]

    def change(self, session_id: str, *, host: str | None = None, expires_at: float | None = None) -> Session:
        """Hand the session to another host, or let it last longer. Conflict when it is unknown."""
        values: dict[str, Any] = {}
        if host is not None:
            values["host_internal_uuid"] = host or None
        if expires_at is not None:
            values["expires_at"] = expires_at

        def work(connection: sa.Connection) -> Session:
            if values:
                connection.execute(sa.update(SESSIONS).where(_S.id == session_id).values(values))
            return _found(_read(connection, _S.id == session_id))

        return self._database.write(work)

    def join(self, session_id: str, user_id: str, now: float) -> Participant:
        """Note that a user is there; the present stay when there already."""

        def work(connection: sa.Connection) -> Participant:
            held = sa.select(_S.ended_at).where(_S.id == session_id).with_for_update(key_share=True)
            ended = connection.execute(held).scalar()
            if ended is None or ended:
                raise Conflict("the session has ended" if ended else "there is no such session")
            there = _stays(connection, session_id, _P.user_internal_uuid == user_id, _P.left_at == "")
            if there:
                return there[0]
            row = {
                "id": new_id(),
                "session_id": session_id,
                "user_internal_uuid": user_id,
                "joined_at": iso(now),
            }
            connection.execute(sa.insert(PARTICIPANTS), row)
            return _stays(connection, session_id, _P.id == row["id"])[0]

        return self._database.write(work)

    def leave(self, session_id: str, user_id: str, now: float) -> bool:
        """Note that a user has gone; False when not there."""
        stay = sa.and_(_P.session_id == session_id, _P.user_internal_uuid == user_id, _P.left_at == "")
        statement = sa.update(PARTICIPANTS).where(stay).values(left_at=iso(now))
        return self._database.write(lambda connection: bool(connection.execute(statement).rowcount))

    def participants(self, session_id: str, *, present: bool = True) -> list[Participant]:
        """Who is there, or with `present` false every stay, in order of coming."""
        where = (_P.left_at == "",) if present else ()
        return self._database.read(lambda connection: _stays(connection, session_id, *where))

    def end(self, session_id: str, now: float) -> bool:
        """End a session and everybody's stay; False when it had ended."""
        return self._database.write(lambda connection: bool(_end(connection, now, _S.id == session_id)))

    def end_all(self, now: float) -> int:
        """End what a server that died has left behind; returns how many sessions."""
        return self._database.write(lambda connection: _end(connection, now))


def _found(session: Session | None) -> Session:
    if session is None:
        raise Conflict("there is no such session")
    return session


def _stays(connection: sa.Connection, session_id: str, *where: Any) -> list[Participant]:
    query = (
        sa.select(*_PARTICIPANT)
        .join(USERS, USERS.c.internal_uuid == _P.user_internal_uuid)
        .where(_P.session_id == session_id, *where)
        .order_by(_P.joined_at, _P.id)
    )
    return [
        Participant(session_id=row[0], user_id=row[1], name=row[2], joined_at=row[3], left_at=row[4])
        for row in connection.execute(query)
    ]
