"""One turn of a model's writer: judge what has come, write a batch, say what became of it."""

from collections.abc import Sequence

from app.domain.errors import TmiError
from app.ports import LoadedRoom, RoomStore
from sync.room.outputs import Output
from sync.room.room import Request, Room


def judge_all(room: Room, store: RoomStore, requests: Sequence[Request]) -> list[Output]:
    """Judge operations in order, asking the store about ids that the room has forgotten. Blocking."""
    outputs: list[Output] = []
    for request in requests:
        operation = request.operation
        known = store.outcome(room.model_id, operation.operation_id) if room.must_ask(operation) else None
        outputs += room.judge(request, known)
    return outputs


def write(room: Room, store: RoomStore) -> list[Output]:
    """Write all that is staged, batch by batch. Blocking; TmiError only when not even a reload works."""
    outputs: list[Output] = []
    while (batch := room.take()) is not None:
        try:
            events = store.append(room.model_id, batch.base_sequence, batch.staged)
            outputs += room.committed(events)
        except TmiError:
            # Nobody knows what is on disk: the store does.
            outputs += reload(room, store)
    return outputs


def reload(room: Room, store: RoomStore) -> tuple[Output, ...]:
    """Begin again from the store. TmiError when it cannot be read; the room must not be used then."""
    loaded: LoadedRoom = store.load(room.model_id)
    missing = loaded.sequence_number - room.sequence_number
    events = store.events(room.model_id, room.sequence_number, missing) if missing > 0 else []
    told = {outcome.operation_id for outcome in loaded.outcomes}
    asked = [store.outcome(room.model_id, i) for i in room.in_flight_ids if i not in told]
    return room.reload(loaded, events, [outcome for outcome in asked if outcome is not None])
