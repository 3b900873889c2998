"""The OAuth endpoints for programs: tokens, revocation, introspection, who I am, discovery, keys."""

from typing import Any, Final

from litestar import MediaType, Response, get, post
from litestar.types import ControllerRouterHandler

from sync.server.auth import authorization
from sync.server.auth.clients import SCOPES
from sync.server.auth.settings import TokenSettings
from sync.server.auth.web import Asking, ask_of, auth_of, blocking, form_of, refuse, respond
from sync.server.context import principal_of
from sync.server.errors import Problem

PUBLIC_FOR_AN_HOUR = {"Cache-Control": "public, max-age=3600"}
PUBLIC_FOR_A_MINUTE = {"Cache-Control": "public, max-age=60"}


@post("/oauth2/token", status_code=200, include_in_schema=False)
async def token(request: Asking) -> Response[bytes]:
    """Exchange a code or a refresh token (RFC 6749, 3.2)."""
    try:
        ask = ask_of(request, await form_of(request))
    except ValueError as error:
        return refuse(str(error))
    return respond(await blocking(request, authorization.token, auth_of(request), ask))


@post("/oauth2/revoke", status_code=200, include_in_schema=False)
async def revoke(request: Asking) -> Response[bytes]:
    """End a token (RFC 7009)."""
    try:
        ask = ask_of(request, await form_of(request))
    except ValueError as error:
        return refuse(str(error))
    return respond(await blocking(request, authorization.revoke, auth_of(request), ask))


@post("/oauth2/introspect", status_code=200, include_in_schema=False)
async def introspect(request: Asking) -> Response[bytes]:
    """Tell about a token (RFC 7662)."""
    try:
        ask = ask_of(request, await form_of(request))
    except ValueError as error:
        return refuse(str(error))
    return respond(await blocking(request, authorization.introspect, auth_of(request), ask))


@get("/oauth2/userinfo", include_in_schema=False)
async def userinfo(request: Asking) -> Response[dict[str, Any]]:
    """Who is signed in (OpenID Connect Core, 5.3)."""
    principal = principal_of(request)
    user = (
        await blocking(request, auth_of(request).stores.users.get, principal.user_id) if principal else None
    )
    if user is None:
        raise Problem("UNAUTHORIZED", headers={"WWW-Authenticate": "Bearer"})
    body: dict[str, Any] = {"sub": user.id, "name": user.name, "idp": user.provider}
    if user.email:
        body |= {"email": user.email, "email_verified": user.email_verified}
    return Response(body, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})


@get("/.well-known/jwks.json", include_in_schema=False)
async def key_set(request: Asking) -> Response[dict[str, Any]]:
    """The public keys that access tokens are signed with (RFC 7517)."""
    keys = await blocking(request, auth_of(request).signer.keys.public)
    return Response(keys, media_type=MediaType.JSON, headers=PUBLIC_FOR_A_MINUTE)


_WITHOUT_CODES: Final = {"response_types_supported": [], "grant_types_supported": ["refresh_token"]}


def _with_codes(issuer: str) -> dict[str, Any]:
    return {
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
    }


def metadata(settings: TokenSettings) -> dict[str, Any]:
    """What the server can do (RFC 8414; OpenID Connect Discovery 1.0, 3)."""
    issuer = settings.issuer
    return {
        "issuer": issuer,
        **(_with_codes(issuer) if settings.local_accounts else _WITHOUT_CODES),
        "token_endpoint": f"{issuer}/oauth2/token",
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "introspection_endpoint": f"{issuer}/oauth2/introspect",
        "userinfo_endpoint": f"{issuer}/oauth2/userinfo",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": list(SCOPES),
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "introspection_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": True,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [settings.algorithm],
        "claims_supported": ["sub", "name", "email", "email_verified", "idp", "iss", "aud", "exp", "iat"],
        "ui_locales_supported": ["en"],
    }


@get(
    ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"], include_in_schema=False
)
async def discovery(request: Asking) -> Response[dict[str, Any]]:
    """The discovery documents."""
    body = metadata(auth_of(request).settings)
    return Response(body, media_type=MediaType.JSON, headers=PUBLIC_FOR_AN_HOUR)


HANDLERS: list[ControllerRouterHandler] = [token, revoke, introspect, userinfo, key_set, discovery]
