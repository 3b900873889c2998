"""Operations as a room hands them to its store, and a room in miniature that makes them."""

from collections.abc import Sequence

from app.domain.changes import ChangeSet
from app.domain.ids import new_id
from app.domain.patch import Event, Operation, Patch, RecordOperation, add, update
from app.domain.stage import stage
from app.domain.state import ModelState
from app.ports import RoomStore, Staged
from storage.clock import now
from tests.storage.building import node


class Room:
    """One model in memory and its place in a store; stages operations and writes them in one go."""

    def __init__(self, rooms: RoomStore, model_id: str = "", author: str = "tester") -> None:
        self.rooms = rooms
        self.model_id = model_id or new_id()
        self.author = author
        self.state = ModelState(self.model_id)
        self.sequence = 0

    @classmethod
    def of(cls, rooms: RoomStore, model_id: str) -> "Room":
        """A room that goes on where the stored model ends."""
        room, loaded = cls(rooms, model_id), rooms.load(model_id)
        room.state, room.sequence = loaded.state, loaded.sequence_number
        return room

    def stage(self, *patch: RecordOperation, author: str = "", operation_id: str = "") -> Staged:
        """Judge a patch and take it into the room's state; not written yet."""
        changes = stage(self.state, patch)
        operation = Operation(
            operation_id=operation_id or new_id(), model_id=self.model_id, author=author or self.author,
            patch=changes.effective, base_sequence=self.sequence, timestamp=now(),
        )  # fmt: skip
        self.state.commit(changes, operation.operation_id)
        writers = {c.id: self.state.writers_of(c.id) for c in changes.changes if c.after}
        return Staged(operation=operation, changes=changes, writers=writers, digest=b"digest")

    def append(self, staged: Sequence[Staged]) -> list[Event]:
        """Write what was staged."""
        events = self.rooms.append(self.model_id, self.sequence, staged)
        self.sequence += len(events)
        return events

    def write(self, *patch: RecordOperation, author: str = "") -> list[Event]:
        """Stage and write one operation."""
        return self.append([self.stage(*patch, author=author)])

    def start(self, name: str = "Model") -> "Room":
        """Add the model itself."""
        self.write(add("threat_model", self.model_id, {"name": name}))
        return self

    def diagram(self, name: str = "Diagram") -> str:
        """Add a diagram; returns its id."""
        diagram_id = new_id()
        self.write(add("diagram", diagram_id, {"name": name, "order": "V"}))
        return diagram_id

    def cells(self, diagram_id: str, number: int) -> list[str]:
        """Add nodes in one operation; returns their ids."""
        ids = [new_id() for _ in range(number)]
        self.write(*(node(i, diagram_id, f"Node {n}", at=n) for n, i in enumerate(ids)))
        return ids


def moved(cell_id: str, x: float, y: float) -> Patch:
    """The patch of the commonest small operation."""
    return (update("cell", cell_id, position={"x": x, "y": y}),)


def nothing(room: Room, operation_id: str) -> Staged:
    """An operation that was dropped as a whole."""
    operation = Operation(operation_id=operation_id, model_id=room.model_id, author="tester", patch=())
    return Staged(operation=operation, changes=ChangeSet(), writers={}, digest=b"other")
