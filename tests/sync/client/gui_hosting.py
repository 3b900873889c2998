"""A program for a test: hosting from the loop of the windows. Prints what it did, how late a timer was."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import qasync
from PySide6.QtCore import QCoreApplication

from sync.client.hosting import HostedServer
from tests.sync.client.gui_loop import watch
from tests.sync.client.hosted import hosting, model_with_diagram, signed_in


async def work(folder: Path) -> str:
    """Host twice: once to an end that was asked for, once to one that was not."""
    late: list[float] = []
    lines: list[str] = []
    watching = asyncio.get_running_loop().create_task(watch(late))
    server = await HostedServer.start(hosting(folder), on_log=lines.extend)
    async with signed_in(server) as api:
        model_id, _ = await model_with_diagram(api)
    stopped = await server.stop()
    server = await HostedServer.start(hosting(folder), on_log=lines.extend)
    async with signed_in(server) as api:
        name = (await api.model(model_id)).name
    os.kill(server.listening.pid, signal.SIGKILL)
    killed = await server.wait()
    logged = sum("Application startup complete" in line for line in lines)
    watching.cancel()
    return f"{name}, {stopped.status}, {killed.status}, logged {logged}, latest {max(late) * 1000:.0f} ms"


def main() -> None:
    """Run it."""
    application = QCoreApplication(sys.argv)
    loop = qasync.QEventLoop(application)
    with loop:
        print(loop.run_until_complete(work(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
