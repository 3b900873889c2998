"""Messages as the receiver's dialect writes them, each dialect once for all its receivers."""

from collections.abc import Callable, Mapping
from functools import cached_property

from sync.protocol import encode, encode_seed
from sync.protocol.messages import PresenceMessage, Presences, ServerMessage
from sync.room import PlacedEvent, frames_of
from sync.server.live.connection import Connection


class Spelled:
    """A message for any number of connections."""

    def __init__(self, message: ServerMessage, users: Mapping[str, str], now: Callable[[], str]) -> None:
        self._message = message
        self._users = users
        self._now = now
        self._plain: dict[str, list[bytes]] = {}

    @cached_property
    def _ours(self) -> list[bytes]:
        return [encode(self._message)]

    def frames(self, connection: Connection) -> list[bytes]:
        """What the connection is sent; nothing where its dialect has no word for it."""
        if not connection.plain:
            return self._ours
        diagram_id = connection.diagram_id
        if diagram_id not in self._plain:
            self._plain[diagram_id] = list(encode_seed(self._message, self._users, self._now(), diagram_id))
        return self._plain[diagram_id]


class SpelledEvents:
    """Events that are told together."""

    def __init__(self, events: list[PlacedEvent]) -> None:
        self._events = events
        self._plain: dict[str, list[bytes]] = {}

    @cached_property
    def _ours(self) -> list[bytes]:
        return list(frames_of(self._events))

    def frames(self, connection: Connection) -> list[bytes]:
        """What the connection is sent."""
        if not connection.plain:
            return self._ours
        diagram_id = connection.diagram_id
        if diagram_id not in self._plain:
            self._plain[diagram_id] = [raw for e in self._events if (raw := e.seed(diagram_id))]
        return self._plain[diagram_id]


class SpelledPresence:
    """The latest presence of some participants, each told to everybody but itself."""

    def __init__(
        self, entries: Mapping[tuple[str, str], PresenceMessage], users: Mapping[str, str],
        now: Callable[[], str],
    ) -> None:  # fmt: skip
        self._entries = entries
        self._senders = {by for by, _ in entries}
        self._users = users
        self._now = now
        self._plain: dict[str, list[bytes]] = {}

    @cached_property
    def _written(self) -> dict[tuple[str, str], bytes]:
        return {key: encode(entry) for key, entry in self._entries.items()}

    @cached_property
    def _for_others(self) -> list[bytes]:
        return [_presences(list(self._written.values()))]

    def entries(self, connection: Connection) -> list[PresenceMessage]:
        """Those that the connection is to see."""
        return [e for (by, _), e in self._entries.items() if by != connection.participant_id]

    def frames(self, connection: Connection) -> list[bytes]:
        """What the connection is sent."""
        own = connection.participant_id
        if connection.plain:
            return self._plain_frames(connection.diagram_id) if own not in self._senders else []
        if own not in self._senders:
            return self._for_others
        written = [raw for (by, _), raw in self._written.items() if by != own]
        return [_presences(written)] if written else []

    def _plain_frames(self, diagram_id: str) -> list[bytes]:
        if diagram_id not in self._plain:
            message = Presences(entries=tuple(self._entries.values()))
            self._plain[diagram_id] = list(encode_seed(message, self._users, self._now(), diagram_id))
        return self._plain[diagram_id]


def _presences(written: list[bytes]) -> bytes:
    return b'{"message_type":"presences","entries":[' + b",".join(written) + b"]}"
