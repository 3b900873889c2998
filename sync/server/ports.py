"""What the processes of one server share beside the store: who is connected, who presents, what was said.

The in-memory implementations in memory.py serve one process. The shapes are those of Redis: each method
is one command or one short script on one key, named here, so that an implementation over Redis fits.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import msgspec


class LiveSession(msgspec.Struct, frozen=True, kw_only=True):
    """A collaboration session that lives now; `participants` are user ids."""

    session_id: str
    model_id: str
    diagram_id: str
    host: str = ""
    participants: tuple[str, ...] = ()


class Sessions(Protocol):
    """`collab:session:<session_id>` = {host_user_internal_uuid, diagram_id, participants}."""

    async def put(self, session: LiveSession, ttl: float) -> None:
        """Keep a session for `ttl` seconds from now; replaces what was there."""

    async def get(self, session_id: str) -> LiveSession | None:
        """A session that has not run out."""

    async def touch(self, session_id: str, ttl: float) -> bool:
        """Let a session last `ttl` seconds from now; False when there is none."""

    async def drop(self, session_id: str) -> bool:
        """End a session; False when there was none."""


class Connections(Protocol):
    """`ws:connections:<diagram_id>` = SET of user_internal_uuids. A user counts once a connection."""

    async def add(self, model_id: str, user_id: str, connection_id: str) -> None:
        """A connection of a user is there."""

    async def remove(self, model_id: str, user_id: str, connection_id: str) -> None:
        """It is gone; nothing when it was not there."""

    async def users(self, model_id: str) -> frozenset[str]:
        """The users with at least one connection to a model."""

    async def count(self) -> int:
        """How many connections there are in all."""


class Presenters(Protocol):
    """`ws:presenter:<diagram_id>` = presenter_user_internal_uuid."""

    async def set(self, model_id: str, user_id: str) -> None:
        """Somebody presents; empty for nobody."""

    async def get(self, model_id: str) -> str:
        """Who presents; empty for nobody."""

    async def swap(self, model_id: str, expected: str, user_id: str) -> bool:
        """Set who presents if it is `expected` now, in one step."""


Receiver = Callable[[bytes], None]


class Operations(Protocol):
    """`collab:operations:<session_id>` = LIST of operation_events: what one process says to the others."""

    async def publish(self, model_id: str, message: bytes) -> None:
        """Tell every subscriber of a model, in the order of publishing."""

    async def subscribe(self, model_id: str, receive: Receiver) -> Callable[[], Awaitable[None]]:
        """Be told what is published from now on; returns what ends it."""


class RateLimits(Protocol):
    """`rate_limit:<user_internal_uuid>:<endpoint>` = request_count (TTL: window_duration)."""

    async def hit(self, key: str, window: float, now: float) -> tuple[int, float]:
        """Count a request; returns how many there were in this window, and when it ends (seconds)."""


class UserSessions(Protocol):
    """`session:<user_internal_uuid>:<session_id>` = {jwt_hash, expires_at, user_data}."""

    async def put(self, user_id: str, session_id: str, data: Mapping[str, str], ttl: float) -> None:
        """Keep what is known of a sign-in for `ttl` seconds."""

    async def get(self, user_id: str, session_id: str) -> Mapping[str, str] | None:
        """What is known of a sign-in."""

    async def drop(self, user_id: str, session_id: str) -> None:
        """Forget it."""


class Coordination(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, as one process gets them."""

    sessions: Sessions
    connections: Connections
    presenters: Presenters
    operations: Operations
    rate_limits: RateLimits
    user_sessions: UserSessions
