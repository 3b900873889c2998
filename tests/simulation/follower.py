"""A plain follower: holds what the events say, and sees to it that they say it properly."""

from app.domain.patch import Event
from app.domain.stage import apply
from app.domain.state import ModelState
from sync.protocol import decode_server, event_of
from sync.protocol.messages import Events
from tests.domain.sound import faults


class Broken(AssertionError):
    """A rule does not hold; the text begins with its id."""


def hold(rule: str, condition: object, detail: object = "") -> None:
    """Broken unless the condition holds."""
    if not condition:
        raise Broken(f"{rule}: {detail}")


class Follower:
    """A state that only events change. `frames` come as bytes, as from the wire."""

    def __init__(self, state: ModelState, sequence_number: int) -> None:
        self.state = state
        self.sequence_number = sequence_number
        self.connected = True
        self._hash: bytes | None = None

    def receive(self, frame: bytes) -> None:
        """Apply the events of a frame."""
        message = decode_server(frame)
        hold("CODEC-3", isinstance(message, Events), message)
        if isinstance(message, Events):
            for wire in message.events:
                self._apply(event_of(wire))

    def _apply(self, event: Event) -> None:
        number = event.sequence_number
        hold("SEQ-1", number == self.sequence_number + 1, f"{number} after {self.sequence_number}")
        hold("SEQ-2", self._hash in (None, event.previous_hash), f"event {number} breaks the chain")
        hold("EFF-2", event.operation.patch, f"event {number} is empty")
        changes = apply(self.state, event.operation.patch, event.operation.operation_id)
        hold("EFF-1", changes.effective == event.operation.patch, f"event {number} is not effective")
        hold("EFF-1", not changes.dropped, f"event {number} has parts that are dropped")
        hold("REF-1", not faults(self.state), faults(self.state))
        self.sequence_number = number
        self._hash = event.hash
