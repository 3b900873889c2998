"""Who asks, and whether they may: the middleware that reads tokens and the guard that keeps the table."""

from typing import Any, Final

from litestar.connection import ASGIConnection, Request
from litestar.enums import ScopeType
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from app.ports_server import GUESTS, Role, User
from sync.server.auth import journal
from sync.server.auth.headers import only_over_tls
from sync.server.auth.roles import Need, Verdict, judge, key_of, need_of
from sync.server.auth.service import Auth
from sync.server.auth.tickets import take_ticket
from sync.server.auth.tokens import DEFAULT_SCOPE, DISABLED, REVOKED, InvalidToken
from sync.server.auth.web import auth_of, blocking, visitor_of
from sync.server.context import Principal, principal_of
from sync.server.errors import Problem

BEARER: Final = "Bearer"
MODELS: Final = "threat_models"
NOT_READY: Final = "the host is getting the model ready; try again in a moment"
NOTED: Final = frozenset({REVOKED, DISABLED})
SIGN_IN: Final = {"WWW-Authenticate": f'{BEARER} realm="tmi"'}


def _principal(user: User, token_id: str, sign_in_id: str, good_until: float, scope: str) -> Principal:
    return Principal(
        user_id=user.id, name=user.name, provider=user.provider, administrator=user.administrator,
        token_id=token_id, sign_in_id=sign_in_id, good_until=good_until, scopes=frozenset(scope.split()),
    )  # fmt: skip


def principal_of_token(auth: Auth, token: str) -> Principal:
    """Who an access token stands for. InvalidToken when it is not accepted, or its user is out."""
    claims = auth.signer.verify(token)
    user = auth.stores.users.get(claims.sub)
    if user is None or user.disabled:
        raise InvalidToken(DISABLED)
    return _principal(user, claims.jti, claims.sid, claims.exp, claims.scope)


def principal_of_ticket(auth: Auth, ticket: str, model_id: str) -> Principal:
    """Who a ticket stands for; it is used up. InvalidToken when it is not accepted."""
    taken = take_ticket(auth, ticket, model_id)
    if taken is None:
        raise InvalidToken("the ticket is not valid")
    user, behind = taken
    return _principal(user, behind.token_id, behind.sign_in_id, behind.good_until, DEFAULT_SCOPE)


def model_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The id of the model that an address names; "" when it names none."""
    parts = connection.scope["path"].strip("/").split("/")
    if len(parts) > 1 and parts[0] == MODELS and "/{" in connection.scope["path_template"]:
        return str(parts[1])
    return ""


async def _identified(connection: ASGIConnection[Any, Any, Any, Any]) -> Principal | None:
    """Who asks; None for nobody. InvalidToken when they show something that is not accepted."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == BEARER.lower():
        return await blocking(connection, principal_of_token, auth_of(connection), token.strip())
    ticket = connection.query_params.get("ticket")
    if connection.scope["type"] == ScopeType.WEBSOCKET and ticket:
        return await blocking(
            connection, principal_of_ticket, auth_of(connection), ticket, model_of(connection)
        )
    return None


class Authenticate(ASGIMiddleware):
    """Sets `connection.user` to a Principal or None. Refusing is the guard's part: some doors are open."""

    scopes = (ScopeType.HTTP, ScopeType.WEBSOCKET)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Find out who asks, and go on."""
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope, receive, send)
        if scope["type"] == ScopeType.HTTP and auth_of(connection).settings.tls:
            send = only_over_tls(send)
        scope["user"] = scope["auth"] = None
        try:
            scope["user"] = await _identified(connection)
        except InvalidToken as error:
            scope["auth"] = str(error)
        await next_app(scope, receive, send)


def role_on(auth: Auth, principal: Principal, model_id: str) -> Role | None:
    """The role of somebody on a model, as it is at this moment; an administrator counts as owner. Blocks."""
    if principal.administrator:
        return "owner"
    return auth.stores.access.role(model_id, principal.user_id, auth.clock())


async def enforce_roles(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The guard of every route: lets through what the table allows, raises a Problem otherwise."""
    is_http = connection.scope["type"] == ScopeType.HTTP
    method = connection.scope["method"] if isinstance(connection, Request) and is_http else "WS"
    template = connection.scope["path_template"]
    need, principal, model_id = need_of(method, template), principal_of(connection), model_of(connection)
    host = auth_of(connection).host
    if principal is not None and host is not None and host.keeps_out(principal.user_id):
        _turn_away(connection, Problem("UNAVAILABLE", NOT_READY, headers={"Retry-After": "1"}))
        return
    role = None
    if principal and model_id and need is not None and need >= Need.READER:
        role = await blocking(connection, role_on, auth_of(connection), principal, model_id)
        connection.scope.setdefault("state", {})["role"] = role
    verdict = judge(
        need,
        signed_in=principal is not None,
        role=role,
        administrator=principal is not None and principal.administrator,
        guest=principal is not None and principal.provider == GUESTS,
    )
    if verdict != "allow":
        await _note(connection, verdict, key_of(method, template), model_id)
        _turn_away(connection, _problem(verdict, connection.scope.get("auth") or "", model_id))


def _turn_away(connection: ASGIConnection[Any, Any, Any, Any], problem: Problem) -> None:
    if connection.scope["type"] == ScopeType.HTTP:
        raise problem
    # Raised here, every refusal of a socket would be a bare 403: its handler answers the handshake.
    connection.scope.setdefault("state", {})["refused"] = problem


def refusal_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Problem | None:
    """Why the guard does not let a socket in; None when it does."""
    found: Problem | None = connection.scope.get("state", {}).get("refused")
    return found


def role_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Role | None:
    """The role that the guard has found for a request about a model."""
    found: Role | None = connection.scope.get("state", {}).get("role")
    return found


async def _note(
    connection: ASGIConnection[Any, Any, Any, Any], verdict: Verdict, endpoint: str, model_id: str
) -> None:
    """Keep refusals of people; what strangers and old tokens try is noise that would fill the chain."""
    principal, reason = principal_of(connection), connection.scope.get("auth") or ""
    if principal is None and reason not in NOTED:
        return
    visitor = visitor_of(connection)
    await blocking(
        connection, auth_of(connection).journal.note, journal.DENIED,
        actor=principal.user_id if principal else "", model_id=model_id, address=visitor.address,
        request_id=visitor.request_id, endpoint=endpoint, verdict=verdict, reason=reason,
    )  # fmt: skip


def _problem(verdict: Verdict, reason: str, model_id: str) -> Problem:
    if verdict == "401" and reason:
        told = f'{SIGN_IN["WWW-Authenticate"]}, error="invalid_token", error_description="{reason}"'
        said = "Your sign-in is not valid any more"
        return Problem("UNAUTHORIZED", said, headers={"WWW-Authenticate": told})
    if verdict == "401":
        return Problem("UNAUTHORIZED", headers=SIGN_IN)
    if verdict == "404":
        return Problem("NOT_FOUND", "There is no such threat model" if model_id else "")
    return Problem("FORBIDDEN")
