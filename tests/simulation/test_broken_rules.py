"""The schedules have teeth: a room in which one rule is broken does not get through them."""

import random
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from app.domain.changes import ChangeSet
from app.domain.errors import TmiError
from app.domain.patch import Event, Operation, Patch
from app.domain.stage import Stage
from app.domain.state import ModelState
from app.ports import LoadedRoom, Outcome
from sync.protocol.messages import Ack
from sync.room import Answer, Broadcast, Output, Request, Room, WorkedOut
from sync.room import room as room_module
from tests.simulation.starting import in_memory
from tests.simulation.world import LIMITS, World

SCHEDULES = 400


class HastyAck(Room):
    """ACK-1: acknowledges as soon as it has judged."""

    def judge(
        self, request: Request, remembered: Outcome | None = None, worked: WorkedOut | None = None
    ) -> tuple[Output, ...]:
        told = super().judge(request, remembered, worked)
        waiting = self._waiting.get(request.operation.operation_id)
        if told or waiting is None:
            return told
        known = waiting.outcome
        ack = Ack(operation_id=known.operation_id, sequence_number=known.sequence_number)
        return (Answer(request.sender, ack),)


class Forgetful(Room):
    """IDEM-4: does not ask the store about ids that it has forgotten."""

    def judge(
        self, request: Request, remembered: Outcome | None = None, worked: WorkedOut | None = None
    ) -> tuple[Output, ...]:
        return super().judge(request, None, worked)


class NoIdempotence(Room):
    """IDEM-1: takes every delivery for a new operation."""

    def _known(self, operation_id: str, remembered: Outcome | None) -> Outcome | None:
        return None


class Trusting(Room):
    """IDEM-2: takes another payload under a known id for the known one."""

    def _again(self, request: Request, known: Outcome, digest: bytes) -> tuple[Output, ...]:
        return super()._again(request, msgspec.structs.replace(known, digest=b""), digest)


class Stubborn(Room):
    """ATOM-2: keeps what it has staged when the batch has failed."""

    def reload(
        self, loaded: LoadedRoom, events: Sequence[Event] = (), outcomes: Sequence[Outcome] = ()
    ) -> tuple[Output, ...]:
        ahead, number = self._ahead, self._ahead_sequence
        told = super().reload(loaded, events, outcomes)
        self._ahead, self._ahead_sequence = ahead, number
        return told


class Silent(Room):
    """ATOM-3: says nothing of what a failed batch had written after all."""

    def reload(
        self, loaded: LoadedRoom, events: Sequence[Event] = (), outcomes: Sequence[Outcome] = ()
    ) -> tuple[Output, ...]:
        return tuple(o for o in super().reload(loaded, events, outcomes) if not isinstance(o, Broadcast))


class Backwards(Room):
    """SEQ-1: tells of a batch's events in the wrong order."""

    def committed(self, events: Sequence[Event]) -> tuple[Output, ...]:
        told = super().committed(events)
        return tuple(Broadcast(o.events[::-1]) if isinstance(o, Broadcast) else o for o in told)


class LateEvent(Room):
    """ACK-3: acknowledges before it tells of the event."""

    def committed(self, events: Sequence[Event]) -> tuple[Output, ...]:
        return super().committed(events)[::-1]


class Deaf(Room):
    """ACK-2: answers only the first of those who wait."""

    def take(self) -> Any:
        for waiting in list(self._waiting.values())[::3]:
            waiting.senders.clear()
        return super().take()


class Generous(Room):
    """AUTH-1: lets everybody write."""

    def _problem(self, request: Request, size: int) -> Any:
        found = super()._problem(request, size)
        return None if found is not None and found[0] == "forbidden" else found


@pytest.mark.parametrize(
    "broken",
    [HastyAck, Forgetful, NoIdempotence, Trusting, Stubborn, Silent, Backwards, LateEvent, Deaf, Generous],
    ids=lambda broken: broken.__name__,
)
def test_a_broken_room_is_caught(broken: type[Room]) -> None:
    """ACK-1, ACK-2, ACK-3, ATOM-2, ATOM-3, AUTH-1, IDEM-1, IDEM-2, IDEM-4, SEQ-1."""
    assert caught(broken)


def as_sent(state: ModelState, patch: Patch) -> ChangeSet:
    """Staging without the closure: what hangs on a removed record stays."""
    staging = Stage(state)
    for operation in patch:
        staging.run(operation)
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr("app.domain.stage.close_over", lambda _: None)
        return staging.result()


def test_no_closure_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """REF-1: a room that does not close over what it removes is caught."""
    monkeypatch.setattr(room_module, "stage", as_sent)
    assert caught(Room)


def test_a_patch_that_is_not_effective_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """EFF-1: a room that stores what was sent instead of what came of it is caught."""
    real = Room._stage

    def store_as_sent(room: Room, request: Request, changes: ChangeSet, digest: bytes, size: int) -> None:
        real(room, request, changes, digest, size)
        waiting = room._waiting[request.operation.operation_id]
        sent: Operation = request.operation
        if waiting.staged.changes:
            waiting.staged = msgspec.structs.replace(waiting.staged, operation=sent)

    monkeypatch.setattr(Room, "_stage", store_as_sent)
    assert caught(Room)


def caught(kind: type[Room]) -> str:
    """How the first schedule that notices puts it; empty when none of them does."""
    for number in range(SCHEDULES):
        world = World(random.Random(number), in_memory(), lambda loaded: kind(loaded, "epoch", LIMITS))
        try:
            world.run(60)
        except (AssertionError, TmiError) as error:
            return f"{type(error).__name__} {error}"
    return ""
