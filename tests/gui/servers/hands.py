"""Hands for tests on the loop of the windows: waiting without a nested loop, real events, dialogs by type."""

import asyncio
import socket
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QMessageBox, QPushButton, QWidget

from app.ports_network import Account
from app.services.sharing import Sharing
from sync.client.network import ClientNetwork
from tests.gui.hands import LEFT
from tests.sync.server.running import Running
from ui.home.window import HomeWindow
from ui.program import Program
from ui.servers.connections import Connections

W = TypeVar("W", bound=QWidget)
SOON = 20.0


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


async def until(condition: Callable[[], object]) -> None:
    """Wait until something holds, looking again whenever windows and tasks have had their turn."""
    async with asyncio.timeout(SOON):
        while not condition():
            await asyncio.sleep(0.005)


async def the(kind: type[W]) -> W:
    """The one open window of a kind, once it is there."""
    await until(lambda: len(open_ones(kind)) == 1)
    return open_ones(kind)[0]


def open_ones(kind: type[W]) -> list[W]:
    """The open windows of a kind."""
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]


async def press(button: QPushButton) -> None:
    """Click a button, once it can be clicked."""
    await until(lambda: button.isVisible() and button.isEnabled())
    QTest.mouseClick(button, LEFT)


def write(field: QLineEdit, text: str) -> None:
    """Type over what stands in a field."""
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def paste(field: QLineEdit, text: str) -> None:
    """Paste over what stands in a field."""
    QGuiApplication.clipboard().setText(text)
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


async def answer(name: str) -> str:
    """Press the button of that name in the open question; returns what it said."""
    box = await the(QMessageBox)
    text = f"{box.text()} {box.informativeText()}"
    button = next(one for one in box.buttons() if one.text().replace("&", "") == name)
    QTest.mouseClick(button, LEFT)
    await until(lambda: not open_ones(QMessageBox))
    return text


async def pick(list_view: QWidget, at: QPoint, name: str) -> None:
    """Choose from the context menu of a list."""
    list_view.customContextMenuRequested.emit(at)
    await until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next((one for one in menu.actions() if one.text().partition("\t")[0] == name), None)
    assert action is not None, [one.text() for one in menu.actions()]
    QTest.mouseClick(menu, LEFT, Qt.KeyboardModifier.NoModifier, menu.actionGeometry(action).center())
    await until(lambda: QApplication.activePopupWidget() is None)


class Desk:
    """Somebody at a program."""

    def __init__(self, program: Program) -> None:
        self.program = program

    async def close(self) -> None:
        """End the program, as the wiring does."""
        self.program.close()
        async with asyncio.timeout(SOON):
            if self.connections.hosts is not None:
                await self.connections.hosts.stop_all()
            await self.sharing.close()
        self.program.workspace.library.close()

    def let_go(self) -> None:
        """Nothing of it is needed any more."""
        program = self.program
        for owned in (program.home, program.connections, program.theme, program):
            if owned is not None:
                owned.deleteLater()

    @property
    def connections(self) -> Connections:
        """What it does about servers."""
        assert self.program.connections is not None
        return self.program.connections

    @property
    def sharing(self) -> Sharing:
        """Its service."""
        assert self.program.sharing is not None
        return self.program.sharing

    @property
    def network(self) -> ClientNetwork:
        """Its servers."""
        network = self.sharing.network
        assert isinstance(network, ClientNetwork)
        return network

    @property
    def home(self) -> HomeWindow:
        """Its library, in front."""
        home = self.program.show_home()
        home.activateWindow()
        return home

    def model(self, name: str) -> str:
        """A model of one's own; its id."""
        document = self.program.workspace.create(name)
        self.program.workspace.release(document.model_id)
        self.program.workspace.library.flush()
        return document.model_id

    async def signed_in(self, server: Running, browser: Callable[[str], object]) -> Account:
        """As somebody who is known at a server, without the windows for it."""
        self.network.add(await self.network.look(server.url))
        return await self.network.sign_in(server.url, browser, lambda _attempt: None)

    def names(self) -> list[str]:
        """What the place in front lists."""
        home = self.home
        model = home.model if home.remote is None else home.remote.model
        return [str(model.index(row).data()) for row in range(model.rowCount())]

    def states(self) -> dict[str, str]:
        """How what is listed stands."""
        from ui.home.models import CARD_ROLE

        home = self.home
        model = home.model if home.remote is None else home.remote.model
        cards = [model.index(row).data(CARD_ROLE) for row in range(model.rowCount())]
        return {card.name: card.state for card in cards}

    def choose(self, name: str) -> None:
        """Select a model in the place in front."""
        home = self.home
        shown = home.list if home.remote is None else home.remote.list
        shown.setFocus()
        shown.setCurrentIndex(shown.model().index(self.names().index(name), 0))

    async def pick(self, name: str, action: str) -> None:
        """Choose from the menu over a model in the place in front."""
        self.choose(name)
        shown = self.home.list if self.home.remote is None else self.home.remote.list
        await pick(shown, shown.visualRect(shown.currentIndex()).center(), action)
