"""What is told of oneself: how much, when, and to whom; time and the network are the test's."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from app.domain.presence import Company, CursorAt, Person, SelectionOf, TypingOf, ViewportOf
from app.domain.values import Point
from sync.client.showing import A_SECOND, Showing
from sync.protocol import messages as m
from tests.strategies import an_id

pytestmark = pytest.mark.asyncio
D, ME, BEN, CID = an_id(50), an_id(1), an_id(2), an_id(3)


def company(*others: str, presenter: str = "", role: str = "writer") -> Company:
    people = [Person(participant_id=i, user_id=i, name=i, colour="#000000") for i in others]
    mine = Person(participant_id=ME, user_id=ME, name="me", colour="#000000", is_me=True, role=role)
    return Company(people=(mine, *people), me=ME, presenter=presenter)


def cursor(x: float) -> CursorAt:
    return CursorAt(participant_id="", diagram_id=D, position=Point(x, 0))


def selection(*cells: str) -> SelectionOf:
    return SelectionOf(participant_id="", diagram_id=D, cells=cells)


class Wire:
    """A network and a clock that go on when they are told to."""

    def __init__(self) -> None:
        self.said: list[m.ClientMessage] = []
        self.busy = False
        self.pauses: list[float] = []
        self._go = asyncio.Event()
        self.showing = Showing(self.say, lambda: self.busy, self.pause)

    async def say(self, message: m.ClientMessage) -> None:
        self.said.append(message)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self._go.clear()
        await self._go.wait()

    async def moment(self) -> list[m.ClientMessage]:
        """Let one pause pass; what was said then."""
        before = len(self.said)
        self._go.set()
        for _ in range(10):
            await asyncio.sleep(0)
        return self.said[before:]


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[Wire]:
    """A wire whose showing runs."""
    one = Wire()
    task = asyncio.get_running_loop().create_task(one.showing.run())
    yield one
    task.cancel()
    await asyncio.wait([task])


def xs(said: list[m.ClientMessage]) -> list[float]:
    """Where cursors were said to be."""
    return [one.position.x for one in said if isinstance(one, m.Cursor) and one.position]


async def test_a_cursor_a_moment(wire: Wire) -> None:
    """PRES-2: the first at once, then the latest of each thirtieth of a second, the last one always."""
    wire.showing.meet(company(BEN))
    for n in range(100):
        wire.showing.show(cursor(n))
        if n % 10 == 5:
            await wire.moment()
    await wire.moment()
    assert xs(wire.said) == [5, 15, 25, 35, 45, 55, 65, 75, 85, 95, 99]
    assert set(wire.pauses) == {1 / A_SECOND}
    assert await wire.moment() == []


async def test_nothing_is_said_to_nobody(wire: Wire) -> None:
    """PRES-3: alone, or with those who are away; whoever comes is told what is so."""
    wire.showing.meet(company())
    wire.showing.show(cursor(1))
    wire.showing.show(selection(BEN))
    assert await wire.moment() == []
    wire.showing.meet(company(BEN))
    assert len(await wire.moment()) == 2
    assert await wire.moment() == []
    wire.showing.meet(company(BEN, CID))
    assert len(await wire.moment()) == 2, "the other does not know it yet"


async def test_the_same_again_is_not_said(wire: Wire) -> None:
    """PRES-3: nor that there is nothing, to those who knew of nothing."""
    wire.showing.meet(company(BEN))
    for _ in range(3):
        wire.showing.show(selection())
        await wire.moment()
        wire.showing.show(TypingOf(participant_id="", diagram_id=D, record_id=BEN))
        await wire.moment()
    assert wire.said == []
    for cells in ((CID,), (CID,), (), ()):
        wire.showing.show(selection(*cells))
        await wire.moment()
    assert wire.said == [m.Selection(diagram_id=D, cells=(CID,)), m.Selection(diagram_id=D)]
    wire.showing.meet(company(BEN, CID))
    assert await wire.moment() == []


async def test_nothing_waits_behind_a_slow_network(wire: Wire) -> None:
    """PRES-3: what goes when it flows again is the latest."""
    wire.showing.meet(company(BEN))
    wire.busy = True
    for n in range(5):
        wire.showing.show(cursor(n))
        assert await wire.moment() == []
    wire.busy = False
    assert xs(await wire.moment()) == [4]


async def test_the_presenter_says_it_to_those_who_follow(wire: Wire) -> None:
    """PRESENTER-5: the view only while one presents."""
    view = ViewportOf(participant_id="", diagram_id=D, centre=Point(1, 2), zoom=1)
    wire.showing.meet(company(BEN))
    wire.showing.show(view)
    wire.showing.show(selection(CID))
    assert await wire.moment() == [m.Selection(diagram_id=D, cells=(CID,))]
    wire.showing.meet(company(BEN, presenter=ME))
    told = await wire.moment()
    assert {type(one) for one in told} == {m.PresenterViewport, m.PresenterSelection}
    wire.showing.show(cursor(1))
    assert isinstance((await wire.moment())[0], m.PresenterCursor)
    wire.showing.meet(company(BEN, presenter=BEN))
    assert {type(one) for one in await wire.moment()} == {m.Cursor, m.Selection}


async def test_readers_type_for_themselves(wire: Wire) -> None:
    """AUTH-1."""
    wire.showing.meet(company(BEN, role="reader"))
    wire.showing.show(TypingOf(participant_id="", diagram_id=D, record_id=BEN, text="x"))
    assert await wire.moment() == []
    wire.showing.meet(company(BEN))
    wire.showing.show(TypingOf(participant_id="", diagram_id=D, record_id=BEN, text="xy"))
    assert len(await wire.moment()) == 1


async def test_orders_go_first_and_all_of_them(wire: Wire) -> None:
    """PRESENTER-2: also while the network is slow, in the order in which they were given."""
    wire.showing.meet(company(BEN))
    wire.busy = True
    wire.showing.show(cursor(1))
    wire.showing.order(m.PresenterRequest())
    wire.showing.order(m.MuteEdits(muted=True))
    assert await wire.moment() == [m.PresenterRequest(), m.MuteEdits(muted=True)]
    wire.showing.order(m.PresenterStop())
    wire.showing.meet(Company())
    assert await wire.moment() == [], "what was meant for another connection is not said in the next"
