"""Somebody with a window in a session, and the ways to look at it and to touch it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app.domain.order import spread
from app.domain.patch import add
from app.domain.records import Diagram
from app.ports_network import Account
from app.services.sharing import SharedModel, Sharing
from app.services.workspace import Workspace
from app.wiring.desktop import replica_of
from canvas.view import DiagramView
from storage import open_library
from sync.client.api import ServerApi
from sync.client.gateway import ServerGateway
from sync.client.http import ServerHttp
from sync.client.network import ClientNetwork
from tests.gui.hands import LEFT
from tests.sync.client.hands import Given
from tests.sync.server.live.hands import Place
from ui.model.window import ModelWindow
from ui.program import Program

SOON = 20.0
NODE = "01920000-0000-7000-8000-00000000a001"
SECOND = "01920000-0000-7000-8000-00000000d002"


async def until(condition: Callable[[], object]) -> None:
    """Wait until something holds, looking again whenever windows and tasks have had their turn."""
    async with asyncio.timeout(SOON):
        while not condition():
            await asyncio.sleep(0.005)


class Guest:
    """A program of their own, with the model's window."""

    def __init__(self, window: ModelWindow, shared: SharedModel) -> None:
        self.window, self.shared = window, shared

    @property
    def view(self) -> DiagramView:
        """The diagram in front."""
        assert self.window.page is not None
        return self.window.page.view

    @property
    def diagram_id(self) -> str:
        """Which diagram that is."""
        return self.window.page.diagram_id if self.window.page is not None else ""

    @property
    def bar(self) -> str:
        """What the bar says."""
        return self.window.gathering.bar.said

    @property
    def follows(self) -> bool:
        """Whether the presenter is followed."""
        return self.window.gathering.now.following

    def key_of(self, name: str) -> str:
        """The participant of that name."""
        return next(one.participant_id for one in self.shared.company_now.people if one.name == name)

    async def press(self, title: str) -> None:
        """Press a button of the bar, once it is there."""
        bar = self.window.gathering.bar

        def found() -> QPushButton | None:
            shown = (b for line in bar.lines if line.isVisible() for b in line.buttons)
            return next((b for b in shown if b.text() == title and b.isEnabled()), None)

        await until(found)
        button = found()
        assert button is not None
        QTest.mouseClick(button, LEFT)

    def point_at(self, x: float, y: float) -> None:
        """Move the pointer over the diagram; with two windows only one could have the real one."""
        viewport = self.view.viewport()
        at = QPointF(self.view.mapFromScene(x, y))
        none = Qt.MouseButton.NoButton
        event = QMouseEvent(QEvent.Type.MouseMove, at, viewport.mapToGlobal(at), none, none,
                            Qt.KeyboardModifier.NoModifier)  # fmt: skip
        QApplication.sendEvent(viewport, event)

    def look(self, diagram_id: str, x: float, y: float, zoom: float = 1.0) -> None:
        """Go to a place of a diagram."""
        page = self.window.open_diagram(diagram_id)
        assert page is not None
        self.window.frame_now(page)
        page.view.look_at(QPointF(x, y), zoom)

    def sees(self, diagram_id: str, x: float, y: float) -> bool:
        """Whether that place is in the middle of the window."""
        middle = self.view.visible_area().center()
        return self.diagram_id == diagram_id and abs(middle.x() - x) < 3 and abs(middle.y() - y) < 3


@asynccontextmanager
async def guest(place: Place, name: str, folder: Path) -> AsyncIterator[Guest]:
    """Fetch the model, open its window, and wait until it is live."""
    application, server = QApplication.instance(), place.server
    assert isinstance(application, QApplication)
    library = open_library(folder / name / "library.db")
    network = ClientNetwork(library, folder / name)
    workspace = Workspace(library, name, replicas=replica_of)
    sharing = Sharing(workspace, network, replica_of)
    program = Program(application, workspace, sharing)
    program.settings.set("motion", "reduced")
    program.show_home()  # the program would end with its last window
    http = await ServerHttp.open(server.url)
    account = Account(server=http.address, user_id=server.ids[name], name=name)
    network.adopt(account.key, ServerGateway(account, ServerApi(http, Given(server.tokens[name]))))
    try:
        gateway = await network.gateway(account.key)
        (remote,) = (one for one in (await gateway.models()).models if one.id == place.model_id)
        await sharing.download(account.key, remote, lambda *_far: None)
        window, shared = program.open_model(place.model_id), sharing.shared(place.model_id)
        assert window is not None
        assert shared is not None
        await until(lambda: window.gathering.now.is_live and window.page is not None)
        yield Guest(window, shared)
    finally:
        program.close()
        await sharing.close()
        await http.close()
        library.close()
        for owned in (program.home, program.connections, program.theme, program):
            if owned is not None:
                owned.deleteLater()


@asynccontextmanager
async def two(place: Place, folder: Path) -> AsyncIterator[tuple[Guest, Guest]]:
    """Ada, who hosts and presents, and bob, with a node and a second diagram."""
    async with guest(place, "ada", folder) as ada, guest(place, "bob", folder) as bob:
        draw(ada, place)
        await until(lambda: bob.window.document.state.find(Diagram, SECOND) is not None)
        await until(lambda: len(ada.shared.company_now.people) == len(bob.shared.company_now.people) == 2)
        yield ada, bob


def draw(one: Guest, place: Place) -> None:
    """Draw a node and a second diagram."""
    one.window.document.apply((
        add("cell", NODE, {
            "diagram_id": place.diagram_id, "type": "process", "label": "Shop", "order": spread(1)[0],
            "position": {"x": 0, "y": 0}, "size": {"width": 120, "height": 120},
        }),
        add("diagram", SECOND, {"name": "Second", "order": "z"}),
    ))  # fmt: skip
