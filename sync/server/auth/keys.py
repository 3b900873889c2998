"""The keys that sign access tokens: made at first start, kept in the store, rotated."""

import threading
from collections.abc import Callable
from typing import Any, Final

import msgspec
from joserfc.jwk import ECKey, KeySet, OctKey

from app.domain.errors import LibraryError
from app.ports_server import SigningKey, Tokens
from sync.server.auth.settings import TokenSettings

REREAD_SECONDS: Final = 60.0
REREAD_AT_ONCE_SECONDS: Final = 2.0
CURVE: Final = "P-256"


def new_key(now: float) -> SigningKey:
    """A new ES256 key; its id is its thumbprint (RFC 7638)."""
    key = ECKey.generate_key(CURVE)
    kid = key.thumbprint()
    jwk = {**key.as_dict(private=True), "kid": kid, "use": "sig", "alg": "ES256"}
    return SigningKey(kid=kid, algorithm="ES256", jwk=msgspec.json.encode(jwk).decode(), created_at=now)


class KeyRing:
    """The keys in use. Reads the store again now and then: another process may have rotated them."""

    def __init__(self, settings: TokenSettings, tokens: Tokens, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._tokens = tokens
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: list[SigningKey] = []
        self._parsed: dict[str, ECKey] = {}
        self._read_at = float("-inf")
        self._secret = OctKey.import_key(settings.secret) if settings.algorithm == "HS256" else None

    def start(self) -> None:
        """Make the first key when there is none."""
        if self._secret is None and not self._signing(self._current(0)):
            self._tokens.add_key(new_key(self._clock()))
            self._current(0)

    def signer(self) -> tuple[dict[str, Any], ECKey | OctKey]:
        """The header and the key to sign with. LibraryError when there is none."""
        if self._secret is not None:
            return {"alg": "HS256"}, self._secret
        signing = self._signing(self._current(REREAD_SECONDS))
        if not signing:
            raise LibraryError("the server has no key to sign with; restart it")
        return {"alg": "ES256", "kid": signing[0].kid}, self._parsed[signing[0].kid]

    def verifiers(self, kid: str) -> OctKey | KeySet:
        """The keys that may have signed a token that names `kid`."""
        if self._secret is not None:
            return self._secret
        keys = self._current(REREAD_SECONDS)
        if all(key.kid != kid for key in keys):  # may be new, from another process
            keys = self._current(REREAD_AT_ONCE_SECONDS)
        return KeySet([self._parsed[key.kid] for key in keys])

    def public(self) -> dict[str, Any]:
        """The JWKS document (RFC 7517): public keys only; a shared secret is in none."""
        if self._secret is not None:
            return {"keys": []}
        return {"keys": [self._parsed[k.kid].as_dict(private=False) for k in self._current(REREAD_SECONDS)]}

    def rotate(self) -> str:
        """Sign with a new key from now on; the old ones verify as long as their tokens live.

        Another process may sign with an old one until it has read the store again.
        """
        now = self._clock()
        old = self._signing(self._current(0))
        key = new_key(now)
        self._tokens.add_key(key)
        for before in old:
            lives = self._settings.access_seconds + self._settings.skew_seconds + REREAD_SECONDS
            self._tokens.retire_key(before.kid, now, now + lives)
        self._current(0)
        return key.kid

    def _current(self, not_older_than: float) -> list[SigningKey]:
        """The keys that verify now, newest first, read again if what is known is older than that."""
        now = self._clock()
        with self._lock:
            if now - self._read_at >= not_older_than:
                self._keys = [key for key in self._tokens.keys(now) if key.algorithm == "ES256"]
                self._parsed = {k.kid: ECKey.import_key(msgspec.json.decode(k.jwk)) for k in self._keys}
                self._read_at = now
            return [key for key in self._keys if not key.expires_at or key.expires_at > now]

    @staticmethod
    def _signing(keys: list[SigningKey]) -> list[SigningKey]:
        return [key for key in keys if not key.retired_at]
