"""A running program on the loop of the windows, a real server process, and a browser that fills in forms."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import qasync
from PySide6.QtCore import QEvent, QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from app.services.sharing import Sharing
from app.services.sharing.hosting import Hosts
from app.services.workspace import Workspace
from app.wiring.desktop import replica_of
from app.wiring.server import build
from storage import open_library
from sync.client.network import ClientNetwork
from sync.client.own_servers import OwnServers
from sync.server.auth.accounts import create_account
from tests.gui.servers.hands import Desk, free_port
from tests.sync.client.hands import PASSWORD, Browser
from tests.sync.server.running import Running, running, settings_of
from ui.program import Program

PEOPLE = {"carla": "Carla", "dora": "Dora"}


class WindowsLoop:
    """The event loop of the windows, and what has to be seen to on it when a test has ended."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.at_end: list[Callable[[], Awaitable[None]]] = []

    async def whole(self, test: Awaitable[None]) -> None:
        """The test and its end, so that no task runs when the loop does not."""
        try:
            await test
        finally:
            for end in reversed(self.at_end):
                await end()
            while rest := asyncio.all_tasks() - {asyncio.current_task()}:
                for task in rest:
                    task.cancel()
                await asyncio.wait(rest, timeout=5)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A test that is a coroutine runs on the loop of the windows."""
    held = pyfuncitem.funcargs.get("windows_loop")
    if not inspect.iscoroutinefunction(pyfuncitem.obj) or not isinstance(held, WindowsLoop):
        return None
    given = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    held.loop.run_until_complete(held.whole(pyfuncitem.obj(**given)))
    return True


@pytest.fixture
def windows_loop(qapp: QApplication) -> Iterator[WindowsLoop]:
    """The event loop of the windows; what goes wrong on it fails the test, and no task outlives it."""
    loop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    qapp.setQuitOnLastWindowClosed(False)  # as the program does: the last window is not the end of the loop
    wrong: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _loop, context: wrong.append(context))
    yield WindowsLoop(loop)
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    asyncio.set_event_loop(None)
    qapp.setQuitOnLastWindowClosed(True)
    assert not wrong, wrong


def start_server(folder: Path) -> Running:
    """A server with accounts, at an address that its invite links name."""
    with build(settings_of(folder)) as built:
        for name, shown in PEOPLE.items():
            create_account(built.auth, name, PASSWORD, shown=shown, must_change=False)
    port = free_port()
    limits = {"TMI_SERVER_AUTH_REQUESTS_PER_MINUTE": "100000"}
    return Running(folder, environment=limits, port=port, public=f"http://127.0.0.1:{port}")


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that runs."""
    one = start_server(tmp_path_factory.mktemp("windows"))
    one.people()
    one.start()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with a certificate of its own."""
    folder = tmp_path_factory.mktemp("secure")
    with running(folder, {"TMI_SERVER_TLS_ENABLED": "true"}) as one:
        yield one


class Browsing(QObject):
    """What the system's browser would do with an address that the program opens."""

    def __init__(self) -> None:
        super().__init__()
        self.browser = Browser()
        self.opened: list[str] = []
        self.works = True

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        """Visit it."""
        self.opened.append(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        if self.works:
            self.browser(self.opened[-1])


@pytest.fixture
def browsing(qapp: QApplication) -> Iterator[Browsing]:
    """The browser that addresses are opened in."""
    one = Browsing()
    QDesktopServices.setUrlHandler("http", one, "open")  # type: ignore[arg-type]
    yield one
    QDesktopServices.unsetUrlHandler("http")


Sit = Callable[[str], Desk]


@pytest.fixture
def sit(qapp: QApplication, windows_loop: WindowsLoop, tmp_path: Path) -> Iterator[Sit]:
    """Sit down at a desk of this name: a program over a library of its own."""
    desks: list[Desk] = []

    def begin(name: str = "desk") -> Desk:
        library = open_library(tmp_path / name / "library.db")
        workspace = Workspace(library, name, replicas=replica_of)
        network = ClientNetwork(library, tmp_path / name)
        sharing = Sharing(workspace, network, replica_of)
        own = OwnServers(network, library, tmp_path / name / "hosted", "127.0.0.1")
        desk = Desk(Program(qapp, workspace, sharing, Hosts(sharing, own)))
        desks.append(desk)
        windows_loop.at_end.append(desk.close)
        return desk

    yield begin
    for desk in desks:
        desk.let_go()
    for _ in range(3):
        qapp.processEvents()
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
