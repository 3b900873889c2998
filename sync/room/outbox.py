"""What waits for one connection: the model's lane in order, and presence, of which only the latest counts.

The decision about slow readers stands here: when the model's lane holds more than its bound, all of it
goes, and the reader is told to fetch a fresh state and to resume from there.
"""

from collections import deque
from collections.abc import Iterable, Iterator

import msgspec

from sync.protocol.codec import MAX_FRAME_BYTES, encode
from sync.protocol.messages import PresenceMessage, ServerMessage, StateTooOld
from sync.protocol.parts import frames
from sync.room.outputs import PlacedEvent, WrittenEvent, events_frame


class OutboxLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one connection's queue: bytes, entries, presence values, and bytes of a frame."""

    bytes: int = 8_000_000
    entries: int = 20_000
    presence: int = 2_000
    frame: int = MAX_FRAME_BYTES


class Outbox:
    """One connection's queue. `put_*` never waits and never grows beyond the limits; `next` empties it."""

    def __init__(self, limits: OutboxLimits | None = None, *, in_parts: bool = True) -> None:
        """`in_parts` says whether the reader can put large messages together; a plain one cannot."""
        self._limits = limits or OutboxLimits()
        self._in_parts = in_parts
        self._parts: Iterator[bytes] = iter(())
        self._unsent: bytes | None = None
        self._cut = 0
        self._lane: deque[WrittenEvent | bytes] = deque()
        self._presence: dict[tuple[str, str], bytes] = {}
        self.held = 0
        self.needs_resume = False

    def __bool__(self) -> bool:
        return bool(self._lane or self._presence or self._unsent)

    def put_events(self, events: Iterable[PlacedEvent | WrittenEvent], *, epoch: str) -> None:
        """Queue live or replayed events; passed over while the reader has to resume."""
        for event in events:
            written = event.written if isinstance(event, PlacedEvent) else event
            self._put(written, len(written.wire), epoch, written.sequence_number)

    def put_message(self, message: ServerMessage, *, epoch: str, sequence_number: int) -> None:
        """Queue a message of the session or an acknowledgement, in its order with the events."""
        raw = encode(message)
        self._put(raw, len(raw), epoch, sequence_number)

    def put_frame(self, raw: bytes, *, epoch: str, sequence_number: int) -> None:
        """Queue a frame that is written already, for a reader of another dialect."""
        if raw:
            self._put(raw, len(raw), epoch, sequence_number)

    def _put(self, entry: WrittenEvent | bytes, size: int, epoch: str, sequence_number: int) -> None:
        if self.needs_resume:
            return
        # A single entry larger than the bound has to pass, or the reader could never have it.
        over = self.held + size > self._limits.bytes or len(self._lane) >= self._limits.entries
        if over and self._lane:
            self._give_up(epoch, sequence_number)
            return
        self._lane.append(entry)
        self.held += size

    def _give_up(self, epoch: str, sequence_number: int) -> None:
        self._lane.clear()
        self._presence.clear()
        self._unsent = None
        raw = encode(StateTooOld(reason="slow", epoch=epoch, sequence_number=sequence_number))
        self._lane.append(raw)
        self.held = len(raw)
        self.needs_resume = True

    def resumed(self) -> None:
        """The reader has a fresh state and asks for what follows."""
        self.needs_resume = False

    def put_presence(self, message: PresenceMessage) -> None:
        """Replace what waits of the same participant and kind; the oldest goes when there are too many."""
        if self.needs_resume:
            return
        key = (message.participant_id, type(message).__name__)
        self._presence.pop(key, None)
        self._presence[key] = encode(message)
        while len(self._presence) > self._limits.presence:
            del self._presence[next(iter(self._presence))]

    def forget(self, participant_id: str) -> None:
        """Drop the presence of somebody who has gone."""
        for key in [key for key in self._presence if key[0] == participant_id]:
            del self._presence[key]

    def next(self) -> bytes | None:
        """The next frame to send, None when there is nothing; presence only when the lane is empty.

        Consecutive events share a frame up to its limit; a message that is larger by itself goes in parts.
        """
        if self._unsent is not None:
            frame, self._unsent = self._unsent, next(self._parts, None)
            return frame
        if self._lane:
            first = self._lane.popleft()
            if not isinstance(first, bytes):
                return self._whole_or_parts(events_frame(self._run(first)))
            self.held -= len(first)
            return self._whole_or_parts(first)
        if self._presence:
            return self._presence_frame()
        return None

    def _whole_or_parts(self, raw: bytes) -> bytes:
        if len(raw) <= self._limits.frame or not self._in_parts:
            return raw
        self._cut += 1
        self._parts = frames(raw, f"server-{self._cut}", limit=self._limits.frame)
        first = next(self._parts)
        self._unsent = next(self._parts, None)
        return first

    def _run(self, first: WrittenEvent) -> list[bytes]:
        wires = [first.wire]
        size = len(first.wire) + len(events_frame(()))
        while self._lane and not isinstance(self._lane[0], bytes):
            wire = self._lane[0].wire
            size += len(wire) + 1
            if size > self._limits.frame:
                break
            wires.append(wire)
            self._lane.popleft()
        self.held -= sum(map(len, wires))
        return wires

    def _presence_frame(self) -> bytes:
        chosen: list[bytes] = []
        size = 64
        for key in list(self._presence):
            size += len(self._presence[key]) + 1
            if chosen and size > self._limits.frame:
                break
            chosen.append(self._presence.pop(key))
        return b'{"message_type":"presences","entries":[' + b",".join(chosen) + b"]}"
