"""The program as a process with a shared model open: followed from the start, and a quiet end."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.sharing import Sharing
from app.services.workspace import Workspace
from app.wiring.desktop import replica_of
from storage import open_library
from sync.client.network import ClientNetwork
from tests.gui.servers.conftest import start_server
from tests.sync.client.hands import Browser
from tests.sync.server.running import Running
from tests.wiring.test_processes import DEADLINE, Machine, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs signals")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    """A server that a test may stop."""
    (tmp_path / "server").mkdir()
    one = start_server(tmp_path / "server")
    one.start()
    yield one
    one.stop()


@pytest.fixture
def machine(tmp_path: Path, server: Running) -> Iterator[Machine]:
    """A machine on which a shared model was open at the last end."""
    (tmp_path / "user").mkdir()
    machine = Machine(tmp_path / "user")
    model_id = asyncio.run(_share(machine, server))
    settings = machine.folder / "config" / "TMI" / "TMI Desktop.ini"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(f"[General]\nsession={model_id}\n", "utf-8")
    yield machine
    machine.end()


async def _share(machine: Machine, server: Running) -> str:
    library = open_library(machine.library)
    workspace = Workspace(library, "Ann", replicas=replica_of)
    network = ClientNetwork(library, machine.folder)
    sharing = Sharing(workspace, network, replica_of)
    network.add(await network.look(server.url))
    account = await network.sign_in(server.url, Browser(), lambda _attempt: None)
    document = workspace.create("Shared")
    await sharing.upload(document, account.key, lambda _done, _total: None)
    await sharing.close()
    library.close()
    return document.model_id


@pytest.mark.parametrize("lost", [False, True])
def test_followed_from_the_start_and_a_quiet_end(machine: Machine, server: Running, lost: bool) -> None:
    before = server.log().count("connection open")
    program = machine.start()
    until(lambda: server.log().count("connection open") > before, program)
    if lost:
        server.stop(signal.SIGKILL)
    program.send_signal(signal.SIGTERM)
    assert program.communicate(timeout=DEADLINE) == ("", "")
    assert program.returncode == 0
