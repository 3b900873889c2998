"""Access tokens: JWTs in the profile of RFC 9068, made and checked."""

import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode
from uuid_utils import uuid7

from app.domain.errors import TmiError
from app.ports_server import Tokens, User
from sync.server.auth.keys import KeyRing
from sync.server.auth.settings import TokenSettings

ACCESS: Final = "at+jwt"
IDENTITY: Final = "JWT"
PASSWORD_CHANGE: Final = "password-change+jwt"  # noqa: S105 - a media type
LONGEST: Final = 8192
REVOKED: Final = "the token was revoked"
DISABLED: Final = "the account is disabled"
DEFAULT_SCOPE: Final = "openid profile email"


class InvalidToken(TmiError):
    """A token that is not accepted; the text says why and never quotes it."""


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What an access token says. `sid` is the sign-in that it descends from."""

    sub: str
    jti: str
    iat: int
    exp: int
    client_id: str
    name: str = ""
    idp: str = ""
    sid: str = ""
    scope: str = ""
    aud: Any = ""
    iss: str = ""


class _Header(msgspec.Struct):
    kid: str = ""
    typ: str = ""


def _header_of(token: str) -> _Header:
    """The unverified header, looked at only to find the key and refuse the wrong kind of token early."""
    head = token.partition(".")[0]
    try:
        return msgspec.json.decode(urlsafe_b64decode(head.encode("ascii")), type=_Header)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        raise InvalidToken("the token is malformed") from None


class Signer:
    """Makes and checks the server's JWTs; `clock` is seconds since 1970."""

    def __init__(
        self, settings: TokenSettings, keys: KeyRing, tokens: Tokens, clock: Callable[[], float] = time.time
    ) -> None:
        self.settings = settings
        self.keys = keys
        self._tokens = tokens
        self._clock = clock

    def access_token(self, user: User, *, client_id: str, scope: str, sid: str) -> str:
        """An access token for a user."""
        now = int(self._clock())
        return self._sign(
            ACCESS,
            {
                "iss": self.settings.issuer,
                "aud": self.settings.audience_or_issuer,
                "sub": user.id,
                "name": user.name,
                "idp": user.provider,
                "client_id": client_id,
                "scope": scope,
                "sid": sid,
                "iat": now,
                "nbf": now,
                "exp": now + self.settings.access_seconds,
                "jti": str(uuid7()),
            },
        )

    def identity_token(self, user: User, *, client_id: str, nonce: str, sid: str) -> str:
        """An OpenID Connect identity token: for the client to read, no key to anything."""
        now = int(self._clock())
        claims = {
            "iss": self.settings.issuer,
            "aud": client_id,
            "sub": user.id,
            "name": user.name,
            "email": user.email,
            "email_verified": user.email_verified,
            "sid": sid,
            "auth_time": now,
            "iat": now,
            "exp": now + self.settings.access_seconds,
        }
        return self._sign(IDENTITY, claims | ({"nonce": nonce} if nonce else {}))

    def password_change(self, user_id: str, changed_at: str) -> str:
        """A proof that the old password was right a moment ago; spent when the password changes."""
        now = int(self._clock())
        claims = {
            "iss": self.settings.issuer, "aud": self.settings.issuer, "sub": user_id,
            "changed_at": changed_at, "iat": now, "exp": now + self.settings.form_seconds,
        }  # fmt: skip
        return self._sign(PASSWORD_CHANGE, claims)

    def read_password_change(self, token: str) -> tuple[str, str]:
        """The user and the moment of the old password. InvalidToken when it is not one of ours."""
        claims = self._verified(token, PASSWORD_CHANGE, self.settings.issuer)
        return str(claims["sub"]), str(claims.get("changed_at", ""))

    def verify(self, token: str) -> Claims:
        """The claims of an access token that is ours, in force and not revoked; else InvalidToken."""
        claims = self._verified(token, ACCESS, self.settings.audience_or_issuer)
        try:
            read = msgspec.convert(claims, Claims)
        except msgspec.ValidationError:
            raise InvalidToken("the token lacks a claim") from None
        if self._tokens.is_revoked(read.jti) or (read.sid and self._tokens.is_revoked(read.sid)):
            raise InvalidToken(REVOKED)
        return read

    def revoke(self, claims: Claims) -> None:
        """Have an access token refused from now on."""
        self._tokens.revoke_access_token(claims.jti, claims.exp + self.settings.skew_seconds)

    def end_sign_in(self, sid: str) -> None:
        """End a sign-in: its refresh tokens and every access token that descends from it."""
        self._tokens.revoke_family(sid)
        lives = self.settings.access_seconds + self.settings.skew_seconds
        self._tokens.revoke_access_token(sid, self._clock() + lives)

    def _sign(self, kind: str, claims: dict[str, Any]) -> str:
        header, key = self.keys.signer()
        return jwt.encode({**header, "typ": kind}, claims, key, algorithms=[self.settings.algorithm])

    def _verified(self, token: str, kind: str, audience: str) -> dict[str, Any]:
        if len(token) > LONGEST or not token.isascii():
            raise InvalidToken("the token is malformed")
        header = _header_of(token)
        if header.typ != kind:
            raise InvalidToken("the token is of another kind")
        key: OctKey | KeySet = self.keys.verifiers(header.kid)
        algorithms = [self.settings.algorithm]
        registry = jwt.JWTClaimsRegistry(
            now=int(self._clock()),
            leeway=self.settings.skew_seconds,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            decoded = jwt.decode(token, key, algorithms, JWSRegistry(algorithms=algorithms))
            registry.validate(decoded.claims)
        except JoseError as error:
            raise InvalidToken(f"the token is refused: {error.error}") from None
        except (ValueError, TypeError, KeyError, RecursionError):
            raise InvalidToken("the token is malformed") from None
        return decoded.claims
