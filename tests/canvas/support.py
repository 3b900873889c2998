"""A small model on a scene, for tests that look at the canvas itself."""

from collections.abc import Callable
from typing import Any

from app.domain import order
from app.domain.changes import ChangeSet
from app.domain.ids import new_id
from app.domain.patch import Origin, Patch
from app.domain.records import Cell, Diagram, Record, Threat, ThreatModel
from app.domain.stage import apply
from app.domain.state import ModelState
from app.domain.values import End, Point, Size


class MemoryEditor:
    """A model in memory that tells its listeners of every change."""

    def __init__(self, state: ModelState) -> None:
        self.state = state
        self.read_only = ""
        self.listeners: list[Callable[[ChangeSet, Origin], None]] = []

    def apply(
        self, patch: Patch, origin: Origin = Origin.LOCAL, *, title: str = "", step: str = ""
    ) -> ChangeSet:
        """Apply at once and tell everybody."""
        changes = apply(self.state, patch, new_id())
        for listener in list(self.listeners):
            listener(changes, origin)
        return changes

    def listen(self, fn: Callable[[ChangeSet, Origin], None]) -> Callable[[], None]:
        """Be told of changes until the returned function is called."""
        self.listeners.append(fn)
        return lambda: self.listeners.remove(fn)


class Sketch:
    """Puts a model with one diagram together, back to front."""

    def __init__(self, name: str = "Diagram") -> None:
        self.model_id, self.diagram_id = new_id(), new_id()
        self.records: list[Record] = [
            ThreatModel(id=self.model_id, name="Model"), Diagram(id=self.diagram_id, name=name)
        ]  # fmt: skip
        self._key = ""

    def node(
        self, type: str, label: str, x: float, y: float, width: float = 120, height: float = 60,
        **more: Any,
    ) -> Cell:  # fmt: skip
        """A node with its top left corner at x, y."""
        return self._put(type=type, label=label, position=Point(x, y), size=Size(width, height), **more)

    def flow(self, source: Cell | Point, target: Cell | Point, label: str = "", **more: Any) -> Cell:
        """A flow between nodes or free points."""
        ends = {"source": _end(source), "target": _end(target)}
        return self._put(type=more.pop("type", "data_flow"), label=label, **(ends | more))

    def threat(self, cell: Cell, severity: str = "High", status: str = "Open") -> Threat:
        """A threat at a cell."""
        threat = Threat(
            id=new_id(), name="Threat", cell_id=cell.id, diagram_id=self.diagram_id,
            severity=severity, status=status,
        )  # fmt: skip
        self.records.append(threat)
        return threat

    def _put(self, **properties: Any) -> Cell:
        self._key = order.after(self._key)
        cell = Cell(id=new_id(), diagram_id=self.diagram_id, order=self._key, **properties)
        self.records.append(cell)
        return cell

    def state(self) -> ModelState:
        """The model as it stands."""
        return ModelState.of(self.model_id, self.records)

    def editor(self) -> MemoryEditor:
        """An editor of the model as it stands."""
        return MemoryEditor(self.state())


def _end(at: Cell | Point) -> End:
    return End(cell=at.id) if isinstance(at, Cell) else End(x=at.x, y=at.y)
