"""The library turned to a server: browsing, searching, paging, the server's bin, offline and signed out."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.domain.ids import new_id
from sync.client.api import ServerApi
from sync.client.gateway import ServerGateway
from tests.gui.servers.conftest import Browsing, Sit
from tests.gui.servers.hands import Desk, press, until, write
from tests.sync.client.hands import Browser
from tests.sync.client.proxy import proxied
from tests.sync.server.running import Running
from ui.home.remote_page import RemotePage

pytestmark = pytest.mark.usefixtures("windows_loop")


async def api_of(desk: Desk, key: str) -> ServerApi:
    gateway = await desk.network.gateway(key)
    assert isinstance(gateway, ServerGateway)
    return gateway.api


def page(desk: Desk) -> RemotePage:
    assert desk.home.remote is not None
    return desk.home.remote


async def turned(desk: Desk, server: Running, *models: str, diagrams: bool = False) -> str:
    """Signed in with these models on the server and none else, and looking at them.

    Without a diagram in it a model can be listed and fetched, not met on.
    """
    account = await desk.signed_in(server, Browser())
    api = await api_of(desk, account.key)
    while old := (await api.models()).models:
        for one in old:
            await api.delete(one.id)
    for name in models:
        made = await api.create(name)
        if diagrams:
            body, token = {"id": new_id(), "name": "d"}, await api._tokens.access_token()
            await api.http.ask("POST", f"/threat_models/{made.id}/diagrams", body=body,
                               headers={"Authorization": f"Bearer {token}"})  # fmt: skip
    assert desk.home.places is not None
    desk.home.places.choose(account.key)
    await until(lambda: page(desk)._loaded)
    return account.key


async def test_a_tab_for_each_place(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    desk.model("Mine")
    home = desk.home
    assert home.places is not None
    assert home.places.keys == [""]
    key = await turned(desk, server, "Payments", "Shop")
    assert desk.names() == ["Shop", "Payments"]
    assert desk.states() == {"Shop": "On the server only", "Payments": "On the server only"}
    assert not home.new_button.isVisible()
    QTest.keyClick(home, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert home.remote is None
    assert desk.names() == ["Mine"]
    assert home.new_button.isVisible()
    home.places.choose(key)
    await desk.network.sign_out(key)
    await until(lambda: desk.home.remote is not None and page(desk).sign_in.isVisible())
    assert page(desk).trouble.text() == f"You are signed out of {desk.network.servers[0].name}."


async def test_signing_in_from_where_one_is(sit: Sit, server: Running, browsing: Browsing) -> None:
    desk = sit("desk")
    desk.network.add(await desk.network.look(server.url))
    assert desk.home.places is not None
    desk.home.places.choose(f"{server.url} ")
    await until(lambda: page(desk).sign_in.isVisible())
    await press(page(desk).sign_in)
    await until(lambda: bool(desk.network.servers[0].accounts))
    await until(lambda: page(desk).key == desk.network.servers[0].accounts[0].key and page(desk)._loaded)
    assert page(desk).banner.isHidden()


async def test_the_search_is_the_servers(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    await turned(desk, server, "Payments", "Online shop", "Clinic")
    write(desk.home.search, "shop")
    await until(lambda: desk.names() == ["Online shop"])
    write(desk.home.search, "nowhere")
    await until(lambda: page(desk).empty.isVisible())
    assert page(desk).empty.text() == "No model matches “nowhere”."
    QTest.keyClick(desk.home.search, Qt.Key.Key_Escape)
    await until(lambda: len(desk.names()) == 3)


async def test_more_come_when_it_is_scrolled_to_the_end(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    await turned(desk, server, *(f"Model {n:03}" for n in range(130)))
    assert len(desk.names()) == 100
    assert page(desk).foot.text() == "100 of 130 models"
    bar = page(desk).list.verticalScrollBar()
    bar.setValue(bar.maximum())
    await until(lambda: len(desk.names()) == 130)
    assert len(set(desk.names())) == 130
    await until(lambda: page(desk).foot.isHidden())


async def test_to_the_servers_bin_and_back(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    await turned(desk, server, "Kept", "Gone")
    desk.choose("Gone")
    QTest.keyClick(page(desk).list, Qt.Key.Key_Delete)
    await until(lambda: desk.names() == ["Kept"])
    assert desk.home.toast.text.startswith("Moved “Gone” to the bin of ")
    desk.home.toast.act()
    await until(lambda: len(desk.names()) == 2)
    desk.choose("Gone")
    QTest.keyClick(page(desk).list, Qt.Key.Key_Delete)
    await until(lambda: desk.names() == ["Kept"])
    await press(desk.home.bin_button)
    await until(lambda: "Gone" in desk.names())
    assert not desk.home.restore_button.isEnabled()
    desk.choose("Gone")
    await press(desk.home.restore_button)
    await until(lambda: "Gone" not in desk.names())
    QTest.keyClick(desk.home, Qt.Key.Key_Escape)
    await until(lambda: set(desk.names()) == {"Kept", "Gone"})


async def test_nothing_there(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    await turned(desk, server)
    assert page(desk).empty.text().startswith("No models here yet.")


async def test_a_server_that_cannot_be_reached(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    async with proxied(server.url) as proxy:
        desk.network.add(await desk.network.look(proxy.address))
        account = await desk.network.sign_in(proxy.address, Browser(), lambda _attempt: None)
        api = await api_of(desk, account.key)
        made = await api.create(f"Kept {new_id()[-4:]}")
        model = next(one for one in (await (await desk.network.gateway(account.key)).models()).models
                     if one.id == made.id)  # fmt: skip
        await desk.sharing.download(account.key, model, lambda _done, _total: None)
        assert desk.home.places is not None
        proxy.lead_to("http://127.0.0.1:9")
        proxy.cut()
        desk.home.places.choose(account.key)
        await until(lambda: page(desk).banner.isVisible())
        assert page(desk).trouble.text().endswith("These are the models that you keep on this computer.")
        assert page(desk).retry.isVisible()
        assert desk.names() == [model.name]
        proxy.lead_to(server.url)
        await press(page(desk).retry)
        await until(lambda: page(desk).banner.isHidden())
        await until(lambda: page(desk)._loaded)
        assert desk.states()[model.name].startswith("Here too: up to date")
