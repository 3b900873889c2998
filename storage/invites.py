"""Invite links, and the single-use tickets for sockets."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from app.domain.vocabulary import ROLES
from app.ports_server import Invite, Ticket, UsedInvite, User
from storage.access import lock_model, put_grant, read_role
from storage.clock import iso
from storage.database import Database
from storage.identity import add_user
from storage.server_tables import INVITES, TICKETS

_I: Final = INVITES.c
_INVITE: Final[Mapping[str, Any]] = {
    name: sa.func.coalesce(_I[name], "") if name == "created_by" else _I[name]
    for name in INVITES.columns.keys()  # noqa: SIM118
}
_T: Final = TICKETS.c
_TICKET: Final[Mapping[str, Any]] = {
    "digest": _T.digest,
    "user_id": _T.user_internal_uuid,
    "model_id": _T.model_id,
    "session_id": _T.session_id,
    "expires_at": _T.expires_at,
    "token_id": _T.token_id,
    "sign_in_id": _T.sign_in_id,
    "good_until": _T.good_until,
}


def _invite_of(row: Any) -> Invite:
    return Invite(**dict(zip(_INVITE, row, strict=True)))


def _judged(connection: sa.Connection, digest: bytes, now: float, *, lock: bool) -> UsedInvite:
    query = sa.select(*_INVITE.values()).where(_I.digest == digest)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        return UsedInvite("unknown")
    invite = _invite_of(row)
    if invite.revoked:
        return UsedInvite("revoked", invite)
    if invite.expires_at and invite.expires_at <= now:
        return UsedInvite("expired", invite)
    if invite.uses_left is not None and invite.uses_left < 1:
        return UsedInvite("used_up", invite)
    return UsedInvite("used", invite)


class SqlInvites:
    """`app.ports_server.Invites` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, invite: Invite, now: float) -> Invite:
        """Store an invite."""
        row = {name: getattr(invite, name) for name in _INVITE}
        row["created_by"] = invite.created_by or None
        row["created_at"] = iso(now)

        def work(connection: sa.Connection) -> Invite:
            connection.execute(sa.insert(INVITES), row)
            return _invite_of(
                connection.execute(sa.select(*_INVITE.values()).where(_I.id == invite.id)).one()
            )

        return self._database.write(work)

    def get(self, invite_id: str) -> Invite | None:
        """The invite of an id."""
        query = sa.select(*_INVITE.values()).where(_I.id == invite_id)
        row = self._database.read(lambda connection: connection.execute(query).first())
        return _invite_of(row) if row is not None else None

    def of_model(self, model_id: str) -> list[Invite]:
        """The invites to a model, newest first, spent ones included."""
        query = (
            sa.select(*_INVITE.values())
            .where(_I.model_id == model_id)
            .order_by(_I.created_at.desc(), _I.id.desc())
        )
        return [_invite_of(row) for row in self._database.read(lambda one: one.execute(query).all())]

    def peek(self, digest: bytes, now: float) -> UsedInvite:
        """What `use` would say, without using it up (no user)."""
        return self._database.read(lambda connection: _judged(connection, digest, now, lock=False))

    def use(self, digest: bytes, guest: User, now: float, *, access_expires_at: float = 0.0) -> UsedInvite:
        """Count one use down, add the guest if new, and give the role unless a higher one is held."""

        def work(connection: sa.Connection) -> UsedInvite:
            found = _judged(connection, digest, now, lock=True)
            if found.outcome != "used" or found.invite is None:
                return found
            invite = found.invite
            counted = {"uses": _I.uses + 1, "uses_left": _I.uses_left - 1}
            connection.execute(sa.update(INVITES).where(_I.id == invite.id).values(counted))
            user = add_user(connection, guest, now)
            lock_model(connection, invite.model_id)
            held = read_role(connection, invite.model_id, user.id, now)
            if held is None or ROLES.index(held) < ROLES.index(invite.role):
                put_grant(
                    connection, invite.model_id, "user", user.id, invite.role, invite.created_by, now,
                    0.0 if invite.role == "owner" else access_expires_at,
                )  # fmt: skip
            row = connection.execute(sa.select(*_INVITE.values()).where(_I.id == invite.id)).one()
            return UsedInvite("used", _invite_of(row), user)

        return self._database.write(work)

    def revoke(self, invite_id: str) -> bool:
        """Let an invite admit nobody more; False when it is unknown."""
        statement = sa.update(INVITES).where(_I.id == invite_id).values(revoked=True)
        return self._database.write(lambda connection: bool(connection.execute(statement).rowcount))


class SqlTickets:
    """`app.ports_server.Tickets` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, ticket: Ticket) -> None:
        """Store a ticket."""
        row = {column.name: getattr(ticket, name) for name, column in _TICKET.items()}
        self._database.write(lambda connection: connection.execute(sa.insert(TICKETS), row))

    def take(self, digest: bytes, now: float) -> Ticket | None:
        """Use a ticket up: of many at once, one gets it. None when unknown, used or expired."""
        same = _T.digest == digest

        def work(connection: sa.Connection) -> Ticket | None:
            row = connection.execute(sa.select(*_TICKET.values()).where(same).with_for_update()).first()
            if row is None or not connection.execute(sa.delete(TICKETS).where(same)).rowcount:
                return None
            ticket = Ticket(**dict(zip(_TICKET, row, strict=True)))
            return ticket if ticket.expires_at > now else None

        return self._database.write(work)
