"""Sharing an open model: over a server, then by invites and roles."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton

from app.services.document import Document
from tests.gui.servers.conftest import Browsing, Sit
from tests.gui.servers.hands import Desk, press, the, until
from tests.sync.client.hands import Browser
from tests.sync.server.running import Running
from ui.servers.access_panel import AccessPanel
from ui.servers.qr import QUIET, qr_image
from ui.servers.share import ShareDialog
from ui.servers.signing_in import SignInDialog
from ui.servers.transfers import Progress
from ui.servers.window import ServersWindow

pytestmark = pytest.mark.usefixtures("windows_loop")


async def shared(desk: Desk, name: str = "Shared") -> tuple[ShareDialog, AccessPanel]:
    window = desk.program.open_model(desk.model(name))
    assert window is not None
    window.actions_set.trigger("share")
    dialog = await the(ShareDialog)
    await press(dialog.choice.begin)
    await until(lambda: dialog.access is not None and dialog.access.tabs.isVisible())
    assert dialog.access is not None
    return dialog, dialog.access


def withdrawals(panel: AccessPanel) -> list[QPushButton]:
    found = panel.invites.findChildren(QPushButton)
    return [one for one in found if one.text() == "Withdraw" and one.isVisible()]


def roles(panel: AccessPanel) -> list[QComboBox]:
    return [one for one in panel.people.findChildren(QComboBox) if one.isVisible()]


async def test_upload_then_invite(sit: Sit, server: Running) -> None:
    desk = sit("desk")
    await desk.signed_in(server, Browser())
    dialog, panel = await shared(desk)
    (window,) = desk.program.windows.values()
    assert window.document.attachment is not None
    await until(lambda: (one := desk.sharing.shared(window.document.model_id)) is not None and one.is_live)
    panel.form.role.setCurrentIndex(1)
    panel.form.label.setText("Workshop")
    await press(panel.form.make)
    await until(lambda: panel.form.link.isVisible())
    link = panel.form.link.text()
    assert QGuiApplication.clipboard().text() == link
    assert desk.network.read_invite(link).model_id == window.document.model_id
    assert panel.form.qr.isVisible()
    assert "good for 8 hours" in panel.form.said.text()
    panel.tabs.setCurrentIndex(1)
    await until(lambda: len(withdrawals(panel)) == 1)
    guest = sit("guest")
    join = guest.connections.join(link, guest.home)
    await press(join.join)
    await until(lambda: bool(guest.program.windows))
    assert next(iter(guest.program.windows.values())).document.read_only
    await press(withdrawals(panel)[0])
    await until(lambda: [one.isEnabled() for one in withdrawals(panel)] == [False])

    panel.tabs.setCurrentIndex(2)
    await until(lambda: len(roles(panel)) == 1)
    (role,) = roles(panel)
    role.setFocus()
    QTest.keyClick(role, Qt.Key.Key_Down)
    await until(lambda: roles(panel)[0].currentData() == "writer")
    await until(lambda: not panel.people.tasks.running)
    access = await panel._access.shares()
    assert sorted(one.role for one in access) == ["owner", "writer"]
    QTest.keyClick(dialog, Qt.Key.Key_Escape)


async def test_who_has_no_server_is_led_to_one(sit: Sit, server: Running, browsing: Browsing) -> None:
    desk = sit("desk")
    window = desk.program.open_model(desk.model("Alone"))
    assert window is not None
    window.actions_set.trigger("share")
    dialog = await the(ShareDialog)
    assert "has to be on a server" in dialog.choice.line.text()
    assert not dialog.choice.begin.isEnabled()
    await press(dialog.choice.servers)
    servers = await the(ServersWindow)
    desk.network.add(await desk.network.look(server.url))
    (card,) = servers.cards.values()
    await press(card.sign_in)
    await the(SignInDialog)
    await until(lambda: dialog.choice.begin.isEnabled())
    assert dialog.choice.chosen is not None
    assert dialog.choice.chosen.title.startswith("Carla at ")
    dialog.reject()


class Nowhere:
    """A way that comes to nothing once, then brings the model to where nobody looks."""

    title, text = "Elsewhere", "Somewhere else"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.tries = 0

    async def share(self, document: Document, progress: Progress) -> None:
        self.tries += 1
        await self.desk.network.look("http://127.0.0.1:9")


async def test_more_ways_may_be_offered_and_failures_are_told(sit: Sit) -> None:
    desk = sit("desk")
    way = Nowhere(desk)
    desk.connections.more_ways.append(lambda _document: way)
    window = desk.program.open_model(desk.model("Alone"))
    assert window is not None
    window.actions_set.trigger("share")
    dialog = await the(ShareDialog)
    assert dialog.choice.chosen is way
    await press(dialog.choice.begin)
    await until(lambda: dialog.choice.begin.text() == "Try again")
    assert dialog.choice.line.property("role") == "error"
    assert dialog.choice.begin.isEnabled()
    dialog.reject()


async def test_a_reader_sees_who_is_in(sit: Sit, server: Running) -> None:
    desk, guest = sit("desk"), sit("guest")
    await desk.signed_in(server, Browser())
    dialog, panel = await shared(desk)
    panel.form.role.setCurrentIndex(1)
    await press(panel.form.make)
    await until(lambda: bool(panel.form.link.text()))
    await press(guest.connections.join(panel.form.link.text(), guest.home).join)
    await until(lambda: bool(guest.program.windows))
    dialog.reject()
    (window,) = guest.program.windows.values()
    window.actions_set.trigger("share")
    theirs = await the(ShareDialog)
    await until(lambda: theirs.access is not None and not theirs.access.line.text().startswith("Asking"))
    assert theirs.access is not None
    assert not theirs.access.tabs.isTabVisible(0)
    theirs.reject()


def test_the_code_has_its_quiet_zone() -> None:
    image = qr_image("https://server.example.org/join#invite=abc")
    side = image.width()
    dark = [(x, y) for x in range(side) for y in range(side) if image.pixelColor(x, y).lightness() < 128]
    assert min(x for x, _ in dark) == min(y for _, y in dark) == QUIET
    assert max(x for x, _ in dark) == max(y for _, y in dark) == side - QUIET - 1
