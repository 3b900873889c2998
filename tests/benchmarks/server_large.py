"""How long a large operation holds up the server's event loop: `python -m tests.benchmarks.server_large [N]`.

The owner of the rooms over a real file, without sockets: one operation adds N cells, a second one moves
them all. `stall_ms` is the longest time in which the loop could do nothing else, `total_ms` until the
operation was on disk, `fsync_ms` the median of the disk that it ran on.
"""

import asyncio
import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.domain.ids import new_id
from app.domain.patch import Operation, Patch, add, update
from app.ports_server import User
from storage.server import ServerStore, open_server
from sync.protocol.messages import Role
from sync.server.context import Principal
from sync.server.live import prepare_process
from sync.server.metrics import Metrics
from sync.server.rooms import RoomHost
from tests.benchmarks.server import drawing, fsync_ms

BEAT_SECONDS = 0.001


class Pulse:
    """Beats on the loop and keeps the longest time between two beats."""

    def __init__(self) -> None:
        self._longest = 0.0
        self._last = time.perf_counter()
        self._task = asyncio.get_running_loop().create_task(self._beat())

    async def _beat(self) -> None:
        while True:
            self._note()
            await asyncio.sleep(BEAT_SECONDS)

    def _note(self) -> None:
        now = time.perf_counter()
        self._longest, self._last = max(self._longest, now - self._last), now

    def stop(self) -> float:
        """Milliseconds of the longest gap; the pulse ends."""
        self._task.cancel()
        self._note()
        return round(self._longest * 1000, 1)


async def measure(store: ServerStore, threads: ThreadPoolExecutor, size: int) -> dict[str, float]:
    """Send both operations."""
    made = User(id=new_id(), email="", name="ada", provider="local", provider_user_id="ada")
    user = store.users.create(made, time.time())
    host = RoomHost(
        store.rooms, threads, Metrics(), epoch="e", clock=time.time, versions=store.catalogue.versions
    )
    ada, model_id, diagram_id = Principal(user_id=user.id, name="ada"), new_id(), new_id()

    async def send(patch: Patch, *, create: bool = False) -> tuple[float, float]:
        operation = Operation(operation_id=new_id(), model_id=model_id, author="", patch=patch)
        began, pulse = time.perf_counter(), Pulse()
        await host.submit(model_id, ada, Role.OWNER, operation, create=create)
        return pulse.stop(), round((time.perf_counter() - began) * 1000, 1)

    diagram = add("diagram", diagram_id, {"name": "d"})
    await send((add("threat_model", model_id, {"name": "M"}), diagram), create=True)
    nodes = [new_id() for _ in range(size)]
    added = await send(drawing(diagram_id, nodes, size))
    moved = await send(tuple(update("cell", one, position={"x": n, "y": 7}) for n, one in enumerate(nodes)))
    return {
        "n": size, "add_stall_ms": added[0], "add_total_ms": added[1],
        "move_stall_ms": moved[0], "move_total_ms": moved[1],
    }  # fmt: skip


def main(size: int) -> None:
    """Measure on a fresh file and print the line."""
    prepare_process()
    with tempfile.TemporaryDirectory(prefix="tmi-benchmark-") as made, ThreadPoolExecutor(4) as threads:
        folder = Path(made)
        store = open_server(folder / "server.db")
        try:
            found = asyncio.run(measure(store, threads, size))
        finally:
            store.close()
        print(json.dumps({**found, "fsync_ms": fsync_ms(folder)}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
