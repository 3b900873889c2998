"""The handlers' common ground: identity from a connection, threads, OAuth answers and bodies."""

from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar, cast

import msgspec
from litestar import MediaType, Request, Response
from litestar.connection import ASGIConnection

from sync.server.auth.authorization import Answer, Ask, parameters_of
from sync.server.auth.headers import NO_STORE, page_headers
from sync.server.auth.service import Auth
from sync.server.auth.sign_in import Visitor
from sync.server.context import address_of, principal_of, request_id_of, services_of

P = ParamSpec("P")
T = TypeVar("T")
Asking = Request[Any, Any, Any]
FORM: Final = "application/x-www-form-urlencoded"
LARGEST_FORM: Final = 16 * 1024


def auth_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Auth:
    """Identity, which the application holds in its state as `auth`."""
    return cast(Auth, connection.app.state.auth)


async def blocking(
    connection: ASGIConnection[Any, Any, Any, Any], work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run what blocks on a thread of the server's."""
    return await services_of(connection).blocking(work, *args, **kwargs)


def visitor_of(request: ASGIConnection[Any, Any, Any, Any]) -> Visitor:
    """Where a request comes from."""
    return Visitor(address_of(request), request_id_of(request))


async def form_of(request: Asking) -> list[tuple[str, str]]:
    """The parameters of a form. ValueError when the body is none, or too large."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise ValueError(f"send a form ({FORM})")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_FORM:
            raise ValueError("the form is too large")
    return parameters_of(body.decode("utf-8"))


def ask_of(request: Asking, parameters: list[tuple[str, str]]) -> Ask:
    """The request, for the authorization server."""
    return Ask(
        method=request.method,
        parameters=parameters,
        headers={"Authorization": request.headers.get("authorization", "")},
        asking=principal_of(request),
        address=address_of(request),
        request_id=request_id_of(request),
    )


def respond(answer: Answer, redirect_uri: str = "") -> Response[bytes]:
    """The HTTP response of an OAuth answer; a redirect after a form is fetched anew (303)."""
    if answer.location:
        headers = {**page_headers(redirect_uri), "Location": answer.location}
        return Response(b"", status_code=303, headers=headers, media_type=MediaType.TEXT)
    headers = {k: v for k, v in answer.headers.items() if k.lower() != "content-type"}
    return Response(
        msgspec.json.encode(dict(answer.body)),
        status_code=answer.status,
        media_type=MediaType.JSON,
        headers={**headers, **NO_STORE},
    )


def refuse(description: str, status: int = 400, error: str = "invalid_request") -> Response[bytes]:
    """An OAuth error that never got as far as the authorization server."""
    return respond(Answer(status, {"error": error, "error_description": description}))
