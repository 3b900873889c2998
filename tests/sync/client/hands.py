"""What the tests of the client share: a browser, tokens that are simply there, and APIs that are closed."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from sync.client.api import ServerApi
from sync.client.errors import SignInNeeded
from sync.client.http import ServerHttp
from tests.sync.server.running import Running

PASSWORD = "correct horse battery"


class Browser:
    """Opens an address, fills in the form that it finds, and goes where that leads."""

    def __init__(self, press: str = "go", **typed: str) -> None:
        self.typed = {"username": "carla", "password": PASSWORD, "action": press, **typed}
        self.came_to = ""
        self.shown = ""
        self.follows = True
        self.task: asyncio.Task[None] | None = None

    def __call__(self, address: str) -> None:
        """Begin; whoever opened it does not wait."""
        self.task = asyncio.get_running_loop().create_task(self._visit(address))

    async def _visit(self, address: str) -> None:
        async with httpx.AsyncClient(timeout=20) as client:
            page = await client.get(address)
            action = re.search(r'<form method="post" action="([^"]+)"', page.text)
            assert action, page.text
            hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
            given = {name: html.unescape(value) for name, value in hidden}
            where = page.url.join(html.unescape(action[1]))
            answer = await client.post(where, data={**given, **self.typed})
            assert answer.status_code == 303, answer.text
            self.came_to = answer.headers["location"]
            if self.follows:
                self.shown = (await client.get(self.came_to)).text


class Given:
    """A token that somebody else has got."""

    def __init__(self, token: str) -> None:
        self.token = token

    async def access_token(self) -> str:
        """It."""
        return self.token

    async def renewed(self, refused: str) -> str:
        """There is no other."""
        raise SignInNeeded("sign in again")


@asynccontextmanager
async def api_of(server: Running, name: str = "ada", url: str = "") -> AsyncIterator[ServerApi]:
    """The API of a server as somebody sees it."""
    http = await ServerHttp.open(url or server.url)
    try:
        yield ServerApi(http, Given(server.tokens.get(name, name)))
    finally:
        await http.close()
