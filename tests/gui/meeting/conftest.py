"""The event loop of the windows, and a server."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
import qasync
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from tests.sync.server.live.hands import Place
from tests.sync.server.running import Running, running

Meet = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with its people."""
    with running(tmp_path_factory.mktemp("meeting")) as one:
        yield one


@pytest.fixture
def place(server: Running) -> Place:
    """A model of ada's that bob may write."""
    return Place(server)


@pytest.fixture
def meet(qapp: QApplication) -> Iterator[Meet]:
    """Run a coroutine on the loop of the windows; nothing that goes wrong there is passed over."""
    loop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    qapp.setQuitOnLastWindowClosed(False)
    wrong: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _loop, context: wrong.append(context))

    async def whole(test: Coroutine[Any, Any, None]) -> None:
        try:
            await test
        finally:
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            if rest:
                await asyncio.wait(rest, timeout=5)

    yield lambda test: loop.run_until_complete(whole(test))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    asyncio.set_event_loop(None)
    qapp.setQuitOnLastWindowClosed(True)
    for _ in range(3):
        qapp.processEvents()
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not wrong, wrong
