"""How the canvas bears very many cells at once: drags, releases, undo, selecting, the overview, a hub.

All figures are milliseconds. `step`: one move of the pointer, from the edit to the painted frame;
`step_work` the same without the painting; `clear` ends the preview; `release` ends the preview and
applies the move; `shown` is the scene's own part in showing the change; `undo` applies the inverse.
"""

import math
import statistics
import time
from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtWidgets import QApplication

from app.domain import edits
from app.domain.patch import Origin
from app.domain.records import Cell
from app.domain.stage import stage
from app.domain.state import ModelState
from app.domain.values import End
from canvas.scene import DiagramScene
from canvas.theme import DARK, LIGHT
from tests.benchmarks.canvas_setup import FrameView, MemoryEditor, model_of, paint_frame, timed

WINDOW = (1600, 1000)
STEPS = 12
SIZES = (100, 1000, 5000)
SPOKES = 500


class Bench:
    """One scene in one view, and what is timed on it."""

    def __init__(self, application: QApplication, state: ModelState, diagram_id: str) -> None:
        self.application = application
        self.editor = MemoryEditor(state)
        self.scene = DiagramScene(self.editor, diagram_id, LIGHT)
        self.view = FrameView(self.scene)
        self.view.resize(*WINDOW)
        self.view.show()
        self.look(1.0)

    def look(self, zoom: float) -> None:
        """Show the middle at a zoom."""
        self.view.resetTransform()
        self.view.scale(zoom, zoom)
        self.view.centerOn(self.scene.content_rect().center())
        self.scene.set_view(zoom, self.view.visible())
        self.frame()

    def frame(self) -> None:
        """Paint all once."""
        self.view.viewport().update()
        paint_frame(self.application, self.view)

    def close(self) -> None:
        """Take it down."""
        self.view.close()
        self.view.setScene(None)
        self.scene.close()

    def nodes_by_distance(self) -> list[str]:
        """All nodes, those in the middle of the view first."""
        middle = self.view.visible().center()
        nodes = [cell for cell in self.scene.shown_cells() if not cell.is_line]
        nodes.sort(key=lambda c: math.hypot(c.position.x - middle.x(), c.position.y - middle.y()))
        return [cell.id for cell in nodes]

    def _show(self, ids: Sequence[str], dx: float, dy: float) -> None:
        self.scene.preview_move(ids, dx, dy)

    def drag(self, ids: Sequence[str]) -> dict[str, float]:
        """A drag of these cells, its release and its undo."""
        far = 0

        def work() -> None:
            nonlocal far
            far += 1
            self._show(ids, far * 5.0, far * 3.0)

        def worked() -> float:
            took = timed(work)
            self.frame()
            return took

        def step() -> None:
            work()
            paint_frame(self.application, self.view)

        found = {"first": timed(step)}
        found["step_work"] = statistics.median(worked() for _ in range(STEPS))
        found["step"] = statistics.median(timed(step) for _ in range(STEPS))
        found["clear"] = timed(self.scene.clear_preview)
        self.frame()
        return found | self.release(ids)

    def release(self, ids: Sequence[str]) -> dict[str, float]:
        """The end of a drag, and its undo."""
        state = self.editor.state
        self._show(ids, 40.0, 30.0)
        self.frame()
        patch = edits.move_cells(state, ids, 40.0, 30.0)
        inverse = stage(state, patch).inverse

        def let_go() -> None:
            self.scene.clear_preview()
            self.editor.apply(patch)

        found = {"release": timed(let_go)}
        found["release_frame"] = timed(self.frame)
        found["undo"] = timed(lambda: self.editor.apply(inverse, Origin.UNDO))
        found["undo_frame"] = timed(self.frame)
        again = stage(state, patch)
        state.commit(again)
        found["shown"] = timed(lambda: self.editor.tell(again))
        self.frame()
        self.editor.apply(inverse)
        self.frame()
        return found

    def selecting(self) -> dict[str, float]:
        """All cells, at once and by a rubber band around everything."""
        every = [cell.id for cell in self.scene.shown_cells()]
        band = self.scene.content_rect().adjusted(-10, -10, 10, 10)
        found = {"select_all": timed(lambda: self.scene.select(every))}
        self.scene.clear_selection()
        found["band"] = _median(lambda: self.scene.cells_in(band))
        self.scene.clear_selection()
        return found


def _median(action: Callable[[], object]) -> float:
    return statistics.median(timed(action) for _ in range(STEPS))


def overview(bench: Bench) -> dict[str, float]:
    """The step out into the overview: straight after opening, then after some idle time, then again."""
    scene, view = bench.scene, bench.view
    near, everything = view.visible(), scene.content_rect()
    found = {"first_overview": timed(lambda: scene.set_view(0.1, everything))}
    scene.set_view(1.0, near)
    scene.set_theme(DARK)
    scene.set_theme(LIGHT)
    end = time.perf_counter() + 60.0
    while time.perf_counter() < end and not scene.is_prepared:
        bench.application.processEvents()
    found["prepared_overview"] = timed(lambda: scene.set_view(0.1, everything))
    found["back"] = timed(lambda: scene.set_view(1.0, near))
    return found


def hub(application: QApplication) -> dict[str, float]:
    """A drag of one node with very many flows."""
    state, diagram_id = hub_of(SPOKES)
    bench = Bench(application, state, diagram_id)
    middle = next(c for c in bench.scene.shown_cells() if c.label == "Hub")
    bench.view.centerOn(middle.position.x, middle.position.y)
    found = bench.drag([middle.id])
    bench.close()
    return found


def hub_of(spokes: int) -> tuple[ModelState, str]:
    """A model whose flows all start at one node."""
    state, diagram_id = model_of(spokes + 1)
    nodes = [cell for cell in state.cells(diagram_id) if not cell.is_line]
    centre = nodes[len(nodes) // 2]
    records = []
    others = iter(node for node in nodes if node is not centre)
    for record in state.records.values():
        if isinstance(record, Cell) and record is centre:
            record = _changed(record, label="Hub")
        elif isinstance(record, Cell) and record.is_line:
            end = next(others, None)
            if end is None:
                continue
            record = _changed(record, source=End(cell=centre.id), target=End(cell=end.id))
        records.append(record)
    return ModelState.of(state.model_id, records), diagram_id


def measure(application: QApplication, count: int) -> dict[str, object]:
    """All figures for one size of model."""
    bench = Bench(application, *model_of(count))
    figures: dict[str, object] = {"n": count, "overview": _rounded(overview(bench))}
    bench.look(1.0)
    nodes = bench.nodes_by_distance()
    for size in [one for one in SIZES if one < count] + [count]:
        figures[f"drag {size}"] = _rounded(bench.drag(nodes[:size]))
    figures["selecting"] = _rounded(bench.selecting())
    bench.close()
    figures[f"hub {SPOKES}"] = _rounded(hub(application))
    return figures


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in figures.items()}


def _changed(cell: Cell, **values: object) -> Cell:
    return msgspec.structs.replace(cell, **values)
