"""Bad networks and bad servers: each failure is one of the family, and nothing waits for ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from sync.client import channel as channels
from sync.client.api import ServerApi, capabilities
from sync.client.channel import Channel
from sync.client.errors import Busy, ChannelClosed, ServerFault, Unreachable
from sync.client.http import ServerHttp
from sync.client.shapes import Health, ServerInfo, Ticket
from sync.protocol import SUBPROTOCOL, encode
from sync.protocol import messages as m
from tests.sync.client.hands import Given, api_of
from tests.sync.client.proxy import proxied
from tests.sync.server.live.hands import Place
from tests.sync.server.running import Running


@asynccontextmanager
async def saying(*answers: bytes) -> AsyncIterator[ServerHttp]:
    """A server that answers each request with the next of these, the last one for ever, and hangs up."""
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    http = await ServerHttp.open(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
    try:
        yield http
    finally:
        await http.close()
        listener.close()


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """An answer on the wire."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class Pretended(ServerApi):
    """Gives out tickets that a pretended server does not look at."""

    async def ticket(self, model_id: str, *, fresh: bool = False) -> Ticket:
        """Any."""
        return Ticket("t", 30)


@asynccontextmanager
async def pretended(port: int) -> AsyncIterator[ServerApi]:
    """The API of a server that only talks over its socket."""
    http = await ServerHttp.open(f"http://127.0.0.1:{port}")
    try:
        yield Pretended(http, Given(""))
    finally:
        await http.close()


WELCOME = m.Welcome(
    session_id="s", participant_id="p", role=m.Role.WRITER, epoch="e", sequence_number=1, participants=()
)
GOOD = b'{"success":true,"data":{"status":"ok"},"error":null,"meta":{"request_id":"r"}}'


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Welcome to the hotel", b"null", b"[]", b'{"success":true}', b'{"success":false,"data":{}}',
     b'{"success":true,"data":{"status":1}}', b'{"success":true,"data":{"status":"\xff"}}',
     b'{"success":true,"data":' + b"[" * 100_000, GOOD[:-5]],
)  # fmt: skip
@pytest.mark.asyncio
async def test_answers_that_are_none(body: bytes) -> None:
    async with saying(answer(body)) as http:
        with pytest.raises(ServerFault, match="does not understand"):
            await http.fetch(Health, "GET", "/health")


@pytest.mark.parametrize(
    "raw", [b"", b"HTTP/1.1 200", b"rubbish\r\n\r\n", answer(GOOD)[:-3], b"\x16\x03\x01" * 9]
)
@pytest.mark.asyncio
async def test_answers_that_break_off(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.client.http.FIRST_PAUSE", 0.0)
    async with saying(raw) as http:
        with pytest.raises(Unreachable, match="the connection broke"):
            await http.fetch(Health, "GET", "/health")
    async with saying(raw, raw, answer(GOOD)) as http:
        assert (await http.fetch(Health, "GET", "/health")).status == "ok"


@pytest.mark.asyncio
async def test_what_is_not_safe_is_sent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.client.http.FIRST_PAUSE", 0.0)
    async with saying(b"", answer(GOOD)) as http:
        with pytest.raises(Unreachable):
            await http.fetch(Health, "POST", "/health", body={})
        assert (await http.fetch(Health, "POST", "/health", body={})).status == "ok"


@pytest.mark.asyncio
async def test_other_peoples_errors_are_told_in_one_line() -> None:
    proxy = answer(b"<h1>Bad gateway</h1>", "502 Bad Gateway")
    async with saying(proxy) as http:
        with pytest.raises(ServerFault, match="the server answered 502"):
            await http.fetch(Health, "POST", "/health", body={})
        with pytest.raises(ServerFault, match="no TMI server"):
            await capabilities(http)
    async with saying(answer(b"", "302 Found", "Location: https://login.hotel.example")) as http:
        with pytest.raises(ServerFault, match="leads elsewhere"):
            await http.fetch(ServerInfo, "GET", "/")
    busy = answer(b"", "429 Too Many Requests", "Retry-After: 7")
    async with saying(busy) as http:
        with pytest.raises(Busy, match="Too many requests") as told:
            await http.fetch(Health, "GET", "/health")
        assert told.value.wait == 7


@pytest.mark.asyncio
async def test_the_server_goes_in_mid_request(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.client.http.FIRST_PAUSE", 0.0)
    async with proxied(place.server.url) as proxy, api_of(place.server, url=proxy.address) as ada:
        assert (await ada.who()).name == "ada"
        proxy.hold()
        asking = asyncio.create_task(ada.who())
        await proxy.held.wait()
        proxy.cut()
        proxy.release()
        assert (await asking).name == "ada"  # reading is safe, so it was asked again
        proxy.hold()
        making = asyncio.create_task(ada.invite(place.model_id, "reader"))
        await proxy.held.wait()
        proxy.cut()
        with pytest.raises(Unreachable, match="the connection broke"):
            await making
        proxy.release()
        assert len(await ada.invites(place.model_id)) <= 1


@pytest.mark.asyncio
async def test_what_was_done_although_the_answer_was_lost(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.client.http.FIRST_PAUSE", 0.0)
    async with proxied(server.url) as proxy, api_of(server, url=proxy.address) as ada:
        proxy.cut_answer_to = b"POST /threat_models "
        made = await ada.create("Lost answers")
        assert [one.id for one in (await ada.models(search="Lost answers")).models] == [made.id]
        proxy.cut_answer_to = b"DELETE "
        await ada.delete(made.id)  # the second time there was nothing left to delete
        proxy.cut_answer_to = b"POST /threat_models/"
        assert (await ada.restore(made.id)).id == made.id


@pytest.mark.asyncio
async def test_a_silent_server_is_not_waited_for(server: Running) -> None:
    async with proxied(server.url) as proxy:
        http = await ServerHttp.open(proxy.address)
        proxy.hold()
        with pytest.raises(Unreachable, match="did not answer in time"):
            await http.ask("GET", "/health", timeout=0.05)
        proxy.release()
        await http.close()


@pytest.mark.asyncio
async def test_a_cut_channel_ends_at_once_with_a_reason(place: Place) -> None:
    async with (
        proxied(place.server.url) as proxy,
        api_of(place.server, url=proxy.address) as ada,
        await Channel.connect(ada, place.model_id, place.diagram_id) as channel,
    ):
        proxy.cut()
        with pytest.raises(ChannelClosed, match="the connection broke"):
            async for _ in channel:
                pass
        assert not channel.is_open
        with pytest.raises(ChannelClosed):
            await channel.send(m.Heartbeat())


@pytest.mark.asyncio
async def test_a_channel_that_is_held_up_gives_up(place: Place) -> None:
    async with proxied(place.server.url) as proxy, api_of(place.server, url=proxy.address) as ada:
        proxy.hold()
        with pytest.raises(Unreachable, match="did not answer in time"):
            await Channel.connect(ada, place.model_id, place.diagram_id, patience=0.1)
        proxy.release()


@pytest.mark.asyncio
async def test_a_dead_network_is_noticed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "PING_SECONDS", 0.1)
    async with (
        proxied(place.server.url) as proxy,
        api_of(place.server, url=proxy.address) as ada,
        await Channel.connect(ada, place.model_id, place.diagram_id) as channel,
    ):
        proxy.hold()
        with pytest.raises(ChannelClosed):
            async for _ in channel:
                pass


@pytest.mark.parametrize(
    "frame", [b"rubbish", '{"message_type":"nobody_knows"}', b'{"message_type":"part"}', b""]
)
@pytest.mark.asyncio
async def test_a_server_that_talks_rubbish(place: Place, frame: bytes | str) -> None:
    async def talk(socket: ServerConnection) -> None:
        await socket.send(encode(WELCOME))
        await socket.send(frame)
        await socket.wait_closed()

    async with serve(talk, "127.0.0.1", 0, subprotocols=[Subprotocol(SUBPROTOCOL)]) as listener:
        port = listener.sockets[0].getsockname()[1]
        async with (
            pretended(port) as api,
            await Channel.connect(api, place.model_id, place.diagram_id) as channel,
        ):
            with pytest.raises(ServerFault):
                async for _ in channel:
                    pass
