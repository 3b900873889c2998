"""Sharing as a person uses it: a laptop's model on a real server, a colleague at it, and home again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.domain.errors import LibraryError
from app.domain.ids import new_id
from app.domain.patch import Operation, add, update
from app.domain.presence import Company, CursorAt, Sight
from app.domain.values import Point
from app.ports_live import LinkStatus
from app.ports_network import Account
from app.services.document import Document
from app.services.sharing import SharedModel, Sharing, Watcher
from app.services.workspace import Workspace
from app.wiring.desktop import replica_of
from storage import open_library
from sync.client.api import ServerApi
from sync.client.gateway import ServerGateway
from sync.client.http import ServerHttp
from sync.client.network import ClientNetwork
from tests.domain.sound import content
from tests.sync.client.hands import Given
from tests.sync.client.proxy import proxied
from tests.sync.server.running import Running, running

pytestmark = pytest.mark.asyncio
SOON = 30.0


class Seen(Watcher):
    """What a window would have been told."""

    def __init__(self) -> None:
        self.happened = asyncio.Event()
        self.changes: list[tuple[frozenset[str], str]] = []
        self.refusals: list[str] = []
        self.seen: list[Sight] = []
        self.rights_changed = 0

    def status(self, status: LinkStatus) -> None:
        self.happened.set()

    def company(self, company: Company) -> None:
        self.happened.set()

    def waiting(self) -> None:
        self.happened.set()

    def sights(self, sights: Sequence[Sight]) -> None:
        self.seen += sights
        self.happened.set()

    def changed(self, record_ids: Collection[str], user_id: str) -> None:
        self.changes.append((frozenset(record_ids), user_id))
        self.happened.set()

    def refused(self, operation: Operation, reason: str) -> None:
        self.refusals.append(reason)
        self.happened.set()

    def rights(self) -> None:
        self.rights_changed += 1
        self.happened.set()


class Laptop:
    """A program without windows, signed in as somebody."""

    def __init__(self, sharing: Sharing, key: str) -> None:
        self.sharing = sharing
        self.key = key
        self.seen = Seen()

    @property
    def workspace(self) -> Workspace:
        return self.sharing.workspace

    def open(self, model_id: str) -> tuple[Document, SharedModel]:
        document = self.workspace.open(model_id)
        shared = self.sharing.opened(document)
        assert shared is not None
        shared.listen(self.seen)
        return document, shared

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(SOON):
            while not condition():
                self.seen.happened.clear()
                await self.seen.happened.wait()


@asynccontextmanager
async def laptop(server: Running, name: str, folder: Path, url: str = "") -> AsyncIterator[Laptop]:
    """A program of this person's, on a library that stays."""
    library = open_library(folder / f"{name}.db")
    network = ClientNetwork(library, folder)
    http = await ServerHttp.open(url or server.url)
    account = Account(server=http.address, user_id=server.ids[name], name=name.capitalize())
    network.adopt(account.key, ServerGateway(account, ServerApi(http, Given(server.tokens[name]))))
    sharing = Sharing(Workspace(library, f"{name} at home", replicas=replica_of), network, replica_of)
    try:
        yield Laptop(sharing, account.key)
    finally:
        await sharing.close()
        await http.close()
        library.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with its people."""
    with running(tmp_path_factory.mktemp("sharing")) as one:
        yield one


def drawn(document: Document, label: str = "Shop") -> str:
    """Draw a node in the first diagram; returns its id."""
    cell_id = new_id()
    data = {
        "diagram_id": document.state.diagrams()[0].id, "type": "process", "label": label,
        "position": {"x": 0, "y": 0}, "size": {"width": 120, "height": 60},
    }  # fmt: skip
    document.apply((add("cell", cell_id, data),), title="draw")
    return cell_id


def label(document: Document, cell_id: str) -> str:
    cell = document.state.cell(cell_id)
    return cell.label if cell is not None else "-"


async def uploaded(ada: Laptop, name: str = "Web shop") -> tuple[Document, SharedModel, str]:
    """A new model of ada's, brought to the server."""
    document = ada.workspace.create(name)
    cell = drawn(document)
    told: list[tuple[int, int]] = []
    shared = await ada.sharing.upload(document, ada.key, lambda *far: told.append(far))
    shared.listen(ada.seen)
    assert told[-1] == (2, 2)
    await ada.until(lambda: shared.is_live)
    return document, shared, cell


async def fetched(bob: Laptop, model_id: str) -> tuple[Document, SharedModel]:
    """The model on bob's laptop, open and live."""
    gateway = await bob.sharing.network.gateway(bob.key)
    (remote,) = (one for one in (await gateway.models()).models if one.id == model_id)
    await bob.sharing.download(bob.key, remote, lambda *_far: None)
    document, shared = bob.open(model_id)
    await bob.until(lambda: shared.is_live)
    return document, shared


async def test_a_model_goes_to_a_server_and_a_colleague_edits_it(server: Running, tmp_path: Path) -> None:
    """And both see each other, with names; and what they do, while they do it."""
    async with laptop(server, "ada", tmp_path) as ada, laptop(server, "bob", tmp_path) as bob:
        document, shared, cell = await uploaded(ada)
        assert document.author == "Ada"
        gateway = await ada.sharing.network.gateway(ada.key)
        await gateway.set_role(document.model_id, server.ids["bob"], "writer")
        theirs, bobs = await fetched(bob, document.model_id)
        theirs.apply((update("cell", cell, label="Web shop"),), title="rename")
        await ada.until(lambda: label(document, cell) == "Web shop")
        assert ada.seen.changes == [(frozenset({cell}), server.ids["bob"])]
        assert bob.seen.changes == []
        await ada.until(lambda: len(shared.company_now.people) == 2)
        assert {one.name for one in shared.company_now.people} == {"ada", "bob"}
        assert ada.sharing.names[server.ids["bob"]] == "bob"
        assert bobs.session is not None
        diagram_id = document.state.diagrams()[0].id
        bobs.session.show(CursorAt(participant_id="", diagram_id=diagram_id, position=Point(3.0, 4.0)))
        await ada.until(lambda: any(isinstance(one, CursorAt) for one in ada.seen.seen))
        document.apply((update("cell", cell, technology="Python"),), title="technology")
        document.undo()
        assert not document.undo(), "what bob has renamed since is not taken away by undoing the drawing"
        await shared.sent()
        await bob.until(lambda: theirs.sequence_number == document.sequence_number)
        assert content(theirs.state) == content(document.state)
        (listed,) = ada.workspace.summaries()
        assert (listed.server, listed.waiting) == (ada.key, 0)


async def test_edits_go_on_while_it_is_brought_there(server: Running, tmp_path: Path) -> None:
    async with laptop(server, "ada", tmp_path) as ada:
        document = ada.workspace.create("Busy")
        cell = drawn(document)
        rest = list(range(40))

        def progress(_done: int, _of: int) -> None:
            for n in rest[:8]:
                document.apply((update("cell", cell, label=f"Label {n}"),))
            del rest[:8]

        shared = await ada.sharing.upload(document, ada.key, progress)
        shared.listen(ada.seen)
        document.apply((update("cell", cell, label="Attached"),))
        await ada.until(lambda: shared.is_live and not shared.waiting_count)
        async with laptop(server, "ada", tmp_path / "..") as elsewhere:
            copy, _ = await fetched(elsewhere, document.model_id)
            assert content(copy.state) == content(document.state)
            assert label(copy, cell) == "Attached"


async def test_a_week_on_the_train_and_home(server: Running, tmp_path: Path) -> None:
    """What is done without a server is sent later; brought home, the model is the laptop's again."""
    async with proxied(server.url) as proxy:
        async with laptop(server, "ada", tmp_path, proxy.address) as ada:
            document, shared, cell = await uploaded(ada)
            proxy.lead_to("http://127.0.0.1:9")
            proxy.cut()
            await ada.until(lambda: shared.status_now.state == "waiting")
            assert shared.session is None
            document.apply((update("cell", cell, label="On the train"),))
            assert shared.waiting_count == 1
        async with laptop(server, "ada", tmp_path, proxy.address) as ada:
            (listed,) = ada.workspace.summaries()
            assert listed.waiting == 1
            document, shared = ada.open(listed.id)
            assert label(document, cell) == "On the train"
            await ada.until(lambda: shared.status_now.state == "waiting")
            proxy.lead_to(server.url)
            shared.retry()
            await ada.until(lambda: shared.is_live and not shared.waiting_count)
            await ada.sharing.bring_home(document.model_id)
            assert ada.sharing.shared(document.model_id) is None
            document.apply((update("cell", cell, label="At home"),))
            ada.workspace.library.flush()
            assert ada.workspace.library.verify().broken == ()
            (listed,) = ada.workspace.summaries()
            assert listed.server == ""


async def test_a_role_that_is_taken_away(server: Running, tmp_path: Path) -> None:
    async with laptop(server, "ada", tmp_path) as ada, laptop(server, "bob", tmp_path) as bob:
        document, shared, cell = await uploaded(ada)
        gateway = await ada.sharing.network.gateway(ada.key)
        await gateway.set_role(document.model_id, server.ids["bob"], "writer")
        theirs, bobs = await fetched(bob, document.model_id)
        assert theirs.read_only == ""
        await gateway.set_role(document.model_id, server.ids["bob"], "reader")
        await bob.until(lambda: bool(theirs.read_only))
        assert bob.seen.rights_changed == 1
        await bob.sharing.closed(document.model_id)
        bob.workspace.release(document.model_id)
        again, _ = bob.open(document.model_id)
        assert again.read_only, "remembered, also without a server"
        assert bobs.session is None
        assert label(document, cell) == "Shop"
        assert shared.is_live


async def test_copies_and_refusals(server: Running, tmp_path: Path) -> None:
    async with laptop(server, "ada", tmp_path) as ada:
        document, _, cell = await uploaded(ada, "Copied")
        with pytest.raises(LibraryError, match="on a server already"):
            await ada.sharing.upload(document, ada.key, lambda *_far: None)
        gateway = await ada.sharing.network.gateway(ada.key)
        (remote,) = (await gateway.models(search="copied")).models
        assert (remote.name, remote.role, remote.version) == ("Copied", "owner", 2)
        with pytest.raises(LibraryError, match="in your library already"):
            await ada.sharing.download(ada.key, remote, lambda *_far: None)
        copy_id = await ada.sharing.copy_down(ada.key, remote, lambda *_far: None)
        copy = ada.workspace.open(copy_id)
        assert copy.name == "Copied (copy)"
        assert copy.attachment is None
        assert copy.state.cell(cell) is None, "under new ids"
        await gateway.delete(document.model_id)
        assert (await gateway.models(search="copied")).total == 0
        await gateway.restore(document.model_id)
        assert (await gateway.models(search="copied")).total == 1
