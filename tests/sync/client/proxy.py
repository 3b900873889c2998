"""A TCP proxy on loopback that counts, holds back and cuts."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Proxy:
    """Passes bytes on to a server, unless it was told to hold answers back or to break off in one."""

    def __init__(self, target: str) -> None:
        self.lead_to(target)
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.held = asyncio.Event()
        self.sent = b""
        self._more = asyncio.Event()
        self.cut_after = -1
        self.cut_answer_to = b"never sent"
        self.address = ""

    def lead_to(self, target: str) -> None:
        """Pass new connections on to this server."""
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)

    def hold(self) -> None:
        """Let no answer through from now on; `held` tells that one has come."""
        self.held.clear()
        self._flowing.clear()

    def release(self) -> None:
        """Let answers through again."""
        self._flowing.set()

    async def until_sent(self, pattern: bytes, times: int) -> None:
        """Wait until something has gone out so often."""
        while self.sent.count(pattern) < times:
            self._more.clear()
            await self._more.wait()

    def cut(self) -> None:
        """Break all connections."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        with contextlib.suppress(OSError):
            async with asyncio.TaskGroup() as group:
                group.create_task(self._there(reader, far_writer))
                group.create_task(self._back(far_reader, writer))
        for one in (writer, far_writer):
            self._writers.discard(one)
            one.close()

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                self.sent += data
                self._more.set()
                if self.cut_answer_to in data:
                    self.cut_answer_to, self.cut_after = b"never sent", 20
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if not self._flowing.is_set():
                    self.held.set()
                    await self._flowing.wait()
                if self.cut_after >= 0:
                    writer.write(data[: self.cut_after])
                    self.cut_after = -1
                    await writer.drain()
                    break
                writer.write(data)
                await writer.drain()
        writer.close()

    async def end(self) -> None:
        """Break everything and wait until it is gone."""
        self.release()
        self.cut()
        if self._tasks:
            await asyncio.wait(self._tasks)


@asynccontextmanager
async def proxied(target: str) -> AsyncIterator[Proxy]:
    """A proxy in front of a server."""
    proxy = Proxy(target)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        await proxy.end()
