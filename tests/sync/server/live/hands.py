"""A client of ours and a plain one over real sockets: they keep what they are told."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from app.domain.ids import new_id
from app.domain.merge import data_of
from app.domain.patch import Patch, add
from app.domain.patch import encode as canonical
from app.domain.stage import apply
from app.domain.state import ModelState
from sync.protocol import SUBPROTOCOL, Assembler, decode_server, encode, event_of, frames
from sync.protocol import messages as m
from tests.sync.server.running import Running, data

T = TypeVar("T")
SOON = 20.0


class Place:
    """A model with one diagram on a running server, and its people."""

    def __init__(self, server: Running, name: str = "Shop") -> None:
        self.server = server
        with server.client("ada") as ada:
            self.model_id: str = data(ada.post("/threat_models", json={"name": name}), 201)["id"]
            made = data(ada.post(f"/threat_models/{self.model_id}/diagrams", json={"name": "d"}), 201)
        self.diagram_id: str = made["id"]
        self.give("bob", "writer")

    def give(self, name: str, role: str | None) -> None:
        """Give somebody a role, or take it away."""
        with self.server.client("ada") as ada:
            grants, user_id = f"/threat_models/{self.model_id}/access", self.server.ids[name]
            if role is None:
                data(ada.delete(f"{grants}/user/{user_id}"))
                return
            body = {"subject_type": "user", "subject_id": user_id, "role": role}
            data(ada.post(grants, json=body), 201)

    @property
    def address(self) -> str:
        """Where the socket is."""
        url = self.server.url.replace("http", "ws", 1)
        return f"{url}/threat_models/{self.model_id}/diagrams/{self.diagram_id}/ws"

    def ticket(self, name: str) -> str:
        """A ticket for one socket."""
        with self.server.client(name) as client:
            answer: str = data(client.post(f"/threat_models/{self.model_id}/tickets", json={}), 201)["ticket"]
        return answer

    def node(self, cell_id: str = "", **more: Any) -> Patch:
        """A patch that adds a node."""
        given = {"diagram_id": self.diagram_id, "type": "process", **more}
        return (add("cell", cell_id or new_id(), given),)


class Client:
    """Speaks our dialect, follows the model, and keeps every message that it got."""

    def __init__(self, socket: ClientConnection, place: Place) -> None:
        self.socket = socket
        self.place = place
        self.state = ModelState(place.model_id)
        self.sequence = 0
        self.got: list[m.ServerMessage] = []
        self.welcome: m.Welcome
        self._parts = Assembler()
        self.events_by_operation: dict[str, int] = {}

    async def receive(self) -> m.ServerMessage:
        """The next message, with events taken in; heartbeats are answered and passed over."""
        while True:
            message = decode_server(await asyncio.wait_for(self.socket.recv(), SOON))
            if isinstance(message, m.Part):
                whole = self._parts.take(message)
                if whole is None:
                    continue
                message = decode_server(whole, limit=64 * 1024 * 1024)
            if isinstance(message, m.Heartbeat) and not message.answer:
                await self.send(m.Heartbeat(number=message.number, answer=True))
                continue
            if isinstance(message, m.Events):
                self.take_in(message)
            if isinstance(message, m.Welcome):
                self.welcome = message
            self.got.append(message)
            return message

    def take_in(self, message: m.Events) -> None:
        """Follow events; each must be the next one, or known already."""
        for wire in message.events:
            event = event_of(wire)
            if event.sequence_number <= self.sequence:
                continue
            assert event.sequence_number == self.sequence + 1
            apply(self.state, event.operation.patch, event.operation.operation_id)
            self.sequence = event.sequence_number
            self.events_by_operation[event.operation.operation_id] = event.sequence_number

    def count(self, message: m.Events) -> None:
        """Follow the numbers only, without the records before them."""
        for wire in message.events:
            assert wire.sequence_number == self.sequence + 1
            self.sequence += 1

    async def until(self, kind: type[T], **having: Any) -> T:
        """The next message of a kind with these values; others before it are kept too."""
        while True:
            message = await self.receive()
            fits = all(getattr(message, name, None) == value for name, value in having.items())
            if isinstance(message, kind) and fits:
                return message

    async def send(self, message: m.ClientMessage) -> None:
        """Send a message, in parts if it is large."""
        for frame in frames(encode(message), new_id()):
            await self.socket.send(frame)

    async def resume(self) -> m.Resumed | m.StateTooOld:
        """Ask for everything after what is known."""
        await self.send(m.Resume(epoch=self.welcome.epoch, after=self.sequence))
        while True:
            message = await self.receive()
            if isinstance(message, m.Resumed | m.StateTooOld):
                return message

    async def post(self, patch: Patch, operation_id: str = "") -> str:
        """Send an operation; returns its id."""
        operation_id = operation_id or new_id()
        await self.send(m.DiagramOperation(operation_id=operation_id, patch=patch))
        return operation_id

    async def edit(self, patch: Patch, operation_id: str = "") -> m.Ack | m.Rejected:
        """Send an operation and wait for its answer."""
        operation_id = await self.post(patch, operation_id)
        while True:
            message = await self.receive()
            if isinstance(message, m.Ack | m.Rejected) and message.operation_id == operation_id:
                return message

    async def reach(self, sequence_number: int) -> None:
        """Follow until an event."""
        while self.sequence < sequence_number:
            await self.receive()

    async def closed(self) -> int:
        """The code with which the server ends the connection, everything before it received."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self.receive()
        assert self.socket.close_code is not None
        return self.socket.close_code

    def picture(self) -> bytes:
        """All records as they are known, to compare."""
        return picture(self.state)


def picture(state: ModelState) -> bytes:
    """All records of a model in one form."""
    return canonical({i: data_of(record) for i, record in sorted(state.records.items())})


@asynccontextmanager
async def joined(
    place: Place, name: str = "ada", *, client_id: str = "", ticket: bool = False, follow: bool = True,
    **options: Any,
) -> AsyncIterator[Client]:  # fmt: skip
    """Somebody of ours in the session, following from the first event."""
    query = f"?client_id={client_id}"
    headers = {"Authorization": f"Bearer {place.server.tokens[name]}"}
    if ticket:
        query += f"&ticket={place.ticket(name)}"
        headers = {}
    async with connect(
        place.address + query, subprotocols=[Subprotocol(SUBPROTOCOL)], additional_headers=headers,
        compression=None, max_size=None, close_timeout=2, **({"max_queue": None} | options),
    ) as socket:  # fmt: skip
        client = Client(socket, place)
        await client.until(m.Welcome)
        if follow:
            await client.resume()
        yield client


class PlainClient:
    """Knows only the plain messages, as a program written from their description would."""

    def __init__(self, socket: ClientConnection, user_id: str) -> None:
        self.socket = socket
        self.user_id = user_id
        self.cells: dict[str, dict[str, Any]] = {}
        self.got: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        """The next message; cells are taken in."""
        raw = await asyncio.wait_for(self.socket.recv(), SOON)
        assert isinstance(raw, str)
        message: dict[str, Any] = json.loads(raw)
        self.got.append(message)
        if message.get("message_type") == "diagram_operation":
            for cell in message["operation"]["cells"]:
                if cell["operation"] == "remove":
                    self.cells.pop(cell["id"], None)
                else:
                    self.cells[cell["id"]] = cell["data"]
        return message

    async def until(self, **having: Any) -> dict[str, Any]:
        """The next message with these values."""
        while True:
            message = await self.receive()
            if all(message.get(name) == value for name, value in having.items()):
                return message

    async def patch(self, *cells: dict[str, Any]) -> str:
        """Send cells; returns the operation's id."""
        operation_id = new_id()
        await self.send(
            message_type="diagram_operation", user_internal_uuid=self.user_id, operation_id=operation_id,
            sequence_number=0, operation={"type": "patch", "cells": list(cells)},
            timestamp="2026-01-01T00:00:00Z",
        )  # fmt: skip
        return operation_id

    async def send(self, **message: Any) -> None:
        """Send a message."""
        await self.socket.send(json.dumps(message))


@asynccontextmanager
async def joined_plainly(place: Place, name: str = "bob") -> AsyncIterator[PlainClient]:
    """Somebody in the session with another program."""
    async with connect(f"{place.address}?ticket={place.ticket(name)}") as socket:
        assert socket.subprotocol is None
        client = PlainClient(socket, place.server.ids[name])
        await client.until(message_type="current_presenter")
        yield client
