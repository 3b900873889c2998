"""A desktop for `company_paint` and `coming_back`: a real program on a library of its own.

It is told what to do on standard input.
Prints JSON lines. Times are of the monotonic clock, which all processes of a machine share, in nanoseconds.
"""

import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import qasync
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest

from app.domain.changes import ChangeSet
from app.domain.ids import new_id
from app.domain.order import spread
from app.domain.patch import Origin, add, update
from app.domain.records import Cell
from app.ports_network import Account
from app.services.sharing import Sharing
from app.services.sharing.shared import SharedModel
from app.services.workspace import Workspace
from app.wiring.desktop import application, replica_of
from storage import open_library
from sync.client.api import ServerApi
from sync.client.gateway import ServerGateway
from sync.client.http import ServerHttp
from sync.client.network import ClientNetwork
from tests.sync.client.hands import Given
from ui.model.window import ModelWindow
from ui.program import Program

BEAT = 0.01
NOWHERE = "http://127.0.0.1:9"


def say(**told: Any) -> None:
    """A line to whoever started this."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


class Painted(QObject):
    """Says when the diagram has been painted after a remote change."""

    def __init__(self, window: ModelWindow) -> None:
        super().__init__(window)
        assert window.page is not None
        self._view = window.page.view.viewport()
        self._view.installEventFilter(self)
        self._waits: list[float] = []
        self._stop = window.document.listen(self._heard)

    def _heard(self, changes: ChangeSet, origin: Origin) -> None:
        if origin is Origin.REMOTE:
            cells = [one.after for one in changes.of_kind("cell") if isinstance(one.after, Cell)]
            self._waits += [cell.position.x for cell in cells]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """After this paint event it is on the screen."""
        if event.type() is QEvent.Type.Paint and self._waits:
            waits, self._waits = self._waits, []
            QTimer.singleShot(0, self, partial(self._tell, waits))
        return False

    @staticmethod
    def _tell(waits: list[float]) -> None:
        at = time.monotonic_ns()
        for x in waits:
            say(painted=x, at=at)


class Late:
    """How late a timer of the window's loop is at worst: how long the window was deaf."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            began = time.perf_counter()
            await asyncio.sleep(BEAT)
            self.worst = max(self.worst, time.perf_counter() - began - BEAT)


class Desk:
    """What can be asked of it, a method a word."""

    def __init__(self, program: Program, sharing: Sharing, key: str, ways: dict[str, ServerGateway]) -> None:
        self.program = program
        self.sharing = sharing
        self.key = key
        self.ways = ways
        self.late = Late()
        self.window: ModelWindow

    async def make(self, cells: int) -> None:
        """A model with so many nodes, brought to the server, and its window."""
        document = self.program.workspace.create("Two desks")
        diagram_id = document.state.diagrams()[0].id
        orders = spread(cells)
        patch = tuple(
            add("cell", new_id(), {
                "diagram_id": diagram_id, "type": "process", "label": f"Node {n}", "order": orders[n],
                "position": {"x": n % 40 * 160, "y": n // 40 * 120}, "size": {"width": 120, "height": 60},
            })
            for n in range(cells)
        )  # fmt: skip
        document.apply(patch, title="draw")
        await self.sharing.upload(document, self.key, lambda *_: None)
        await self._show(document.model_id)
        say(made=document.model_id)

    async def fetch(self, model_id: str) -> None:
        """A model of the server, and its window."""
        gateway = await self.sharing.network.gateway(self.key)
        (remote,) = (one for one in (await gateway.models()).models if one.id == model_id)
        await self.sharing.download(self.key, remote, lambda *_: None)
        await self._show(model_id)
        Painted(self.window)
        say(fetched=model_id)

    async def _show(self, model_id: str) -> None:
        window = self.program.open_model(model_id)
        assert window is not None
        self.window = window
        shared = self.sharing.shared(model_id)
        assert shared is not None
        while not shared.is_live:
            await asyncio.sleep(BEAT)
        window.activateWindow()
        self.late.worst = 0.0

    async def press(self, times: int, pause: float) -> None:
        """Nudge the first node with the right arrow key, and say where each press brought it."""
        page = self.window.page
        assert page is not None
        cell_id = next(iter(self.window.document.state.of_kind("cell"))).id
        page.scene.select([cell_id])
        page.view.zoom_to(1.0)
        page.view.reveal([cell_id])
        page.view.setFocus()
        for _ in range(times):
            at = time.monotonic_ns()
            QTest.keyClick(page.view.viewport(), Qt.Key.Key_Right)
            cell = self.window.document.state.cell(cell_id)
            assert cell is not None
            say(pressed=cell.position.x, at=at, done=time.monotonic_ns())
            await asyncio.sleep(pause)

    async def leave(self) -> None:
        """Have no network any more."""
        shared = self._take_way("nowhere")
        while shared.is_live:
            await asyncio.sleep(BEAT)
        say(left=True)

    async def work(self, times: int, word: str) -> None:
        """So many edits, one operation each: names, places and texts, of one node after the other."""
        document = self.window.document
        cells = sorted(document.state.all(Cell), key=lambda one: one.order)
        for number in range(times):
            edits: tuple[dict[str, Any], ...] = (
                {"label": f"{word} {number}"}, {"technology" if word == "Mine" else "description": word},
                {"position": {"x": number % 40 * 160 + len(word), "y": number // 40 * 120}},
            )  # fmt: skip
            document.apply((update("cell", cells[number % len(cells)].id, **edits[number % 3]),))
            await asyncio.sleep(0)
        shared = self.sharing.shared(document.model_id)
        assert shared is not None
        if shared.is_live:
            await shared.sent()
        say(worked=times, at=document.sequence_number)

    async def come_back(self, at: int) -> None:
        """A week later: catch up with the server's event `at` and all that came of it, with the panel."""
        document, came = self.window.document, asyncio.Event()
        assert document.attachment is not None
        document.attachment = msgspec.structs.replace(document.attachment, seen_at="2026-01-01T00:00:00Z")
        await asyncio.sleep(1.0)
        stop, self.late.worst = document.listen_conflicts(came.set), 0.0
        began = time.perf_counter()
        shared = self._take_way("")
        await came.wait()
        stop()
        merged = time.perf_counter()
        self.window.reviewing.show()
        await shared.sent()
        while document.sequence_number < at:
            await asyncio.sleep(BEAT)
        say(back=len(document.conflicts), told=len(document.absence.edits), merged_ms=_ms(merged - began),
            all_ms=_ms(time.perf_counter() - began))  # fmt: skip

    def _take_way(self, name: str) -> SharedModel:
        network = self.sharing.network
        assert isinstance(network, ClientNetwork)
        network.adopt(self.key, self.ways[name])
        shared = self.sharing.shared(self.window.document.model_id)
        assert shared is not None
        shared.renew()
        return shared

    async def picture(self, file: str) -> None:
        """What the window shows."""
        self.window.grab().save(file, "PNG")
        say(picture=file)

    async def lateness(self) -> None:
        """How long the window was deaf at worst, since it was asked last."""
        say(late_ms=_ms(self.late.worst))
        self.late.worst = 0.0

    async def end(self) -> None:
        """Close the program."""
        self.program.close()
        await self.sharing.close()


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


async def main(folder: Path, name: str, url: str, user_id: str, token: str) -> None:
    """Do what standard input says until it ends."""
    library = open_library(folder / "library.db")
    network = ClientNetwork(library, folder)
    http = await ServerHttp.open(url)
    account = Account(server=http.address, user_id=user_id, name=name)
    nowhere = await ServerHttp.open(NOWHERE)
    ways = {
        name: ServerGateway(account, ServerApi(way, Given(token)))
        for name, way in (("", http), ("nowhere", nowhere))
    }
    network.adopt(account.key, ways[""])
    workspace = Workspace(library, name, replicas=replica_of)
    sharing = Sharing(workspace, network, replica_of)
    program = Program(application(), workspace, sharing)
    program.settings.forgetful = True
    desk = Desk(program, sharing, account.key, ways)
    loop = asyncio.get_running_loop()
    asked: asyncio.Queue[list[Any]] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(asked.put_nowait, json.loads(line))
        loop.call_soon_threadsafe(asked.put_nowait, ["end"])

    threading.Thread(target=read, daemon=True).start()
    watching = loop.create_task(desk.late.watch())
    say(ready=name)
    while True:
        word, *given = await asked.get()
        act: Callable[..., Any] = getattr(desk, word)
        await act(*given)
        if word == "end":
            break
    watching.cancel()
    await http.close()
    await nowhere.close()
    library.close()


if __name__ == "__main__":
    qt = application()
    with qasync.QEventLoop(qt) as events:
        events.run_until_complete(main(Path(sys.argv[1]), *sys.argv[2:6]))
