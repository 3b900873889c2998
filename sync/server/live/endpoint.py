"""The socket's address: who may come in, in which dialect, and what comes over it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

import msgspec
from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect

from app.domain.errors import LibraryError
from app.domain.ids import is_id, new_id
from sync.protocol import MAX_FRAME_BYTES, SUBPROTOCOL, Assembler, ProtocolError, decode_client, decode_seed
from sync.protocol import messages as m
from sync.room import Arrival
from sync.server.auth.middleware import refusal_of
from sync.server.context import Principal, address_of, principal_of
from sync.server.errors import Problem, problem_of
from sync.server.live.connection import Connection
from sync.server.live.hub import LiveHub
from sync.server.live.session import SECONDS_TO_CLOSE, LiveSession
from sync.server.live.sign_ins import renew, seconds_left

Socket = WebSocket[Any, Any, Any]
TURN_SECONDS: Final = 0.01
MOST_ERRORS: Final = 50
FRAMES_PER_SECOND: Final = 2_000
NOT_UNDERSTOOD: Final = 1008
log = logging.getLogger(__name__)


@websocket("/threat_models/{threat_model_id:str}/diagrams/{diagram_id:str}/ws")
async def channel(socket: Socket) -> None:
    """Take part in the live session of a model; the diagram is the first one in view."""
    hub = cast(LiveHub, socket.app.state.live)
    try:
        role = await _admit(hub, socket)
    except (Problem, LibraryError) as error:
        await _refuse(socket, problem_of(error))
        return
    plain = SUBPROTOCOL not in socket.scope["subprotocols"]
    await socket.accept(subprotocols=None if plain else SUBPROTOCOL)
    await _serve(hub, socket, role, plain=plain)


async def _admit(hub: LiveHub, socket: Socket) -> m.Role:
    """The role of who asks. Problem when they may not come in, or there is nothing to come to."""
    services, principal, refused = hub.services, principal_of(socket), refusal_of(socket)
    if refused is not None or principal is None:
        raise refused or Problem("UNAUTHORIZED")
    model_id, diagram_id = socket.path_params["threat_model_id"], socket.path_params["diagram_id"]
    if not is_id(model_id) or not is_id(diagram_id):
        raise Problem("NOT_FOUND", "There is no such diagram")
    role = await services.blocking(services.stores.access.role, model_id, principal.user_id, services.clock())
    if principal.administrator:
        role = "owner"
    if role is None:
        raise Problem("NOT_FOUND", "There is no such threat model")
    moment = await services.rooms.state(model_id)
    if all(one.id != diagram_id for one in moment.state.diagrams()):
        raise Problem("NOT_FOUND", "There is no such diagram")
    if hub.draining or hub.is_full(model_id):
        raise Problem("UNAVAILABLE", headers={"Retry-After": "5"})
    return m.Role(role)


async def _refuse(socket: Socket, problem: Problem) -> None:
    """Answer the handshake as an HTTP request; a browser only learns that it failed."""
    if socket.connection_state == "init":
        await socket.receive()
    told = {"code": problem.code, "message": problem.message, "details": problem.details}
    body = msgspec.json.encode({"success": False, "data": None, "error": told})
    headers = {"content-type": "application/json", **problem.headers}
    send = cast("Callable[[Any], Awaitable[None]]", socket.send)
    written = [(k.lower().encode(), v.encode()) for k, v in headers.items()]
    await send({"type": "websocket.http.response.start", "status": problem.status, "headers": written})
    await send({"type": "websocket.http.response.body", "body": body})
    # uvicorn takes the handshake for unfinished until the loop has closed the socket, and would log a fault.
    await asyncio.sleep(TURN_SECONDS)


async def _serve(hub: LiveHub, socket: Socket, role: m.Role, *, plain: bool) -> None:
    principal = cast(Principal, principal_of(socket))
    model_id, diagram_id = socket.path_params["threat_model_id"], socket.path_params["diagram_id"]
    arrival = Arrival(
        participant_id=new_id(), user_id=principal.user_id, name=principal.name, role=role,
        client_id=str(socket.query_params.get("client_id", ""))[:64],
        sign_in_seconds=seconds_left(hub.services, principal),
        max_message_bytes=hub.services.settings.server.max_message_bytes,
    )  # fmt: skip
    connection = Connection(
        arrival.participant_id, principal, diagram_id, _sender(hub, socket, plain), plain=plain,
        address=address_of(socket),
    )  # fmt: skip
    try:
        session = await hub.join(connection, arrival, model_id)
    except LibraryError:
        await socket.close(1011, "the model cannot be read")
        return
    listener = _Listener(hub, session, connection, socket)
    loop = asyncio.get_running_loop()
    sending, listening = loop.create_task(connection.pump()), loop.create_task(listener.listen())
    try:
        await _until_over(connection, sending, listening)
    finally:
        hub.gone(session, connection)
        for task in (sending, listening):
            task.cancel()
        await asyncio.wait((sending, listening))
    _note_fault(sending, listening)
    if connection.close_code and socket.connection_state != "disconnect":
        await _close(socket, connection.close_code)


async def _until_over(
    connection: Connection, sending: asyncio.Task[None], listening: asyncio.Task[None]
) -> None:
    """Until the other side is gone, or all that was to be sent before the end is sent, or never will be."""
    await asyncio.wait((sending, listening), return_when=asyncio.FIRST_COMPLETED)
    if connection.close_code and not sending.done():
        await asyncio.wait((sending,), timeout=SECONDS_TO_CLOSE)


def _note_fault(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, WebSocketDisconnect | OSError):
            log.error("a connection was ended by a fault", exc_info=error)


async def _close(socket: Socket, code: int) -> None:
    try:
        async with asyncio.timeout(SECONDS_TO_CLOSE):
            await socket.close(code)
    except (WebSocketDisconnect, OSError, TimeoutError, RuntimeError):
        return  # it is gone already


def _sender(hub: LiveHub, socket: Socket, plain: bool) -> Callable[[bytes], Awaitable[None]]:
    """How a frame goes out: as text to plain clients, as bytes otherwise, which nobody has to check."""
    send, sent = socket.send, hub.services.metrics.messages_sent

    async def send_text(frame: bytes) -> None:
        await send({"type": "websocket.send", "bytes": None, "text": frame.decode()})
        sent.inc()

    async def send_bytes(frame: bytes) -> None:
        await send({"type": "websocket.send", "bytes": frame, "text": None})
        sent.inc()

    return send_text if plain else send_bytes


class _Listener:
    """What comes over one socket: decoded, paced, put together, handed to the session."""

    def __init__(self, hub: LiveHub, session: LiveSession, connection: Connection, socket: Socket) -> None:
        self._session = session
        self._connection = connection
        self._socket = socket
        self._received = hub.services.metrics.messages_received
        self._largest = hub.services.settings.server.max_message_bytes
        self._parts = Assembler(self._largest)
        self._errors = 0
        self._window = (0.0, 0)

    async def listen(self) -> None:
        """Take messages until the other side is gone or the connection is to end."""
        while not self._connection.close_code:
            event = cast("dict[str, Any]", await self._socket.receive())
            if event["type"] != "websocket.receive":
                return
            await self._pace()
            raw = event.get("text")
            try:
                await self._take(raw if raw is not None else event.get("bytes") or b"")
            except ProtocolError as error:
                self._complain(error)

    async def _take(self, raw: bytes | str) -> None:
        message = self._decode(raw, MAX_FRAME_BYTES)
        if isinstance(message, m.Part):
            self._session.heard(self._connection)
            if self._session.meeting.role_of(self._connection.participant_id) is m.Role.READER:
                raise ProtocolError("forbidden", "nothing that a reader may send is so large")
            whole = self._parts.take(message)
            if whole is None:
                return
            message = self._decode(whole, self._largest)
            if isinstance(message, m.Part):
                raise ProtocolError("bad_part", "a part must not hold another part")
        self._received.labels(m.tag_of(type(message).__name__)).inc()
        if isinstance(message, m.Renew):
            self._session.heard(self._connection)
            await renew(self._socket, self._session, self._connection, message)
            return
        await self._session.receive(self._connection, message)

    def _decode(self, raw: bytes | str, limit: int) -> m.ClientMessage:
        if not self._connection.plain:
            return decode_client(raw, limit=limit)
        users = {user: i for i, user in self._session.fan_out.users.items()}
        return decode_seed(raw, self._connection.diagram_id, users, limit=limit)

    def _complain(self, error: ProtocolError) -> None:
        """Say what was wrong; whoever sends nothing else has to go."""
        self._errors += 1
        self._received.labels("not_understood").inc()
        told = m.Error(code=error.code, message=str(error)[:1000])
        self._session.fan_out.tell(self._connection.participant_id, told)
        if self._errors >= MOST_ERRORS:
            self._connection.end(NOT_UNDERSTOOD)

    async def _pace(self) -> None:
        """Nobody draws so fast: a flood is read at this pace, so that it holds nobody up."""
        now = asyncio.get_running_loop().time()
        began, count = self._window
        if now - began >= 1.0:
            began, count = now, 0
        if count >= FRAMES_PER_SECOND:
            await asyncio.sleep(began + 1.0 - now)
        self._window = (began, count + 1)
