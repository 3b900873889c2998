"""Who may do what with which model: grants to users and groups, and what they come to."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from app.domain.ids import new_id
from app.domain.vocabulary import ROLES
from app.ports_server import GUESTS, Conflict, Grant, LastOwner, Role, SubjectType
from storage.clock import iso
from storage.database import Database
from storage.kinds import MODEL, table_of
from storage.server_tables import MEMBERS
from storage.tables import ACCESS, GROUPS, USERS

_MODELS: Final = table_of(MODEL).table
_A: Final = ACCESS.c
# Roles as numbers, the higher one includes the lower: 1 for the first of ROLES.
RANK: Final = sa.case({role: rank for rank, role in enumerate(ROLES, 1)}, value=_A.role, else_=0)


def role_of(rank: int | None) -> Role | None:
    """The role of a number of `RANK`."""
    return ROLES[rank - 1] if rank else None


def _valid(now: float) -> Any:
    return sa.or_(_A.expires_at == 0, _A.expires_at > now)


def ranks_of_user(user_id: str, now: float) -> sa.Subquery:
    """The highest rank of a user on each model that it may see: `model_id`, `rank`."""
    groups = sa.select(MEMBERS.c.group_internal_uuid).where(MEMBERS.c.user_internal_uuid == user_id)
    enabled = sa.exists().where(USERS.c.internal_uuid == user_id, USERS.c.disabled.is_(False))
    return (
        sa.select(_A.threat_model_id.label("model_id"), sa.func.max(RANK).label("rank"))
        .where(
            sa.or_(_A.user_internal_uuid == user_id, _A.group_internal_uuid.in_(groups)),
            _valid(now),
            enabled,
        )
        .group_by(_A.threat_model_id)
        .subquery("ranks")
    )


def _subject(subject_type: SubjectType) -> sa.Column[Any]:
    return _A.user_internal_uuid if subject_type == "user" else _A.group_internal_uuid


def lock_model(connection: sa.Connection, model_id: str) -> None:
    """Hold a model's row, so that its access list changes one step at a time. Conflict when it is gone."""
    query = sa.select(_MODELS.c.id).where(_MODELS.c.id == model_id).with_for_update(key_share=True)
    if connection.execute(query).first() is None:
        raise Conflict("there is no such model")


def models_owned_by_group(connection: sa.Connection, group_id: str) -> list[str]:
    """The models that a group owns, each held from now on."""
    query = (
        sa.select(_A.threat_model_id)
        .where(_A.group_internal_uuid == group_id, _A.role == "owner")
        .order_by(_A.threat_model_id)
    )
    owned = list(connection.execute(query).scalars())
    for model_id in owned:
        lock_model(connection, model_id)
    return owned


def require_owners(connection: sa.Connection, model_id: str) -> None:
    """LastOwner when a model has no owner."""
    query = sa.select(_A.id).where(_A.threat_model_id == model_id, _A.role == "owner").limit(1)
    if connection.execute(query).first() is None:
        raise LastOwner("a model must keep one owner: name another one first")


def read_role(connection: sa.Connection, model_id: str, user_id: str, now: float) -> Role | None:
    """The highest role a user has on a model."""
    ranks = ranks_of_user(user_id, now)
    rank = connection.execute(sa.select(ranks.c.rank).where(ranks.c.model_id == model_id)).scalar()
    return role_of(rank)


def put_grant(
    connection: sa.Connection,
    model_id: str,
    subject_type: SubjectType,
    subject_id: str,
    role: Role,
    granted_by: str,
    now: float,
    expires_at: float,
) -> None:
    """Give or change a role, under the lock of the model."""
    if role == "owner" and expires_at:
        raise Conflict("an owner's role cannot expire")
    same = sa.and_(_A.threat_model_id == model_id, _subject(subject_type) == subject_id)
    if subject_type == "user" and _is_guest(connection, subject_id):
        if role == "owner":
            raise Conflict("a guest cannot own a threat model")
        held = connection.execute(sa.select(_A.expires_at).where(same)).scalar()
        expires_at = expires_at or held or 0.0
    values = {
        "role": role,
        "granted_by_internal_uuid": granted_by or None,
        "expires_at": expires_at,
        "modified_at": iso(now),
    }
    if connection.execute(sa.update(ACCESS).where(same).values(values)).rowcount == 0:
        subject = _subject(subject_type).name
        row = {
            "id": new_id(),
            "threat_model_id": model_id,
            subject: subject_id,
            "subject_type": subject_type,
            "created_at": iso(now),
        }
        connection.execute(sa.insert(ACCESS), {**row, **values})


def _is_guest(connection: sa.Connection, user_id: str) -> bool:
    provider = sa.select(USERS.c.provider).where(USERS.c.internal_uuid == user_id)
    return connection.execute(provider).scalar() == GUESTS


def _settle(connection: sa.Connection, model_id: str) -> None:
    """Have the model name an owner who is one: the present one where possible, else the first."""
    query = (
        sa.select(_A.user_internal_uuid)
        .where(_A.threat_model_id == model_id, _A.role == "owner", _A.subject_type == "user")
        .order_by(_A.created_at, _A.id)
    )
    owners = list(connection.execute(query).scalars())
    same = _MODELS.c.id == model_id
    named = connection.execute(sa.select(_MODELS.c.owner_internal_uuid).where(same)).scalar()
    if named not in owners:
        owner = owners[0] if owners else None
        connection.execute(sa.update(_MODELS).where(same).values(owner_internal_uuid=owner))


_GRANT: Final = (
    _A.id,
    _A.threat_model_id,
    _A.subject_type,
    sa.func.coalesce(_A.user_internal_uuid, _A.group_internal_uuid),
    _A.role,
    sa.func.coalesce(USERS.c.name, GROUPS.c.name, GROUPS.c.group_name, ""),
    sa.func.coalesce(_A.granted_by_internal_uuid, ""),
    _A.expires_at,
    _A.created_at,
    _A.modified_at,
)


def _read_grants(connection: sa.Connection, model_id: str) -> list[Grant]:
    query = (
        sa.select(*_GRANT)
        .join(USERS, USERS.c.internal_uuid == _A.user_internal_uuid, isouter=True)
        .join(GROUPS, GROUPS.c.internal_uuid == _A.group_internal_uuid, isouter=True)
        .where(_A.threat_model_id == model_id)
        .order_by(_A.created_at, _A.id)
    )
    return [
        Grant(
            id=row[0], model_id=row[1], subject_type=row[2], subject_id=row[3], role=row[4], name=row[5],
            granted_by=row[6], expires_at=row[7], created_at=row[8], modified_at=row[9],
        )
        for row in connection.execute(query)
    ]  # fmt: skip


class SqlAccess:
    """`app.ports_server.Access` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def role(self, model_id: str, user_id: str, now: float) -> Role | None:
        """The highest role a user has on a model, by own grants and by groups."""
        return self._database.read(lambda connection: read_role(connection, model_id, user_id, now))

    def roles(self, model_id: str, now: float) -> dict[str, Role]:
        """The highest role of each user who may see a model."""
        valid = sa.and_(_A.threat_model_id == model_id, _valid(now))
        own = sa.select(_A.user_internal_uuid.label("user_id"), RANK.label("rank")).where(
            valid, _A.user_internal_uuid.is_not(None)
        )
        shared = (
            sa.select(MEMBERS.c.user_internal_uuid.label("user_id"), RANK.label("rank"))
            .join(ACCESS, _A.group_internal_uuid == MEMBERS.c.group_internal_uuid)
            .where(valid)
        )
        both = sa.union_all(own, shared).subquery()
        query = (
            sa.select(both.c.user_id, sa.func.max(both.c.rank))
            .join(USERS, USERS.c.internal_uuid == both.c.user_id)
            .where(USERS.c.disabled.is_(False))
            .group_by(both.c.user_id)
        )
        rows = self._database.read(lambda connection: connection.execute(query).all())
        return {user_id: ROLES[rank - 1] for user_id, rank in rows}

    def grants(self, model_id: str) -> list[Grant]:
        """The access list of a model, expired grants included, in the order of granting."""
        return self._database.read(lambda connection: _read_grants(connection, model_id))

    def grant(
        self, model_id: str, subject_type: SubjectType, subject_id: str, role: Role,
        *, granted_by: str, now: float, expires_at: float = 0.0,
    ) -> Grant:  # fmt: skip
        """Give or change a role. LastOwner when nobody would be left as owner."""

        def work(connection: sa.Connection) -> Grant:
            lock_model(connection, model_id)
            before = _held(connection, model_id, subject_type, subject_id)
            put_grant(connection, model_id, subject_type, subject_id, role, granted_by, now, expires_at)
            if before == "owner" and role != "owner":
                require_owners(connection, model_id)
            _settle(connection, model_id)
            found = (g for g in _read_grants(connection, model_id) if g.subject_id == subject_id)
            return next(g for g in found if g.subject_type == subject_type)

        return self._database.write(work)

    def revoke(self, model_id: str, subject_type: SubjectType, subject_id: str, now: float) -> bool:
        """Take a role away; False when there was none. LastOwner when nobody would be left as owner."""

        def work(connection: sa.Connection) -> bool:
            lock_model(connection, model_id)
            before = _held(connection, model_id, subject_type, subject_id)
            same = sa.and_(_A.threat_model_id == model_id, _subject(subject_type) == subject_id)
            connection.execute(sa.delete(ACCESS).where(same))
            if before == "owner":
                require_owners(connection, model_id)
                _settle(connection, model_id)
            return before is not None

        return self._database.write(work)

    def replace(
        self, model_id: str, grants: Sequence[tuple[SubjectType, str, Role]], *, granted_by: str, now: float
    ) -> list[Grant]:
        """Make the access list exactly this. LastOwner when it names no owner."""

        def work(connection: sa.Connection) -> list[Grant]:
            lock_model(connection, model_id)
            kept = {(subject_type, subject_id): role for subject_type, subject_id, role in grants}
            for grant in _read_grants(connection, model_id):
                key = (grant.subject_type, grant.subject_id)
                if kept.get(key) == grant.role and not grant.expires_at:
                    del kept[key]
                elif key not in kept:
                    connection.execute(sa.delete(ACCESS).where(_A.id == grant.id))
            for (subject_type, subject_id), role in kept.items():
                put_grant(connection, model_id, subject_type, subject_id, role, granted_by, now, 0.0)
            require_owners(connection, model_id)
            _settle(connection, model_id)
            return _read_grants(connection, model_id)

        return self._database.write(work)


def _held(connection: sa.Connection, model_id: str, subject_type: SubjectType, subject_id: str) -> str | None:
    query = sa.select(_A.role).where(_A.threat_model_id == model_id, _subject(subject_type) == subject_id)
    return connection.execute(query).scalar()
