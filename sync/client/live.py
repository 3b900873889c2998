"""Following a model for as long as somebody wants to: connects, catches up, sends what waits, connects again.

All on one event loop. What the server says goes through the replica to the follower; nothing is sent that
is not on the disk. A connection that breaks is no news for the user until it lasts.
"""

import asyncio
import contextlib
import random
from typing import Final, Protocol

from app.domain.errors import LibraryError, TmiError
from app.domain.ids import new_id
from app.domain.patch import Event, Operation
from app.domain.state import ModelState
from app.ports_live import Applied, Follower, History, LinkStatus, News
from sync.client.api import ServerApi
from sync.client.channel import Channel
from sync.client.errors import (
    Busy,
    ChannelClosed,
    Denied,
    NotFound,
    Refused,
    ServerError,
    ServerFault,
    SignInNeeded,
    Untrusted,
)
from sync.client.setting_back import go_on, parting_of
from sync.protocol import ProtocolError, event_of
from sync.protocol import messages as m
from sync.replica import Diverged, Replica
from sync.replica.review import review

LONG_ABSENCE: Final = 300.0
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
AGAIN_SECONDS: Final = 0.3
LEAVE_SECONDS: Final = 1.0
MOST_PARTINGS: Final = 3
# After these nothing gets better by itself.
FINAL: Final = (Denied, NotFound, SignInNeeded, Untrusted)
NO_RETURN: Final = frozenset({"ended", "removed", "revoked", "signed_out", "superseded"})
SET_BACK: Final = (
    "the server was set back to an earlier state; what you have is kept here, but is not sent to it"
)


class Listener(Protocol):
    """Who hears of people, of the connection, and of refusals; on the loop, and never waits."""

    def status(self, status: LinkStatus) -> None:
        """The connection is in another state."""

    def message(self, message: m.ServerMessage) -> None:
        """Something about people: who is there, who presents, where they point."""

    def refused(self, operation: Operation, reason: str) -> None:
        """An own edit was refused, and has been taken back."""


class _SetBack(TmiError):
    """The server's history is another one, of this name."""

    def __init__(self, epoch: str) -> None:
        super().__init__(SET_BACK)
        self.epoch = epoch


class LiveModel:
    """One model, followed. `run` it as a task; `stop` ends it. `kept` says which operations are on disk."""

    def __init__(
        self, api: ServerApi, model_id: str, replica: Replica, follower: Follower, listener: Listener, *,
        away_seconds: float = 0.0, long_absence: float = LONG_ABSENCE, dice: random.Random | None = None,
        history: History | None = None,
    ) -> None:  # fmt: skip
        """`away_seconds`: how long ago the server was last followed, before this.

        Without a `history` it stops when the server was set back.
        """
        self._api = api
        self._model_id = model_id
        self._replica = replica
        self._follower = follower
        self._listener = listener
        self._long_absence = long_absence
        self._dice = dice or random.Random()  # noqa: S311 - only spreads reconnections
        self._client_id = new_id()
        self._saved = {one.operation_id for one in replica.pending}
        self._wake = asyncio.Event()
        self._wanted = asyncio.Event()
        self._holding = False
        self._held: frozenset[str] = frozenset()
        self._stopping = False
        self._following = False
        self._was: ModelState | None = None
        self._missed: list[Applied] = []
        self._last_seen = asyncio.get_running_loop().time() - away_seconds
        self._channel: Channel | None = None
        self.status = LinkStatus("connecting")
        self._history = history
        self._user_id = ""
        self._other: _SetBack | None = None
        self._partings = 0

    # What others tell it

    def kept(self, operation_id: str) -> None:
        """An own operation is on the disk."""
        self._saved.add(operation_id)
        self._wake.set()

    def retry(self) -> None:
        """Connect now rather than later."""
        self._wanted.set()

    def hold(self, holding: bool) -> None:
        """Whether the server takes no edits: what waits when following begins is not sent until it does."""
        if self._holding and not holding:
            self._held = frozenset()
            self._wake.set()
        self._holding = holding

    @property
    def is_busy(self) -> bool:
        """Whether what is said now would go nowhere, or wait behind something else."""
        return self._channel is None or self._channel.is_sending

    async def say(self, message: m.ClientMessage) -> None:
        """Send presence, or something to the people; passed over while there is no connection."""
        channel = self._channel
        if channel is not None and channel.is_open:
            try:
                await channel.send(message)
            except ServerError:
                return  # the connection's own end tells

    async def stop(self) -> None:
        """End following, and say so: who leaves keeps no place. What waits stays in the outbox."""
        self._stopping = True
        self._wanted.set()
        channel = self._channel
        if channel is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LEAVE_SECONDS):
                    await self.say(m.Leave())
            await channel.close()

    # Connecting

    async def run(self) -> None:
        """Follow until stopped, or until nothing gets better by itself."""
        failures = 0
        while not self._stopping:
            self._tell(LinkStatus("connecting"))
            try:
                await self._begin_again()
                await self._session()
                failures = 0
            except _SetBack as error:
                self._other, self._partings = error, self._partings + 1
                if self._history is None or self._partings > MOST_PARTINGS:
                    self._tell(LinkStatus("stopped", str(error)))
                    return
            except LibraryError as error:
                self._tell(LinkStatus("stopped", str(error)))
                return
            except ServerError as error:
                failures = 1 if self._was_live() else failures + 1
                if isinstance(error, FINAL) or getattr(error, "reason", "") in NO_RETURN:
                    self._tell(LinkStatus("stopped", str(error)))
                    return
                await self._pause(error, failures)
        self._tell(LinkStatus("stopped"))

    def _was_live(self) -> bool:
        live, self._following = self._following, False
        return live

    async def _pause(self, error: ServerError, failures: int) -> None:
        if self._stopping:
            return
        self._tell(LinkStatus("waiting", str(error)))
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 1.5 ** min(failures - 1, 20))
        if isinstance(error, Busy):
            pause = max(pause, error.wait)
        self._wanted.clear()
        try:
            async with asyncio.timeout(pause * self._dice.uniform(0.7, 1.3)):
                await self._wanted.wait()
        except TimeoutError:
            return

    async def _session(self) -> None:
        replica = self._replica
        diagrams = replica.base.diagrams()
        if not diagrams:
            raise ServerFault("the model has no diagram to meet on")
        async with await Channel.connect(
            self._api, self._model_id, diagrams[0].id, client_id=self._client_id
        ) as channel:
            if self._stopping:
                return
            self._channel = channel
            self._meet(channel.welcome)
            replica.window.disconnected()
            self._begin_review()
            self._listener.message(channel.welcome)
            await self._resume(channel)
            sender = asyncio.get_running_loop().create_task(self._send(channel))
            try:
                async for message in channel:
                    await self._take(channel, message)
            finally:
                self._channel = None
                if self._following:
                    self._last_seen = asyncio.get_running_loop().time()
                sender.cancel()
                await asyncio.wait([sender])

    def _meet(self, welcome: m.Welcome) -> None:
        """The server's history must be the one that is known."""
        replica = self._replica
        for one in welcome.participants:
            if one.participant_id == welcome.participant_id:
                self._user_id = one.user_id
        if welcome.epoch != replica.epoch and replica.epoch:
            raise _SetBack(welcome.epoch)
        replica.epoch = welcome.epoch
        if self._history is not None:
            self._history.met(welcome.epoch)

    async def _begin_again(self) -> None:
        """Where the server was set back, go on from what it has."""
        if self._other is None or self._history is None:
            return
        epoch, history = self._other.epoch, self._history
        parting = await parting_of(self._api, self._model_id, self._replica, history, self._is_mine)
        if parting is not None:
            found = go_on(self._replica, history, parting, epoch)
            # What was in the log here is on the disk.
            self._saved.update(one.event.operation.operation_id for one in found.lost)
        self._replica.epoch = epoch
        history.met(epoch)
        self._other, self._was, self._missed = None, None, []
        self._last_seen = asyncio.get_running_loop().time()

    def _is_mine(self, operation: Operation) -> bool:
        by_me = bool(self._user_id) and operation.author == self._user_id
        return by_me or (self._history is not None and self._history.is_mine(operation))

    async def _resume(self, channel: Channel) -> None:
        resume = m.Resume(epoch=self._replica.epoch, after=self._replica.sequence_number)
        await channel.send(resume)

    # What comes

    async def _take(self, channel: Channel, message: m.ServerMessage) -> None:
        match message:
            case m.Events():
                await self._follow(channel, self._read(message))
            case m.Ack():
                self._follower.news(self._replica.acknowledged(message))
                self._wake.set()
            case m.Rejected():
                self._refused(message)
            case m.Resumed():
                self._caught_up()
            case m.StateTooOld(reason="epoch" | "ahead"):
                raise _SetBack(self._replica.epoch)
            case m.StateTooOld():
                self._following = False
                async for events in self._api.log(self._model_id, self._replica.sequence_number):
                    await self._follow(channel, list(events))
                await self._resume(channel)
            case _:
                self._listener.message(message)

    def _read(self, message: m.Events) -> list[Event]:
        """The events of a message. ServerFault when one is not what was written."""
        try:
            return [event_of(wire) for wire in message.events]
        except ProtocolError as error:
            raise ServerFault(f"the server's log cannot be trusted: {error}", code=error.code) from None

    async def _follow(self, channel: Channel, events: list[Event]) -> None:
        news: News = self._replica.receive(events)
        if self._was is not None:
            self._missed += news.applied
        self._follower.news(news)
        self._wake.set()
        if isinstance(news.trouble, Diverged):
            raise _SetBack(self._replica.epoch)
        if news.trouble is not None:
            self._following = False
            await self._resume(channel)

    def _refused(self, message: m.Rejected) -> None:
        waiting = {one.operation_id: one for one in self._replica.pending}
        operation = waiting.get(message.operation_id)
        self._follower.news(self._replica.rejected(message))
        if message.retry:
            asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._wake.set)
        elif operation is not None:
            self._listener.refused(operation, message.message)
            self._wake.set()

    # After an absence

    def _begin_review(self) -> None:
        away = asyncio.get_running_loop().time() - self._last_seen
        if self._was is None and away >= self._long_absence:
            self._was, self._missed = self._replica.base.copy(), []

    def _caught_up(self) -> None:
        if self._was is not None:
            missed, self._missed = self._missed, []
            writers = _writers([one.event for one in missed])
            found = review(
                self._was, self._replica.base, self._replica.pending, lambda i, _g: writers.get(i, ("", 0))
            )
            self._was = None
            self._follower.reviewed(self._replica.substitute(found.pending), found.conflicts, missed)
        waiting = self._replica.pending if self._holding else ()
        self._held = frozenset(one.operation_id for one in waiting)
        self._following = True
        self._partings = 0
        self._last_seen = asyncio.get_running_loop().time()
        self._tell(LinkStatus("live"))
        self._wake.set()

    # What goes

    async def _send(self, channel: Channel) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if not self._following:
                    continue
                for one in self._replica.to_send(self._saved - self._held):
                    await self._send_one(channel, one)
        except ChannelClosed:
            return  # who iterates is told

    async def _send_one(self, channel: Channel, one: Operation) -> None:
        """Send an operation; one that no server takes is taken back like one that was refused."""
        try:
            await channel.send(m.DiagramOperation(
                operation_id=one.operation_id, patch=one.patch, base_sequence=one.base_sequence,
                origin=one.origin, step=one.step[:64], title=one.title[:200],
                correlation_id=one.correlation_id, causation_id=one.causation_id,
            ))  # fmt: skip
        except Refused as error:
            self._follower.news(self._replica.withdraw([one.operation_id]))
            self._listener.refused(one, str(error))
            self._wake.set()

    def _tell(self, status: LinkStatus) -> None:
        if status != self.status:
            self.status = status
            self._listener.status(status)


def _writers(events: list[Event]) -> dict[str, tuple[str, int]]:
    """Who wrote each record last, and by which event."""
    found: dict[str, tuple[str, int]] = {}
    for event in events:
        for one in event.operation.patch:
            found[one.id] = (event.operation.author, event.sequence_number)
    return found
