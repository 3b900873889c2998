"""The ports of one process, in memory: bounded by what is connected, gone with the process."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Generic, TypeVar

from sync.server import ports

V = TypeVar("V")
MOST: Final = 100_000


class _Expiring(Generic[V]):
    """Values that run out, at most MOST of them; the oldest go first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, V]] = OrderedDict()

    def put(self, key: str, value: V, ttl: float) -> None:
        self._held[key] = (self._clock() + ttl, value)
        self._held.move_to_end(key)
        while len(self._held) > MOST:
            self._held.popitem(last=False)

    def get(self, key: str) -> V | None:
        found = self._held.get(key)
        if found is None:
            return None
        if found[0] <= self._clock():
            del self._held[key]
            return None
        return found[1]

    def drop(self, key: str) -> bool:
        there = self.get(key) is not None
        self._held.pop(key, None)
        return there


class MemorySessions:
    """`ports.Sessions`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._held: _Expiring[ports.LiveSession] = _Expiring(clock)

    async def put(self, session: ports.LiveSession, ttl: float) -> None:
        """Keep a session."""
        self._held.put(session.session_id, session, ttl)

    async def get(self, session_id: str) -> ports.LiveSession | None:
        """A session that has not run out."""
        return self._held.get(session_id)

    async def touch(self, session_id: str, ttl: float) -> bool:
        """Let it last longer."""
        session = self._held.get(session_id)
        if session is None:
            return False
        self._held.put(session_id, session, ttl)
        return True

    async def drop(self, session_id: str) -> bool:
        """End it."""
        return self._held.drop(session_id)


class MemoryConnections:
    """`ports.Connections`."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, set[str]]] = {}
        self._total = 0

    async def add(self, model_id: str, user_id: str, connection_id: str) -> None:
        """A connection is there."""
        held = self._of.setdefault(model_id, {}).setdefault(user_id, set())
        if connection_id not in held:
            held.add(connection_id)
            self._total += 1

    async def remove(self, model_id: str, user_id: str, connection_id: str) -> None:
        """It is gone."""
        users = self._of.get(model_id, {})
        held = users.get(user_id, set())
        if connection_id in held:
            held.discard(connection_id)
            self._total -= 1
        if not held:
            users.pop(user_id, None)
        if not users:
            self._of.pop(model_id, None)

    async def users(self, model_id: str) -> frozenset[str]:
        """Who is connected."""
        return frozenset(self._of.get(model_id, ()))

    async def count(self) -> int:
        """How many connections there are."""
        return self._total


class MemoryPresenters:
    """`ports.Presenters`."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    async def set(self, model_id: str, user_id: str) -> None:
        """Somebody presents."""
        if user_id:
            self._of[model_id] = user_id
        else:
            self._of.pop(model_id, None)

    async def get(self, model_id: str) -> str:
        """Who presents."""
        return self._of.get(model_id, "")

    async def swap(self, model_id: str, expected: str, user_id: str) -> bool:
        """Set who presents if it is `expected` now."""
        if self._of.get(model_id, "") != expected:
            return False
        await self.set(model_id, user_id)
        return True


class MemoryOperations:
    """`ports.Operations`."""

    def __init__(self) -> None:
        self._of: dict[str, dict[int, ports.Receiver]] = {}
        self._next = 0

    async def publish(self, model_id: str, message: bytes) -> None:
        """Tell every subscriber."""
        for receive in list(self._of.get(model_id, {}).values()):
            receive(message)

    async def subscribe(self, model_id: str, receive: ports.Receiver) -> Callable[[], Awaitable[None]]:
        """Be told from now on."""
        key, self._next = self._next, self._next + 1
        self._of.setdefault(model_id, {})[key] = receive

        async def end() -> None:
            held = self._of.get(model_id, {})
            held.pop(key, None)
            if not held:
                self._of.pop(model_id, None)

        return end


class MemoryRateLimits:
    """`ports.RateLimits` by fixed windows; windows that are over go when there are too many."""

    def __init__(self) -> None:
        self._windows: OrderedDict[str, tuple[float, int]] = OrderedDict()

    async def hit(self, key: str, window: float, now: float) -> tuple[int, float]:
        """Count a request."""
        ends, count = self._windows.get(key, (0.0, 0))
        if ends <= now:
            ends, count = now + window, 0
            self._windows.pop(key, None)
        self._windows[key] = (ends, count + 1)
        while len(self._windows) > MOST:
            self._windows.popitem(last=False)
        return count + 1, ends


class MemoryUserSessions:
    """`ports.UserSessions`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._held: _Expiring[Mapping[str, str]] = _Expiring(clock)

    async def put(self, user_id: str, session_id: str, data: Mapping[str, str], ttl: float) -> None:
        """Keep what is known of a sign-in."""
        self._held.put(f"{user_id}:{session_id}", dict(data), ttl)

    async def get(self, user_id: str, session_id: str) -> Mapping[str, str] | None:
        """What is known of it."""
        return self._held.get(f"{user_id}:{session_id}")

    async def drop(self, user_id: str, session_id: str) -> None:
        """Forget it."""
        self._held.drop(f"{user_id}:{session_id}")


def in_memory(clock: Callable[[], float]) -> ports.Coordination:
    """All ports of one process."""
    return ports.Coordination(
        sessions=MemorySessions(clock),
        connections=MemoryConnections(),
        presenters=MemoryPresenters(),
        operations=MemoryOperations(),
        rate_limits=MemoryRateLimits(),
        user_sessions=MemoryUserSessions(clock),
    )
