"""A store of rooms in memory that keeps what a real one must, and fails where it is told to."""

from collections.abc import Sequence

from app.domain.errors import LibraryError
from app.domain.patch import GENESIS, Event, decode_operation, place
from app.domain.stage import apply
from app.domain.state import ModelState
from app.ports import LoadedRoom, Outcome, Staged


class Crash(Exception):
    """The process died here; nothing that was in memory is left."""


class MemoryStore:
    """One model's log and outcomes. `plan` says what happens in the next transactions, in order:

    "fails" before anything is written, "unknown" (written, but the answer is an error), "dies before",
    "dies after"; an empty word or no plan: all goes well.
    """

    def __init__(self, model_id: str, *, remembers: int = 5) -> None:
        self.model_id = model_id
        self.log: list[Event] = []
        self.outcomes: dict[str, Outcome] = {}
        self.plan: list[str] = []
        self._remembers = remembers

    def load(self, model_id: str) -> LoadedRoom:
        state = ModelState(model_id)
        head = GENESIS
        for event in self.log:
            operation = decode_operation(event.body)
            apply(state, operation.patch, operation.operation_id)
            head = event.hash
        recent = list(self.outcomes.values())[-self._remembers :]
        return LoadedRoom(state=state, sequence_number=len(self.log), head_hash=head, outcomes=tuple(recent))

    def append(self, model_id: str, base_sequence: int, staged: Sequence[Staged]) -> list[Event]:
        fate = self.plan.pop(0) if self.plan else ""
        if fate == "dies before":
            raise Crash
        if fate == "fails" or base_sequence != len(self.log):
            raise LibraryError("the transaction failed")
        if any(one.operation.operation_id in self.outcomes for one in staged):
            raise LibraryError("an operation id is there already")
        events = self._write(base_sequence, staged)
        if fate == "dies after":
            raise Crash
        if fate == "unknown":
            raise LibraryError("the connection broke at the commit")
        return events

    def _write(self, sequence: int, staged: Sequence[Staged]) -> list[Event]:
        events: list[Event] = []
        for one in staged:
            if one.operation.patch:
                sequence += 1
                head = self.log[-1].hash if self.log else GENESIS
                events.append(place(one.operation, sequence, head))
                self.log.append(events[-1])
            self.outcomes[one.operation.operation_id] = Outcome(
                operation_id=one.operation.operation_id,
                sequence_number=sequence,
                had_effect=bool(one.operation.patch),
                digest=one.digest,
                dropped=one.changes.dropped,
            )
        return events

    def outcome(self, model_id: str, operation_id: str) -> Outcome | None:
        return self.outcomes.get(operation_id)

    def events(self, model_id: str, after: int, limit: int) -> list[Event]:
        return self.log[after : after + limit]
