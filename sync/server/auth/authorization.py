"""The authorization server: Authlib's core, spoken to with plain values instead of a web framework's."""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidRequestError,
    OAuth2Payload,
    OAuth2Request,
)
from uuid_utils import uuid7

from app.ports_server import User
from sync.protocol.hosting import HOST_GRANT
from sync.server.auth import grants
from sync.server.auth.clients import SCOPES, DesktopClient, is_loopback
from sync.server.auth.host import HostGrant
from sync.server.auth.service import Auth
from sync.server.context import Principal

# Authlib writes whole tokens to its log at this level.
logging.getLogger("authlib").setLevel(logging.INFO)
MOST_PARAMETERS: Final = 40
# Where a request says it came from only serves Authlib's check for TLS, which the server's settings make.
ADDRESS: Final = "https://server.invalid/oauth2"


class Answer(NamedTuple):
    """What to send: a redirect when `location` is set, else the body as JSON."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = {}
    location: str = ""


class Ask(NamedTuple):
    """A request to an OAuth endpoint: the parameters of the query or the form, and who is signed in."""

    method: str
    parameters: Sequence[tuple[str, str]]
    headers: Mapping[str, str] = {}
    asking: Principal | None = None
    address: str = ""
    request_id: str = ""


def parameters_of(encoded: str) -> list[tuple[str, str]]:
    """The parameters of a query or a form body. ValueError when they are too many or malformed."""
    return parse_qsl(encoded, keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="strict")


class _Payload(OAuth2Payload):  # type: ignore[misc] # Authlib ships no types
    """The parameters, as Authlib wants them."""

    def __init__(self, parameters: Sequence[tuple[str, str]]) -> None:
        self._lists: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in parameters:
            self._lists[name].append(value)

    @property
    def data(self) -> dict[str, str]:
        """The first value of each that is not empty (RFC 6749, 3.1: without a value is as if omitted)."""
        return {name: values[0] for name, values in self._lists.items() if values[0]}

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        """Every value of each."""
        return self._lists


class _Request(OAuth2Request):  # type: ignore[misc] # Authlib ships no types
    """A request, as Authlib wants it."""

    client_seen: Any = None

    def __init__(self, ask: Ask) -> None:
        super().__init__(ask.method, ADDRESS, headers=dict(ask.headers))
        self.payload = _Payload(ask.parameters)
        self.asking = ask.asking

    @property
    def args(self) -> dict[str, str]:
        """The query."""
        return dict(self.payload.data)

    @property
    def form(self) -> dict[str, str]:
        """The form."""
        return dict(self.payload.data)


class DesktopAuthorization(AuthorizationServer):  # type: ignore[misc] # Authlib ships no types
    """The server for the one client there is, made anew for each request, since it knows who asks."""

    def __init__(self, auth: Auth, ask: Ask) -> None:
        super().__init__(scopes_supported=SCOPES)
        self.auth = auth
        self.ask = ask
        self.request = _Request(ask)
        if auth.settings.local_accounts:
            self.register_grant(grants.CodeGrant, [grants.S256Challenge(required=True)])
        if auth.host is not None:
            self.register_grant(HostGrant)
        self.register_grant(grants.RefreshGrant)
        self.register_endpoint(grants.Revocation)
        self.register_endpoint(grants.Introspection)
        self.register_token_generator("default", self._token)

    def note(self, type: str, *, actor: str = "", **details: Any) -> None:
        """Write to the server's chain."""
        where = {"address": self.ask.address, "request_id": self.ask.request_id}
        self.auth.journal.note(type, actor=actor, **where, **details)

    def query_client(self, client_id: str) -> DesktopClient | None:
        """The desktop, and nobody else."""
        return DesktopClient() if client_id == DesktopClient.client_id else None

    def create_oauth2_request(self, request: object) -> _Request:
        """The request that this server was made for."""
        return self.request

    def handle_response(self, status: int, body: Any, headers: Sequence[tuple[str, str]]) -> Answer:
        """The answer as plain values; an authorization response names us (RFC 9207)."""
        told = dict(headers)
        location = told.pop("Location", "")
        if location:
            location = add_params_to_uri(location, [("iss", self.auth.settings.issuer)])
        return Answer(status, body if isinstance(body, dict) else dict(body or {}), told, location)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def save_token(self, token: object, request: object) -> None:
        """Nothing: tokens are stored where they are made."""

    def _token(self, *, grant_type: str, user: User, scope: str, **_: object) -> dict[str, Any]:
        if grant_type == "authorization_code":
            code = self.request.authorization_code.code
            return self.auth.issue(
                user, client_id=code.client_id, scope=scope, sid=code.family_id, nonce=code.nonce
            )
        if grant_type == HOST_GRANT:
            return self.auth.issue(user, client_id=DesktopClient.client_id, scope=scope, sid=str(uuid7()))
        refreshed = self.request.refresh_token
        return self.auth.token_answer(
            user, client_id=refreshed.token.client_id, scope=scope, sid=refreshed.token.family_id,
            refresh_token=refreshed.successor,
        )  # fmt: skip


def _refused(error: Exception) -> Answer:
    """What a client is told of an error that Authlib did not put into an answer itself."""
    if isinstance(error, OAuth2Error):
        status, body, headers = InvalidRequestError()() if error.redirect_uri else error()
        return Answer(status, dict(body), dict(headers))
    # Authlib refuses to quote characters that a description must not have.
    return Answer(400, {"error": "invalid_request", "error_description": "a parameter is malformed"})


def _settled(answer: Answer) -> Answer:
    return answer._replace(body=dict(answer.body))


def _is_clean(ask: Ask) -> bool:
    """Whether no parameter comes twice (RFC 6749, 3.1 and 3.2) and all are printable ASCII."""
    names = [name for name, _ in ask.parameters]
    return len(names) == len(set(names)) and all(v.isascii() and v.isprintable() for _, v in ask.parameters)


def _endpoint(auth: Auth, ask: Ask, work: Callable[[DesktopAuthorization], Answer]) -> Answer:
    if not _is_clean(ask):
        return _refused(ValueError())
    try:
        return _settled(work(DesktopAuthorization(auth, ask)))
    except (OAuth2Error, ValueError) as error:
        return _refused(error)


def token(auth: Auth, ask: Ask) -> Answer:
    """The token endpoint (RFC 6749, 3.2)."""
    return _endpoint(auth, ask, lambda server: server.create_token_response())


def revoke(auth: Auth, ask: Ask) -> Answer:
    """The revocation endpoint (RFC 7009)."""
    return _endpoint(auth, ask, lambda server: server.create_endpoint_response("revocation"))


def introspect(auth: Auth, ask: Ask) -> Answer:
    """The introspection endpoint (RFC 7662)."""
    return _endpoint(auth, ask, lambda server: server.create_endpoint_response("introspection"))


def check_authorization(auth: Auth, ask: Ask) -> Answer | None:
    """What is wrong with an authorization request: None when the sign-in page may be shown.

    An error goes back to the desktop only when the redirect address is one of its own.
    """
    if not _is_clean(ask):
        return _refused(ValueError())
    server = DesktopAuthorization(auth, ask)
    try:
        server.get_consent_grant()
    except OAuth2Error as error:
        if error.redirect_uri and is_loopback(error.redirect_uri):
            return _settled(server.handle_error_response(server.request, error))
        return _refused(error)
    except ValueError as error:
        return _refused(error)
    return None


def grant(auth: Auth, ask: Ask, user: User | None) -> Answer:
    """The redirect with a code for a user who has signed in, or with the refusal when None.

    Consent is implied: the only client is our own desktop, and it asks for what the account may do.
    """

    def work(server: DesktopAuthorization) -> Answer:
        found = server.get_consent_grant()
        answer: Answer = server.create_authorization_response(server.request, grant_user=user, grant=found)
        return answer

    return _endpoint(auth, ask, work)
