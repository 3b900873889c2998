"""What every implementation of the ports of coordination must do; add one to IMPLEMENTATIONS to try it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from sync.server.memory import in_memory
from sync.server.ports import Coordination, LiveSession

MODEL, OTHER = "11111111-1111-7111-8111-111111111111", "22222222-2222-7222-8222-222222222222"


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


IMPLEMENTATIONS: dict[str, Callable[[Clock], Coordination]] = {"memory": in_memory}
Body = Callable[[Coordination, Clock], Coroutine[Any, Any, None]]


@pytest.fixture(params=list(IMPLEMENTATIONS))
def run(request: pytest.FixtureRequest) -> Callable[[Body], None]:
    """Runs the body of a test on a fresh implementation."""

    def running(body: Body) -> None:
        clock = Clock()
        asyncio.run(body(IMPLEMENTATIONS[request.param](clock), clock))

    return running


def session(number: int = 1) -> LiveSession:
    """A session."""
    return LiveSession(session_id=f"s{number}", model_id=MODEL, diagram_id="d", host="u", participants=("u",))


def test_sessions_run_out(run: Callable[[Body], None]) -> None:
    """Kept whole for their time, touched, replaced, dropped once."""

    async def body(ports: Coordination, clock: Clock) -> None:
        held = ports.sessions
        assert await held.get("s1") is None
        assert not await held.touch("s1", 10)
        await held.put(session(), 10)
        assert await held.get("s1") == session()
        clock.now += 9
        assert await held.touch("s1", 10)
        clock.now += 9
        assert await held.get("s1") == session()
        clock.now += 1
        assert await held.get("s1") is None
        await held.put(session(), 10)
        assert await held.drop("s1")
        assert not await held.drop("s1")

    run(body)


def test_connections_count_each_once(run: Callable[[Body], None]) -> None:
    """A user is there while one connection of theirs is; each model by itself."""

    async def body(ports: Coordination, clock: Clock) -> None:
        held = ports.connections
        for connection in ("c1", "c2", "c2"):
            await held.add(MODEL, "u", connection)
        await held.add(OTHER, "v", "c3")
        assert await held.users(MODEL) == {"u"}
        assert await held.count() == 3
        await held.remove(MODEL, "u", "c1")
        await held.remove(MODEL, "u", "c1")
        assert await held.users(MODEL) == {"u"}
        await held.remove(MODEL, "u", "c2")
        assert await held.users(MODEL) == frozenset()
        assert await held.users(OTHER) == {"v"}
        assert await held.count() == 1

    run(body)


def test_of_two_who_swap_one_presents(run: Callable[[Body], None]) -> None:
    """The presenter is set, swapped in one step, and nobody's."""

    async def body(ports: Coordination, clock: Clock) -> None:
        held = ports.presenters
        assert await held.get(MODEL) == ""
        assert sorted(await asyncio.gather(held.swap(MODEL, "", "a"), held.swap(MODEL, "", "b"))) == [
            False, True,
        ]  # fmt: skip
        await held.set(MODEL, "c")
        assert not await held.swap(MODEL, "a", "b")
        assert await held.get(MODEL) == "c"
        assert await held.get(OTHER) == ""
        await held.set(MODEL, "")
        assert await held.get(MODEL) == ""

    run(body)


def test_what_is_published_arrives_in_order(run: Callable[[Body], None]) -> None:
    """Every subscriber of that model gets everything, until it ends."""

    async def body(ports: Coordination, clock: Clock) -> None:
        held = ports.operations
        heard: list[bytes] = []
        other: list[bytes] = []
        end = await held.subscribe(MODEL, heard.append)
        await held.subscribe(OTHER, other.append)
        for number in range(5):
            await held.publish(MODEL, b"%d" % number)
        assert heard == [b"0", b"1", b"2", b"3", b"4"]
        await end()
        await held.publish(MODEL, b"late")
        assert len(heard) == 5
        assert other == []

    run(body)


def test_requests_are_counted_a_window_at_a_time(run: Callable[[Body], None]) -> None:
    """The count begins anew when the window has passed."""

    async def body(ports: Coordination, clock: Clock) -> None:
        held = ports.rate_limits
        assert [(await held.hit("k", 60, clock.now))[0] for _ in range(3)] == [1, 2, 3]
        assert await held.hit("other", 60, clock.now) == (1, clock.now + 60)
        clock.now += 60
        assert await held.hit("k", 60, clock.now) == (1, clock.now + 60)

    run(body)


def test_sign_ins_are_kept_for_their_time(run: Callable[[Body], None]) -> None:
    """By user and session."""

    async def body(ports: Coordination, clock: Clock) -> None:
        held = ports.user_sessions
        await held.put("u", "s", {"jwt_hash": "h"}, 5)
        assert await held.get("u", "s") == {"jwt_hash": "h"}
        assert await held.get("v", "s") is None
        clock.now += 5
        assert await held.get("u", "s") is None
        await held.put("u", "s", {}, 5)
        await held.drop("u", "s")
        assert await held.get("u", "s") is None

    run(body)
