"""A laptop's model brought to a server: in parts, on after a break, and not over another one."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from app.domain.patch import Event, update
from sync.client import seeding
from sync.client.api import ServerApi
from sync.client.errors import Conflict, Unreachable
from sync.client.seeding import seed
from tests.sync.client.hands import api_of
from tests.sync.client.proxy import proxied
from tests.sync.laptop import Laptop
from tests.sync.server.running import Running


async def pages(laptop: Laptop, size: int = 7) -> AsyncIterator[Sequence[Event]]:
    """The log as a store gives it out."""
    for at in range(0, len(laptop.events), size):
        yield laptop.events[at : at + size]


async def log_of(api: ServerApi, laptop: Laptop) -> list[Event]:
    """The log as the server has it."""
    return [event async for page in api.log(laptop.model_id) for event in page]


@pytest.mark.asyncio
async def test_in_parts(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeding, "PART_BYTES", 8_000)
    laptop = Laptop().notes(30, 400)
    told: list[int] = []
    async with api_of(server) as ada:
        kept = await seed(ada, laptop.model_id, pages(laptop), progress=told.append)
        assert kept is not None
        assert (kept.sequence_number, kept.hash) == (61, laptop.events[-1].hash.hex())
        assert len(told) > 3
        assert told == sorted(told)
        assert await log_of(ada, laptop) == laptop.events
        again = await seed(ada, laptop.model_id, pages(laptop))
        assert again is not None
        assert again.added == 0
        laptop.notes(1)
        more = await seed(ada, laptop.model_id, pages(laptop))
        assert more is not None
        assert more.added == 2


@pytest.mark.asyncio
async def test_a_break_costs_nothing(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeding, "PART_BYTES", 4_000)
    monkeypatch.setattr("sync.client.http.ATTEMPTS", 1)
    laptop = Laptop().notes(40, 400)
    async with proxied(server.url) as proxy, api_of(server, url=proxy.address) as ada:

        def cut(number: int) -> None:
            if number > 20:
                proxy.hold()
                asyncio.get_running_loop().create_task(cut_when_held())

        async def cut_when_held() -> None:
            await proxy.held.wait()
            proxy.cut()

        with pytest.raises(Unreachable):
            await seed(ada, laptop.model_id, pages(laptop), progress=cut)
        proxy.release()
        there = (await ada.model(laptop.model_id)).version
        assert 20 < there < len(laptop.events)
        await seed(ada, laptop.model_id, pages(laptop))
        assert await log_of(ada, laptop) == laptop.events
        assert proxy.sent.count(laptop.events[0].operation.operation_id.encode()) == 1


@pytest.mark.asyncio
async def test_not_over_what_others_did(server: Running) -> None:
    laptop, fork = Laptop().notes(3), Laptop()
    fork.model_id, fork.state, fork.events = laptop.model_id, laptop.state, laptop.events[:4]
    fork.write(update("threat_model", laptop.model_id, name="Elsewhere"))
    async with api_of(server) as ada, api_of(server, "bob") as bob:
        await seed(ada, laptop.model_id, pages(laptop))
        with pytest.raises(Conflict, match="another log"):
            await seed(ada, laptop.model_id, pages(fork))
        with pytest.raises(Conflict, match="has this id already"):
            await seed(bob, laptop.model_id, pages(laptop))
        empty = Laptop()
        empty.events.clear()
        assert await seed(ada, empty.model_id, pages(empty)) is None
