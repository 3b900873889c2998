"""Refresh tokens with their families, authorization codes, revoked access tokens, signing keys."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import sqlalchemy as sa

from app.ports_server import AuthorizationCode, Redeemed, RefreshToken, SigningKey, TakenCode
from storage.database import Database
from storage.dialect import upsert
from storage.identity import end_tokens
from storage.server_tables import AUTHORIZATION_CODES, REFRESH_TOKENS, REVOKED_TOKENS, SIGNING_KEYS
from storage.tables import USERS

_R: Final = REFRESH_TOKENS.c
_C: Final = AUTHORIZATION_CODES.c
_TOKEN: Final[Mapping[str, Any]] = {
    "digest": _R.digest,
    "family_id": _R.family_id,
    "user_id": _R.user_internal_uuid,
    "client_id": _R.client_id,
    "scope": _R.scope,
    "created_at": _R.created_at,
    "expires_at": _R.expires_at,
    "rotated_at": _R.rotated_at,
    "revoked": _R.revoked,
}
_CODE: Final[Mapping[str, Any]] = {
    "digest": _C.digest,
    "user_id": _C.user_internal_uuid,
    "client_id": _C.client_id,
    "redirect_uri": _C.redirect_uri,
    "challenge": _C.challenge,
    "family_id": _C.family_id,
    "scope": _C.scope,
    "nonce": _C.nonce,
    "expires_at": _C.expires_at,
}
_KEY: Final = tuple(SIGNING_KEYS.c)


def _read_token(connection: sa.Connection, digest: bytes, *, lock: bool = False) -> RefreshToken | None:
    query = sa.select(*_TOKEN.values()).where(_R.digest == digest)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return RefreshToken(**dict(zip(_TOKEN, row, strict=True))) if row is not None else None


def _put_token(connection: sa.Connection, token: RefreshToken, parent: bytes | None) -> None:
    row = {column.name: getattr(token, name) for name, column in _TOKEN.items()}
    connection.execute(sa.insert(REFRESH_TOKENS), {**row, "parent": parent})


def _end_family(connection: sa.Connection, family_id: str) -> int:
    alive = sa.and_(_R.family_id == family_id, _R.revoked.is_(False))
    return int(connection.execute(sa.update(REFRESH_TOKENS).where(alive).values(revoked=True)).rowcount)


def _successors_unused(connection: sa.Connection, digest: bytes) -> bool:
    used = sa.select(_R.digest).where(_R.parent == digest, _R.rotated_at != 0).limit(1)
    return connection.execute(used).first() is None


def _redeem(
    connection: sa.Connection, digest: bytes, successor: bytes, now: float, expires_at: float, grace: float
) -> Redeemed:
    token = _read_token(connection, digest, lock=True)
    if token is None:
        return Redeemed("unknown")
    if token.revoked:
        return Redeemed("revoked", token)
    if token.expires_at <= now:
        return Redeemed("expired", token)
    enabled = sa.select(USERS.c.internal_uuid).where(
        USERS.c.internal_uuid == token.user_id, USERS.c.disabled.is_(False)
    )
    if connection.execute(enabled).first() is None:
        return Redeemed("disabled", token)
    outcome: Any = "rotated"
    if token.rotated_at:
        if now - token.rotated_at >= grace or not _successors_unused(connection, digest):
            _end_family(connection, token.family_id)
            return Redeemed("reused", token)
        outcome = "grace"
    else:
        same = _R.digest == digest
        connection.execute(sa.update(REFRESH_TOKENS).where(same).values(rotated_at=now))
    new = RefreshToken(
        digest=successor,
        family_id=token.family_id,
        user_id=token.user_id,
        client_id=token.client_id,
        scope=token.scope,
        created_at=now,
        expires_at=expires_at,
    )
    _put_token(connection, new, digest)
    return Redeemed(outcome, token, new)


class SqlTokens:
    """`app.ports_server.Tokens` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep_refresh_token(self, token: RefreshToken) -> None:
        """Store the first token of a family."""
        self._database.write(lambda connection: _put_token(connection, token, None))

    def refresh_token(self, digest: bytes) -> RefreshToken | None:
        """A token as it is stored, for introspection."""
        return self._database.read(lambda connection: _read_token(connection, digest))

    def redeem_refresh_token(
        self, digest: bytes, successor: bytes, *, now: float, expires_at: float, grace: float
    ) -> Redeemed:
        """Exchange a token for its successor, in one step: of many at once, one is told `rotated`."""
        return self._database.write(
            lambda connection: _redeem(connection, digest, successor, now, expires_at, grace)
        )

    def revoke_refresh_token(self, digest: bytes) -> bool:
        """End the whole family of a token; False when the token is unknown."""

        def work(connection: sa.Connection) -> bool:
            token = _read_token(connection, digest)
            if token is not None:
                _end_family(connection, token.family_id)
            return token is not None

        return self._database.write(work)

    def revoke_family(self, family_id: str) -> int:
        """End the tokens of a sign-in; returns how many still lived."""
        return self._database.write(lambda connection: _end_family(connection, family_id))

    def revoke_user(self, user_id: str) -> int:
        """End all tokens of a user; returns how many still lived."""
        return self._database.write(lambda connection: end_tokens(connection, user_id))

    def keep_code(self, code: AuthorizationCode) -> None:
        """Store an authorization code."""
        row = {column.name: getattr(code, name) for name, column in _CODE.items()}
        self._database.write(lambda connection: connection.execute(sa.insert(AUTHORIZATION_CODES), row))

    def take_code(self, digest: bytes, now: float) -> TakenCode:
        """Use a code up: of many at once, one is told `taken`. Using it again revokes its tokens."""

        def work(connection: sa.Connection) -> TakenCode:
            query = sa.select(_C.used_at, *_CODE.values()).where(_C.digest == digest).with_for_update()
            row = connection.execute(query).first()
            if row is None:
                return TakenCode("unknown")
            code = AuthorizationCode(**dict(zip(_CODE, row[1:], strict=True)))
            if row[0]:
                _end_family(connection, code.family_id)
                return TakenCode("used", code)
            if code.expires_at <= now:
                return TakenCode("expired", code)
            used = sa.update(AUTHORIZATION_CODES).where(_C.digest == digest).values(used_at=now)
            connection.execute(used)
            return TakenCode("taken", code)

        return self._database.write(work)

    def revoke_access_token(self, jti: str, expires_at: float) -> None:
        """Have an access token refused until it expires by itself."""
        row = {"jti": jti, "expires_at": expires_at}
        self._database.write(lambda one: one.execute(upsert(one, REVOKED_TOKENS, ("jti",)), row))

    def is_revoked(self, jti: str) -> bool:
        """Whether an access token was revoked."""
        query = sa.select(REVOKED_TOKENS.c.jti).where(REVOKED_TOKENS.c.jti == jti)
        return self._database.read(lambda one: one.execute(query).first() is not None)

    def revoked(self, ids: Collection[str]) -> set[str]:
        """Which of these access tokens and sign-ins were revoked."""
        query = sa.select(REVOKED_TOKENS.c.jti).where(REVOKED_TOKENS.c.jti.in_(ids))
        return self._database.read(lambda one: set(one.execute(query).scalars()))

    def add_key(self, key: SigningKey) -> None:
        """Store a key and retire those of its algorithm that sign now."""
        c = SIGNING_KEYS.c
        signing = sa.and_(c.algorithm == key.algorithm, c.retired_at == 0)
        row = {column.name: getattr(key, column.name) for column in _KEY}

        def work(connection: sa.Connection) -> None:
            connection.execute(sa.update(SIGNING_KEYS).where(signing).values(retired_at=key.created_at))
            connection.execute(sa.insert(SIGNING_KEYS), row)

        self._database.write(work)

    def keys(self, now: float) -> list[SigningKey]:
        """The keys that sign or still verify, newest first."""
        c = SIGNING_KEYS.c
        query = (
            sa.select(*_KEY)
            .where(sa.or_(c.expires_at == 0, c.expires_at > now))
            .order_by(c.created_at.desc(), c.kid.desc())
        )
        rows = self._database.read(lambda connection: connection.execute(query).all())
        return [SigningKey(**dict(row._mapping)) for row in rows]

    def retire_key(self, kid: str, now: float, expires_at: float) -> None:
        """Let a key verify only, until it expires."""
        c = SIGNING_KEYS.c
        retired = {"retired_at": sa.case((c.retired_at == 0, now), else_=c.retired_at)}
        statement = sa.update(SIGNING_KEYS).where(c.kid == kid).values(**retired, expires_at=expires_at)
        self._database.write(lambda connection: connection.execute(statement))
