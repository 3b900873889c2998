"""What an endpoint is, and what each is put through: who asks, of which shape, for which version, once."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler

from app.domain.patch import decode_json
from app.ports_server import GUESTS, StoredResponse
from app.ports_server import Role as RoleName
from sync.protocol.codec import is_too_deep
from sync.protocol.messages import Role
from sync.server.auth.web import auth_of
from sync.server.context import (
    Principal,
    Services,
    address_of,
    principal_of,
    request_id_of,
    services_of,
)
from sync.server.errors import Problem, problem_of
from sync.server.responses import Answer, sent, stored
from sync.server.rest.shapes import Mismatch, Shape, check

Needs: TypeAlias = Literal[
    "nobody", "user", "account", "reader", "writer", "owner", "founder", "administrator"
]
RANK: Final[Mapping[str, int]] = {"reader": 1, "writer": 2, "owner": 3, "founder": 3}
_VERSION: Final = re.compile(r'(?:W/)?"?(\d{1,16})"?\Z')
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}\Z")


@dataclass(frozen=True)
class Query:
    """A parameter of the address."""

    name: str
    shape: Shape
    text: str = ""
    many: bool = False
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request that has been let in. `expected` is the version in If-Match, None for any."""

    services: Services
    request: Request[Any, Any, Any]
    user: Principal | None
    role: RoleName | None
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    expected: int | None

    @property
    def principal(self) -> Principal:
        """Who asks; only where somebody must be signed in."""
        if self.user is None:
            raise Problem("UNAUTHORIZED")
        return self.user

    @property
    def model_id(self) -> str:
        """The threat model that is asked for."""
        return self.path["threat_model_id"]

    @property
    def now(self) -> float:
        """The time, in seconds since 1970."""
        return self.services.clock()

    @property
    def remote_address(self) -> str:
        """Where the request comes from."""
        return address_of(self.request)

    @property
    def room_role(self) -> Role | None:
        """The role, as rooms know it."""
        return Role(self.role) if self.role is not None else None

    async def note(self, event: str, subject: str = "", **details: Any) -> None:
        """Write an event into the server's own chain."""
        await self.services.blocking(
            auth_of(self.request).journal.note, event, actor=self.user.user_id if self.user else "",
            subject=subject, model_id=self.path.get("threat_model_id", ""), address=self.remote_address,
            request_id=request_id_of(self.request), **details,
        )  # fmt: skip


Run: TypeAlias = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One method of one address. `body` and `data` are schemas; `path` has its parameters in braces."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    name: str
    tag: str
    needs: Needs
    run: Run
    data: Shape
    text: str = ""
    body: Shape | None = None
    query: tuple[Query, ...] = ()
    status: int = 200
    errors: tuple[str, ...] = ()
    versioned: bool = False
    parameters: Mapping[str, Shape] = field(default_factory=dict)
    in_bin: bool = False
    also: tuple[int, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET"

    @property
    def of_model(self) -> bool:
        """Whether it is about one threat model."""
        return "{threat_model_id}" in self.path


def handler_of(endpoint: Endpoint, names: Mapping[str, Shape]) -> HTTPRouteHandler:
    """The Litestar handler of an endpoint. `names` are the named schemas."""

    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        call = await _let_in(endpoint, request, names)
        return sent(await _once(endpoint, call))

    path = re.sub(r"\{(\w+)\}", r"{\1:str}", endpoint.path)
    made = HTTPRouteHandler(
        path, http_method=endpoint.method, name=endpoint.name, include_in_schema=False,
        opt={"needs": endpoint.needs, "endpoint": endpoint}, status_code=endpoint.status,
    )  # fmt: skip
    return made(handle)


async def _let_in(endpoint: Endpoint, request: Request[Any, Any, Any], names: Mapping[str, Shape]) -> Call:
    services, user = services_of(request), principal_of(request)
    if user is None and endpoint.needs != "nobody":
        raise Problem("UNAUTHORIZED", headers={"WWW-Authenticate": "Bearer"})
    path = {name: str(value) for name, value in request.path_params.items()}
    for name, value in path.items():
        try:
            check(value, endpoint.parameters[name], name, names)
        except Mismatch:
            raise Problem("NOT_FOUND") from None
    role = await _role(endpoint, services, user, path, request)
    query = _query(endpoint, request, names)
    body = await _body(endpoint, request, names)
    return Call(
        services=services, request=request, user=user, role=role, path=path, query=query, body=body,
        expected=_expected(endpoint, request, services),
    )  # fmt: skip


async def _role(
    endpoint: Endpoint, services: Services, user: Principal | None, path: Mapping[str, str],
    request: Request[Any, Any, Any],
) -> RoleName | None:  # fmt: skip
    """The caller's role on the model. A model that one may not see is not there; a lesser role is told so."""
    if user is None:
        return None
    if endpoint.needs == "administrator" and not user.administrator:
        raise Problem("FORBIDDEN", "Only an administrator may do that")
    if endpoint.needs in ("account", "founder") and user.provider == GUESTS and not user.administrator:
        raise Problem("FORBIDDEN", "Guests may not do that")
    if not endpoint.of_model:
        return None
    model_id = path["threat_model_id"]
    now = services.clock()
    entry = await services.blocking(
        services.stores.catalogue.model, model_id, None if user.administrator else user.user_id, now
    )
    if entry is None and endpoint.needs == "founder":
        return None
    if entry is None or (entry.deleted_at and not endpoint.in_bin):
        raise Problem("NOT_FOUND", "There is no such threat model")
    role: RoleName | None = "owner" if user.administrator else entry.role
    if role is None:
        raise Problem("NOT_FOUND", "There is no such threat model")
    if RANK[role] < RANK.get(endpoint.needs, 0):
        await services.blocking(
            services.stores.chain.append, "denied", now=now, actor=user.user_id, model_id=model_id,
            address=address_of(request), request_id=request_id_of(request),
            details={"endpoint": endpoint.name, "role": role},
        )  # fmt: skip
        raise Problem("FORBIDDEN", f"Only a {endpoint.needs} of the threat model may do that")
    return role


def _query(endpoint: Endpoint, request: Request[Any, Any, Any], names: Mapping[str, Shape]) -> dict[str, Any]:
    known = {one.name: one for one in endpoint.query}
    found: dict[str, Any] = {}
    for name, values in request.query_params.dict().items():
        if name not in known:
            raise Problem("VALIDATION_ERROR", details={"field": name[:60], "reason": "is not a parameter"})
        one = known[name]
        if len(values) > 1:
            raise Problem("VALIDATION_ERROR", details={"field": name, "reason": "is there more than once"})
        raw = str(values[0])
        value: Any = raw.split(",") if one.many else _plain(raw, one.shape)
        _matching(value, one.shape, name, names)
        found[name] = value
    for name, one in known.items():
        if one.required and name not in found:
            raise Problem("VALIDATION_ERROR", details={"field": name, "reason": "is missing"})
    return found


def _plain(raw: str, shape: Shape) -> Any:
    """A parameter's text as what its shape says; the text itself when it is no such thing."""
    wanted = shape.get("type")
    if wanted == "integer" and re.fullmatch(r"-?\d{1,16}", raw, re.ASCII):
        return int(raw)
    if wanted == "number" and re.fullmatch(r"-?\d{1,16}(\.\d{1,16})?", raw, re.ASCII):
        return float(raw)
    if wanted == "boolean" and raw in ("true", "false"):
        return raw == "true"
    return raw


def _matching(value: Any, shape: Shape, place: str, names: Mapping[str, Shape]) -> None:
    try:
        check(value, shape, place, names)
    except Mismatch as error:
        details = {"field": error.place, "reason": error.reason}
        raise Problem("VALIDATION_ERROR", f"Request validation failed: {error}", details) from None


async def _body(endpoint: Endpoint, request: Request[Any, Any, Any], names: Mapping[str, Shape]) -> Any:
    if endpoint.body is None:
        return None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/json", "application/merge-patch+json"):
        raise Problem("UNSUPPORTED_MEDIA_TYPE")
    try:
        raw = await asyncio.wait_for(request.body(), services_of(request).settings.server.read_timeout)
    except TimeoutError:
        raise Problem("BAD_REQUEST", "The body did not arrive in time") from None
    if is_too_deep_for(raw):
        raise Problem("VALIDATION_ERROR", "The body is nested too deeply")
    body = decode_json(raw, what="body")
    _matching(body, endpoint.body, "", names)
    return body


def is_too_deep_for(raw: bytes) -> bool:
    """Whether a body is nested deeper than any that is understood; what is no JSON is not."""
    try:
        msgspec.json.decode(raw, type=msgspec.Raw)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return False
    return is_too_deep(raw)


def _expected(endpoint: Endpoint, request: Request[Any, Any, Any], services: Services) -> int | None:
    """The version in If-Match."""
    given = request.headers.get("if-match")
    if not endpoint.versioned:
        return None
    if given is None:
        if services.settings.server.require_if_match:
            raise Problem("PRECONDITION_REQUIRED")
        return None
    if given.strip() == "*":
        return None
    found = _VERSION.match(given.strip())
    if found is None:
        raise Problem("BAD_REQUEST", "If-Match must be a version as ETag gave it, or *")
    return int(found[1])


async def _once(endpoint: Endpoint, call: Call) -> StoredResponse:
    """Do it; with an Idempotency-Key once, whatever comes again gets the first answer."""
    key = call.request.headers.get("idempotency-key")
    if key is None or not endpoint.writes or call.user is None:
        return stored(call.request, await endpoint.run(call))
    if not _KEY.match(key):
        raise Problem("BAD_REQUEST", "An Idempotency-Key has 1 to 255 visible characters")
    services, store = call.services, call.services.stores.idempotency
    who = (key, call.user.user_id, endpoint.method, call.request.url.path)
    digest = hashlib.sha256(
        call.request.url.query.encode() + b"\0" + str(call.expected).encode() + b"\0"
        + await call.request.body()
    ).digest()  # fmt: skip
    expires = call.now + services.settings.server.idempotency_seconds
    claim = await services.blocking(store.claim, *who, digest, now=call.now, expires_at=expires)
    if claim.state == "done" and claim.response is not None:
        again = {**claim.response.headers, "Idempotency-Replayed": "true"}
        return StoredResponse(claim.response.status, again, claim.response.body)
    if claim.state != "fresh":
        raise Problem("IDEMPOTENCY_CONFLICT")
    try:
        response = stored(call.request, await endpoint.run(call))
    except BaseException as error:
        # An answer that cannot change by trying again is kept out of the store too: it did nothing.
        await services.blocking(store.abandon, *who)
        if isinstance(error, Exception):
            raise problem_of(error) from error
        raise
    await services.blocking(store.finish, *who, response)
    return response
