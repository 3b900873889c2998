"""The host's way in: whoever runs this server beside a desktop signs in with a secret, once, from here.

The secret came over the server's standard input, so that no other user of the machine can read it.
"""

import hmac
import ipaddress
import threading
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidGrantError, TokenEndpointMixin
from authlib.oauth2.rfc6749.grants import BaseGrant

from app.domain.errors import TmiError
from app.domain.ids import is_id
from app.ports_server import User, Users
from sync.protocol.hosting import HOST_GRANT
from sync.server.auth import journal
from sync.server.auth.names import shown_name
from sync.server.auth.secrets import digest
from sync.server.auth.tokens import DEFAULT_SCOPE

HOSTS: Final = "host"


class BadHost(TmiError):
    """Nobody can host under this id or name; the text says why."""


class HostDoor:
    """Lets one user in, once for each secret that it was given. Thread-safe."""

    def __init__(self, user_id: str, name: str, *, guests_wait: bool = False) -> None:
        """BadHost when the id is none, BadName when the name cannot be shown."""
        if not is_id(user_id):
            raise BadHost("the host's user id must be a UUID in lower case")
        self.user_id = user_id
        self.name = shown_name(name)
        self._digest = b""
        self._lock = threading.Lock()
        self._guests_wait = guests_wait

    def let_guests_in(self) -> None:
        """What the host brings is there: everybody may come."""
        self._guests_wait = False

    def keeps_out(self, user_id: str) -> bool:
        """Whether somebody has to wait until the host is ready."""
        return self._guests_wait and user_id != self.user_id

    def open(self, secret: str) -> None:
        """Let in whoever brings this secret first; the one before lets nobody in any more."""
        with self._lock:
            self._digest = digest(secret)

    def enter(self, secret: str, address: str) -> bool:
        """Whether the secret lets in from this address; it is used up then. A wrong one uses up nothing."""
        given = digest(secret)
        with self._lock:
            if not self._digest or not hmac.compare_digest(self._digest, given) or not is_local(address):
                return False
            self._digest = b""
            return True


def is_local(address: str) -> bool:
    """Whether an address is this machine's loopback, also as a socket for both families writes it."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped.is_loopback
    return found.is_loopback


def settle_host(users: Users, door: HostDoor, now: float) -> User:
    """The account of the host, made when there is none. BadHost when the id is somebody else's."""
    there = users.get(door.user_id)
    if there is None:
        made = User(id=door.user_id, email="", name=door.name, provider=HOSTS, provider_user_id=door.user_id)
        return users.create(made, now)
    if there.provider != HOSTS:
        raise BadHost("the host's user id belongs to a guest of this server")
    return there if there.name == door.name else users.change(there.id, now, name=door.name)


class HostGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc] # Authlib ships no types
    """Tokens for the host's secret."""

    GRANT_TYPE = HOST_GRANT
    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def validate_token_request(self) -> None:
        """Use the secret up, or refuse; that it came from elsewhere is not told apart."""
        self.request.client = self.authenticate_token_endpoint_client()
        auth, address = self.server.auth, self.server.ask.address
        user = auth.stores.users.get(auth.host.user_id)
        if not auth.host.enter(self.request.form.get("secret", ""), address):
            self.server.note(journal.SIGN_IN_FAILED, what="host's secret")
            raise InvalidGrantError()
        if user is None or user.disabled:
            raise InvalidGrantError()
        self.request.user = user

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """The tokens (RFC 6749, 5.1)."""
        auth, user = self.server.auth, self.request.user
        noted = auth.stores.users.signed_in(user, auth.clock())
        self.server.note(journal.SIGNED_IN, actor=user.id, subject=user.id, provider=HOSTS)
        token = self.generate_token(user=noted, scope=DEFAULT_SCOPE)
        return 200, token, self.TOKEN_RESPONSE_HEADER
