"""The listener on this machine that the browser is sent back to, and the page that it shows."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from sync.client.errors import SignInFailed

PATH: Final = "/callback"
LONGEST: Final = 16 * 1024
SECONDS: Final = 10.0
DONE: Final = ("You can close this window", "TMI Desktop has the answer. Go on there.")
FOREIGN: Final = (
    "This does not belong to a sign-in",
    "TMI Desktop did not ask for this, or no longer waits for it. Start the sign-in there again.",
)
HEADERS: Final = (
    "Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
    "X-Content-Type-Options: nosniff\r\nConnection: close\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
)
STYLE: Final = (
    "body{font:1.1rem/1.5 sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}"
)


class Callback:
    """Listens on loopback while it is entered. `take` is given the query, and says whether it is its own."""

    def __init__(self) -> None:
        self.take: Callable[[str], bool] = lambda query: False
        self.address = ""
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[object]] = set()

    async def __aenter__(self) -> "Callback":
        try:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LONGEST)
        except OSError:
            raise SignInFailed("this machine lets no program listen for the browser's answer") from None
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{PATH}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        # The browser still gets its page; one that only holds a connection open is not waited for.
        if self._open:
            await asyncio.wait(self._open, timeout=1.0)
        for task in self._open:
            task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        with contextlib.suppress(
            OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
        ):
            async with asyncio.timeout(SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer(head))
                await writer.drain()
        writer.close()

    def _answer(self, head: bytes) -> bytes:
        method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        path, _, query = rest.partition(" ")[0].partition("?")
        if method != "GET" or path != PATH:
            return _page("404 Not Found", *FOREIGN)
        if not self.take(query):
            return _page("400 Bad Request", *FOREIGN)
        return _page("200 OK", *DONE)


def _page(status: str, title: str, text: str) -> bytes:
    body = (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n</main>\n"
        "</body>\n</html>\n"
    ).encode()
    return f"HTTP/1.1 {status}\r\n{HEADERS}Content-Length: {len(body)}\r\n\r\n".encode() + body
