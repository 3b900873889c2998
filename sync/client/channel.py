"""One live connection to a model's session. It never connects again by itself: that is for who drives it."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from app.domain.ids import new_id
from sync.client.address import host_and_port, is_near
from sync.client.api import ServerApi
from sync.client.errors import (
    ChannelClosed,
    Refused,
    ServerError,
    ServerFault,
    SignInNeeded,
    Unreachable,
    Untrusted,
)
from sync.client.http import Reply, ServerHttp
from sync.client.trust import NOT_TRUSTED, said
from sync.protocol import (
    MAX_FRAME_BYTES,
    MAX_MESSAGE_BYTES,
    SUBPROTOCOL,
    Assembler,
    ClientMessage,
    ProtocolError,
    ServerMessage,
    decode_server,
    encode,
    frames,
)
from sync.protocol import messages as m

PATIENCE: Final = 10.0
PING_SECONDS: Final = 10.0
# How long the network may take nothing before the connection counts as dead.
STUCK: Final = 30.0
MOST_WAITING: Final = 512
# From here on coding and decoding would hold up the loop.
LARGE_BYTES: Final = 128 * 1024
LARGE_PATCH: Final = 300
RENEW_BEFORE: Final = 60.0
REASONS: Final = {
    "ended": "the session was ended",
    "idle": "the session was closed because nothing happened in it",
    "removed": "you were removed from the session",
    "superseded": "you have connected to this session from elsewhere",
    "revoked": "your access to this model was taken away",
    "shutdown": "the server is being stopped",
    "expired": "your sign-in has run out",
    "signed_out": "you were signed out",
}


class Channel:
    """Messages of a session, in order: iterate to receive, `send` to send, `close` when done.

    Iterating ends when `close` was called, and raises ChannelClosed when the connection ended otherwise.
    """

    def __init__(self, socket: ClientConnection, api: ServerApi, model_id: str) -> None:
        self.welcome: m.Welcome
        self._socket = socket
        self._api = api
        self._model_id = model_id
        self._name = api.http.name
        self._parts = Assembler()
        self._sending = asyncio.Lock()
        self._received: asyncio.Queue[ServerMessage] = asyncio.Queue(MOST_WAITING)
        self._over = asyncio.Event()
        self._ended: m.SessionEnded | None = None
        self._failure: ServerError | None = None
        self._closing = False
        self._renewed = asyncio.Event()
        self._sign_in_seconds = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def connect(
        cls, api: ServerApi, model_id: str, diagram_id: str, *, client_id: str = "",
        patience: float = PATIENCE,
    ) -> "Channel":  # fmt: skip
        """Come into a model's session; returns once the server has said welcome.

        `client_id` names this window: who comes back under the same takes the old place.
        """
        try:
            async with asyncio.timeout(patience):
                query = {"ticket": (await api.ticket(model_id)).ticket, "client_id": client_id}
                socket = await _open(api.http, model_id, diagram_id, query)
                channel = cls(socket, api, model_id)
                try:
                    await channel._begin()
                except BaseException:
                    await channel.close()
                    raise
        except TimeoutError:
            raise Unreachable(f"{api.http.name}: did not answer in time") from None
        return channel

    async def __aenter__(self) -> "Channel":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def __aiter__(self) -> AsyncIterator[ServerMessage]:
        while (message := await self._received_next()) is not None:
            yield message
        if self._failure is not None and not self._closing:
            raise self._failure

    async def _received_next(self) -> ServerMessage | None:
        """The next message that has come, None once there is none and none can come any more."""
        while self._received.empty():
            if self._over.is_set():
                return None
            getting = asyncio.ensure_future(self._received.get())
            ending = asyncio.ensure_future(self._over.wait())
            try:
                await asyncio.wait((getting, ending), return_when=asyncio.FIRST_COMPLETED)
                if getting.done():
                    return getting.result()
            finally:
                getting.cancel()
                ending.cancel()
        return self._received.get_nowait()

    @property
    def is_open(self) -> bool:
        """Whether messages can still come and go."""
        return not self._closing and self._failure is None

    @property
    def is_sending(self) -> bool:
        """Whether a message is on its way out; presence that is sent now would only queue up behind it."""
        return self._sending.locked()

    async def send(self, message: ClientMessage) -> None:
        """Send a message, in parts if it is large; returns when the network has taken it.

        Refused when it is larger than the server takes; ChannelClosed when the connection has ended.
        """
        is_large = isinstance(message, m.DiagramOperation) and len(message.patch) >= LARGE_PATCH
        raw = await asyncio.to_thread(encode, message) if is_large else encode(message)
        most = self.welcome.max_message_bytes or MAX_MESSAGE_BYTES
        if len(raw) > most:
            raise Refused(f"a change of {_megabytes(len(raw))} is too large: {self._name} takes at most "
                          f"{_megabytes(most)}", code="too_large")  # fmt: skip
        limit = min(self.welcome.max_frame_bytes or MAX_FRAME_BYTES, MAX_FRAME_BYTES)
        async with self._sending:
            if self._failure is not None:
                raise self._failure
            try:
                async with asyncio.timeout(STUCK):
                    for frame in frames(raw, new_id(), limit=limit):
                        await self._socket.send(frame)
            except (ConnectionClosed, OSError):
                raise self._closed() from None
            except TimeoutError:
                self._socket.transport.abort()
                raise self._closed("the network takes nothing") from None

    async def close(self) -> None:
        """Leave."""
        self._closing = True
        for task in self._tasks:
            task.cancel()
        await self._socket.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._end()

    # Receiving

    async def _begin(self) -> None:
        first = await self._next()
        if not isinstance(first, m.Welcome):
            if isinstance(first, m.SessionEnded):
                self._ended = first
                raise self._closed()
            raise ServerFault(f"{self._name}: did not begin with a welcome")
        self.welcome = first
        self._parts = Assembler(max(first.max_message_bytes, MAX_MESSAGE_BYTES))
        self._sign_in_seconds = first.sign_in_seconds
        loop = asyncio.get_running_loop()
        self._tasks.append(loop.create_task(self._read(), name="live channel"))
        if first.sign_in_seconds > 0:
            self._tasks.append(loop.create_task(self._stay_signed_in(), name="sign-in of a live channel"))

    async def _read(self) -> None:
        try:
            while True:
                message = await self._next()
                if isinstance(message, m.Heartbeat):
                    await self._answer(message)
                    continue
                if isinstance(message, m.Renewed):
                    self._sign_in_seconds = message.sign_in_seconds
                    self._renewed.set()
                    continue
                if isinstance(message, m.SessionEnded):
                    self._ended = message
                await self._received.put(message)
        except ServerError as error:
            self._failure = self._failure or error
        finally:
            self._end()
        await self._socket.close()

    async def _answer(self, heartbeat: m.Heartbeat) -> None:
        """When it cannot be sent, what came before the end has still to be read."""
        if not heartbeat.answer:
            with contextlib.suppress(ChannelClosed):
                await self.send(m.Heartbeat(number=heartbeat.number, answer=True))

    async def _next(self) -> ServerMessage:
        """The next whole message."""
        while True:
            try:
                raw = await self._socket.recv()
            except (ConnectionClosed, OSError):
                raise self._closed() from None
            try:
                message = await _decoded(raw)
                if isinstance(message, m.Part):
                    whole = self._parts.take(message)
                    if whole is None:
                        continue
                    message = await _decoded(whole)
                if isinstance(message, m.StateTooOld):
                    self._parts = Assembler(max(self.welcome.max_message_bytes, MAX_MESSAGE_BYTES))
            except ProtocolError as error:
                raise ServerFault(f"{self._name}: {error}", code=error.code) from None
            return message

    def _end(self) -> None:
        """Have who iterates see the end, after everything that has come."""
        self._over.set()

    def _closed(self, why: str = "") -> ChannelClosed:
        code = self._socket.close_code or 0
        reason = self._ended.reason if self._ended else ""
        text = why or (self._ended.message if self._ended else "") or REASONS.get(reason, "")
        text = text or self._socket.close_reason or "the connection broke"
        return ChannelClosed(f"{self._name}: {text}", close_code=code, reason=reason)

    # Staying

    async def _stay_signed_in(self) -> None:
        """Renew before the sign-in ends. When that cannot be, the server ends the connection as it must."""
        while self._sign_in_seconds > 0:
            left = self._sign_in_seconds
            await asyncio.sleep(left - min(RENEW_BEFORE, left / 4))
            self._renewed.clear()
            try:
                ticket = await self._api.ticket(self._model_id, fresh=True)
                await self.send(m.Renew(ticket=ticket.ticket))
                async with asyncio.timeout(PATIENCE):
                    await self._renewed.wait()
            except (SignInNeeded, ChannelClosed):
                return
            except (ServerError, TimeoutError):
                self._sign_in_seconds = min(RENEW_BEFORE, left / 4)


async def _open(http: ServerHttp, model_id: str, diagram_id: str, query: dict[str, str]) -> ClientConnection:
    told = urlencode({name: value for name, value in query.items() if value})
    address = (
        f"ws{http.address.removeprefix('http')}/threat_models/{model_id}/diagrams/{diagram_id}/ws?{told}"
    )
    near = is_near(host_and_port(http.address)[0])
    try:
        socket = await connect(
            address, ssl=http.tls, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None,
            max_size=MAX_MESSAGE_BYTES, ping_interval=PING_SECONDS, ping_timeout=PING_SECONDS,
            open_timeout=None, close_timeout=2, proxy=None if near else True,
        )  # fmt: skip
    except InvalidStatus as error:
        response = error.response
        raise http.error_of(
            Reply(response.status_code, response.headers, bytes(response.body or b""))
        ) from None
    except (InvalidHandshake, InvalidURI):
        raise ServerFault(f"{http.name}: does not offer live sessions") from None
    except (ConnectionClosed, EOFError):
        raise Unreachable(f"{http.name}: the connection broke") from None
    except ssl.SSLCertVerificationError:
        raise Untrusted(f"{http.name}: {NOT_TRUSTED}") from None
    except OSError as error:
        raise Unreachable(f"{http.name}: cannot be reached: {said(error)}") from None
    if socket.subprotocol != SUBPROTOCOL:
        with contextlib.suppress(OSError):
            await socket.close()
        raise ServerFault(f"{http.name}: speaks another version of the live channel")
    return socket


async def _decoded(raw: bytes | str) -> ServerMessage:
    if len(raw) < LARGE_BYTES:
        return decode_server(raw, limit=MAX_MESSAGE_BYTES)
    return await asyncio.to_thread(decode_server, raw, limit=MAX_MESSAGE_BYTES)


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
