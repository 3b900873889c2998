"""What has expired is forgotten: tokens, codes, tickets, answers, keys that verify nothing any more."""

from typing import Final

import sqlalchemy as sa

from storage.server_tables import (
    AUTHORIZATION_CODES,
    IDEMPOTENCY,
    REFRESH_TOKENS,
    REVOKED_TOKENS,
    SIGNING_KEYS,
    TICKETS,
)

_EXPIRING: Final = (
    AUTHORIZATION_CODES,
    IDEMPOTENCY,
    REFRESH_TOKENS,
    REVOKED_TOKENS,
    SIGNING_KEYS,
    TICKETS,
)


def sweep(connection: sa.Connection, now: float) -> int:
    """Delete what expired before `now`; returns how many rows.

    A used code and a rotated token stay until then, since their second use must be noticed.
    """
    gone = 0
    for table in _EXPIRING:
        expired = sa.and_(table.c.expires_at != 0, table.c.expires_at <= now)
        gone += connection.execute(sa.delete(table).where(expired)).rowcount
    return gone
