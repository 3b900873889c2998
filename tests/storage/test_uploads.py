"""Logs that grew up elsewhere: stored with the same numbers, bytes and hashes, or not at all."""

from collections.abc import Sequence

import msgspec
import pytest

from app.domain.errors import LibraryError
from app.domain.patch import Event, update
from app.domain.stage import apply
from app.domain.state import ModelState
from app.ports import Staged
from app.ports_server import Conflict, HeadMoved, Slice, TrailQuery, Uploads
from storage.server import ServerStore
from tests.storage import people
from tests.storage.building import whole
from tests.storage.staging import Room
from tests.sync.laptop import Laptop


def staged(state: ModelState, events: Sequence[Event]) -> list[Staged]:
    """Events folded onto a state, as the store wants them."""
    found = []
    for event in events:
        changes = apply(state, event.operation.patch, event.operation.operation_id)
        writers = {c.id: state.writers_of(c.id) for c in changes.changes if c.after}
        found.append(Staged(operation=event.operation, changes=changes, writers=writers))
    return found


def adopt(store: ServerStore, laptop: Laptop, first: int, last: int, owner: str = "") -> None:
    """Take over the events from one number to another."""
    port: Uploads = store.uploads
    new = first == 1
    state = ModelState(laptop.model_id) if new else store.rooms.load(laptop.model_id).state
    events = laptop.events[first - 1 : last]
    port.adopt(laptop.model_id, first - 1, staged(state, events), owner, events[-1].hash)


def test_it_is_there_as_it_was_written(store: ServerStore) -> None:
    laptop, owner = Laptop().notes(10), people.user(store, "Owner")
    adopt(store, laptop, 1, 7, owner.id)
    adopt(store, laptop, 8, len(laptop.events))
    assert store.rooms.events(laptop.model_id, 0, 1000) == laptop.events
    loaded = store.rooms.load(laptop.model_id)
    assert (loaded.sequence_number, loaded.head_hash) == (21, laptop.events[-1].hash)
    assert whole([loaded.state]) == whole([laptop.state])
    for record in laptop.state.records:
        assert loaded.state.writers_of(record) == laptop.state.writers_of(record)
    assert store.access.role(laptop.model_id, owner.id, 1.0) == "owner"
    assert store.verify().broken == ()
    operation_id = laptop.events[5].operation.operation_id
    known = store.rooms.outcome(laptop.model_id, operation_id)
    assert known is not None
    assert (known.sequence_number, known.digest) == (6, b"")
    [note] = {one.id for one in laptop.events[1].operation.patch}
    trail = store.catalogue.trail(laptop.model_id, TrailQuery(record_id=note), Slice(limit=10))
    assert [one.event.sequence_number for one in trail.items] == [2, 3]


def test_it_goes_on_like_any_other(store: ServerStore) -> None:
    laptop = Laptop().notes(3)
    adopt(store, laptop, 1, 7)
    room = Room.of(store.rooms, laptop.model_id)
    [event] = room.write(update("threat_model", laptop.model_id, name="On the server"))
    assert event.previous_hash == laptop.events[-1].hash
    laptop.notes(1)
    with pytest.raises(Conflict):
        adopt(store, laptop, 8, 9)
    assert store.rooms.load(laptop.model_id).sequence_number == 8
    assert store.verify().broken == ()


def test_all_or_nothing(store: ServerStore) -> None:
    laptop = Laptop().notes(3)
    good = staged(ModelState(laptop.model_id), laptop.events)
    with pytest.raises(Conflict, match="as it was written"):
        store.uploads.adopt(laptop.model_id, 0, good, "", bytes(32))
    empty = msgspec.structs.replace(good[-1].operation, patch=())
    spoilt = [*good[:-1], msgspec.structs.replace(good[-1], operation=empty)]
    with pytest.raises(LibraryError, match="without effect"):
        store.uploads.adopt(laptop.model_id, 0, spoilt, "", laptop.events[-1].hash)
    with pytest.raises(HeadMoved):
        store.uploads.adopt(laptop.model_id, 3, good[3:], "", laptop.events[-1].hash)
    twice = [*good, good[-1]]
    with pytest.raises(LibraryError):
        store.uploads.adopt(laptop.model_id, 0, twice, "", laptop.events[-1].hash)
    with pytest.raises(LibraryError, match="no such model"):
        store.rooms.load(laptop.model_id)
    assert store.verify().models == 0
