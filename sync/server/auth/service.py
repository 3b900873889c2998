"""Identity as one value: settings, stores and what is made of them. `create_auth` puts it together."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from uuid_utils import uuid7

from app import ports_server as ports
from app.ports_server import RefreshToken, User
from sync.server.auth.host import HostDoor, settle_host
from sync.server.auth.journal import Journal
from sync.server.auth.keys import KeyRing
from sync.server.auth.passwords import Passwords
from sync.server.auth.secrets import digest, new_secret
from sync.server.auth.settings import TokenSettings
from sync.server.auth.throttle import Limits
from sync.server.auth.tokens import DEFAULT_SCOPE, Signer


class Stores(Protocol):
    """The ports that identity needs; those of the server have them all."""

    @property
    def users(self) -> ports.Users:
        """Who there is."""

    @property
    def access(self) -> ports.Access:
        """Who may do what."""

    @property
    def tokens(self) -> ports.Tokens:
        """Tokens, codes and keys."""

    @property
    def tickets(self) -> ports.Tickets:
        """Tickets for sockets."""

    @property
    def invites(self) -> ports.Invites:
        """Invite links."""

    @property
    def chain(self) -> ports.ServerChain:
        """The server's own log."""


@dataclass(frozen=True, kw_only=True)
class Auth:
    """All that identity works with; every method blocks on the store, so call it from a thread.

    `host` is the way in of who hosts this server from a desktop, None for a server by itself.
    """

    settings: TokenSettings
    stores: Stores
    signer: Signer
    journal: Journal
    passwords: Passwords
    limits: Limits
    clock: Callable[[], float]
    host: HostDoor | None = None

    def issue(
        self, user: User, *, client_id: str, scope: str, sid: str, nonce: str = "", expires_at: float = 0.0
    ) -> dict[str, Any]:
        """The first tokens of a sign-in, as the token endpoint answers. `expires_at` 0: the usual time."""
        now, refresh_token = self.clock(), new_secret()
        self.stores.tokens.keep_refresh_token(
            RefreshToken(
                digest=digest(refresh_token), family_id=sid, user_id=user.id, client_id=client_id,
                scope=scope, created_at=now, expires_at=expires_at or now + self.settings.refresh_seconds,
            )
        )  # fmt: skip
        if self.stores.tokens.is_revoked(sid):  # the code came twice while it was being exchanged
            self.stores.tokens.revoke_family(sid)
        return self.token_answer(
            user, client_id=client_id, scope=scope, sid=sid, refresh_token=refresh_token, nonce=nonce
        )

    def token_answer(
        self, user: User, *, client_id: str, scope: str, sid: str, refresh_token: str, nonce: str = ""
    ) -> dict[str, Any]:
        """A successful answer of the token endpoint (RFC 6749, 5.1)."""
        answer: dict[str, Any] = {
            "access_token": self.signer.access_token(user, client_id=client_id, scope=scope, sid=sid),
            "token_type": "Bearer",
            "expires_in": self.settings.access_seconds,
            "refresh_token": refresh_token,
            "scope": scope,
        }
        if "openid" in scope.split():
            answer["id_token"] = self.signer.identity_token(user, client_id=client_id, nonce=nonce, sid=sid)
        return answer

    def issue_to_guest(self, guest: User, client_id: str, expires_at: float) -> dict[str, Any]:
        """Tokens for a guest, good until `expires_at`."""
        return self.issue(
            guest, client_id=client_id, scope=DEFAULT_SCOPE, sid=str(uuid7()), expires_at=expires_at
        )


def create_auth(
    settings: TokenSettings,
    stores: Stores,
    clock: Callable[[], float] = time.time,
    passwords: Passwords | None = None,
    host: HostDoor | None = None,
) -> Auth:
    """Identity over a store; makes the signing key at first start, and the account of a host."""
    if host is not None:
        settle_host(stores.users, host, clock())
    keys = KeyRing(settings, stores.tokens, clock)
    keys.start()
    return Auth(
        settings=settings,
        stores=stores,
        signer=Signer(settings, keys, stores.tokens, clock),
        journal=Journal(stores.chain, clock),
        passwords=passwords or Passwords(),
        limits=Limits(clock),
        clock=clock,
        host=host,
    )
