"""Idempotency keys: a request that comes twice is done once and answered twice."""

from typing import Any, Final

import msgspec
import sqlalchemy as sa

from app.ports_server import Claim, StoredResponse
from storage.columns import json_text
from storage.database import Database
from storage.dialect import put_if_absent
from storage.server_tables import IDEMPOTENCY

_C: Final = IDEMPOTENCY.c
_KEYS: Final = ("key", "user_internal_uuid", "method", "path")
_headers = msgspec.json.Decoder(dict[str, str])


def _same(key: str, user_id: str, method: str, path: str) -> Any:
    return sa.and_(_C.key == key, _C.user_internal_uuid == user_id, _C.method == method, _C.path == path)


class SqlIdempotency:
    """`app.ports_server.Idempotency` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self, key: str, user_id: str, method: str, path: str, digest: bytes, *, now: float, expires_at: float
    ) -> Claim:
        """Take a key: of many at once, one is told `fresh`. `digest` tells the request's content."""
        same = _same(key, user_id, method, path)
        values = (key, user_id, method, path)
        row = {**dict(zip(_KEYS, values, strict=True)), "digest": digest, "expires_at": expires_at}

        def work(connection: sa.Connection) -> Claim:
            connection.execute(sa.delete(IDEMPOTENCY).where(same, _C.expires_at <= now))
            if put_if_absent(connection, IDEMPOTENCY, _KEYS, row):
                return Claim("fresh")
            there = connection.execute(sa.select(_C.digest, _C.status, _C.headers, _C.body).where(same)).one()
            if there[0] != digest:
                return Claim("mismatch")
            if there[1] is None:
                return Claim("running")
            return Claim("done", StoredResponse(there[1], _headers.decode(there[2]), there[3]))

        return self._database.write(work)

    def finish(self, key: str, user_id: str, method: str, path: str, response: StoredResponse) -> None:
        """Keep the answer."""
        values = {
            "status": response.status,
            "headers": json_text(dict(response.headers)),
            "body": response.body,
        }
        statement = sa.update(IDEMPOTENCY).where(_same(key, user_id, method, path)).values(values)
        self._database.write(lambda connection: connection.execute(statement))

    def abandon(self, key: str, user_id: str, method: str, path: str) -> None:
        """Give a key back whose request failed, so that it can be tried again."""
        unanswered = sa.and_(_same(key, user_id, method, path), _C.status.is_(None))
        statement = sa.delete(IDEMPOTENCY).where(unanswered)
        self._database.write(lambda connection: connection.execute(statement))
