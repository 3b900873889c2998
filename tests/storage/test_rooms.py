"""The logs of rooms: all or nothing, in order, one writer at a time, and every outcome remembered."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import LibraryError
from app.domain.ids import new_id
from app.domain.patch import GENESIS, add, chain, place, remove, update
from app.domain.stage import patch_of
from app.ports import Outcome, RoomStore
from app.ports_server import HeadMoved, User
from storage.server import ServerStore, open_server
from tests.manners import count
from tests.storage import databases
from tests.storage.building import whole
from tests.storage.staging import Room, moved, nothing
from tests.strategies import states, valid_patches


def test_it_fulfils_the_port(store: ServerStore) -> None:
    port: RoomStore = store.rooms
    with pytest.raises(LibraryError, match="no such model"):
        port.load(new_id())
    assert port.outcome(new_id(), new_id()) is None
    assert port.events(new_id(), 0, 10) == []
    assert port.append(new_id(), 0, []) == []


def test_what_is_appended_loads(store: ServerStore) -> None:
    room = Room(store.rooms).start("Shared")
    cells = room.cells(room.diagram(), 3)
    staged = [room.stage(*moved(cell, 10 * n, 5)) for n, cell in enumerate(cells)]
    staged.append(room.stage(remove("cell", cells[0])))
    events = room.append(staged)
    assert [event.sequence_number for event in events] == [4, 5, 6, 7]
    loaded = store.rooms.load(room.model_id)
    assert (loaded.sequence_number, loaded.head_hash) == (7, events[-1].hash)
    assert whole([loaded.state]) == whole([room.state])
    assert [one.operation_id for one in loaded.outcomes][-4:] == [s.operation.operation_id for s in staged]
    assert store.verify().broken == ()
    assert store.verify().events == 7


def test_events_come_with_the_bytes_that_were_hashed(store: ServerStore) -> None:
    room = Room(store.rooms).start()
    diagram = room.diagram("Bytes \U0001f600 1.0 and 1")
    room.write(add("milestone", new_id(), {"zoom": 1.0, "level": 1, "z": None, "a": [1.5]}))
    room.cells(diagram, 2)
    previous, events = GENESIS, store.rooms.events(room.model_id, 0, 100)
    for number, event in enumerate(events, 1):
        assert event.previous_hash == previous
        assert event.hash == chain(number, previous, event.body)
        assert event == place(event.operation, number, previous)
        previous = event.hash
    assert len(events) == 4
    assert [e.sequence_number for e in store.rooms.events(room.model_id, 1, 2)] == [2, 3]


def test_operations_without_effect_are_remembered(store: ServerStore) -> None:
    room = Room(store.rooms).start()
    diagram = room.diagram()
    gone = room.stage(update("cell", new_id(), label="Never there"))
    [event] = room.append([gone, room.stage(update("diagram", diagram, name="New"))])
    assert event.sequence_number == 3
    assert store.rooms.outcome(room.model_id, gone.operation.operation_id) == Outcome(
        operation_id=gone.operation.operation_id,
        sequence_number=2,
        had_effect=False,
        digest=b"digest",
        dropped=gone.changes.dropped,
    )
    assert gone.changes.dropped
    alone = nothing(room, new_id())
    assert room.append([alone]) == []
    found = store.rooms.outcome(room.model_id, alone.operation.operation_id)
    assert found is not None
    assert (found.sequence_number, found.had_effect, found.digest) == (3, False, b"other")
    done = store.rooms.outcome(room.model_id, event.operation.operation_id)
    assert done is not None
    assert (done.sequence_number, done.had_effect) == (3, True)


@pytest.mark.parametrize("effect", [True, False], ids=["an effect", "no effect"])
def test_an_operation_is_written_once_in_all_time(store: ServerStore, effect: bool) -> None:
    room = Room(store.rooms).start()
    diagram, operation_id = room.diagram(), new_id()
    first = room.stage(update("diagram", diagram, name="A"), operation_id=operation_id)
    room.append([first if effect else nothing(room, operation_id)])
    kept = store.rooms.load(room.model_id)
    again = room.stage(update("diagram", diagram, name="B"), operation_id=operation_id)
    with pytest.raises(LibraryError):
        room.append([room.stage(update("diagram", diagram, description="lost too")), again])
    after = store.rooms.load(room.model_id)
    assert (after.sequence_number, after.outcomes) == (kept.sequence_number, kept.outcomes)
    assert whole([after.state]) == whole([kept.state])
    assert store.verify().broken == ()


def test_a_head_that_has_moved_on_is_told(store: ServerStore) -> None:
    room = Room(store.rooms).start()
    late = Room.of(store.rooms, room.model_id)
    diagram = room.diagram()
    with pytest.raises(HeadMoved, match="at number 2 already, not at 1"):
        late.diagram()
    with pytest.raises(HeadMoved):
        Room(store.rooms, room.model_id).start("Twice")
    assert set(store.rooms.load(room.model_id).state.records) == {room.model_id, diagram}


def test_the_first_operation_must_add_the_model(store: ServerStore) -> None:
    room = Room(store.rooms)
    with pytest.raises(LibraryError, match="must add the model"):
        room.diagram()
    with pytest.raises(LibraryError, match="no such model"):
        room.append([nothing(room, new_id())])


def test_the_author_of_the_first_operation_owns_the_model(store: ServerStore) -> None:
    user = store.users.create(
        User(id=new_id(), email="a@example.org", name="A", provider="local", provider_user_id="a"), 1.0
    )
    mine, nobodys = Room(store.rooms, author=user.id).start(), Room(store.rooms, author=new_id()).start()
    assert store.access.role(mine.model_id, user.id, 2.0) == "owner"
    assert store.access.grants(nobodys.model_id) == []
    mine.write(update("threat_model", mine.model_id, name="Renamed"), author="somebody else")
    entry = store.catalogue.model(mine.model_id, user.id, 2.0)
    assert entry is not None
    assert (entry.owner, entry.created_by, entry.name) == (user.id, user.id, "Renamed")


def test_a_model_in_the_bin_takes_nothing(store: ServerStore) -> None:
    room = Room(store.rooms).start()
    store.catalogue.delete(room.model_id, 5.0)
    with pytest.raises(LibraryError, match="in the bin"):
        room.diagram()
    with pytest.raises(LibraryError, match="in the bin"):
        store.rooms.load(room.model_id)
    store.catalogue.restore(room.model_id)
    assert store.rooms.load(room.model_id).sequence_number == 1


def test_rooms_do_not_wait_in_vain_for_each_other(store: ServerStore) -> None:
    """Many writers at once, some of whom cannot be served: each gets its own answer."""
    rooms = [Room(store.rooms).start(f"Model {n}") for n in range(8)]
    stale = [Room(store.rooms, room.model_id) for room in rooms]
    together = threading.Barrier(16)

    def work(room: Room) -> int:
        together.wait()
        for number in range(10):
            room.write(update("threat_model", room.model_id, name=f"Name {number}"))
        return room.sequence

    def fail(room: Room) -> int:
        together.wait()
        with pytest.raises(HeadMoved):
            room.start("Too late")
        return 0

    with ThreadPoolExecutor(16) as pool:
        good = [pool.submit(work, room) for room in rooms]
        bad = [pool.submit(fail, room) for room in stale]
        assert [one.result() for one in good] == [11] * 8
        assert [one.result() for one in bad] == [0] * 8
    assert store.verify().events == 88
    assert store.verify().broken == ()


def test_two_stores_cannot_append_at_the_same_place() -> None:
    with databases.postgresql() as url:
        stores = [open_server(url), open_server(url)]
        try:
            first = Room(stores[0].rooms).start()
            diagram = first.diagram()
            rooms = [Room.of(store.rooms, first.model_id) for store in stores]
            won, lost = [0, 0], [0, 0]
            together = threading.Barrier(2)

            def work(which: int) -> None:
                room = rooms[which]
                for number in range(25):
                    together.wait()
                    one = room.stage(update("diagram", diagram, name=f"{which} {number}"))
                    try:
                        room.append([one])
                        won[which] += 1
                    except HeadMoved:
                        lost[which] += 1
                    together.wait()
                    rooms[which] = room = Room.of(stores[which].rooms, first.model_id)

            with ThreadPoolExecutor(2) as pool:
                for one in [pool.submit(work, which) for which in (0, 1)]:
                    one.result()
            assert [won[0] + won[1], lost[0] + lost[1]] == [25, 25]
            events = stores[0].rooms.events(first.model_id, 0, 1000)
            assert [event.sequence_number for event in events] == list(range(1, 28))
            assert stores[1].verify().broken == ()
        finally:
            for store in stores:
                store.close()


def test_two_stores_cannot_both_make_a_model() -> None:
    with databases.postgresql() as url:
        stores = [open_server(url), open_server(url)]
        try:
            model_id, together = new_id(), threading.Barrier(2)

            def work(store: ServerStore) -> bool:
                room = Room(store.rooms, model_id)
                together.wait()
                try:
                    room.start()
                except LibraryError:
                    return False
                return True

            with ThreadPoolExecutor(2) as pool:
                assert sorted(pool.map(work, stores)) == [False, True]
            assert stores[0].rooms.load(model_id).sequence_number == 1
            assert stores[0].verify().broken == ()
        finally:
            for store in stores:
                store.close()


@settings(max_examples=count(10, 300))
@given(data=st.data())
def test_what_applies_stores_and_loads_equal(shared_store: ServerStore, data: st.DataObject) -> None:
    state = data.draw(states())
    room = Room(shared_store.rooms, state.model_id)
    try:
        room.write(*patch_of(state.records.values()))
        for _ in range(data.draw(st.integers(1, 3))):
            size = data.draw(st.integers(1, 3))
            room.append([room.stage(*data.draw(valid_patches(room.state))) for _ in range(size)])
        loaded = shared_store.rooms.load(room.model_id)
        assert loaded.sequence_number == room.sequence
        assert whole([loaded.state]) == whole([room.state])
        assert shared_store.verify().broken == ()
    finally:
        shared_store.catalogue.purge(room.model_id)
