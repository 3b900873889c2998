"""One socket: what waits for it, and the task that sends it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from sync.room import Outbox, OutboxLimits
from sync.server.context import Principal

# Above what a replay from memory may hold, so that a reader who has just resumed is not slow at once.
LIMITS: Final = OutboxLimits(bytes=16_000_000)
SendFrame = Callable[[bytes], Awaitable[None]]


class Connection:
    """A participant's socket. `plain` tells one without our subprotocol.

    `following` says whether live events are sent to it: a client of ours asks for them with `resume`, a
    plain one gets them from the beginning. `close_code` is set once the connection is to end after what
    waits has been sent.
    """

    def __init__(
        self, participant_id: str, principal: Principal, diagram_id: str, send: SendFrame,
        *, plain: bool, address: str = "", limits: OutboxLimits | None = None,
    ) -> None:  # fmt: skip
        self.participant_id = participant_id
        self.principal = principal
        self.diagram_id = diagram_id
        self.plain = plain
        self.address = address
        self.outbox = Outbox(limits or LIMITS, in_parts=not plain)
        self.following = plain
        self.close_code = 0
        self.heard_at = 0.0
        self.warned = False
        self.asked_at = 0.0
        self.replay: asyncio.Task[None] | None = None
        self._send = send
        self._sending = False
        self._wake = asyncio.Event()
        self._empty = asyncio.Event()

    @property
    def idle(self) -> bool:
        """Whether everything that was put has been handed to the network."""
        return not self._sending and not self.outbox

    def renew(self, principal: Principal) -> None:
        """Go on under a younger sign-in of the same user."""
        self.principal = principal
        self.warned = False

    def wake(self) -> None:
        """There is something to send."""
        if self.outbox:
            self._empty.clear()
        self._wake.set()

    def end(self, code: int) -> None:
        """Close the socket once what waits has been sent; the first code counts."""
        self.close_code = self.close_code or code
        self.stop_replay()
        self._wake.set()

    def stop_replay(self) -> None:
        """Replay nothing more."""
        if self.replay is not None:
            self.replay.cancel()
            self.replay = None

    async def drained(self) -> None:
        """Wait until everything that was put has been handed to the network."""
        while not self.idle:
            self._empty.clear()
            await self._empty.wait()

    async def pump(self) -> None:
        """Send what is put, in order, until the connection is to end."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._sending = True
            try:
                while (frame := self.outbox.next()) is not None:
                    await self._send(frame)
            finally:
                self._sending = False
                self._empty.set()
            if self.close_code:
                return
