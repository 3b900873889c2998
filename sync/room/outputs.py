"""What the engines say: values that a transport carries out in order."""

from collections.abc import Iterable
from functools import cached_property
from typing import TypeAlias

import msgspec

from app.domain.changes import ChangeSet
from app.domain.patch import Event
from sync.protocol.codec import encode, placed
from sync.protocol.messages import PresenceMessage, ServerMessage
from sync.protocol.seed import operation_to_seed


class WrittenEvent(msgspec.Struct, frozen=True, gc=False):
    """A committed event as it is sent and nothing more: a tenth of what the event itself takes in memory."""

    sequence_number: int
    wire: bytes


class PlacedEvent(msgspec.Struct, frozen=True, dict=True):
    """A committed event with its changes (None in a replay). Written once, for however many receivers."""

    event: Event
    changes: ChangeSet | None = None

    @property
    def sequence_number(self) -> int:
        """Its place."""
        return self.event.sequence_number

    @cached_property
    def wire(self) -> bytes:
        """The event as it stands inside an `events` message."""
        return encode(placed(self.event))

    @property
    def written(self) -> WrittenEvent:
        """What a replay needs of it."""
        return WrittenEvent(self.sequence_number, self.wire)

    @cached_property
    def _seeds(self) -> dict[str, bytes]:
        return {}

    def seed(self, diagram_id: str) -> bytes:
        """The message for a plain client of a diagram; b"" when it has nothing to see."""
        if diagram_id not in self._seeds:
            changes = self.changes
            self._seeds[diagram_id] = operation_to_seed(self.event, changes, diagram_id) if changes else b""
        return self._seeds[diagram_id]


def events_frame(wires: Iterable[bytes]) -> bytes:
    """One `events` message from events that are written already."""
    return b'{"message_type":"events","events":[' + b",".join(wires) + b"]}"


class Broadcast(msgspec.Struct, frozen=True):
    """Events for everybody, the author included; they are on disk."""

    events: tuple[PlacedEvent, ...]


class Answer(msgspec.Struct, frozen=True):
    """A message for one participant."""

    to: str
    message: ServerMessage


class Announce(msgspec.Struct, frozen=True):
    """A message for everybody but `but`."""

    message: ServerMessage
    but: str = ""


class Show(msgspec.Struct, frozen=True):
    """Presence for everybody but its sender: latest wins, dropped first."""

    message: PresenceMessage


class Close(msgspec.Struct, frozen=True):
    """End a participant's connection once what it was told before has been sent."""

    participant_id: str


Output: TypeAlias = Broadcast | Answer | Announce | Show | Close
