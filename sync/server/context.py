"""What every handler works with: who asks, and the services of the server."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, ParamSpec, Protocol, TypeVar, cast

from litestar.connection import ASGIConnection

from app import ports_server as stores
from app.ports import RoomStore
from sync.server.metrics import Metrics
from sync.server.ports import Coordination
from sync.server.rooms import RoomHost
from sync.server.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who asks. `administrator` may see and mend everything.

    `token_id` is the access token's jti, `sign_in_id` the sign-in that it descends from, `good_until`
    when it ends, in seconds since 1970.
    """

    user_id: str
    name: str
    provider: str = "local"
    administrator: bool = False
    token_id: str = ""
    sign_in_id: str = ""
    good_until: float = 0.0
    scopes: frozenset[str] = frozenset()


class Signer(Protocol):
    """Makes and checks access tokens."""

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A token that carries the claims."""

    def verify(self, token: str) -> Mapping[str, Any]:
        """The claims of a token that is sound; an error of sync.server.errors otherwise."""

    def key_set(self) -> Mapping[str, Any]:
        """The public keys, as a JWKS."""


@dataclass(frozen=True, kw_only=True)
class Stores:
    """The ports to storage: the same object may serve several of them."""

    rooms: RoomStore
    uploads: stores.Uploads
    users: stores.Users
    groups: stores.Groups
    access: stores.Access
    tokens: stores.Tokens
    tickets: stores.Tickets
    invites: stores.Invites
    idempotency: stores.Idempotency
    chain: stores.ServerChain
    sessions: stores.Sessions
    catalogue: stores.Catalogue


@dataclass(frozen=True, kw_only=True)
class Services:
    """What `create_app` is given. `clock` gives seconds since 1970; `threads` runs what blocks.

    `ready` says why the store cannot serve, empty when it can.
    """

    settings: Settings
    stores: Stores
    rooms: RoomHost
    coordination: Coordination
    metrics: Metrics
    clock: Callable[[], float]
    threads: Executor
    ready: Callable[[], str] = str
    version: str = "0"
    signer: Signer | None = None

    async def blocking(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what blocks (every store does) on a thread, and wait for it without holding up the loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, lambda: work(*args, **kwargs))


def services_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Services:
    """The services, from any request or socket."""
    return cast(Services, connection.app.state.services)


def principal_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Principal | None:
    """Who asks, None when nobody is signed in."""
    return cast("Principal | None", connection.scope.get("user"))


def address_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The address that a request comes from, as the proxies we trust tell it; "" when unknown."""
    found = connection.scope.get("state", {}).get("address")
    if isinstance(found, str):
        return found
    return connection.client.host if connection.client else ""


def request_id_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The id that a request has in the log, in the answer and in the audit trail."""
    return str(connection.scope.get("state", {}).get("request_id", ""))
