"""Signing in through a real browser, from the button in the servers window to the browser's last page."""

from pathlib import Path

import pytest

from tests.gui.servers.chromium import chromium, program
from tests.gui.servers.conftest import Browsing, Sit
from tests.gui.servers.hands import press, the, until
from tests.sync.client.hands import PASSWORD
from tests.sync.server.running import Running
from ui.servers.signing_in import SignInDialog
from ui.servers.window import ServersWindow

pytestmark = [
    pytest.mark.usefixtures("windows_loop"),
    pytest.mark.skipif(not program(), reason="needs Chromium"),
]


async def test_sign_in(sit: Sit, server: Running, browsing: Browsing, tmp_path: Path) -> None:
    desk = sit("desk")
    browsing.works = False
    desk.network.add(await desk.network.look(server.url))
    desk.program.show_servers()
    window = await the(ServersWindow)
    (card,) = window.cards.values()
    await press(card.sign_in)
    await the(SignInDialog)
    await until(lambda: bool(browsing.opened))
    async with chromium(tmp_path / "browser") as page:
        await page.visit(browsing.opened[0])
        await page.type("input[name=username]", "carla")
        await page.type("input[name=password]", PASSWORD)
        await page.click("button[value=go], button[type=submit]")
        assert await page.until("document.querySelector('h1')?.innerText.includes('close this window')")
        assert "127.0.0.1" in await page.run("location.host")
    await until(lambda: bool(desk.network.servers[0].accounts))
    assert desk.network.servers[0].accounts[0].name == "Carla"
