"""A model that grew up on a laptop: its state and its log, made without any store."""

from collections.abc import Sequence
from typing import Any

from app.domain.ids import new_id
from app.domain.patch import GENESIS, Event, Operation, Patch, add, place, update
from app.domain.stage import apply
from app.domain.state import ModelState
from sync.protocol import encode, placed


class Laptop:
    """One model and its events."""

    def __init__(self, name: str = "Grown up at home", author: str = "local") -> None:
        self.model_id = new_id()
        self.author = author
        self.state = ModelState(self.model_id)
        self.events: list[Event] = []
        self.write(add("threat_model", self.model_id, {"name": name}))

    def write(self, *patch: Any, operation_id: str = "") -> Event:
        """Apply a patch and log it."""
        operation_id = operation_id or new_id()
        changes = apply(self.state, patch, operation_id)
        event = self.event(changes.effective, operation_id)
        self.events.append(event)
        return event

    def event(self, patch: Patch, operation_id: str = "", **more: Any) -> Event:
        """What comes next in the log, not written."""
        given = {
            "operation_id": operation_id or new_id(), "model_id": self.model_id, "author": self.author,
            "patch": patch, "base_sequence": len(self.events), "timestamp": "2026-01-01T00:00:00.000Z",
            "title": "At home", **more,
        }  # fmt: skip
        head = self.events[-1].hash if self.events else GENESIS
        return place(Operation(**given), len(self.events) + 1, head)

    def notes(self, number: int, size: int = 40) -> "Laptop":
        """Write so many notes, and change each once."""
        for n in range(number):
            note = new_id()
            self.write(add("note", note, {"name": f"n{n}", "content": "é" * (size // 2)}))
            self.write(update("note", note, name=f"note {n}"))
        return self


def body_of(events: Sequence[Event]) -> bytes:
    """A part of a log as it is sent."""
    return b'{"events":[' + b",".join(encode(placed(event)) for event in events) + b"]}"
