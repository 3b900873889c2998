"""Hosting as a facilitator does it: a model shared from a laptop, guests, mishaps, and home again."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.domain.patch import update
from app.ports_network import NetworkError
from app.services.document import Document
from app.services.sharing import SharedModel, Sharing
from app.services.sharing.hosting import Hosts
from app.services.sharing.joining import join
from app.services.workspace import Workspace
from app.wiring.desktop import replica_of
from storage import open_library
from sync.client.network import ClientNetwork
from sync.client.own_servers import OwnServers
from tests.domain.sound import content
from tests.wiring.test_sharing import Laptop, Seen, drawn, label

pytestmark = pytest.mark.asyncio


class Facilitator(Laptop):
    """A laptop that hosts on loopback."""

    def __init__(self, sharing: Sharing, hosts: Hosts) -> None:
        super().__init__(sharing, "")
        self.hosts = hosts

    def opened(self, model_id: str) -> tuple[Document, SharedModel]:
        document, shared = self.open(model_id)
        return document, shared

    @property
    def pid(self) -> int:
        """The server's process."""
        (one,) = self.hosts.all
        server = one.server
        assert server is not None
        pid: int = server._server.listening.pid  # type: ignore[attr-defined]
        return pid


@asynccontextmanager
async def facilitator(folder: Path, name: str = "ada") -> AsyncIterator[Facilitator]:
    """A program on a library that stays."""
    library = open_library(folder / f"{name}.db")
    network = ClientNetwork(library, folder / name)
    sharing = Sharing(Workspace(library, name.capitalize(), replicas=replica_of), network, replica_of)
    hosts = Hosts(sharing, OwnServers(network, library, folder / name / "hosted", "127.0.0.1"))
    try:
        yield Facilitator(sharing, hosts)
    finally:
        await hosts.close()
        await sharing.close()
        library.close()


async def begun(ada: Facilitator) -> tuple[Document, SharedModel, str, str]:
    """A model that is hosted: document, company, a node of it, and an invite link."""
    document = ada.workspace.create("Workshop")
    cell = drawn(document)
    shared = await ada.hosts.share(document, lambda *_far: None)
    shared.listen(ada.seen)
    await ada.until(lambda: shared.is_live)
    invitation = await (await shared.gateway()).invite(document.model_id, "writer", uses=2)
    assert invitation.links[0][1] == invitation.link
    assert "sha256=" in invitation.link
    return document, shared, cell, invitation.link


async def came(guest: Facilitator, link: str) -> tuple[Document, SharedModel]:
    """A guest who has joined by the link."""
    model_id = await join(guest.sharing, link, "Grace", lambda *_far: None)
    document, shared = guest.open(model_id)
    await guest.until(lambda: shared.is_live)
    return document, shared


async def test_a_workshop_and_home_with_all_edits(tmp_path: Path) -> None:
    """And once more, with the same link for the guest who has been there."""
    async with facilitator(tmp_path) as ada, facilitator(tmp_path, "grace") as grace:
        document, shared, cell, link = await begun(ada)
        assert shared.company_now.i_host
        theirs, company = await came(grace, link)
        assert (theirs.author, label(theirs, cell)) == ("Grace", "Shop")
        await ada.until(lambda: {one.name for one in shared.company_now.people} == {"Ada", "Grace"})
        theirs.apply((update("cell", cell, label="Renamed by a guest"),), title="rename")
        await company.sent()
        await ada.hosts.stop(document.model_id)
        assert document.attachment is None
        assert document.replica is None
        assert label(document, cell) == "Renamed by a guest"
        assert ada.hosts.all == ()
        document.apply((update("cell", cell, technology="Rust"),), title="alone")
        assert not document.undo().dropped
        ada.workspace.library.flush()
        assert ada.workspace.library.verify().broken == ()
        await grace.until(lambda: company.status_now.state == "waiting")
        theirs.apply((update("cell", cell, description="Written on the way home"),))
        shared = await ada.hosts.share(document, lambda *_far: None)
        shared.listen(ada.seen)
        company.retry()
        await grace.until(lambda: company.is_live and not company.waiting_count)
        await ada.until(lambda: shared.is_live and document.sequence_number >= theirs.sequence_number)
        assert content(document.state) == content(theirs.state)
        await ada.hosts.stop(document.model_id)


async def test_a_server_that_is_killed_runs_again(tmp_path: Path) -> None:
    async with facilitator(tmp_path) as ada, facilitator(tmp_path, "grace") as grace:
        document, shared, cell, link = await begun(ada)
        theirs, company = await came(grace, link)
        notices: list[str] = []
        shared.notice = lambda code, text: notices.append(code)  # type: ignore[method-assign]
        before = ada.pid
        os.kill(before, signal.SIGKILL)
        await ada.until(lambda: not shared.is_live)
        document.apply((update("cell", cell, label="While it was dead"),))
        async with asyncio.timeout(30):
            while not (notices and shared.is_live and not shared.waiting_count):
                await asyncio.sleep(0.02)
        assert notices == ["restarted"]
        assert ada.pid != before
        company.retry()
        await grace.until(lambda: label(theirs, cell) == "While it was dead")


async def test_a_program_that_died_goes_on_hosting(tmp_path: Path) -> None:
    """The model is found as it was left, and guests by their old link."""
    async with facilitator(tmp_path, "grace") as grace:
        async with facilitator(tmp_path) as ada:
            document, _, cell, link = await begun(ada)
            theirs, company = await came(grace, link)
        await grace.until(lambda: company.status_now.state == "waiting")
        theirs.apply((update("cell", cell, label="Meanwhile"),))
        async with facilitator(tmp_path) as ada:
            again = ada.workspace.open(document.model_id)
            assert ada.hosts.is_own(again)
            shared = ada.sharing.opened(again)
            assert shared is not None
            shared.listen(ada.seen)
            await ada.hosts.resume(again)
            await ada.until(lambda: shared.is_live)
            company.retry()
            await ada.until(lambda: label(again, cell) == "Meanwhile")
            await ada.hosts.stop(document.model_id)
            assert again.attachment is None


async def test_a_database_of_another_past_is_set_aside(tmp_path: Path) -> None:
    """Hosted, brought home while the server had more, and hosted again: nothing is in the way."""
    async with facilitator(tmp_path) as ada, facilitator(tmp_path, "grace") as grace:
        document, _, cell, link = await begun(ada)
        theirs, company = await came(grace, link)
        await ada.sharing.closed(document.model_id)
        theirs.apply((update("cell", cell, label="Unseen"),))
        await company.sent()
        await ada.hosts.close()
        ada.workspace.detach(document.model_id)
        document = ada.workspace.open(document.model_id)
        document.apply((update("cell", cell, label="Another past"),))
        shared = await ada.hosts.share(document, lambda *_far: None)
        shared.listen(ada.seen)
        await ada.until(lambda: shared.is_live)
        assert (tmp_path / "ada" / "hosted" / f"{document.model_id}.1" / "server.db").exists()


async def test_a_folder_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with facilitator(tmp_path) as ada:
        document = ada.workspace.create("Workshop")
        (tmp_path / "ada").mkdir(exist_ok=True)
        (tmp_path / "ada" / "hosted").write_text("in the way")
        with pytest.raises(NetworkError, match=r"cannot be written"):
            await ada.hosts.share(document, lambda *_far: None)
        assert document.attachment is None
        assert ada.hosts.all == ()


__all__ = ["Seen"]
