"""Authlib's grants and token endpoints over our store: codes, refreshing, revocation, introspection."""

from dataclasses import dataclass
from typing import Any, Final

from authlib.oauth2.rfc6749 import (
    AuthorizationCodeMixin,
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Request,
    TokenMixin,
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from uuid_utils import uuid7

from app.ports_server import GUESTS, AuthorizationCode, RefreshToken, User
from sync.server.auth import journal
from sync.server.auth.secrets import digest, new_secret
from sync.server.auth.tokens import Claims, InvalidToken

NONCE_LONGEST: Final = 256


class S256Challenge(CodeChallenge):  # type: ignore[misc] # Authlib ships no types
    """PKCE with S256 only, and never without."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Refuse an authorization request without a challenge, or with a plain one."""
        data = grant.request.payload.data
        if not data.get("code_challenge"):
            raise InvalidRequestError("Missing 'code_challenge'")
        if data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Unsupported 'code_challenge_method'")
        super().validate_code_challenge(grant, redirect_uri)


class StoredCode(AuthorizationCodeMixin):  # type: ignore[misc] # Authlib ships no types
    """A code that has been taken from the store, as Authlib looks at it."""

    code_challenge_method = "S256"

    def __init__(self, code: AuthorizationCode) -> None:
        self.code = code
        self.code_challenge = code.challenge

    def get_redirect_uri(self) -> str:
        """The redirect address that the code was made for."""
        return self.code.redirect_uri

    def get_scope(self) -> str:
        """What the code stands for."""
        return self.code.scope


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc] # Authlib ships no types
    """Authorization code, used up by the first who presents it (RFC 6749, 4.1.2)."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        """Keep the digest of a code, with all that it is bound to."""
        auth = self.server.auth
        self.server.auth.stores.tokens.keep_code(
            AuthorizationCode(
                digest=digest(code),
                user_id=request.user.id,
                client_id=request.client.get_client_id(),
                redirect_uri=request.payload.redirect_uri,
                challenge=request.payload.data["code_challenge"],
                family_id=str(uuid7()),
                scope=request.scope or "",
                nonce=(request.payload.data.get("nonce") or "")[:NONCE_LONGEST],
                expires_at=auth.clock() + auth.settings.code_seconds,
            )
        )

    def query_authorization_code(self, code: str, client: Any) -> StoredCode | None:
        """Use a code up; presenting it once more ends what it was exchanged for."""
        auth = self.server.auth
        taken = auth.stores.tokens.take_code(digest(code), auth.clock())
        found: AuthorizationCode | None = taken.code
        if taken.outcome == "used" and found is not None:
            auth.signer.end_sign_in(found.family_id)
            self.server.note(journal.TOKEN_REUSED, actor=found.user_id, what="authorization code")
        if taken.outcome != "taken" or found is None or found.client_id != client.get_client_id():
            return None
        return StoredCode(found)

    def delete_authorization_code(self, authorization_code: StoredCode) -> None:
        """Nothing: it was used up when it was read."""

    def authenticate_user(self, authorization_code: StoredCode) -> User | None:
        """The user of a code, unless disabled since."""
        user: User | None = self.server.auth.stores.users.get(authorization_code.code.user_id)
        return None if user is None or user.disabled else user


class StoredToken(TokenMixin):  # type: ignore[misc] # Authlib ships no types
    """A refresh token as Authlib looks at it; `successor` is the secret that takes its place."""

    def __init__(self, token: RefreshToken, successor: str = "") -> None:
        self.token = token
        self.successor = successor

    def check_client(self, client: Any) -> bool:
        """Whether the client is the one that the token was given to."""
        return bool(self.token.client_id == client.get_client_id())

    def get_scope(self) -> str:
        """What was granted."""
        return self.token.scope


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc] # Authlib ships no types
    """Refreshing with rotation: a token that comes a second time ends its whole family (RFC 9700, 4.14)."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> StoredToken | None:
        """Exchange the token for its successor; None when it is refused."""
        auth = self.server.auth
        stored = auth.stores.tokens.refresh_token(digest(refresh_token))
        if stored is None or not StoredToken(stored).check_client(self.request.client_seen):
            return None
        if auth.stores.tokens.is_revoked(stored.family_id):
            return None
        self._validate_token_scope(StoredToken(stored))  # before it is used up
        now, successor = auth.clock(), new_secret()
        redeemed = auth.stores.tokens.redeem_refresh_token(
            digest(refresh_token),
            digest(successor),
            now=now,
            expires_at=self._end_of_successor(stored, now),
            grace=auth.settings.grace_seconds,
        )
        if redeemed.outcome == "reused":
            auth.signer.end_sign_in(stored.family_id)
            self.server.note(journal.TOKEN_REUSED, actor=stored.user_id, what="refresh token")
        if redeemed.outcome not in ("rotated", "grace"):
            return None
        return StoredToken(redeemed.successor or stored, successor)

    def _end_of_successor(self, stored: RefreshToken, now: float) -> float:
        """When the next token ends; a guest's stay is not made longer by refreshing."""
        auth = self.server.auth
        user = auth.stores.users.get(stored.user_id)
        if user is not None and user.provider == GUESTS:
            return stored.expires_at
        return float(now + auth.settings.refresh_seconds)

    def _validate_request_client(self) -> Any:
        client = super()._validate_request_client()
        self.request.client_seen = client
        return client

    def authenticate_user(self, refresh_token: StoredToken) -> User | None:
        """The user of a token, unless disabled since."""
        user: User | None = self.server.auth.stores.users.get(refresh_token.token.user_id)
        return None if user is None or user.disabled else user

    def revoke_old_credential(self, refresh_token: StoredToken) -> None:
        """Nothing: it was used up when it was exchanged."""


@dataclass(frozen=True)
class Presented:
    """A token that somebody asks about: an access token's claims, or a stored refresh token."""

    claims: Claims | None = None
    refresh: RefreshToken | None = None
    now: float = 0.0

    @property
    def user_id(self) -> str:
        """Whose token it is."""
        return self.claims.sub if self.claims else self.refresh.user_id if self.refresh else ""

    def check_client(self, client: Any) -> bool:
        """Whether the client is the one that the token was given to."""
        owner = self.claims.client_id if self.claims else self.refresh.client_id if self.refresh else ""
        return bool(owner == client.get_client_id())

    def is_expired(self) -> bool:
        """Access tokens that have expired are not found at all."""
        return self.refresh is not None and 0 < self.refresh.expires_at <= self.now

    def is_revoked(self) -> bool:
        """Rotated tokens count as revoked."""
        return self.refresh is not None and (self.refresh.revoked or bool(self.refresh.rotated_at))


def _present(auth: Any, token: str) -> Presented | None:
    if token.count(".") == 2:
        try:
            return Presented(claims=auth.signer.verify(token))
        except InvalidToken:
            return None
    stored = auth.stores.tokens.refresh_token(digest(token))
    return Presented(refresh=stored, now=auth.clock()) if stored else None


class Revocation(RevocationEndpoint):  # type: ignore[misc] # Authlib ships no types
    """RFC 7009. A refresh token takes its sign-in with it; an unknown token is no error."""

    CLIENT_AUTH_METHODS = ("none",)

    def query_token(self, token_string: str, token_type_hint: str | None) -> Presented | None:
        """The token, whatever the hint says."""
        return _present(self.server.auth, token_string)

    def revoke_token(self, token: Presented, request: OAuth2Request) -> None:
        """End it."""
        if token.claims:
            self.server.auth.signer.revoke(token.claims)
        elif token.refresh:
            self.server.auth.signer.end_sign_in(token.refresh.family_id)
            self.server.note(journal.SIGNED_OUT, actor=token.user_id)


class Introspection(IntrospectionEndpoint):  # type: ignore[misc] # Authlib ships no types
    """RFC 7662, for somebody who is signed in and asks about a token of their own, or an administrator."""

    CLIENT_AUTH_METHODS = ("none",)

    def query_token(self, token_string: str, token_type_hint: str | None) -> Presented | None:
        """The token, whatever the hint says."""
        return _present(self.server.auth, token_string)

    def check_permission(self, token: Presented, client: Any, request: OAuth2Request) -> bool:
        """Whether the asking user may know; else the token counts as inactive."""
        asking = request.asking
        user = self.server.auth.stores.users.get(token.user_id)
        if asking is None or user is None or user.disabled:
            return False
        return bool(asking.administrator or asking.user_id == token.user_id)

    def introspect_token(self, token: Presented) -> dict[str, Any]:
        """What is told of a token in force."""
        issuer = self.server.auth.settings.issuer
        if token.claims:
            said = token.claims
            return {
                "token_type": "Bearer", "client_id": said.client_id, "scope": said.scope, "sub": said.sub,
                "username": said.name, "aud": said.aud, "iss": issuer, "exp": said.exp, "iat": said.iat,
                "jti": said.jti,
            }  # fmt: skip
        kept = token.refresh
        if kept is None:
            raise InvalidGrantError()
        return {
            "token_type": "refresh_token", "client_id": kept.client_id, "scope": kept.scope,
            "sub": kept.user_id, "iss": issuer, "exp": int(kept.expires_at), "iat": int(kept.created_at),
        }  # fmt: skip
