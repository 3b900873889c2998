"""Taking over the log of a model that grew up on a laptop: checked link by link, folded, kept as it is."""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

from app.domain.checks import is_clean_text
from app.domain.errors import InvalidData
from app.domain.ids import is_id
from app.domain.patch import GENESIS, Event, encode
from app.domain.stage import apply
from app.domain.state import ModelState
from app.ports import LoadedRoom, Staged
from app.ports_server import Conflict, HeadMoved
from sync.protocol.messages import StateTooOld
from sync.room.outputs import Announce
from sync.server.context import Services

LONGEST: Final = {
    "author": 64, "timestamp": 40, "step": 64, "title": 200, "correlation_id": 64, "causation_id": 64,
}  # fmt: skip
OTHER_LOG: Final = "The server has another log of this model"


class Kept(NamedTuple):
    """How far the log stands now, and how many events came with this part."""

    sequence_number: int
    hash: bytes
    added: int


async def take_over(
    services: Services, model_id: str, events: Sequence[Event], owner: str, address: str, *, exists: bool
) -> Kept:
    """Append what is new of a part of a log; what is there already is passed over.

    Conflict when the server's log is another one, InvalidData when the events are no log of the model.
    """
    await services.rooms.forget(model_id)
    kept = await services.blocking(_take_over, services, model_id, events, owner, address, exists)
    if kept.added:
        # Who is in the model has not seen the events come, nor has a room that was loaded meanwhile.
        fresh = StateTooOld(reason="behind", epoch=services.rooms.epoch, sequence_number=kept.sequence_number)
        await asyncio.shield(services.rooms.forget(model_id, Announce(fresh)))
    return kept


def _take_over(
    services: Services, model_id: str, events: Sequence[Event], owner: str, address: str, exists: bool
) -> Kept:
    loaded = LoadedRoom(state=ModelState(model_id), sequence_number=0, head_hash=GENESIS)
    if exists:
        loaded = services.stores.rooms.load(model_id)
    known = [event for event in events if event.sequence_number <= loaded.sequence_number]
    _check_known(services, model_id, known)
    fresh = events[len(known) :]
    if not fresh:
        return Kept(loaded.sequence_number, loaded.head_hash, 0)
    staged = continued(loaded, fresh, address)
    try:
        services.stores.uploads.adopt(model_id, loaded.sequence_number, staged, owner, fresh[-1].hash)
    except HeadMoved:
        raise Conflict("The model was edited on the server meanwhile") from None
    return Kept(fresh[-1].sequence_number, fresh[-1].hash, len(fresh))


def _check_known(services: Services, model_id: str, known: Sequence[Event]) -> None:
    """Conflict unless the server has these very events: the last one's hash stands for all before it."""
    if not known:
        return
    previous: Event | None = None
    for event in known:
        if previous is not None and not _follows(event, previous.sequence_number, previous.hash):
            raise _broken(event)
        previous = event
    number = known[-1].sequence_number
    [stored] = services.stores.rooms.events(model_id, number - 1, 1)
    if stored.hash != known[-1].hash:
        raise Conflict(OTHER_LOG)


def continued(loaded: LoadedRoom, events: Sequence[Event], address: str = "") -> list[Staged]:
    """The events as they follow a log, folded onto its state (which is changed) and ready to be stored.

    Conflict when they do not follow it, InvalidData when one could not be stored as it is.
    """
    state, number, head = loaded.state, loaded.sequence_number, loaded.head_hash
    if not _follows(events[0], number, head):
        if events[0].sequence_number > number + 1:
            raise Conflict(f"The server has this log up to number {number} only: go on from there")
        raise Conflict(OTHER_LOG)
    ids: set[str] = set()
    staged = []
    for event in events:
        if not _follows(event, number, head):
            raise _broken(event)
        operation = event.operation
        _check(event, state.model_id)
        if operation.operation_id in ids:
            raise InvalidData("event", str(event.sequence_number), "operation_id", "is there already")
        ids.add(operation.operation_id)
        changes = apply(state, operation.patch, operation.operation_id)
        if state.model is None:
            raise InvalidData("event", "1", "patch", "must add the model itself")
        writers = {c.id: state.writers_of(c.id) for c in changes.changes if c.after is not None}
        staged.append(Staged(operation=operation, changes=changes, writers=writers, remote_address=address))
        number, head = event.sequence_number, event.hash
    return staged


def _follows(event: Event, number: int, head: bytes) -> bool:
    return event.sequence_number == number + 1 and event.previous_hash == head


def _broken(event: Event) -> InvalidData:
    return InvalidData("event", str(event.sequence_number), "", "does not follow the one before it")


def _check(event: Event, model_id: str) -> None:
    """InvalidData unless the event can be stored, and read again, with the very bytes it came with."""
    operation, number = event.operation, str(event.sequence_number)
    if operation.model_id != model_id:
        raise InvalidData("event", number, "model_id", "is another model's")
    if not is_id(operation.operation_id):
        raise InvalidData("event", number, "operation_id", "is no id")
    if not operation.patch:
        raise InvalidData("event", number, "patch", "is empty")
    if not 0 <= operation.base_sequence < event.sequence_number:
        raise InvalidData("event", number, "base_sequence", "is none that the event can build on")
    for name, longest in LONGEST.items():
        text = getattr(operation, name)
        if len(text) > longest or not is_clean_text(text):
            raise InvalidData("event", number, name, "cannot be stored")
    if encode(operation) != event.body:
        raise InvalidData("event", number, "", "was written by another version of the program")
