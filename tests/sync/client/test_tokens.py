"""Tokens that expire, are revoked, reused, shared by many, and kept over a restart."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sync.client.api import ServerApi
from sync.client.errors import ServerError, SignInNeeded, Unreachable
from sync.client.http import ServerHttp
from sync.client.secrets import FileStore
from sync.client.sign_in import SignedIn, sign_in
from sync.client.tokens import CLIENT, AccountTokens
from tests.sync.client.hands import Browser
from tests.sync.client.proxy import Proxy, proxied
from tests.sync.server.running import Running

REFRESHING = b"POST /oauth2/token "


class Clock:
    """The real time and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return time.monotonic() + self.ahead


class Desktop:
    """A program that is signed in, and what a test looks into."""

    def __init__(self, proxy: Proxy, http: ServerHttp, signed_in: SignedIn, folder: Path) -> None:
        self.proxy = proxy
        self.http = http
        self.signed_in = signed_in
        self.folder = folder
        self.clock = Clock()
        self.tokens = AccountTokens(http, FileStore(folder), signed_in.user_id, self.clock)
        self.api = ServerApi(http, self.tokens)

    def again(self) -> ServerApi:
        """The API after a restart of the program."""
        return ServerApi(self.http, AccountTokens(self.http, FileStore(self.folder), self.signed_in.user_id))

    @property
    def refreshes(self) -> int:
        """How often the token endpoint was asked since signing in."""
        return self.proxy.sent.count(REFRESHING) - 1

    async def revoke(self, token: str) -> None:
        """End a token behind everybody's back."""
        reply = await self.http.ask("POST", "/oauth2/revoke", form={"token": token, "client_id": CLIENT})
        assert reply.status == 200


@asynccontextmanager
async def desktop(server: Running, folder: Path) -> AsyncIterator[Desktop]:
    """Somebody at a desktop."""
    async with proxied(server.url) as proxy:
        http = await ServerHttp.open(proxy.address)
        browser = Browser()
        one = Desktop(proxy, http, await sign_in(http, browser, patience=20), folder)
        assert browser.task is not None
        await browser.task
        await one.tokens.start(one.signed_in.tokens)
        try:
            yield one
        finally:
            await http.close()


@pytest.mark.asyncio
async def test_fifty_requests_refresh_once(server: Running, tmp_path: Path) -> None:
    async with desktop(server, tmp_path) as one:
        one.clock.ahead = 3600
        people = await asyncio.gather(*(one.api.who() for _ in range(50)))
        assert {person.name for person in people} == {"Carla"}
        assert one.refreshes == 1


@pytest.mark.asyncio
async def test_fifty_requests_with_a_revoked_token_refresh_once(server: Running, tmp_path: Path) -> None:
    async with desktop(server, tmp_path) as one:
        await one.revoke(await one.tokens.access_token())
        people = await asyncio.gather(*(one.api.models() for _ in range(50)))
        assert len(people) == 50
        assert one.refreshes == 1


@pytest.mark.asyncio
async def test_one_who_gives_up_does_not_stop_the_others(server: Running, tmp_path: Path) -> None:
    async with desktop(server, tmp_path) as one:
        one.clock.ahead = 3600
        one.proxy.hold()
        first, second = (asyncio.create_task(one.api.who()) for _ in range(2))
        await one.proxy.held.wait()
        first.cancel()
        one.proxy.release()
        assert (await second).name == "Carla"
        assert one.refreshes == 1
        with pytest.raises(asyncio.CancelledError):
            await first


@pytest.mark.asyncio
async def test_a_sign_in_that_was_ended_elsewhere_is_forgotten(server: Running, tmp_path: Path) -> None:
    async with desktop(server, tmp_path) as one:
        await one.revoke(one.signed_in.tokens.refresh_token)
        told = await asyncio.gather(*(one.api.who() for _ in range(50)), return_exceptions=True)
        assert {type(error) for error in told} == {SignInNeeded}
        assert one.refreshes == 1
        assert FileStore(tmp_path).get(one.tokens.secret_name) is None
        with pytest.raises(SignInNeeded, match="sign in first"):
            await one.again().who()


@pytest.mark.asyncio
async def test_a_restart_goes_on_with_what_was_kept(server: Running, tmp_path: Path) -> None:
    async with desktop(server, tmp_path) as one:
        assert (await one.again().who()).name == "Carla"
        assert (await one.again().who()).name == "Carla"  # the token that came with the first refresh


@pytest.mark.asyncio
async def test_an_answer_that_was_lost_costs_nothing(server: Running, tmp_path: Path) -> None:
    async with desktop(server, tmp_path) as one:
        one.clock.ahead = 3600
        one.proxy.cut_answer_to = REFRESHING
        assert (await one.api.who()).name == "Carla"
        assert one.refreshes == 2


@pytest.mark.asyncio
async def test_a_stranger_in_between_signs_nobody_out(server: Running, tmp_path: Path) -> None:
    """A hotel's page refuses everything; it does not speak for the server."""
    async with desktop(server, tmp_path) as one, hotel() as address:
        far = await ServerHttp.open(address)
        tokens = AccountTokens(far, FileStore(tmp_path), one.signed_in.user_id)
        await tokens.start(one.signed_in.tokens)
        with pytest.raises(ServerError):
            await tokens.renewed(one.signed_in.tokens.access_token)
        assert FileStore(tmp_path).get(tokens.secret_name)
        await far.close()


@asynccontextmanager
async def hotel() -> AsyncIterator[str]:
    """The address of something that knows where to sign in, and then refuses."""
    places = b'{"issuer":"http://h","authorization_endpoint":"http://h/a","token_endpoint":"http://h/oauth2/token"}'

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        status, body = (
            (b"200 OK", places) if asked.startswith(b"GET") else (b"400 Bad", b"<h1>Pay first</h1>")
        )
        head = b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(body))
        writer.write(head + body)
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    finally:
        listener.close()


@pytest.mark.asyncio
async def test_without_a_network_nobody_is_signed_out(server: Running, tmp_path: Path) -> None:
    async with desktop(server, tmp_path) as one:
        one.clock.ahead = 3600
        far = await ServerHttp.open("http://127.0.0.1:9")
        tokens = AccountTokens(far, FileStore(tmp_path), one.signed_in.user_id)
        await tokens.start(one.signed_in.tokens)
        tokens._good_until = 0.0
        with pytest.raises(Unreachable):
            await ServerApi(far, tokens).who()
        assert FileStore(tmp_path).get(tokens.secret_name)
        assert not await tokens.sign_out()
        assert FileStore(tmp_path).get(tokens.secret_name) is None
        await far.close()


@pytest.mark.asyncio
async def test_signing_out_ends_it_on_the_server_too(server: Running, tmp_path: Path) -> None:
    async with desktop(server, tmp_path) as one:
        access = await one.tokens.access_token()
        assert await one.tokens.sign_out()
        headers = {"Authorization": f"Bearer {access}"}
        assert (await one.http.ask("GET", "/oauth2/userinfo", headers=headers)).status == 401
        with pytest.raises(SignInNeeded):
            await one.api.who()
        assert await one.tokens.sign_out()
