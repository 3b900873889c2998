"""How many requests are taken: by user, or by address where nobody is signed in; fewer for signing in.

Edits of somebody who is signed in are never counted: nobody is to be held up for working fast.
"""

import math
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from sync.server.context import address_of, principal_of, services_of
from sync.server.errors import Problem

WINDOW: Final = 60.0
STRICT: Final = ("/oauth2/", "/invites/", "/join")
FREE: Final = frozenset({"/health", "/ready", "/metrics"})
EDITS: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class RateLimit(ASGIMiddleware):
    """Counts requests after it is known who asks."""

    scopes = (ScopeType.HTTP, ScopeType.WEBSOCKET)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let through, or refuse with the time to wait."""
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope, receive, send)
        await _count(connection)
        await next_app(scope, receive, send)


async def _count(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    services, principal = services_of(connection), principal_of(connection)
    server, path = services.settings.server, connection.scope["path"]
    method = str(connection.scope.get("method", "GET"))
    if path in FREE or method == "OPTIONS":
        return
    address = address_of(connection)
    if path.startswith(STRICT):
        scope, key, most = "auth", f"rate_limit:{address}:auth", server.auth_requests_per_minute
    elif principal is None:
        scope, key, most = "address", f"rate_limit:{address}:all", server.requests_per_minute_address
    elif method in EDITS:
        return
    else:
        scope, key, most = "user", f"rate_limit:{principal.user_id}:all", server.requests_per_minute
    now = services.clock()
    count, ends = await services.coordination.rate_limits.hit(key, WINDOW, now)
    if count > most:
        services.metrics.rate_limited.labels(scope).inc()
        wait = str(max(1, math.ceil(ends - now)))
        raise Problem("RATE_LIMITED", headers={"Retry-After": wait})
