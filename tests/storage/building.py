"""Models for storage tests: made by patches, and written as a document would write them."""

from collections.abc import Iterable

from app.domain.ids import new_id
from app.domain.patch import Operation, Origin, Patch, RecordOperation, add, update
from app.domain.stage import stage
from app.domain.state import ModelState
from app.ports import Commit, Library, UndoEntry
from storage.clock import now


class Pen:
    """One model that is written to a library, operation by operation."""

    def __init__(self, library: Library, model_id: str = "") -> None:
        self.library = library
        self.model_id = model_id or new_id()
        self.state = ModelState(self.model_id)
        self.sequence = 0
        self.written: list[str] = []

    @classmethod
    def of(cls, library: Library, model_id: str) -> "Pen":
        """A pen that goes on where a stored model ends."""
        pen, loaded = cls(library, model_id), library.load(model_id)
        pen.state, pen.sequence = loaded.state, loaded.sequence_number
        return pen

    def commit(
        self, patch: Patch, *, undo: bool = True, step: str = "", dropped: tuple[str, ...] = (),
        title: str = "", origin: Origin = Origin.LOCAL, undone: bool = False,
    ) -> Commit:  # fmt: skip
        """Apply a patch to the pen's state and return its commit, unwritten."""
        changes = stage(self.state, patch)
        operation_id = new_id()
        self.state.commit(changes, operation_id)
        self.sequence += 1
        operation = Operation(
            operation_id=operation_id, model_id=self.model_id, author="tester", title=title,
            patch=changes.effective, base_sequence=self.sequence - 1, timestamp=now(), origin=origin,
        )  # fmt: skip
        entry = UndoEntry(
            operation_id=operation_id, step=step or operation_id, title=title,
            inverse=changes.inverse, undone=undone,
        )  # fmt: skip
        self.written.append(operation_id)
        return Commit(
            sequence_number=self.sequence,
            operation=operation,
            changes=changes,
            writers={c.id: self.state.writers_of(c.id) for c in changes.changes if c.after},
            undo=entry if undo else None,
            dropped_steps=dropped,
        )

    def write(self, *patch: RecordOperation, **more: object) -> str:
        """Apply a patch and queue it; returns the operation's id."""
        commit = self.commit(patch, **more)  # type: ignore[arg-type]
        self.library.append(commit)
        return commit.operation.operation_id

    def start(self, name: str = "Model") -> "Pen":
        """Add the model itself."""
        self.write(add("threat_model", self.model_id, {"name": name}), undo=False)
        return self

    def diagram(self, name: str = "Diagram", order: str = "V") -> str:
        """Add a diagram; returns its id."""
        diagram_id = new_id()
        self.write(add("diagram", diagram_id, {"name": name, "order": order}))
        return diagram_id

    def cell(self, diagram_id: str, label: str = "Cell", type: str = "process") -> str:
        """Add a node; returns its id."""
        cell_id = new_id()
        self.write(node(cell_id, diagram_id, label, type))
        return cell_id

    def rename(self, name: str) -> str:
        """Change the model's name; returns the operation's id."""
        return self.write(update("threat_model", self.model_id, name=name))


def node(cell_id: str, diagram_id: str, label: str, type: str = "process", at: int = 0) -> RecordOperation:
    """The addition of a node."""
    place = {"x": (at % 100) * 200, "y": (at // 100) * 150}
    return add("cell", cell_id, {"diagram_id": diagram_id, "type": type, "label": label, "position": place})


def flow(flow_id: str, diagram_id: str, source: str, target: str, label: str = "flow") -> RecordOperation:
    """The addition of a flow between two nodes."""
    return add(
        "cell", flow_id,
        {"diagram_id": diagram_id, "type": "data_flow", "label": label,
         "source": {"cell": source}, "target": {"cell": target}},
    )  # fmt: skip


def large_patch(diagram_id: str, nodes: int, flows: int) -> Patch:
    """Nodes in a grid, and flows from each to the next."""
    ids = [new_id() for _ in range(nodes)]
    made = [node(i, diagram_id, f"Node {n}", at=n) for n, i in enumerate(ids)]
    made += [
        flow(new_id(), diagram_id, ids[n % nodes], ids[(n + 1) % nodes], f"Flow {n}") for n in range(flows)
    ]
    return tuple(made)


def whole(states: Iterable[ModelState]) -> list[object]:
    """States with all that equality of states leaves out, for comparison."""
    return [
        (list(s.records.items()), dict(s.tombstones), {i: s.writers_of(i) for i in s.records}) for s in states
    ]
