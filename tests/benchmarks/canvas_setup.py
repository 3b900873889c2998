"""What the benchmarks of the canvas stand on: a large model in memory, and a view that counts frames."""

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QGraphicsView

from app.domain import order
from app.domain.changes import ChangeSet
from app.domain.ids import new_id
from app.domain.patch import Origin, Patch
from app.domain.records import Cell, Diagram, Record, ThreatModel
from app.domain.stage import apply
from app.domain.state import ModelState
from app.domain.values import End, Point, Size
from canvas.scene import DiagramScene

PITCH = (220.0, 160.0)


class MemoryEditor:
    """A model in memory and nothing else."""

    def __init__(self, state: ModelState) -> None:
        self.state = state
        self.read_only = ""
        self._listeners: list[Callable[[ChangeSet, Origin], None]] = []

    def apply(
        self, patch: Patch, origin: Origin = Origin.LOCAL, *, title: str = "", step: str = ""
    ) -> ChangeSet:
        """Apply at once and tell everybody."""
        changes = apply(self.state, patch, new_id())
        self.tell(changes, origin)
        return changes

    def tell(self, changes: ChangeSet, origin: Origin = Origin.LOCAL) -> None:
        """Tell everybody of a change."""
        for listener in list(self._listeners):
            listener(changes, origin)

    def listen(self, fn: Callable[[ChangeSet, Origin], None]) -> Callable[[], None]:
        """Be told of changes until the returned function is called."""
        self._listeners.append(fn)
        return lambda: self._listeners.remove(fn)


class FrameView(QGraphicsView):
    """A view that counts what it has painted, and tells the scene what it shows."""

    def __init__(self, scene: DiagramScene) -> None:
        super().__init__(scene)
        self.frames = 0
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and count the frame."""
        super().paintEvent(event)
        self.frames += 1

    def visible(self) -> QRectF:
        """The part of the scene in the window."""
        return self.mapToScene(self.viewport().rect()).boundingRect()


def model_of(count: int) -> tuple[ModelState, str]:
    """A model with a diagram of `count` nodes and `count` labelled flows, and the diagram's id."""
    model_id, diagram_id = new_id(), new_id()
    keys = order.spread(2 * count)
    columns = max(1, math.ceil(math.sqrt(count * 1.2)))
    nodes = [
        Cell(
            id=new_id(), diagram_id=diagram_id, type=("process", "datastore", "external_entity")[i % 3],
            label=f"Element number {i}", order=keys[i], size=Size(120.0, 70.0),
            position=Point((i % columns) * PITCH[0], (i // columns) * PITCH[1]),
        )
        for i in range(count)
    ]  # fmt: skip
    flows = [
        Cell(
            id=new_id(), diagram_id=diagram_id, type="data_flow", label=f"Data {i}",
            order=keys[count + i], source=End(cell=nodes[i].id),
            target=End(cell=nodes[(i + (1 if i % 2 else columns)) % count].id),
        )
        for i in range(count)
    ]  # fmt: skip
    records: list[Record] = [
        ThreatModel(id=model_id, name="Benchmark"), Diagram(id=diagram_id, name="Large"), *nodes, *flows,
    ]  # fmt: skip
    return ModelState.of(model_id, records), diagram_id


def paint_frame(application: QApplication, view: FrameView) -> None:
    """Let the event loop run until a frame is on the screen."""
    frames = view.frames
    end = time.perf_counter() + 30.0
    while view.frames == frames:
        application.processEvents()
        if time.perf_counter() > end:
            raise RuntimeError("nothing was painted for 30 s")


def timed(action: Callable[[], object]) -> float:
    """How long an action takes, in milliseconds."""
    begun = time.perf_counter()
    action()
    return (time.perf_counter() - begun) * 1000.0
