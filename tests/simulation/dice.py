"""Operations at random over a small model, so that they meet: same records, same groups, same ids."""

import random
from typing import Any

from app.domain.patch import Operation, Origin, Patch, RecordOperation, add, remove, update

MODEL = "00000000-0000-7000-8000-000000000000"
DIAGRAMS = ("d0000000-0000-7000-8000-000000000001", "d0000000-0000-7000-8000-000000000002")
CELLS = tuple(f"c0000000-0000-7000-8000-{n:012x}" for n in range(10))
THREATS = tuple(f"f0000000-0000-7000-8000-{n:012x}" for n in range(3))


class Dice:
    """One author's imagination; the same seed makes the same operations."""

    def __init__(self, random_source: random.Random) -> None:
        self.random = random_source
        self._next = 0

    def operation_id(self) -> str:
        """A fresh id."""
        self._next += 1
        return f"00000000-0000-7000-9000-{self._next:012x}"

    def operation(self, author: str, base_sequence: int) -> Operation:
        """A fresh operation of an author."""
        return Operation(
            operation_id=self.operation_id(),
            model_id=MODEL,
            author=author,
            patch=self.patch(),
            origin=Origin.LOCAL,
            base_sequence=base_sequence,
        )

    def patch(self) -> Patch:
        """One to four record operations, most of them good ones."""
        if self.random.random() < 0.03:
            return ()
        return tuple(self.record_operation() for _ in range(self.random.choice((1, 1, 1, 2, 4))))

    def record_operation(self) -> RecordOperation:
        """Something small."""
        makers = (
            self.add_node, self.add_node, self.add_flow, self.add_flow, self.move, self.move, self.say,
            self.put_inside, self.put_inside, self.remove_cell, self.remove_cell, self.threat, self.odd,
        )  # fmt: skip
        return self.random.choice(makers)()

    def _cell(self) -> str:
        return self.random.choice(CELLS)

    def _place(self) -> dict[str, int]:
        return {"x": self.random.randrange(5) * 10, "y": self.random.randrange(5) * 10}

    def _restores(self) -> bool:
        return self.random.random() < 0.4

    def add_node(self) -> RecordOperation:
        """A node or a boundary, perhaps inside another cell."""
        data: dict[str, Any] = {
            "diagram_id": self.random.choice((DIAGRAMS[0], DIAGRAMS[0], DIAGRAMS[1])),
            "type": self.random.choice(("process", "trust_boundary", "trust_boundary", "datastore")),
            "position": self._place(),
        }
        if self.random.random() < 0.4:
            data["parent"] = self._cell()
        return add("cell", self._cell(), data, restore=self._restores())

    def add_flow(self) -> RecordOperation:
        """A flow between two cells that may not be there."""
        data = {
            "diagram_id": DIAGRAMS[0],
            "type": "data_flow",
            "source": {"cell": self._cell()},
            "target": {"cell": self._cell()},
        }
        return add("cell", self.random.choice(CELLS[5:]), data, restore=self._restores())

    def move(self) -> RecordOperation:
        """A new place."""
        return update("cell", self._cell(), position=self._place())

    def say(self) -> RecordOperation:
        """A new label, or a tag more or less."""
        if self.random.random() < 0.5:
            return update("cell", self._cell(), label=self.random.choice("abc"))
        return update("cell", self._cell(), tags={self.random.choice(("add", "remove")): ["t"]})

    def put_inside(self) -> RecordOperation:
        """Another parent, perhaps one inside the cell itself."""
        return update("cell", self._cell(), parent=self._cell())

    def remove_cell(self) -> RecordOperation:
        """A removal, now and then of a whole diagram."""
        if self.random.random() < 0.05:
            return remove("diagram", DIAGRAMS[1])
        return remove("cell", self._cell())

    def threat(self) -> RecordOperation:
        """A threat at a cell."""
        data = {"name": self.random.choice(("a", "b")), "cell_id": self._cell()}
        return add("threat", self.random.choice(THREATS), data, restore=self._restores())

    def odd(self) -> RecordOperation:
        """What must be refused, or is not known to this version."""
        return self.random.choice(
            (
                update("cell", self._cell(), position={"x": "left"}),
                update("threat_model", MODEL, name=""),
                remove("threat_model", MODEL),
                update("cell", self._cell(), later=self.random.randrange(3)),
                add("milestone", THREATS[0][:-1] + "9", {"zoom": 2}, restore=True),
                add("diagram", DIAGRAMS[1], {"name": "again"}, restore=True),
            )
        )


def beginning() -> Patch:
    """The model and its diagrams."""
    return (
        add("threat_model", MODEL, {"name": "m"}),
        add("diagram", DIAGRAMS[0], {"name": "one"}),
        add("diagram", DIAGRAMS[1], {"name": "two"}),
    )
