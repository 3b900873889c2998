"""A room with a store in memory, and short ways to put things to it."""

from typing import Any

from app.domain.ids import new_id
from app.domain.patch import Operation, Patch, add
from sync.protocol.messages import Ack, Rejected, Role
from sync.room import Answer, Output, Request, Room, RoomLimits
from sync.room.turn import judge_all, write
from tests.simulation.dice import CELLS, DIAGRAMS, MODEL
from tests.simulation.memory_store import MemoryStore
from tests.simulation.starting import in_memory

NODE = CELLS[0]


class Table:
    """One room at work; `says` judges and writes, `told` is all that came out."""

    def __init__(self, limits: RoomLimits | None = None, store: MemoryStore | None = None) -> None:
        self.store = store or in_memory()
        self.limits = limits
        self.room = Room(self.store.load(MODEL), "epoch", limits)

    def restart(self) -> None:
        """The same store, another room."""
        self.room = Room(self.store.load(MODEL), "epoch", self.limits)

    def judge(
        self, operation: Operation, sender: str = "p1", role: Role | None = Role.WRITER
    ) -> list[Output]:
        """Put an operation to the room."""
        return judge_all(self.room, self.store, [Request(operation=operation, sender=sender, role=role)])

    def write(self) -> list[Output]:
        """Write what is staged."""
        return write(self.room, self.store)

    def says(self, patch: Patch, **more: Any) -> list[Output]:
        """Judge and write a fresh operation."""
        told = self.judge(operation(patch), **more)
        return told + self.write()


def operation(patch: Patch, operation_id: str = "", author: str = "ann", base: int = 0) -> Operation:
    """An operation on the model."""
    return Operation(
        operation_id=operation_id or new_id(), model_id=MODEL, author=author, patch=patch, base_sequence=base
    )


def node(record_id: str = NODE, **data: Any) -> Patch:
    """A patch that adds a node."""
    return (add("cell", record_id, {"diagram_id": DIAGRAMS[0], "type": "process", **data}),)


def flow(record_id: str, source: str, target: str) -> Patch:
    """A patch that adds a flow."""
    ends = {"source": {"cell": source}, "target": {"cell": target}}
    data = {"diagram_id": DIAGRAMS[0], "type": "data_flow", **ends}
    return (add("cell", record_id, data),)


def acks(outputs: list[Output]) -> list[Ack]:
    """The acknowledgements among outputs."""
    return [o.message for o in outputs if isinstance(o, Answer) and isinstance(o.message, Ack)]


def refusals(outputs: list[Output]) -> list[Rejected]:
    """The refusals among outputs."""
    return [o.message for o in outputs if isinstance(o, Answer) and isinstance(o.message, Rejected)]
