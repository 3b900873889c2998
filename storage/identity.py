"""Users, their passwords' hashes, and groups."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from app.domain.ids import new_id
from app.ports_server import Conflict, Credential, Filter, Group, Page, Slice, User
from storage.access import models_owned_by_group, require_owners
from storage.clock import iso
from storage.database import Database
from storage.dialect import put_if_absent, upsert
from storage.querying import page
from storage.server_tables import CREDENTIALS, MEMBERS, REFRESH_TOKENS
from storage.tables import GROUPS, USERS

_USER: Final[Mapping[str, sa.Column[Any]]] = {
    "id": USERS.c.internal_uuid,
    **{
        name: USERS.c[name]
        for name in (
            "email", "name", "provider", "provider_user_id", "email_verified", "disabled",
            "administrator", "created_at", "modified_at", "last_login",
        )
    },
}  # fmt: skip
USER_COLUMNS: Final = tuple(_USER.values())
_CHANGEABLE: Final = {"email", "name", "email_verified", "disabled", "administrator", "provider_user_id"}
_SIZE: Final = (
    sa.select(sa.func.count())
    .where(MEMBERS.c.group_internal_uuid == GROUPS.c.internal_uuid)
    .correlate(GROUPS)
    .scalar_subquery()
)
_GROUP: Final[Mapping[str, Any]] = {
    "id": GROUPS.c.internal_uuid,
    "provider": GROUPS.c.provider,
    "group_name": GROUPS.c.group_name,
    "name": sa.func.coalesce(GROUPS.c.name, ""),
    "description": sa.func.coalesce(GROUPS.c.description, ""),
    "first_used": GROUPS.c.first_used,
    "last_used": GROUPS.c.last_used,
    "usage_count": GROUPS.c.usage_count,
    "members": _SIZE,
}


def user_of(row: Sequence[Any]) -> User:
    """The user of a row of `USER_COLUMNS`."""
    values = dict(zip(_USER, row, strict=True))
    return User(**{**values, "last_login": values["last_login"] or ""})


def _group_of(row: Sequence[Any]) -> Group:
    return Group(**dict(zip(_GROUP, row, strict=True)))


def read_user(connection: sa.Connection, *where: Any) -> User | None:
    """The user whom the conditions find."""
    row = connection.execute(sa.select(*USER_COLUMNS).where(*where)).first()
    return user_of(row) if row is not None else None


def add_user(connection: sa.Connection, user: User, now: float) -> User:
    """Add a user, unless the provider's id is known; returns the one who is there then."""
    time = iso(now)
    row = {
        "internal_uuid": user.id,
        "email": user.email,
        "name": user.name,
        "provider": user.provider,
        "provider_user_id": user.provider_user_id,
        "email_verified": user.email_verified,
        "disabled": user.disabled,
        "administrator": user.administrator,
        "created_at": time,
        "modified_at": time,
        "last_login": user.last_login or None,
    }
    put_if_absent(connection, USERS, ("provider", "provider_user_id"), row)
    found = read_user(
        connection, USERS.c.provider == user.provider, USERS.c.provider_user_id == user.provider_user_id
    )
    if found is None:
        raise Conflict("the user could not be added")
    return found


def end_tokens(connection: sa.Connection, user_id: str) -> int:
    """Revoke every refresh token of a user; returns how many still lived."""
    c = REFRESH_TOKENS.c
    alive = sa.and_(c.user_internal_uuid == user_id, c.revoked.is_(False))
    return int(connection.execute(sa.update(REFRESH_TOKENS).where(alive).values(revoked=True)).rowcount)


class SqlUsers:
    """`app.ports_server.Users` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, user: User, now: float) -> User:
        """Add a user. Conflict when the id or the provider's id is taken."""

        def work(connection: sa.Connection) -> User:
            found = add_user(connection, user, now)
            if found.id != user.id or found.created_at != iso(now):
                raise Conflict(f"{user.provider} has a user {user.provider_user_id} already")
            return found

        return self._database.write(work)

    def get(self, user_id: str) -> User | None:
        """The user of an id."""
        return self._database.read(lambda one: read_user(one, USERS.c.internal_uuid == user_id))

    def find(self, provider: str, provider_user_id: str) -> User | None:
        """The user whom a provider knows by this id."""
        where = (USERS.c.provider == provider, USERS.c.provider_user_id == provider_user_id)
        return self._database.read(lambda one: read_user(one, *where))

    def find_by_email(self, email: str) -> list[User]:
        """The users with an address, letters' case ignored."""
        query = (
            sa.select(*USER_COLUMNS)
            .where(sa.func.lower(USERS.c.email) == email.lower())
            .order_by(USERS.c.created_at, USERS.c.internal_uuid)
        )
        return [user_of(row) for row in self._database.read(lambda one: one.execute(query).all())]

    def page(self, part: Slice, filters: Sequence[Filter] = ()) -> Page:
        """Users by any column of `User`."""
        query = sa.select(*USER_COLUMNS)
        rows, total = self._database.read(
            lambda one: page(one, query, _USER, part, filters, default="name", tie=USERS.c.internal_uuid)
        )
        return Page(tuple(user_of(row) for row in rows), total)

    def signed_in(self, user: User, now: float) -> User:
        """Note a sign-in: adds the user if the provider's id is new, else takes the new name and address."""

        def work(connection: sa.Connection) -> User:
            found = add_user(connection, user, now)
            seen: dict[str, Any] = {
                "email": user.email,
                "name": user.name,
                "email_verified": user.email_verified,
            }
            if any(getattr(found, name) != value for name, value in seen.items()):
                seen["modified_at"] = iso(now)
            return _change(connection, found.id, {**seen, "last_login": iso(now)})

        return self._database.write(work)

    def change(self, user_id: str, now: float, **columns: str | bool) -> User:
        """Change columns of `User`. Disabling also ends all refresh tokens, in the same transaction."""
        unknown = set(columns) - _CHANGEABLE
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))} of a user cannot be changed")

        def work(connection: sa.Connection) -> User:
            if columns.get("disabled"):
                end_tokens(connection, user_id)
            return _change(connection, user_id, {**columns, "modified_at": iso(now)})

        return self._database.write(work)

    def set_password(
        self, user_id: str, password_hash: str, now: float, *, must_change: bool = False
    ) -> None:
        """Set a local user's password; all refresh tokens end, in the same transaction."""
        row = {
            "user_internal_uuid": user_id,
            "password_hash": password_hash,
            "changed_at": iso(now),
            "must_change": must_change,
        }

        def work(connection: sa.Connection) -> None:
            connection.execute(upsert(connection, CREDENTIALS, ("user_internal_uuid",)), row)
            end_tokens(connection, user_id)

        self._database.write(work)

    def credential(self, user_id: str) -> Credential | None:
        """The password's hash; None when the user has none."""
        c = CREDENTIALS.c
        query = sa.select(c.password_hash, c.changed_at, c.must_change).where(c.user_internal_uuid == user_id)
        row = self._database.read(lambda one: one.execute(query).first())
        return Credential(*row) if row is not None else None


def _change(connection: sa.Connection, user_id: str, values: Mapping[str, Any]) -> User:
    connection.execute(sa.update(USERS).where(USERS.c.internal_uuid == user_id).values(values))
    found = read_user(connection, USERS.c.internal_uuid == user_id)
    if found is None:
        raise Conflict("there is no such user")
    return found


class SqlGroups:
    """`app.ports_server.Groups` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, group: Group, now: float) -> Group:
        """Add a group. Conflict when the id or the name is taken."""

        def work(connection: sa.Connection) -> Group:
            connection.execute(sa.insert(GROUPS), _group_row(group, now))
            return _read_group(connection, group.id)

        return self._database.write(work)

    def get(self, group_id: str) -> Group | None:
        """The group of an id."""
        return self._first(GROUPS.c.internal_uuid == group_id)

    def find(self, provider: str, group_name: str) -> Group | None:
        """The group of this name."""
        return self._first(GROUPS.c.provider == provider, GROUPS.c.group_name == group_name)

    def _first(self, *where: Any) -> Group | None:
        query = sa.select(*_GROUP.values()).where(*where)
        row = self._database.read(lambda one: one.execute(query).first())
        return _group_of(row) if row is not None else None

    def page(self, part: Slice, filters: Sequence[Filter] = ()) -> Page:
        """Groups by any column of `Group`."""
        query = sa.select(*(column.label(name) for name, column in _GROUP.items()))
        rows, total = self._database.read(
            lambda one: page(
                one, query, _GROUP, part, filters, default="group_name", tie=GROUPS.c.internal_uuid
            )
        )
        return Page(tuple(_group_of(row) for row in rows), total)

    def change(self, group_id: str, *, name: str, description: str) -> Group:
        """Change what is shown of a group."""

        def work(connection: sa.Connection) -> Group:
            same = GROUPS.c.internal_uuid == group_id
            connection.execute(sa.update(GROUPS).where(same).values(name=name, description=description))
            return _read_group(connection, group_id)

        return self._database.write(work)

    def delete(self, group_id: str) -> bool:
        """Remove a group with its memberships and grants. LastOwner when a model would lose its owners."""

        def work(connection: sa.Connection) -> bool:
            owned = models_owned_by_group(connection, group_id)
            gone = connection.execute(sa.delete(GROUPS).where(GROUPS.c.internal_uuid == group_id)).rowcount
            for model_id in owned:
                require_owners(connection, model_id)
            return bool(gone)

        return self._database.write(work)

    def add_member(self, group_id: str, user_id: str, now: float) -> bool:
        """Put a user into a group; False when there already."""
        return self._database.write(lambda one: _add_member(one, group_id, user_id, now))

    def remove_member(self, group_id: str, user_id: str) -> bool:
        """Take a user out of a group; False when not in it."""
        c = MEMBERS.c
        same = sa.and_(c.group_internal_uuid == group_id, c.user_internal_uuid == user_id)
        return self._database.write(lambda one: bool(one.execute(sa.delete(MEMBERS).where(same)).rowcount))

    def members(self, group_id: str) -> list[User]:
        """The users of a group by name."""
        query = (
            sa.select(*USER_COLUMNS)
            .join(MEMBERS, MEMBERS.c.user_internal_uuid == USERS.c.internal_uuid)
            .where(MEMBERS.c.group_internal_uuid == group_id)
        )
        rows = self._database.read(lambda one: one.execute(query).all())
        return sorted(map(user_of, rows), key=lambda user: (user.name, user.id))

    def of_user(self, user_id: str) -> list[Group]:
        """The groups of a user by name."""
        query = (
            sa.select(*_GROUP.values())
            .join(MEMBERS, MEMBERS.c.group_internal_uuid == GROUPS.c.internal_uuid)
            .where(MEMBERS.c.user_internal_uuid == user_id)
        )
        rows = self._database.read(lambda one: one.execute(query).all())
        return sorted(map(_group_of, rows), key=lambda group: (group.group_name, group.id))

    def set_of_user(self, user_id: str, provider: str, group_names: Iterable[str], now: float) -> None:
        """Make a user's groups of one provider exactly these; new ones are added."""
        wanted = sorted(set(group_names))

        def work(connection: sa.Connection) -> None:
            connection.execute(
                sa.delete(MEMBERS).where(
                    MEMBERS.c.user_internal_uuid == user_id,
                    MEMBERS.c.group_internal_uuid.in_(
                        sa.select(GROUPS.c.internal_uuid).where(GROUPS.c.provider == provider)
                    ),
                )
            )
            for name in wanted:
                group_id = _used_group(connection, provider, name, now)
                _add_member(connection, group_id, user_id, now)

        self._database.write(work)


def _group_row(group: Group, now: float) -> dict[str, Any]:
    time = iso(now)
    return {
        "internal_uuid": group.id,
        "provider": group.provider,
        "group_name": group.group_name,
        "name": group.name or None,
        "description": group.description or None,
        "first_used": time,
        "last_used": time,
        "usage_count": 1,
    }


def _read_group(connection: sa.Connection, group_id: str) -> Group:
    query = sa.select(*_GROUP.values()).where(GROUPS.c.internal_uuid == group_id)
    row = connection.execute(query).first()
    if row is None:
        raise Conflict("there is no such group")
    return _group_of(row)


def _used_group(connection: sa.Connection, provider: str, group_name: str, now: float) -> str:
    """The id of a group that a token names, added when it is new, and counted."""
    group = Group(id=new_id(), provider=provider, group_name=group_name)
    put_if_absent(connection, GROUPS, ("provider", "group_name"), _group_row(group, now))
    same = sa.and_(GROUPS.c.provider == provider, GROUPS.c.group_name == group_name)
    found: str = connection.execute(sa.select(GROUPS.c.internal_uuid).where(same)).scalar_one()
    if found != group.id:
        used = {"last_used": iso(now), "usage_count": GROUPS.c.usage_count + 1}
        connection.execute(sa.update(GROUPS).where(same).values(used))
    return found


def _add_member(connection: sa.Connection, group_id: str, user_id: str, now: float) -> bool:
    keys = ("group_internal_uuid", "user_internal_uuid")
    row = {"group_internal_uuid": group_id, "user_internal_uuid": user_id, "created_at": iso(now)}
    return put_if_absent(connection, MEMBERS, keys, row)
