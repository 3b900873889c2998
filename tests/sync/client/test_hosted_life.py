"""The life of a hosted server: killed, left alone, stopped under load, moved, and one that cannot be."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.errors import LibraryError
from app.domain.ids import new_id
from storage.server import open_server
from sync.client.channel import Channel
from sync.client.errors import ChannelClosed, HostingFailed
from sync.client.hosting import HostedServer, Hosting
from sync.client.invite_link import parse_invite_link
from sync.client.sign_in import redeem
from sync.protocol import messages as m
from tests.manners import ROOT
from tests.sync.client.hosted import hosted, hosting, model_with_diagram, node, signed_in

pytestmark = pytest.mark.asyncio
SOON = 40.0


async def edit_until_the_end(channel: Channel, diagram_id: str, enough: asyncio.Event) -> dict[str, int]:
    """Edit as fast as the server takes it; returns what was acknowledged before the connection ended."""
    acknowledged: dict[str, int] = {}
    said = ""

    async def send() -> None:
        try:
            while True:
                await channel.send(m.DiagramOperation(operation_id=new_id(), patch=node(diagram_id)))
                await asyncio.sleep(0)
        except ChannelClosed:
            return

    sending = asyncio.ensure_future(send())
    try:
        async for message in channel:
            if isinstance(message, m.Ack):
                acknowledged[message.operation_id] = message.sequence_number
                if len(acknowledged) >= 50:
                    enough.set()
    except ChannelClosed as closed:
        said = closed.reason
    await sending
    assert said == "shutdown"
    return acknowledged


def log_of(what: Hosting, model_id: str) -> dict[str, int]:
    """What is in the database, by operation."""
    store = open_server(what.database)
    try:
        events = store.rooms.events(model_id, 0, 1_000_000)
        assert store.verify().broken == ()
        return {one.operation.operation_id: one.sequence_number for one in events}
    finally:
        store.close()


async def test_a_stop_loses_nothing_acknowledged(tmp_path: Path) -> None:
    what, enough = hosting(tmp_path), asyncio.Event()
    async with hosted(what) as server, signed_in(server) as api:
        model_id, diagram_id = await model_with_diagram(api)
        async with await Channel.connect(api, model_id, diagram_id) as channel:
            editing = asyncio.ensure_future(edit_until_the_end(channel, diagram_id, enough))
            await asyncio.wait_for(enough.wait(), SOON)
            ended = await server.stop()
            acknowledged = await asyncio.wait_for(editing, SOON)
        assert (ended.status, ended.expected, ended.reason) == (0, True, "the server was stopped")
        assert await server.stop() == ended
    kept = log_of(what, model_id)
    assert len(acknowledged) >= 50
    assert acknowledged.items() <= kept.items()


async def test_it_is_killed_and_comes_back_at_the_same_place(tmp_path: Path) -> None:
    what = hosting(tmp_path, tls=True)
    async with hosted(what) as server, signed_in(server) as api:
        model_id, _ = await model_with_diagram(api)
        link = (await api.invite(model_id, "writer")).link
        os.kill(server.listening.pid, signal.SIGKILL)
        ended = await asyncio.wait_for(server.wait(), SOON)
        assert (ended.status, ended.expected) == (-signal.SIGKILL, False)
        assert ended.reason == "the server was ended by signal 9"
        assert any("Application startup complete" in line for line in ended.last_words)
        assert not server.is_running
        with pytest.raises(HostingFailed, match="has ended"):
            await server.sign_in(api.http)
        async with hosted(what) as again:
            assert again.listening.address == server.listening.address
            assert again.listening.fingerprint == server.listening.fingerprint
            assert (await api.model(model_id)).name == "Workshop", "the way and the sign-in go on"
            guest = await redeem(api.http, parse_invite_link(link), "Grace")
            assert guest.model_id == model_id
        assert not any("graceful shutdown exceeded" in line for line in again.log), "a client that idles"


async def test_a_port_that_is_taken_meanwhile(tmp_path: Path) -> None:
    what = hosting(tmp_path)
    kept = what.database.with_name("server.db.port")
    what.database.parent.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        kept.write_text(f"{taken}\n", "ascii")
        async with hosted(what) as server:
            assert server.listening.moved_from == taken
            assert server.listening.port != taken
            assert any(f"port {taken} is taken" in line for line in server.log)
            assert int(kept.read_text("ascii")) == server.listening.port


PARENT = """
import asyncio, os, sys
from pathlib import Path
from sync.client.hosting import HostedServer, Hosting
async def main():
    what = Hosting(database=Path(sys.argv[1]), user_id=sys.argv[2], name="Ada")
    server = await HostedServer.start(what)
    print(server.listening.pid, server.listening.port, flush=True)
    await server.wait()
asyncio.run(main())
"""


async def test_it_does_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    what = hosting(tmp_path)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(what.database), what.user_id], cwd=ROOT,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert parent.stdout is not None
    pid, _ = map(int, (await asyncio.to_thread(parent.stdout.readline)).split())
    parent.kill()
    await asyncio.to_thread(parent.communicate)
    async with asyncio.timeout(SOON):
        while is_alive(pid):
            await asyncio.sleep(0.02)
    assert what.database.with_name("server.db.lock").read_bytes() == b"", "let go of in good order"
    assert can_be_had(what)


def is_alive(pid: int) -> bool:
    """Whether a process that is not our child runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text("ascii", "replace").rpartition(")")[2].split()[0] == "Z")


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "hosted").write_text("no folder", "utf-8")
    what = hosting(tmp_path)
    with pytest.raises(HostingFailed) as failed:
        await HostedServer.start(what)
    assert len(failed.value.log) == 1
    assert str(failed.value) == (
        f"the server did not start: {what.database} cannot be opened: what should be its folder is a file"
    )


async def test_giving_up_leaves_nothing_behind(tmp_path: Path) -> None:
    what = hosting(tmp_path)
    starting = asyncio.ensure_future(HostedServer.start(what))
    async with asyncio.timeout(SOON):
        while not what.database.exists():
            await asyncio.sleep(0.01)
    starting.cancel()
    await asyncio.wait([starting])
    async with asyncio.timeout(SOON):
        while not can_be_had(what):
            await asyncio.sleep(0.02)
    with pytest.raises(HostingFailed, match="did not start within 0 seconds"):
        await HostedServer.start(what, patience=0.01)


def can_be_had(what: Hosting) -> bool:
    """Whether no server holds the database."""
    try:
        open_server(what.database).close()
    except LibraryError:
        return False
    return True
