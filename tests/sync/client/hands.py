"""What the tests of the client share: tokens that are simply there, and APIs that are closed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sync.client.api import ServerApi
from sync.client.errors import SignInNeeded
from sync.client.http import ServerHttp
from tests.sync.server.running import Running


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
