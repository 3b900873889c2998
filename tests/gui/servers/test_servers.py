"""The servers window: adding, comparing a certificate, signing in and out, changed certificates."""

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui import hands
from tests.gui.servers.conftest import Browsing, Sit
from tests.gui.servers.hands import answer, open_ones, paste, press, the, until, write
from tests.sync.client.hands import Browser
from tests.sync.client.test_trust import fingerprint_of
from tests.sync.server.running import Running
from ui.program import Program
from ui.servers.fingerprint import CertificatePanel
from ui.servers.server_card import ServerCard
from ui.servers.signing_in import SignInDialog
from ui.servers.window import ServersWindow


async def add(window: ServersWindow, server: Running) -> None:
    write(window.adding.address, server.url)
    QTest.keyClick(window.adding.address, Qt.Key.Key_Return)
    await until(lambda: window.adding.panel is not None)


def card(window: ServersWindow) -> ServerCard:
    (found,) = window.cards.values()
    return found


async def test_add_by_address_and_sign_in(sit: Sit, server: Running, browsing: Browsing) -> None:
    desk = sit("desk")
    desk.program.show_servers()
    window = await the(ServersWindow)
    await add(window, server)
    assert "answers at 127.0.0.1" in window.adding.line.text()
    assert not desk.network.servers, "seen, not yet added"
    await press(window.adding.panel.add)  # type: ignore[union-attr]
    await until(lambda: "reachable" in card(window).state.text())
    await press(card(window).sign_in)
    dialog = await the(SignInDialog)
    assert dialog.heading.text() == "Waiting for your browser…"
    await until(lambda: bool(desk.network.servers[0].accounts))
    assert len(browsing.opened) == 1
    assert not open_ones(SignInDialog)
    (account,) = desk.network.servers[0].accounts
    assert account.name == "Carla"
    await until(lambda: card(window).accounts[account.key].text() == "signed in")
    assert window.toast.text == "Signed in as Carla at " + desk.network.servers[0].name + "."
    await until(lambda: "Sign-ins are kept in a file" in window.secrets.text())


async def test_a_second_account_and_signing_out(sit: Sit, server: Running, browsing: Browsing) -> None:
    desk = sit("desk")
    carla = await desk.signed_in(server, Browser())
    desk.program.show_servers()
    window = await the(ServersWindow)
    browsing.browser = Browser(username="dora")
    await press(card(window).sign_in)
    await until(lambda: len(desk.network.servers[0].accounts) == 2)
    await until(lambda: [one.text() for one in card(window).accounts.values()] == ["signed in"] * 2)
    desk.program.show_servers()
    buttons = {one.accessibleName(): one for one in card(window).findChildren(type(card(window).sign_in))}
    await press(buttons["Sign Carla out"])
    await until(lambda: desk.network.account(carla.key) is None)
    assert [one.name for one in desk.network.servers[0].accounts] == ["Dora"]
    await until(lambda: "Carla is signed out" in desk.program.connections._toast().text)  # type: ignore[union-attr]


async def test_pasting_cancelling_and_trying_again(sit: Sit, server: Running, browsing: Browsing) -> None:
    desk = sit("desk")
    desk.network.add(await desk.network.look(server.url))
    desk.program.show_servers()
    window = await the(ServersWindow)
    browsing.works = False
    await press(card(window).sign_in)
    dialog = await the(SignInDialog)
    await press(dialog.copy)
    assert QGuiApplication.clipboard().text() == browsing.opened[0]
    await press(dialog.open_again)
    assert browsing.opened == browsing.opened[:1] * 2
    paste(dialog.pasted, "https://nowhere.example/")
    await press(dialog.use)
    assert dialog.problem.isVisible()
    assert "paste the whole address" in dialog.problem.text().lower() or "belong" in dialog.problem.text()
    elsewhere = Browser()
    elsewhere.follows = False
    elsewhere(browsing.opened[0])
    await until(lambda: bool(elsewhere.came_to))
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await until(lambda: not open_ones(SignInDialog))
    assert not desk.network.servers[0].accounts

    await press(card(window).sign_in)
    dialog = await the(SignInDialog)
    await until(lambda: len(browsing.opened) == 3)
    elsewhere = Browser()
    elsewhere.follows = False
    elsewhere(browsing.opened[2])
    await until(lambda: bool(elsewhere.came_to))
    paste(dialog.pasted, elsewhere.came_to)
    await press(dialog.use)
    await until(lambda: bool(desk.network.servers[0].accounts))


async def test_a_refusal_in_the_browser_can_be_tried_again(
    sit: Sit, server: Running, browsing: Browsing
) -> None:
    desk = sit("desk")
    desk.network.add(await desk.network.look(server.url))
    browsing.browser = Browser("cancel")
    dialog = desk.connections.sign_in(server.url, None)
    await until(lambda: dialog.again.isVisible())
    assert dialog.line.text() == "The sign-in was cancelled in the browser."
    browsing.browser = Browser()
    await press(dialog.again)
    await until(lambda: bool(desk.network.servers[0].accounts))


async def test_a_certificate_is_trusted_only_when_it_was_compared(sit: Sit, secure: Running) -> None:
    desk = sit("desk")
    desk.program.show_servers()
    window = await the(ServersWindow)
    await add(window, secure)
    panel = window.adding.panel
    assert isinstance(panel, CertificatePanel)
    shown = panel.marks[0].text()
    assert shown.replace(" ", "") == fingerprint_of(secure)
    assert all(len(group) == 4 for group in shown.split(" "))
    assert not panel.trust.isEnabled()
    QTest.mouseClick(panel.trust, Qt.MouseButton.LeftButton)
    assert not desk.network.servers
    QTest.keyClick(panel.compared, Qt.Key.Key_Space)
    await press(panel.trust)
    await until(lambda: "trusted by its fingerprint" in card(window).state.text())
    assert desk.network.servers[0].fingerprint == fingerprint_of(secure)


async def test_another_certificate_is_told_loudly(sit: Sit, secure: Running) -> None:
    desk = sit("desk")
    found = await desk.network.look(secure.url)
    desk.network.add(msgspec.structs.replace(found, fingerprint="ab" * 32))
    desk.program.show_servers()
    window = await the(ServersWindow)
    await until(lambda: card(window).changed is not None)
    panel = card(window).changed
    assert isinstance(panel, CertificatePanel)
    assert [one.text().replace(" ", "") for one in panel.marks] == ["ab" * 32, fingerprint_of(secure)]
    assert not panel.trust.isEnabled()
    QTest.keyClick(panel.compared, Qt.Key.Key_Space)
    await press(panel.trust)
    await until(lambda: desk.network.servers[0].fingerprint == fingerprint_of(secure))
    await until(lambda: "reachable" in card(window).state.text())


async def test_rename_and_forget(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    await desk.signed_in(server, Browser())
    desk.program.show_servers()
    window = await the(ServersWindow)
    await press(card(window).rename)
    write(card(window).name_edit, "Our server")
    QTest.keyClick(card(window).name_edit, Qt.Key.Key_Return)
    await until(lambda: desk.network.servers[0].name == "Our server")
    await press(card(window).rename)
    write(card(window).name_edit, "Not this")
    QTest.keyClick(card(window).name_edit, Qt.Key.Key_Escape)
    assert window.isVisible()
    assert card(window).name.text() == "Our server"
    await press(card(window).forget)
    assert "signed out" in await answer("Forget")
    await until(lambda: not desk.network.servers)
    await until(lambda: not window.cards)


async def test_nobody_answers(sit: Sit) -> None:
    desk = sit("desk")
    desk.program.show_servers()
    window = await the(ServersWindow)
    write(window.adding.address, "http://127.0.0.1:9")
    await press(window.adding.look_button)
    await until(lambda: window.adding.line.property("role") == "error")
    assert window.adding.line.text().endswith(".")
    assert window.adding.panel is None
    write(window.adding.address, "ftp://x")
    await press(window.adding.look_button)
    await until(lambda: "no address of a server" in window.adding.line.text())


def test_without_a_network_it_says_so(program: Program, qtbot: QtBot) -> None:
    home = program.show_home()
    assert home.places is None
    program.show_servers()
    hands.answer(qtbot, "OK")
    program.open_files(["https://server.example.org/join#invite=x&model=y"])
    hands.answer(qtbot, "OK")
    assert program.problem == "this library is only being read, or the program has no way to the network"
