"""How quick the canvas is: `python -m tests.benchmarks.canvas N` prints one JSON line.

N nodes and N labelled flows. `open_ms`: from cells in memory to the first painted frame;
`pan_ms` by zoom and `drag_ms` (one node with its flows): medians of 15 painted frames.
"""

import argparse
import gc
import json
import math
import os
import statistics
import sys
import time
from collections.abc import Callable

import msgspec
from PySide6.QtCore import QPointF, QRectF
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
from canvas.theme import LIGHT

WINDOW = (1600, 1000)
FRAMES = 15
ZOOMS = (1.0, 0.3, 0.1)
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
        for listener in list(self._listeners):
            listener(changes, origin)
        return changes

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


def timed(action: Callable[[], None]) -> float:
    """How long an action takes, in milliseconds."""
    begun = time.perf_counter()
    action()
    return (time.perf_counter() - begun) * 1000.0


def pan(application: QApplication, view: FrameView, scene: DiagramScene, zoom: float) -> float:
    """The median frame while panning at a zoom, in milliseconds."""
    view.resetTransform()
    view.scale(zoom, zoom)
    view.centerOn(scene.content_rect().center())
    scene.set_view(zoom, view.visible())
    view.viewport().update()
    paint_frame(application, view)

    def step() -> None:
        bars = view.horizontalScrollBar(), view.verticalScrollBar()
        before = [bar.value() for bar in bars]
        for bar, distance in zip(bars, (37, 23), strict=True):
            bar.setValue(bar.value() + distance)
        if before == [bar.value() for bar in bars]:
            # All of it is in the window: the dearest frame there is.
            view.viewport().update()
        scene.set_view(zoom, view.visible())
        paint_frame(application, view)

    return statistics.median(timed(step) for _ in range(FRAMES))


def drag(application: QApplication, view: FrameView, scene: DiagramScene) -> float:
    """The median frame while one node is dragged with its flows at full size, in milliseconds."""
    view.resetTransform()
    middle = scene.content_rect().center()
    view.centerOn(middle)
    scene.set_view(1.0, view.visible())
    view.viewport().update()
    paint_frame(application, view)
    visible = scene.cells_in(QRectF(middle - QPointF(400, 300), middle + QPointF(400, 300)))
    nodes = [cell for cell in map(scene.shown, sorted(visible)) if cell and not cell.is_line]
    node = max(nodes, key=lambda cell: len(scene.lines_at(cell.id)))
    place = node.position

    def step() -> None:
        nonlocal place
        place = Point(place.x + 5, place.y + 3)
        scene.preview({node.id: msgspec.structs.replace(node, position=place)})
        paint_frame(application, view)

    return statistics.median(timed(step) for _ in range(FRAMES))


def resident_mb() -> float:
    """The memory that the process holds, in MB; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return 0.0


def measure(application: QApplication, count: int) -> dict[str, object]:
    """All figures for one size."""
    state, diagram_id = model_of(count)
    gc.collect()
    begun = time.perf_counter()
    scene = DiagramScene(MemoryEditor(state), diagram_id, LIGHT)
    view = FrameView(scene)
    view.resize(*WINDOW)
    view.show()
    scene.set_view(1.0, view.visible())
    paint_frame(application, view)
    opened = (time.perf_counter() - begun) * 1000.0
    pans = {f"{zoom:g}": round(pan(application, view, scene, zoom), 2) for zoom in ZOOMS}
    dragged = round(drag(application, view, scene), 2)
    result = {
        "n": count, "open_ms": round(opened, 1), "pan_ms": pans, "drag_ms": dragged,
        "rss_mb": round(resident_mb(), 1),
    }  # fmt: skip
    view.close()
    view.setScene(None)
    scene.close()
    return result


def main(arguments: list[str]) -> int:
    """Measure the sizes asked for, one line each."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.canvas", description=__doc__)
    parser.add_argument("count", type=int, nargs="+", metavar="N", help="how many nodes")
    counts = parser.parse_args(arguments).count
    if min(counts) < 1:
        parser.error("N must be 1 or more")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(application, QApplication)
    for count in counts:
        print(json.dumps(measure(application, count)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
