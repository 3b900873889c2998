"""Signing in at a real server, with a browser that fills in its form."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from sync.client.api import ServerApi
from sync.client.errors import Denied, Refused, SignInFailed
from sync.client.http import ServerHttp
from sync.client.invite_link import InviteLink
from sync.client.secrets import FileStore
from sync.client.sign_in import BrowserSignIn, redeem, sign_in
from sync.client.tokens import AccountTokens, sign_in_places
from tests.sync.client.hands import Browser, api_of
from tests.sync.server.live.hands import Place
from tests.sync.server.running import Running


@pytest_asyncio.fixture
async def http(server: Running) -> AsyncIterator[ServerHttp]:
    """The way to the server."""
    one = await ServerHttp.open(server.url)
    yield one
    await one.close()


@pytest.mark.asyncio
async def test_the_whole_way(http: ServerHttp) -> None:
    browser = Browser()
    found = await sign_in(http, browser, patience=20)
    assert browser.task is not None
    await browser.task
    assert found.name == "Carla"
    assert "<h1>You can close this window</h1>" in browser.shown
    assert '<html lang="en">' in browser.shown
    assert found.tokens.access_token not in repr(found)


async def begin(http: ServerHttp) -> BrowserSignIn:
    """An attempt whose listener is not there: what is pasted is all that comes."""
    return BrowserSignIn(http, await sign_in_places(http), "http://127.0.0.1:9/callback")


@pytest.mark.parametrize("what", ["address", "code"])
@pytest.mark.asyncio
async def test_pasting(http: ServerHttp, what: str) -> None:
    attempt, browser = await begin(http), Browser()
    browser.follows = False
    browser(attempt.address)
    assert browser.task is not None
    await browser.task
    code = re.search(r"code=([^&]+)", browser.came_to)
    assert code
    with pytest.raises(Refused):
        attempt.paste("https://tmi.test/")
    with pytest.raises(Refused, match="does not belong"):
        attempt.paste(browser.came_to.replace("state=", "state=x"))
    attempt.paste(f" {browser.came_to}\n" if what == "address" else code[1])
    assert (await attempt.finish(20)).name == "Carla"


@pytest.mark.asyncio
async def test_another_servers_answer_and_another_attempts_code(http: ServerHttp) -> None:
    attempt, browser = await begin(http), Browser()
    browser.follows = False
    browser(attempt.address)
    assert browser.task is not None
    await browser.task
    assert "iss=http%3A%2F%2Ftmi.test" in browser.came_to
    query = browser.came_to.partition("?")[2]
    assert not attempt.answer(query.replace("tmi.test", "evil.test"))
    assert not attempt.answer(re.sub(r"&?iss=[^&]+", "", query))
    other = await begin(http)
    assert not other.answer(query)
    other.paste(query.partition("code=")[2].partition("&")[0])
    with pytest.raises(SignInFailed, match="does not accept"):
        await other.finish(20)


@pytest.mark.asyncio
async def test_given_up_too_late_and_refused_in_the_browser(http: ServerHttp) -> None:
    with pytest.raises(SignInFailed, match="given up"):
        await sign_in(http, lambda address: None, begun=lambda attempt: attempt.cancel())
    with pytest.raises(SignInFailed, match="in time"):
        await sign_in(http, lambda address: None, patience=0)
    browser = Browser("cancel")
    with pytest.raises(SignInFailed, match="cancelled in the browser"):
        await sign_in(http, browser, patience=20)
    assert browser.task is not None
    await browser.task


@pytest.mark.asyncio
async def test_strangers_at_the_listener_end_nothing(http: ServerHttp) -> None:
    begun: list[BrowserSignIn] = []
    browser = Browser()
    waiting = asyncio.create_task(sign_in(http, lambda address: None, begun=begun.append, patience=20))
    while not begun:
        await asyncio.sleep(0)
    where = begun[0].redirect_uri
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{where}?code=x&state=y")).status_code == 400
        assert (await client.get(where.replace("callback", "other"))).status_code == 404
        assert (await client.post(where)).status_code == 404
    port = int(where.split(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\xff" * 40_000)
    await reader.read()
    writer.close()
    browser(begun[0].address)
    assert (await waiting).name == "Carla"
    assert browser.task is not None
    await browser.task


@pytest.mark.asyncio
async def test_a_guest_comes_in_by_an_invite(place: Place, http: ServerHttp, tmp_path: Path) -> None:
    async with api_of(place.server) as ada:
        made = await ada.invite(place.model_id, "writer", uses=1)
    secret = made.link.partition("invite=")[2].partition("&")[0]
    link = InviteLink(http.address, secret, place.model_id)
    guest = await redeem(http, link, "  Gus   Guest ")
    assert (guest.name, guest.model_id, guest.role) == ("Gus Guest", place.model_id, "writer")
    tokens = AccountTokens(http, FileStore(tmp_path), guest.user_id)
    await tokens.start(guest.tokens)
    api = ServerApi(http, tokens)
    assert (await api.who()).is_guest
    assert (await api.state(place.model_id)).sequence_number > 0
    with pytest.raises(Denied, match="used as often"):
        await redeem(http, link, "Second")
