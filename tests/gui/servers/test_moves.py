"""Models between this computer and a server: up, down, kept, removed, copied, moved, with what is asked."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from app.domain.patch import update
from tests.gui.servers.conftest import Sit
from tests.gui.servers.hands import Desk, answer, open_ones, press, the, until
from tests.gui.servers.test_remote import page, turned
from tests.sync.client.hands import Browser
from tests.sync.client.proxy import proxied
from tests.sync.server.running import Running
from ui.servers.uploading import Choice, UploadDialog

pytestmark = pytest.mark.usefixtures("windows_loop")


def summary(desk: Desk, name: str) -> object:
    return next((one for one in desk.program.workspace.summaries() if one.name == name), None)


async def uploaded(desk: Desk, name: str, choice: Choice) -> None:
    """Through the menu and the dialog."""
    assert desk.home.places is not None
    desk.home.places.choose("")
    desk.home.refresh()
    await desk.pick(name, "Upload to a server…")
    dialog = await the(UploadDialog)
    QTest.keyClick(dialog.ways[choice], Qt.Key.Key_Space)
    await press(dialog.upload)
    await until(lambda: not desk.connections.transfers.running)


async def test_upload_and_keep(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    model_id = desk.model("Grown here")
    key = await turned(desk, server)
    await uploaded(desk, "Grown here", Choice.KEEP)
    await until(lambda: "is on" in desk.home.toast.text)
    assert desk.states()["Grown here"].startswith("Up to date just now · ")
    assert desk.home.places is not None
    desk.home.places.choose(key)
    await until(lambda: desk.names() == ["Grown here"])
    assert desk.states() == {"Grown here": "Here too: up to date just now"}
    page(desk).list.setFocus()
    desk.choose("Grown here")
    QTest.keyClick(page(desk).list, Qt.Key.Key_Return)
    await until(lambda: model_id in desk.program.windows)
    await until(lambda: (shared := desk.sharing.shared(model_id)) is not None and shared.is_live)
    await until(lambda: "live, up to date" in desk.states()["Grown here"])
    desk.program.windows[model_id].close()
    await until(lambda: desk.sharing.shared(model_id) is None)


async def test_move_and_fetch_by_opening(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    model_id = desk.model("Moves")
    key = await turned(desk, server)
    await uploaded(desk, "Moves", Choice.MOVE)
    await until(lambda: desk.names() == [])
    assert not desk.program.workspace.has(model_id)
    assert desk.home.places is not None
    desk.home.places.choose(key)
    await until(lambda: desk.states() == {"Moves": "On the server only"})
    desk.choose("Moves")
    QTest.keyClick(page(desk).list, Qt.Key.Key_Return)
    await until(lambda: model_id in desk.program.windows)
    assert desk.program.windows[model_id].document.name == "Moves"
    assert desk.program.workspace.library.verify().broken == ()


async def test_upload_a_copy(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    desk.model("Original")
    key = await turned(desk, server)
    await uploaded(desk, "Original", Choice.COPY)
    await until(lambda: "A copy of" in desk.home.toast.text)
    assert desk.states() == {"Original": ""}
    assert desk.home.places is not None
    desk.home.places.choose(key)
    await until(lambda: desk.states() == {"Original": "On the server only"})


async def test_keep_remove_and_keep_again(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    await turned(desk, server, "Offline")
    await desk.pick("Offline", "Keep on this computer")
    await until(lambda: desk.states()["Offline"].startswith("Here too"))
    await desk.pick("Offline", "Remove from this computer")
    await until(lambda: desk.states() == {"Offline": "On the server only"})
    assert not open_ones(QMessageBox), "nothing would have been lost"
    assert summary(desk, "Offline") is None
    await until(lambda: desk.home.toast.text.endswith("no longer kept here."))
    desk.home.toast.act()
    await until(lambda: summary(desk, "Offline") is not None)


async def test_what_waits_is_not_lost_unasked(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    async with proxied(server.url) as proxy:
        key = await turned(desk, server, "Edited offline")
        (model_id,) = [one.id for one in (await (await desk.network.gateway(key)).models()).models]
        await desk.network.sign_out(key)
        desk.network.add(await desk.network.look(proxy.address))
        account = await desk.network.sign_in(proxy.address, Browser(), lambda _attempt: None)
        assert desk.home.places is not None
        desk.home.places.choose(account.key)
        await until(lambda: page(desk)._loaded)
        await desk.pick("Edited offline", "Keep on this computer")
        await until(lambda: "is kept on this computer" in desk.home.toast.text)
        proxy.lead_to("http://127.0.0.1:9")
        proxy.cut()
        window = desk.program.open_model(model_id)
        assert window is not None
        window.document.apply((update("threat_model", model_id, description="on the train"),))
        desk.home.places.choose("")
        await until(lambda: "1 to send" in desk.states()["Edited offline"])
        await until(lambda: window.status.saved.text() == "Saved")
        await until(lambda: "offline since" in desk.states()["Edited offline"])
        window.close()
        await until(lambda: desk.sharing.shared(model_id) is None)
        await until(lambda: "1 to send" in desk.states()["Edited offline"])
        await desk.pick("Edited offline", "Remove from this computer")
        box = await the(QMessageBox)
        assert "1 change of yours still to be sent" in box.informativeText()
        QTest.keyClick(box, Qt.Key.Key_Return)
        await until(lambda: not open_ones(QMessageBox))
        assert summary(desk, "Edited offline") is not None, "Enter alone must not lose anything"
        await desk.pick("Edited offline", "Remove from this computer")
        await answer("Remove and lose them")
        await until(lambda: summary(desk, "Edited offline") is None)


async def test_copy_to_this_computer(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    await turned(desk, server, "Theirs")
    await desk.pick("Theirs", "Copy to this computer")
    await until(lambda: summary(desk, "Theirs (copy)") is not None)
    assert getattr(summary(desk, "Theirs (copy)"), "server", None) == ""
    assert desk.states() == {"Theirs": "On the server only"}


async def test_move_to_this_computer_and_take_it_back(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    await turned(desk, server, "Comes home")
    await desk.pick("Comes home", "Move to this computer")
    await until(lambda: getattr(summary(desk, "Comes home"), "server", None) == "")
    await until(lambda: "in the bin of" in desk.home.toast.text)
    page(desk).refresh()
    await until(lambda: desk.names() == [])
    desk.home.toast.act()
    gateway = await desk.network.gateway(page(desk).key)
    async with asyncio.timeout(20):
        while not (await gateway.models()).models:
            await asyncio.sleep(0.02)
    page(desk).refresh()
    await until(lambda: desk.names() == ["Comes home"])


async def test_only_this_computer(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    key = await turned(desk, server, "Left there", diagrams=True)
    await desk.pick("Left there", "Keep on this computer")
    await until(lambda: "is kept on this computer" in desk.home.toast.text)
    assert desk.home.places is not None
    desk.home.places.choose("")
    desk.home.refresh()
    (model_id,) = [one.id for one in desk.program.workspace.summaries()]
    window = desk.program.open_model(model_id)
    assert window is not None
    await until(lambda: (one := desk.sharing.shared(model_id)) is not None and one.is_live)
    await desk.pick("Left there", "Have only this computer keep it…")
    await answer("Leave it on the server")
    await until(lambda: getattr(summary(desk, "Left there"), "server", None) == "")
    assert [one.name for one in (await (await desk.network.gateway(key)).models()).models] == ["Left there"]
    assert desk.program.windows == {model_id: window}, "it stays open"
    assert window.document.attachment is None
    window.document.apply((update("threat_model", model_id, name="Ours again"),))
    desk.program.workspace.library.flush()
    assert desk.program.workspace.library.verify().broken == ()
    assert desk.states() == {"Left there": ""}


async def test_closed_and_opened_again_at_once(sit: Sit, server: Running) -> None:
    """Whoever followed it before has ended first: what is on its way is written once."""
    desk = sit("desk")
    key = await turned(desk, server, "Again", diagrams=True)
    await desk.pick("Again", "Keep on this computer")
    await until(lambda: "is kept on this computer" in desk.home.toast.text)
    (model_id,) = [one.id for one in desk.program.workspace.summaries()]
    for number in range(4):
        window = desk.program.open_model(model_id)
        assert window is not None
        window.document.apply((update("threat_model", model_id, description=f"{number}"),))
        if number % 2:
            await until(lambda: (one := desk.sharing.shared(model_id)) is not None and one.is_live)
            window.document.apply((update("threat_model", model_id, description=f"{number} live"),))
        window.close()
    window = desk.program.open_model(model_id)
    assert window is not None
    assert window.document.state.model is not None
    assert window.document.state.model.description == "3 live"
    await until(lambda: (one := desk.sharing.shared(model_id)) is not None and not one.waiting_count)
    gateway = await desk.network.gateway(key)
    there = [event async for events in gateway.log(model_id) for event in events]
    desk.program.workspace.library.flush()
    assert desk.program.workspace.library.load(model_id).sequence_number == len(there)
    assert desk.program.workspace.library.verify().broken == ()
