"""kill -9 under a live session: every edit that was acknowledged is there, and the log replays to it."""

import asyncio
import random
import signal
from contextlib import closing
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from app.domain.ids import new_id
from storage.server import open_server
from sync.protocol import event_of
from sync.protocol import messages as m
from tests.manners import count, seed
from tests.sync.server.live.hands import SOON, Client, Place, joined
from tests.sync.server.running import Running, data

pytestmark = pytest.mark.asyncio
WRITERS = 4
UNANSWERED = 8


class Load:
    """Writers over sockets that go on until their server dies, and keep what was acknowledged."""

    def __init__(self, place: Place, until: int) -> None:
        self.acknowledged: dict[str, int] = {}
        self._place = place
        self._until = until
        self._enough = asyncio.Event()

    async def run(self) -> None:
        """Write until so many edits are acknowledged, kill the server, and see every writer notice."""
        writers = [asyncio.ensure_future(self._write(("ada", "bob")[n % 2])) for n in range(WRITERS)]
        await asyncio.wait_for(self._enough.wait(), SOON)
        self._place.server.stop(signal.SIGKILL)
        await asyncio.wait_for(asyncio.gather(*writers), SOON)

    async def _write(self, name: str) -> None:
        try:
            async with joined(self._place, name, follow=False) as client:
                while True:
                    await self._round(client)
        except (ConnectionClosed, OSError):
            return

    async def _round(self, client: Client) -> None:
        sent = {
            await client.post(self._place.node(cell)): cell for cell in (new_id() for _ in range(UNANSWERED))
        }
        while sent:
            message = await client.receive()
            if isinstance(message, m.Ack):
                assert message.had_effect
                self.acknowledged[sent.pop(message.operation_id)] = message.sequence_number
            if len(self.acknowledged) >= self._until:
                self._enough.set()


async def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """ACK-1, IDEM-1, CONV-1: over many deaths, by replay from the first event and by the stored state."""
    rolls = random.Random(seed())
    server = Running(tmp_path)
    server.people()
    everything: dict[str, int] = {}
    try:
        server.start()
        place = Place(server)
        for _ in range(count(3, 50)):
            load = Load(place, rolls.randint(20, 150))
            await load.run()
            assert not everything.keys() & load.acknowledged.keys()
            everything |= load.acknowledged
            server.start()
        with server.client("ada") as ada:
            stored = data(ada.get(f"/threat_models/{place.model_id}/state"))
        async with joined(place, "bob", follow=False) as bob:
            await replay(bob, everything)
            assert stored["sequence_number"] == bob.sequence
            assert {one["id"] for one in stored["records"]} == bob.state.records.keys()
    finally:
        server.stop()
    with closing(open_server(tmp_path / "server.db")) as store:
        assert store.verify().broken == ()


async def replay(client: Client, acknowledged: dict[str, int]) -> None:
    """Follow the log from its first event, and find every acknowledged edit in its place."""
    places: dict[str, int] = {}
    told = await client.resume()
    assert isinstance(told, m.Resumed)
    await client.reach(client.welcome.sequence_number)
    for message in client.got:
        if isinstance(message, m.Events):
            for event in message.events:
                patch = event_of(event).operation.patch
                places |= {one.id: event.sequence_number for one in patch if one.operation == "add"}
    assert {cell: places.get(cell) for cell in acknowledged} == acknowledged
    assert not acknowledged.keys() - client.state.records.keys()
