"""A real server whose store was put back from a backup, and desks that had seen more."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.patch import update
from storage import open_library
from tests.domain.sound import content
from tests.manners import ROOT
from tests.sync.client.hands import api_of
from tests.sync.client.proxy import proxied
from tests.sync.server.live.hands import Place
from tests.sync.server.running import running
from tests.wiring.test_live_documents import desk, is_live, node

pytestmark = pytest.mark.asyncio


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A model of ada's that bob may write, on a server of its own."""
    with running(tmp_path) as server:
        yield Place(server)


def command(place: Place, *arguments: str) -> None:
    """One of the server's commands, run to its end."""
    environment = os.environ | {"TMI_DATABASE_SQLITE_PATH": str(place.server.folder / "server.db")}
    done = subprocess.run(
        [sys.executable, "-m", "app", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


async def test_a_backup_is_put_back_while_desks_are_open(place: Place, tmp_path: Path) -> None:
    """BACK-1, BACK-2, BACK-3, NOLOSS-1, CONV-3: everybody offers again what is theirs; the logs are one."""
    backup = tmp_path / "backup.db"
    async with (
        proxied(place.server.url) as proxy,
        api_of(place.server, url=proxy.address) as ada_api,
        api_of(place.server, "bob", url=proxy.address) as bob_api,
    ):
        cell = await node(place, ada_api, tmp_path / "ada.db")
        command(place, "backup", str(backup))
        async with (
            desk(ada_api, place, tmp_path / "ada.db") as ada,
            desk(bob_api, place, tmp_path / "bob.db") as bob,
        ):
            for one in (ada, bob):
                await one.until(is_live(one))
            for number in range(5):
                ada.document.apply((update("cell", cell, label=f"Ada {number}"),))
                bob.document.apply((update("cell", cell, description=f"Bob {number}"),))
                await ada.quiet()
                await bob.quiet()
            for one in (ada, bob):
                await one.until(lambda one=one: one.document.sequence_number == 13)  # type: ignore[misc]
            place.server.stop()
            command(place, "restore", str(backup))
            ada.document.apply((update("cell", cell, technology="Meanwhile"),))
            before = [len(one.seen.statuses) for one in (ada, bob)]
            place.server.start()
            proxy.lead_to(place.server.url)
            for one, known in zip((ada, bob), before, strict=True):
                one.live.retry()
                await one.until(
                    lambda one=one, known=known: any(s.state == "live" for s in one.seen.statuses[known:])  # type: ignore[misc]
                )
                await one.quiet()
            last = max(one.document.sequence_number for one in (ada, bob))
            for one in (ada, bob):
                await one.until(lambda one=one: one.document.sequence_number == last)  # type: ignore[misc]
            shown = ada.document.state.cell(cell)
            assert shown is not None
            assert (shown.label, shown.description, shown.technology) == ("Ada 4", "Bob 4", "Meanwhile")
            assert content(ada.document.state) == content(bob.document.state)
            assert [one.own for one in ada.document.lost].count(True) == 5
            # What Bob has offered again before Ada came back is not lost to her.
            assert 5 <= len(ada.document.lost) <= 10
            server = [event.hash async for page in ada_api.log(place.model_id) for event in page]
        for name in ("ada", "bob"):
            library = open_library(tmp_path / f"{name}.db")
            assert library.verify().broken == ()
            assert [event.hash for event in library.log(place.model_id)] == server
            library.close()


async def test_a_desk_that_comes_back_later_finds_it_out(place: Place, tmp_path: Path) -> None:
    """BACK-1, BACK-2, REVIEW-1: what was done there since is not overwritten."""
    backup = tmp_path / "backup.db"
    async with api_of(place.server) as ada_api:
        cell = await node(place, ada_api, tmp_path / "ada.db")
        command(place, "backup", str(backup))
        async with desk(ada_api, place, tmp_path / "ada.db") as ada:
            await ada.until(is_live(ada))
            ada.document.apply((update("cell", cell, label="Ada's", technology="Python"),))
            await ada.quiet()
    place.server.stop()
    command(place, "restore", str(backup))
    place.server.start()
    async with api_of(place.server, "bob") as bob_api, api_of(place.server) as ada_api:
        async with desk(bob_api, place, tmp_path / "bob.db") as bob:
            await bob.until(is_live(bob))
            bob.document.apply((update("cell", cell, label="Bob's, since"),))
            await bob.quiet()
        async with desk(ada_api, place, tmp_path / "ada.db") as ada:
            await ada.until(is_live(ada))
            await ada.quiet()
            assert ada.label(cell) == "Bob's, since"
            (conflict,) = ada.document.conflicts
            assert conflict.mine == {"label": "Ada's"}
            held = ada.document.state.cell(cell)
            assert held is not None
            assert held.technology == "Python"


async def test_a_restart_that_only_changes_the_name_of_the_history(place: Place, tmp_path: Path) -> None:
    """BACK-1: nothing is lost, nothing is asked, and what waits is sent."""
    async with proxied(place.server.url) as proxy, api_of(place.server, url=proxy.address) as api:
        cell = await node(place, api, tmp_path / "ada.db")
        async with desk(api, place, tmp_path / "ada.db") as ada:
            await ada.until(is_live(ada))
            place.server.stop()
            (place.server.folder / "server.db.epoch").unlink()
            ada.document.apply((update("cell", cell, label="Waits"),))
            place.server.start()
            proxy.lead_to(place.server.url)
            ada.live.retry()
            await ada.quiet()
            assert (ada.document.lost, ada.document.conflicts, ada.label(cell)) == ((), (), "Waits")
