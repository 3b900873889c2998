"""The latest events in memory, and what becomes of a client that asks to go on after a sequence number."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from sync.protocol.codec import MAX_FRAME_BYTES
from sync.protocol.messages import StateTooOld
from sync.room.outputs import PlacedEvent, WrittenEvent, events_frame


class FromMemory(msgspec.Struct, frozen=True):
    """Replay these events; none when the client has everything."""

    events: tuple[WrittenEvent, ...]


class FromLog(msgspec.Struct, frozen=True):
    """Read the events from `after` + 1 up to `until` from the store, then the rest from memory."""

    after: int
    until: int


class RecentEvents:
    """A window on the end of the log, bounded in number and bytes."""

    def __init__(self, sequence_number: int, max_events: int, max_bytes: int) -> None:
        self._events: deque[WrittenEvent] = deque()
        self._bytes = 0
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._last = sequence_number

    @property
    def first(self) -> int:
        """The sequence number that a client must have for memory to do."""
        return self._last - len(self._events)

    def add(self, events: Iterable[PlacedEvent]) -> None:
        """Take in events as they are committed; the oldest go."""
        for event in events:
            self._events.append(event.written)
            self._bytes += len(event.wire)
            self._last = event.sequence_number
        while len(self._events) > self._max_events or self._bytes > self._max_bytes:
            self._bytes -= len(self._events.popleft().wire)

    def clear(self, sequence_number: int) -> None:
        """Forget everything; the log ends at `sequence_number`."""
        self._events.clear()
        self._bytes = 0
        self._last = sequence_number

    def resume(
        self, epoch: str, own_epoch: str, after: int, *, max_behind: int
    ) -> FromMemory | FromLog | StateTooOld:
        """What a client of `epoch` that has everything up to `after` is to get."""
        reason: Literal["epoch", "ahead", "behind"] | None = None
        if epoch != own_epoch:
            reason = "epoch"
        elif after > self._last:
            reason = "ahead"
        elif self._last - after > max_behind:
            reason = "behind"
        if reason is not None:
            return StateTooOld(reason=reason, epoch=own_epoch, sequence_number=self._last)
        if after < self.first:
            return FromLog(after, self.first)
        return FromMemory(tuple(e for e in self._events if e.sequence_number > after))


def frames_of(events: Iterable[PlacedEvent | WrittenEvent], limit: int = MAX_FRAME_BYTES) -> Iterator[bytes]:
    """`events` messages of at most `limit` bytes; an event that is larger by itself stands alone."""
    held: list[bytes] = []
    size = overhead = len(events_frame(()))
    for event in events:
        wire = event.wire
        if held and size + len(wire) + 1 > limit:
            yield events_frame(held)
            held, size = [], overhead
        held.append(wire)
        size += len(wire) + 1
    if held:
        yield events_frame(held)
