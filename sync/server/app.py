"""The application: routes, middleware, the exception map and the life of the server, from its services."""

import logging
import re
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler, Guard, Message, Middleware, Scope, Send
from uuid_utils import uuid4

from sync.server.context import Services
from sync.server.errors import Problem, problem_of
from sync.server.limits import RateLimit
from sync.server.logs import HTTP
from sync.server.responses import JSON, refused
from sync.server.rest.endpoint import Endpoint, handler_of
from sync.server.rest.health import metrics
from sync.server.rest.openapi import document
from sync.server.rest.table import all_endpoints, schemas

TITLE: Final = "TMI"
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
)
_EXPOSED: Final = ["ETag", "Location", "X-Request-ID", "Retry-After", "Idempotency-Replayed"]


class Server(Litestar):
    """Gives every request its id and its true address before anything else sees it, and notes its end."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve."""
        if scope["type"] not in ("http", "websocket"):
            await super().__call__(scope, receive, send)
            return
        services = cast(Services, self.state.services)
        state = scope.setdefault("state", {})
        headers = dict(scope.get("headers", ()))
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        state["request_id"] = given if _REQUEST_ID.match(given) else str(uuid4())
        state["address"] = _address(scope, headers, services.settings.server.trusted_proxies)
        await super().__call__(scope, receive, _Ending(scope, send, services))


def _address(scope: Any, headers: dict[bytes, bytes], trusted: Sequence[str]) -> str:
    """The last address that none of our own proxies has."""
    client = scope.get("client")
    address = client[0] if client else ""
    for hop in reversed(headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")):
        if address not in trusted or not hop.strip():
            break
        address = hop.strip()[:64]
    return str(address)


class _Ending:
    """Sends what is sent, with our headers, and notes how the request ended."""

    def __init__(self, scope: Scope, send: Send, services: Services) -> None:
        self._scope = scope
        self._send = send
        self._services = services
        self._began = time.perf_counter()

    async def __call__(self, message: Message) -> None:
        """Send one message."""
        if message["type"] == "http.response.start":
            held = list(message.get("headers", ()))
            there = {name.lower() for name, _ in held}
            request_id = str(self._scope["state"]["request_id"]).encode()
            for name, value in (*_HEADERS, (b"x-request-id", request_id)):
                if name not in there:
                    held.append((name, value))
            message["headers"] = held
            self._note(message["status"])
        await self._send(message)

    def _note(self, status: int) -> None:
        scope, seconds = self._scope, time.perf_counter() - self._began
        method = str(scope.get("method", ""))
        route = str(scope.get("path_template") or "unknown")
        self._services.metrics.requests.labels(method, route, str(status)).inc()
        self._services.metrics.request_seconds.labels(method, route).observe(seconds)
        principal = scope.get("user")
        fields = {
            "request_id": scope["state"]["request_id"], "method": method, "route": route, "status": status,
            "milliseconds": round(seconds * 1000, 2), "address": scope["state"]["address"],
            "user": getattr(principal, "user_id", ""),
        }  # fmt: skip
        HTTP.log(logging.WARNING if status >= 500 else logging.INFO, "request", extra={"fields": fields})


def _answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The exception map: whatever is raised becomes one answer in the wrapper."""
    problem = problem_of(error)
    if problem.status == 405:
        problem.headers.pop("allow", None)
        problem.headers["Allow"] = ", ".join(_allowed(request))
    if problem.code == "INTERNAL_ERROR":
        fields = {"request_id": request.scope["state"].get("request_id", "")}
        HTTP.error("an error that nobody expected", exc_info=error, extra={"fields": fields})
    return refused(request, problem)


def _allowed(request: Request[Any, Any, Any]) -> list[str]:
    """The methods that an address takes."""
    endpoints = cast("list[Endpoint]", request.app.state.endpoints)
    path = request.scope["path"].rstrip("/") or "/"
    found = {"OPTIONS"}
    for one in endpoints:
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one.path), path):
            found.add(one.method)
    return sorted(found)


def create_app(
    services: Services, *, authenticate: Middleware, endpoints: Iterable[Endpoint] = (),
    routes: Sequence[ControllerRouterHandler] = (), state: dict[str, Any] | None = None,
    guards: Sequence[Guard] = (),
) -> Server:  # fmt: skip
    """The server's ASGI application.

    `authenticate` sets `connection.user` to a Principal or None; `endpoints` and `routes` are those of
    identity and of the live channel, `state` what they look for in `app.state`. Whoever made the
    services closes them after the application has stopped.
    """
    names, table = schemas(), all_endpoints(endpoints)
    server = services.settings.server
    whole = document(table, names, title=TITLE, version=services.version, address=services.settings.base_url)
    description = msgspec.json.encode(whole)

    @get("/openapi.json", include_in_schema=False, opt={"needs": "nobody"}, sync_to_thread=False)
    def openapi() -> Response[bytes]:
        return Response(description, media_type=JSON)

    async def drain(_: Litestar) -> None:
        await services.rooms.drain(server.shutdown_timeout)

    return Server(
        route_handlers=[*(handler_of(one, names) for one in table), metrics, openapi, *routes],
        middleware=[authenticate, RateLimit()],
        guards=guards,
        exception_handlers={Exception: _answer_error, HTTPException: _answer_error, Problem: _answer_error},
        cors_config=CORSConfig(
            allow_origins=list(server.cors_origins), expose_headers=_EXPOSED, max_age=600,
            allow_headers=["authorization", "content-type", "if-match", "idempotency-key", "x-request-id"],
        ) if server.cors_origins else None,
        request_max_body_size=server.max_body_bytes,
        on_shutdown=[drain],
        openapi_config=None,
        logging_config=None,
        state=State({"services": services, "endpoints": table, **(state or {})}),
        debug=False,
    )  # fmt: skip
