"""Who gets what of a session: gathers what is told within a moment and hands it to every connection once.

Nothing here waits: a connection that cannot keep up is told to fetch a fresh state when its queue is full.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from sync.protocol import messages as m
from sync.room import PlacedEvent
from sync.server.live.connection import Connection
from sync.server.live.spelling import Spelled, SpelledEvents, SpelledPresence
from sync.server.metrics import Metrics

# Frames cost more than what is in them: the more receivers, the longer the moment that shares a frame,
# so that a session sends about 7,000 frames a second at most.
SECONDS_EACH: Final = 0.00015
SHORTEST: Final = 0.005
LONGEST: Final = 0.05
TOO_SLOW: Final = 1013
Frames = Spelled | SpelledEvents | SpelledPresence


class FanOut:
    """The connections of one session, and what has not been handed to them yet."""

    def __init__(self, epoch: str, sequence_number: int, metrics: Metrics, now: Callable[[], str]) -> None:
        self.connections: dict[str, Connection] = {}
        self.users: dict[str, str] = {}
        self.epoch = epoch
        self.sequence_number = sequence_number
        self._metrics = metrics
        self._now = now
        self._events: list[PlacedEvent] = []
        self._answers: list[tuple[str, m.ServerMessage]] = []
        self._shown: dict[tuple[str, str], m.PresenceMessage] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._flushed = 0.0

    # What is told soon

    def events(self, events: Iterable[PlacedEvent]) -> None:
        """Events for everybody who follows."""
        self._events += events
        self._soon()

    def answer(self, to: str, message: m.ServerMessage) -> None:
        """A message for one participant, after the events so far."""
        self._answers.append((to, message))
        self._soon()

    def show(self, message: m.PresenceMessage) -> None:
        """Presence: replaces what was not told yet of the same participant and kind."""
        key = (message.participant_id, type(message).__name__)
        self._shown.pop(key, None)
        self._shown[key] = message
        self._soon()

    def _soon(self) -> None:
        """The first of a while goes at once, at the end of this turn of the loop; the rest gathers."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            pause = min(LONGEST, max(SHORTEST, len(self.connections) * SECONDS_EACH))
            self._timer = loop.call_at(max(loop.time(), self._flushed + pause), self.flush)

    def flush(self) -> None:
        """Hand over what has been gathered: events, then answers, then presence."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._flushed = asyncio.get_running_loop().time()
        events, self._events = self._events, []
        answers, self._answers = self._answers, []
        shown, self._shown = self._shown, {}
        idle = {i for i, one in self.connections.items() if one.idle} if shown else set()
        if events:
            self._tell_events(events)
        for to, message in answers:
            if to in self.connections:
                self.put(self.connections[to], self.spelled(message))
        if shown:
            self._tell_presence(SpelledPresence(shown, self.users, self._now), idle)
        for connection in self.connections.values():
            if connection.outbox:
                connection.wake()

    def _tell_events(self, events: list[PlacedEvent]) -> None:
        self.sequence_number = events[-1].sequence_number
        spelled = SpelledEvents(events)
        for connection in list(self.connections.values()):
            if connection.following:
                self.put(connection, spelled)

    def _tell_presence(self, presence: SpelledPresence, idle: set[str]) -> None:
        for participant_id, connection in list(self.connections.items()):
            if participant_id in idle:
                self.put(connection, presence)
            elif not connection.plain:
                for entry in presence.entries(connection):
                    connection.outbox.put_presence(entry)

    # What is told now

    def announce(self, message: m.ServerMessage, but: str = "") -> None:
        """A message for everybody, after what has been gathered."""
        self.flush()
        spelled = self.spelled(message)
        for connection in list(self.connections.values()):
            if connection.participant_id != but:
                self.put(connection, spelled)
                connection.wake()

    def tell(self, to: str, message: m.ServerMessage) -> None:
        """A message for one participant, after what has been gathered."""
        self.flush()
        connection = self.connections.get(to)
        if connection is not None:
            self.put(connection, self.spelled(message))
            connection.wake()

    def spelled(self, message: m.ServerMessage) -> Spelled:
        """A message, to be written at most once a dialect."""
        return Spelled(message, self.users, self._now)

    def put(self, connection: Connection, what: Frames) -> None:
        """Queue frames for a connection, and notice when they are too many for it.

        What is to be closed has been told why, and is told nothing more.
        """
        outbox = connection.outbox
        if connection.close_code:
            return
        behind = outbox.needs_resume
        for frame in what.frames(connection):
            outbox.put_frame(frame, epoch=self.epoch, sequence_number=self.sequence_number)
        if outbox.needs_resume and not behind:
            self._metrics.resynchronised.inc()
            connection.following = False
            connection.stop_replay()
            if connection.plain:
                connection.end(TOO_SLOW)

    def forget(self, participant_id: str) -> None:
        """Drop the presence of somebody who has gone."""
        for key in [key for key in self._shown if key[0] == participant_id]:
            del self._shown[key]
        for connection in self.connections.values():
            connection.outbox.forget(participant_id)

    def stop(self) -> None:
        """Tell nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
