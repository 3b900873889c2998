"""Random schedules keep every rule on a store that is a file on disk."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.domain.errors import LibraryError
from app.domain.patch import Event
from app.ports import RoomStore, Staged
from storage.server import open_server
from tests.manners import count, seed
from tests.simulation.dice import MODEL
from tests.simulation.memory_store import Crash
from tests.simulation.starting import first
from tests.simulation.world import World


class Dying:
    """A real store whose transactions fail as a plan says. The writing itself is the real one."""

    def __init__(self, rooms: RoomStore) -> None:
        self.rooms = rooms
        self.plan: list[str] = []
        self.load = rooms.load
        self.outcome = rooms.outcome
        self.events = rooms.events

    def append(self, model_id: str, base_sequence: int, staged: Sequence[Staged]) -> list[Event]:
        fate = self.plan.pop(0) if self.plan else ""
        if fate == "dies before":
            raise Crash
        if fate == "fails":
            raise LibraryError("the transaction failed")
        events = self.rooms.append(model_id, base_sequence, staged)
        if fate == "dies after":
            raise Crash
        if fate == "unknown":
            raise LibraryError("the connection broke at the commit")
        return events


@pytest.mark.parametrize("number", range(count(4, 100)))
def test_random_schedules_on_a_real_store(number: int, tmp_path: Path) -> None:
    """CONV-1, SEQ-1, ATOM-2, ATOM-3, EFF-1, ACK-1, IDEM-1, IDEM-4: the same with a file on disk."""
    server = open_server(tmp_path / "server.db")
    try:
        store = Dying(server.rooms)
        store.append(MODEL, 0, [first()])
        World(random.Random(f"{seed()}-real-{number}"), store).run(30)
    finally:
        server.close()
