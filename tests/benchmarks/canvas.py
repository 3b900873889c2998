"""How quick the canvas is: `python -m tests.benchmarks.canvas N` prints one JSON line.

N nodes and N labelled flows. `open_ms`: from cells in memory to the first painted frame;
`pan_ms` by zoom and `drag_ms` (one node with its flows): medians of 15 painted frames.
With `--many` a second line says how it bears very many cells at once, see `canvas_many`.
"""

import argparse
import gc
import json
import os
import statistics
import sys
import time

import msgspec
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QApplication

from app.domain.values import Point
from canvas.scene import DiagramScene
from canvas.theme import LIGHT
from tests.benchmarks import canvas_many
from tests.benchmarks.canvas_setup import FrameView, MemoryEditor, model_of, paint_frame, timed

WINDOW = (1600, 1000)
FRAMES = 15
ZOOMS = (1.0, 0.3, 0.1)


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
    parser.add_argument("--many", action="store_true", help="also measure very many cells at once")
    given = parser.parse_args(arguments)
    counts = given.count
    if min(counts) < 1:
        parser.error("N must be 1 or more")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(application, QApplication)
    for count in counts:
        print(json.dumps(measure(application, count)), flush=True)
        if given.many:
            print(json.dumps(canvas_many.measure(application, count)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
