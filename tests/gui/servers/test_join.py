"""Joining a shared model: by menu, by a pasted link, from the command line; again with another invite."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from sync.client.api import ServerApi
from sync.client.http import ServerHttp
from sync.client.invite_link import parse_invite_link
from tests.gui.servers.conftest import Sit
from tests.gui.servers.hands import Desk, open_ones, paste, press, the, until, write
from tests.sync.client.hands import Given, api_of
from tests.sync.client.test_trust import fingerprint_of
from tests.sync.server.live.hands import Place
from tests.sync.server.running import PUBLIC, Running
from ui.servers.joining import JoinDialog

pytestmark = pytest.mark.usefixtures("windows_loop")


async def invited(server: Running, place: Place, role: str = "writer") -> str:
    async with api_of(server) as api:
        made = await api.invite(place.model_id, "reader" if role == "reader" else "writer")
        return made.link


async def joined(desk: Desk, place: Place, dialog: JoinDialog, name: str) -> None:
    write(dialog.name, name)
    await press(dialog.join)
    await until(lambda: place.model_id in desk.program.windows)
    await until(lambda: not open_ones(JoinDialog))


async def test_paste_a_link_and_come_in(sit: Sit, server: Running) -> None:
    place, desk = Place(server), sit("guest")
    link = await invited(server, place)
    await until(desk.home.isActiveWindow)
    QTest.keyClick(desk.home, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    dialog = await the(JoinDialog)
    paste(dialog.link, "https://example.org/other")
    assert "no invite link" in dialog.where.text()
    assert not dialog.join.isEnabled()
    paste(dialog.link, link)
    assert dialog.where.text().startswith(f"Leads to a model at {server.url.removeprefix('http://')}.")
    await joined(desk, place, dialog, "Gita  Guest")
    assert desk.program.settings.text("join.name") == "Gita Guest"
    (account,) = desk.network.servers[0].accounts
    assert (account.name, account.is_guest) == ("Gita Guest", True)
    window = desk.program.windows[place.model_id]
    assert window.document.attachment is not None
    assert window.document.attachment.role == "writer"
    await until(lambda: (one := desk.sharing.shared(place.model_id)) is not None and one.is_live)


async def test_a_link_in_the_search_field(sit: Sit, server: Running) -> None:
    place, desk = Place(server), sit("guest")
    link = await invited(server, place, "reader")
    paste(desk.home.search, link)
    dialog = await the(JoinDialog)
    assert desk.home.search.text() == ""
    assert dialog.link.text() == link
    await joined(desk, place, dialog, "Rea")
    assert desk.program.windows[place.model_id].document.read_only


@pytest.mark.parametrize("running", [True, False])
async def test_a_link_on_the_command_line(sit: Sit, server: Running, running: bool) -> None:
    place, desk = Place(server), sit("guest")
    if running:
        desk.program.start()
        desk.program.second_start([await invited(server, place)])
    else:
        desk.program.start([await invited(server, place)])
    dialog = await the(JoinDialog)
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    await until(lambda: place.model_id in desk.program.windows)


async def test_an_invite_that_is_over_says_so_and_can_be_tried_again(sit: Sit, server: Running) -> None:
    place, desk = Place(server), sit("guest")
    link = await invited(server, place)
    async with api_of(server) as api:
        (one,) = await api.invites(place.model_id)
        await api.revoke_invite(place.model_id, one.id)
    dialog = desk.connections.join(link, desk.home)
    await press(dialog.join)
    await until(lambda: dialog.problem.isVisible())
    assert dialog.join.text() == "Try again"
    assert place.model_id not in desk.program.windows
    paste(dialog.link, await invited(server, place))
    await joined(desk, place, dialog, "Gita")


async def test_coming_back_with_another_invite(sit: Sit, server: Running) -> None:
    """The guest's sign-in has ended; what is here is in touch again through the next one."""
    place, desk = Place(server), sit("guest")
    await joined(desk, place, desk.connections.join(await invited(server, place), desk.home), "Gita")
    (first,) = desk.network.servers[0].accounts
    await desk.network.sign_out(first.key)
    dialog = desk.connections.join(await invited(server, place), desk.home)
    assert "You have this model already" in dialog.where.text()
    await press(dialog.join)
    await until(lambda: not open_ones(JoinDialog))
    await until(lambda: place.model_id in desk.program.windows)
    (second,) = desk.network.servers[0].accounts
    attachment = desk.program.windows[place.model_id].document.attachment
    assert attachment is not None
    assert attachment.server == second.key != first.key


async def test_the_link_brings_the_certificate(sit: Sit, secure: Running) -> None:
    desk = sit("guest")
    http = await ServerHttp.open(secure.url, fingerprint_of(secure))
    api = ServerApi(http, Given(secure.tokens["ada"]))
    made = await api.create("Secure")
    told = parse_invite_link((await api.invite(made.id)).link.replace(PUBLIC, "https://127.0.0.1"))
    await http.close()
    assert told.fingerprint == fingerprint_of(secure)
    dialog = desk.connections.join(str(replace(told, server=secure.url)), desk.home)
    assert "there is nothing to compare" in dialog.where.text()
    await press(dialog.join)
    await until(lambda: made.id in desk.program.windows)
    assert desk.network.servers[0].fingerprint == fingerprint_of(secure)
