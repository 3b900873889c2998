"""Documents of two people, each on a library of its own, over a real server and a network that breaks."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.domain.changes import ChangeSet
from app.domain.conflicts import Conflict
from app.domain.patch import Operation, Origin, update
from app.ports import Attachment
from app.ports_live import Applied, LinkStatus, News
from app.services.attaching import take_over
from app.services.document import Document
from app.services.history import DocumentHistory
from app.services.workspace import Workspace
from app.wiring.desktop import replica_of
from storage import open_library
from sync.client.api import ServerApi
from sync.client.live import LiveModel
from sync.protocol import messages as m
from sync.replica import Replica
from tests.domain.sound import content
from tests.sync.client.hands import api_of
from tests.sync.client.proxy import Proxy, proxied
from tests.sync.server.live.hands import Place
from tests.sync.server.running import running

pytestmark = pytest.mark.asyncio
SOON = 30.0


class Desk:
    """Somebody at a desktop, without its windows."""

    def __init__(self, document: Document, live: LiveModel, seen: "Seen") -> None:
        self.document = document
        self.live = live
        self.seen = seen

    def label(self, cell_id: str) -> str:
        found = self.document.state.cell(cell_id)
        return found.label if found is not None else "-"

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds, looking again whenever anything happens."""
        async with asyncio.timeout(SOON):
            while not condition():
                self.seen.happened.clear()
                await self.seen.happened.wait()

    async def quiet(self) -> None:
        """Wait until the server has everything."""
        await self.until(lambda: not self.document.replica or not self.document.replica.pending)


class Seen:
    """What a desk was told."""

    def __init__(self) -> None:
        self.happened = asyncio.Event()
        self.statuses: list[LinkStatus] = []
        self.messages: list[m.ServerMessage] = []
        self.refusals: list[str] = []
        self.document: Document

    def status(self, status: LinkStatus) -> None:
        self.statuses.append(status)
        self.happened.set()

    def message(self, message: m.ServerMessage) -> None:
        self.messages.append(message)
        self.happened.set()

    def refused(self, operation: Operation, reason: str) -> None:
        self.refusals.append(reason)
        self.happened.set()

    def news(self, news: News) -> None:
        self.document.news(news)
        self.happened.set()

    def reviewed(self, changes: ChangeSet, conflicts: Sequence[Conflict], missed: Sequence[Applied]) -> None:
        self.document.reviewed(changes, conflicts, missed)
        self.happened.set()


@asynccontextmanager
async def desk(api: ServerApi, place: Place, file: Path, *, away_seconds: float = 0.0) -> AsyncIterator[Desk]:
    """A desk that follows; the library is kept for another day."""
    library = open_library(file)
    if not library.summaries():
        events = [event async for page in api.log(place.model_id) for event in page]
        take_over(library, place.model_id, events, Attachment(server=place.server.url, epoch=""))
    document = Workspace(library, "somebody", replicas=replica_of).open(place.model_id)
    assert isinstance(document.replica, Replica)
    seen = Seen()
    seen.document = document
    live = LiveModel(
        api, place.model_id, document.replica, seen, seen, away_seconds=away_seconds,
        history=DocumentHistory(library, document),
    )  # fmt: skip
    loop = asyncio.get_running_loop()

    def kept(_model: str, operation_id: str) -> None:
        loop.call_soon_threadsafe(live.kept, operation_id)

    stop_listening = library.listen_outbox(kept)
    task = loop.create_task(live.run())
    try:
        yield Desk(document, live, seen)
    finally:
        await live.stop()
        await task
        stop_listening()
        library.close()


def is_live(one: Desk) -> Callable[[], bool]:
    return lambda: one.live.status.state == "live"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A model of ada's with a node, that bob may write, on a server of its own."""
    with running(tmp_path) as server:
        yield Place(server)


async def node(place: Place, api: ServerApi, file: Path, label: str = "Shop") -> str:
    """Draw a node at a desk, and leave again."""
    async with desk(api, place, file) as ada:
        await ada.until(is_live(ada))
        patch = place.node(label=label)
        ada.document.apply(patch)
        await ada.quiet()
    return patch[0].id


async def test_what_one_does_appears_at_the_other(place: Place, tmp_path: Path) -> None:
    """CONV-3: and their disks agree with the server's, bytes and all."""
    async with api_of(place.server) as ada_api, api_of(place.server, "bob") as bob_api:
        cell = await node(place, ada_api, tmp_path / "ada.db")
        async with (
            desk(ada_api, place, tmp_path / "ada.db") as ada,
            desk(bob_api, place, tmp_path / "bob.db") as bob,
        ):
            await ada.until(is_live(ada))
            await bob.until(is_live(bob))
            heard: list[str] = []
            bob.document.listen(lambda _changes, origin: heard.append(str(origin)))
            for n in range(30):
                ada.document.apply((update("cell", cell, label=f"Label {n}"),))
                bob.document.apply((update("cell", cell, position={"x": n, "y": 0}),))
            await ada.quiet()
            await bob.quiet()
            last = max(one.document.sequence_number for one in (ada, bob))
            for one in (ada, bob):
                await one.until(lambda one=one: one.document.sequence_number >= last)  # type: ignore[misc]
            assert (bob.label(cell), heard.count(str(Origin.REMOTE))) == ("Label 29", 30)
            assert content(ada.document.state) == content(bob.document.state)
            assert any(isinstance(one, m.Welcome) for one in ada.seen.messages)
        for name in ("ada", "bob"):
            library = open_library(tmp_path / f"{name}.db")
            assert library.verify().broken == ()
            assert library.load(place.model_id).pending == ()
            library.close()


async def test_a_network_that_breaks_loses_nothing(place: Place, tmp_path: Path) -> None:
    """NOLOSS-1, IDEM-1: cut again and again in mid-work, everything is there once."""
    async with proxied(place.server.url) as proxy, api_of(place.server, url=proxy.address) as ada_api:
        cell = await node(place, ada_api, tmp_path / "ada.db")
        async with (
            api_of(place.server, "bob") as bob_api,
            desk(ada_api, place, tmp_path / "ada.db") as ada,
            desk(bob_api, place, tmp_path / "bob.db") as bob,
        ):
            for round_number in range(6):
                ada.live.retry()
                await ada.until(is_live(ada))
                before = len(ada.seen.statuses)
                for n in range(10):
                    ada.document.apply((update("cell", cell, label=f"{round_number}-{n}"),))
                    await asyncio.sleep(0)
                await _cut(proxy, ada, before)
            ada.live.retry()
            await ada.quiet()
            await bob.until(lambda: bob.label(cell) == "5-9")
            log = [e async for page in bob_api.log(place.model_id) for e in page]
            ids = [event.operation.operation_id for event in log]
            assert len(ids) == len(set(ids))
            assert sum(event.operation.patch[0].id == cell for event in log) == 61


async def _cut(proxy: Proxy, one: Desk, before: int) -> None:
    """Break the connection, and wait until the desk has noticed."""
    proxy.cut()
    await one.until(lambda: any(s.state == "waiting" for s in one.seen.statuses[before:]))


async def test_after_a_long_absence_it_is_asked(place: Place, tmp_path: Path) -> None:
    """REVIEW-1, REVIEW-2: theirs stands, mine waits in the panel, also after another start."""
    async with api_of(place.server) as ada_api, api_of(place.server, "bob") as bob_api:
        cell = await node(place, ada_api, tmp_path / "ada.db")
        library = open_library(tmp_path / "ada.db")
        document = Workspace(library, "ada", replicas=replica_of).open(place.model_id)
        document.apply((update("cell", cell, label="Ada, offline", technology="Python"),), title="rename")
        library.close()
        async with desk(bob_api, place, tmp_path / "bob.db") as bob:
            await bob.until(is_live(bob))
            bob.document.apply((update("cell", cell, label="Bob, meanwhile"),))
            await bob.quiet()
            async with desk(ada_api, place, tmp_path / "ada.db", away_seconds=7 * 86_400) as ada:
                await ada.until(is_live(ada))
                await ada.quiet()
                assert ada.label(cell) == "Bob, meanwhile"
                (conflict,) = ada.document.conflicts
                assert (conflict.mine, conflict.author) == (
                    {"label": "Ada, offline"}, place.server.ids["bob"]
                )  # fmt: skip
                held = ada.document.state.cell(cell)
                assert held is not None
                assert held.technology == "Python", "what only she has changed was sent"
                (missed,) = ada.document.absence.edits
                assert (missed.author, missed.was_called) == (place.server.ids["bob"], "Shop")
            async with desk(ada_api, place, tmp_path / "ada.db") as ada:
                await ada.until(is_live(ada))
                ada.document.decide(ada.document.conflicts[0], "mine")
                await ada.quiet()
                await bob.until(lambda: bob.label(cell) == "Ada, offline")
                assert ada.document.conflicts == ()


async def test_who_has_nothing_to_send_is_told_too(place: Place, tmp_path: Path) -> None:
    """REVIEW-6: but not of what came in a moment's absence."""
    async with api_of(place.server) as ada_api, api_of(place.server, "bob") as bob_api:
        cell = await node(place, ada_api, tmp_path / "ada.db")
        for label, away_seconds in (("Soon", 1.0), ("Later", 7 * 86_400.0)):
            async with desk(bob_api, place, tmp_path / "bob.db") as bob:
                await bob.until(is_live(bob))
                bob.document.apply((update("cell", cell, label=label),))
                await bob.quiet()
            async with desk(ada_api, place, tmp_path / "ada.db", away_seconds=away_seconds) as ada:
                await ada.until(is_live(ada))
                names = [(one.was_called, one.name) for one in ada.document.absence.edits]
                assert names == ([] if label == "Soon" else [("Soon", "Later")])
                assert ada.document.conflicts == ()


async def test_a_reader_is_told_and_taken_back(place: Place, tmp_path: Path) -> None:
    """AUTH-3: a role that was taken away while one works."""
    async with api_of(place.server) as ada_api, api_of(place.server, "bob") as bob_api:
        cell = await node(place, ada_api, tmp_path / "ada.db")
        async with desk(bob_api, place, tmp_path / "bob.db") as bob:
            await bob.until(is_live(bob))
            place.give("bob", "reader")
            await bob.until(lambda: any(isinstance(one, m.Participants) for one in bob.seen.messages))
            bob.document.apply((update("cell", cell, label="May I?"),))
            await bob.until(lambda: bool(bob.seen.refusals))
            assert bob.label(cell) == "Shop"
            place.give("bob", None)
            await bob.until(lambda: bob.live.status.state == "stopped")
            assert "access" in bob.live.status.text


async def test_a_server_that_was_stopped_is_found_again(place: Place, tmp_path: Path) -> None:
    """NOLOSS-1: what was done meanwhile is sent."""
    async with proxied(place.server.url) as proxy, api_of(place.server, url=proxy.address) as api:
        cell = await node(place, api, tmp_path / "ada.db")
        async with desk(api, place, tmp_path / "ada.db") as ada:
            await ada.until(is_live(ada))
            before = len(ada.seen.statuses)
            place.server.stop()
            await ada.until(lambda: any(s.state == "waiting" for s in ada.seen.statuses[before:]))
            ada.document.apply((update("cell", cell, label="Meanwhile"),))
            place.server.start()
            proxy.lead_to(place.server.url)
            ada.live.retry()
            await ada.quiet()
            assert ada.document.sequence_number >= 4


async def test_what_no_server_takes_is_taken_back_and_holds_nothing_up(tmp_path: Path) -> None:
    """NOLOSS-1: too large for this server; what came after it goes its way."""
    with running(tmp_path, {"TMI_SERVER_MAX_MESSAGE_BYTES": "4096"}) as server:
        place = Place(server)
        async with api_of(server) as api:
            cell = await node(place, api, tmp_path / "ada.db")
            async with desk(api, place, tmp_path / "ada.db") as ada:
                await ada.until(is_live(ada))
                ada.document.apply((update("cell", cell, description="long " * 2000),))
                ada.document.apply((update("cell", cell, label="short"),))
                await ada.until(lambda: bool(ada.seen.refusals))
                await ada.quiet()
                assert "too large" in ada.seen.refusals[0]
                held = ada.document.state.cell(cell)
                assert held is not None
                assert (held.label, held.description) == ("short", "")
