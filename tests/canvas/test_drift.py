"""Very many cells dragged at once: the quick preview shows what the edit comes to, and leaves no trace."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from app.domain import edits
from app.domain.patch import Origin, remove, update
from app.domain.records import Cell
from app.domain.stage import stage
from app.domain.state import ModelState
from app.domain.values import Point
from canvas import scene as scene_module
from canvas.scene import DiagramScene
from canvas.theme import LIGHT
from tests.canvas.support import MemoryEditor, Sketch

KINDS = ("process", "datastore", "external_entity", "trust_boundary", "text")
OFFSETS = st.floats(-500.0, 500.0) | st.sampled_from((0.0, 10.0, -0.005, 1_500_000.0))


@pytest.fixture
def drifts(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few cells are dragged, they go the way of very many."""
    monkeypatch.setattr(scene_module, "DRIFTING", -1)


@pytest.fixture
def big(qtbot: QtBot, drifts: None) -> Iterator[tuple[DiagramScene, MemoryEditor, list[Cell], list[Cell]]]:
    """A grid of nodes in a chain, 12 of them in a zone; scene, editor, nodes, flows."""
    sketch = Sketch()
    zone = sketch.node("trust_boundary", "Zone", -40, -40, 1000, 400)
    nodes = [
        sketch.node(KINDS[i % 3], f"Node {i}", i % 6 * 200, i // 6 * 140,
                    parent=zone.id if i < 12 else None)
        for i in range(24)
    ]  # fmt: skip
    flows = [sketch.flow(nodes[i], nodes[i + 1], f"flow {i}") for i in range(23)]
    flows.append(sketch.flow(nodes[0], nodes[2], "bent", vertices=(Point(200, -100), Point(300, -100))))
    flows.append(sketch.flow(Point(0, 700), nodes[3], "from nowhere"))
    editor = sketch.editor()
    scene = DiagramScene(editor, sketch.diagram_id, LIGHT)
    yield scene, editor, [zone, *nodes], flows
    scene.close()
    assert not scene.items()


def painted(scene: DiagramScene, area: QRectF, zoom: float = 1.0) -> QImage:
    image = QImage((area.size() * zoom).toSize(), QImage.Format.Format_ARGB32)
    image.fill(QColor(LIGHT.background))
    painter = QPainter(image)
    scene.render(painter, QRectF(image.rect()), area)
    painter.end()
    return image


def _numbers(scene: DiagramScene, cell_id: str) -> list[float]:
    """Where a cell, its way and its label are."""
    points = [n for point in scene.route_points(cell_id) for n in (point.x(), point.y())]
    rects = scene.bounds_of([cell_id]), scene.label_rect(cell_id)
    return [*points, *(n for r in rects for n in (r.x(), r.y(), r.width(), r.height()))]


def differing(one: QImage, other: QImage) -> int:
    """How many pixels differ: without smooth edges, a last digit can shift one."""
    return sum(one.pixel(x, y) != other.pixel(x, y) for x in range(one.width()) for y in range(one.height()))


def staged(state: ModelState, ids: list[str], dx: float, dy: float) -> dict[str, Cell]:
    patch = edits.move_cells(state, ids, dx, dy, reparent=False)
    return {c.id: c.after for c in stage(state, patch).changes if isinstance(c.after, Cell)}


@st.composite
def diagrams(draw: st.DrawFn) -> Sketch:
    """A few nodes and lines of every sort."""
    sketch, place = Sketch(), st.builds(Point, *[st.integers(-99_900, 99_900).map(lambda n: n / 100)] * 2)
    nodes: list[Cell] = []
    for _ in range(draw(st.integers(1, 5))):
        at, zones = draw(place), [n.id for n in nodes if n.can_contain]
        parent = draw(st.sampled_from([None, *zones]))
        nodes.append(sketch.node(draw(st.sampled_from(KINDS)), "N", at.x, at.y, parent=parent,
                                 locked=draw(st.booleans())))  # fmt: skip
    for _ in range(draw(st.integers(0, 5))):
        ends = [draw(st.sampled_from(nodes) | place) for _ in range(2)]
        line = {"type": "trust_boundary", "form": "line"} if draw(st.booleans()) else {}
        sketch.flow(ends[0], ends[1], "F", vertices=tuple(draw(st.lists(place, max_size=2))),
                    locked=draw(st.booleans()), **line)  # fmt: skip
    return sketch


@given(diagrams(), st.data(), OFFSETS, OFFSETS)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_quick_preview_is_what_the_edit_comes_to(
    qtbot: QtBot, drifts: None, sketch: Sketch, data: st.DataObject, dx: float, dy: float
) -> None:
    editor = sketch.editor()
    ids = sorted(c.id for c in editor.state.cells(sketch.diagram_id))
    chosen = data.draw(st.lists(st.sampled_from(ids), unique=True))
    quick = DiagramScene(editor, sketch.diagram_id, LIGHT)
    slow = DiagramScene(editor, sketch.diagram_id, LIGHT)
    wanted = staged(editor.state, chosen, dx, dy)
    slow.preview(wanted)
    quick.preview_move(chosen, dx / 2, dy)
    quick.preview_move(chosen, dx, dy)
    assert quick.shown_cells() == slow.shown_cells()
    assert wanted.keys() <= quick.previewed
    for cell_id in ids:
        assert quick.shown(cell_id) == slow.shown(cell_id)
        for one, other in zip(_numbers(quick, cell_id), _numbers(slow, cell_id), strict=True):
            assert one == pytest.approx(other, abs=1e-6)
    quick.clear_preview()
    assert not quick.previewed
    assert quick.shown_cells() == editor.state.cells(sketch.diagram_id)
    for scene in (quick, slow):
        scene.close()


@given(diagrams(), st.data(), OFFSETS, OFFSETS)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_has_moved_looks_as_if_it_had_always_been_there(
    qtbot: QtBot, sketch: Sketch, data: st.DataObject, dx: float, dy: float
) -> None:
    editor = sketch.editor()
    ids = sorted(c.id for c in editor.state.cells(sketch.diagram_id))
    chosen = data.draw(st.lists(st.sampled_from(ids), unique=True))
    scene = DiagramScene(editor, sketch.diagram_id, LIGHT)
    calm = painted(scene, scene.content_rect(), 0.3)
    changes = editor.apply(edits.move_cells(editor.state, chosen, dx, dy))
    fresh = DiagramScene(editor, sketch.diagram_id, LIGHT)
    for cell_id in ids:
        for one, other in zip(_numbers(scene, cell_id), _numbers(fresh, cell_id), strict=True):
            assert one == pytest.approx(other, abs=1e-6)
    editor.apply(changes.inverse)
    assert painted(scene, scene.content_rect(), 0.3) == calm
    for one_scene in (scene, fresh):
        one_scene.close()


def test_it_is_painted_as_the_moved_cells_are(
    big: tuple[DiagramScene, MemoryEditor, list[Cell], list[Cell]],
) -> None:
    scene, editor, nodes, _ = big
    area = scene.content_rect().adjusted(-50, -50, 250, 250)
    calm = painted(scene, area)
    ids = [nodes[0].id]
    scene.preview(staged(editor.state, ids, 30.0, 20.0))
    wanted = painted(scene, area)
    scene.clear_preview()
    assert painted(scene, area) == calm
    scene.preview_move(ids, 12.0, 7.0)
    scene.preview_move(ids, 30.0, 20.0)
    assert painted(scene, area) == wanted
    assert scene.content_rect() == scene.content_rect().united(scene.bounds_of(c.id for c in nodes))
    scene.clear_preview()
    assert painted(scene, area) == calm


def test_who_asks_what_lies_where_gets_what_is_on_screen(
    big: tuple[DiagramScene, MemoryEditor, list[Cell], list[Cell]],
) -> None:
    scene, _, nodes, _ = big
    scene.preview_move([nodes[0].id], 0.0, 2000.0)
    assert scene.container_at(QPointF(500, 2100)) == nodes[0].id
    assert scene.cell_at(QPointF(60, 2030)) == nodes[1].id
    assert scene.cell_at(QPointF(60, 30)) is None
    scene.preview_move([nodes[0].id], 0.0, 3000.0)
    assert scene.cells_in(QRectF(-10, 2990, 100, 50)) >= {nodes[1].id}
    scene.clear_preview()
    assert scene.cell_at(QPointF(60, 30)) == nodes[1].id


def test_work_of_others_goes_on_meanwhile(
    big: tuple[DiagramScene, MemoryEditor, list[Cell], list[Cell]],
) -> None:
    scene, editor, nodes, flows = big
    inside, outside = nodes[3], nodes[20]
    scene.preview_move([nodes[0].id], 10.0, 2000.0)
    editor.apply((update("cell", outside.id, label="Theirs"),), Origin.REMOTE)
    assert scene.shown(outside.id) == editor.state.cell(outside.id)
    editor.apply((update("cell", inside.id, position={"x": 5, "y": 5}),), Origin.REMOTE)
    editor.apply((remove("cell", flows[0].id),), Origin.REMOTE)
    shown = scene.shown(inside.id)
    assert shown is not None
    assert shown.position.y > 1900
    scene.preview_move([nodes[0].id], 20.0, 2000.0)
    stored = editor.state.cell(inside.id)
    assert stored is not None
    assert scene.shown(inside.id) == edits.moved_cell(stored, 20.0, 2000.0)
    assert scene.shown(flows[0].id) is None
    editor.apply((remove("cell", inside.id),), Origin.REMOTE)
    scene.clear_preview()
    assert scene.shown(inside.id) is None
    assert scene.shown_cells() == editor.state.cells(scene.diagram_id)


def test_in_the_overview_too(
    big: tuple[DiagramScene, MemoryEditor, list[Cell], list[Cell]], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, editor, nodes, _ = big
    monkeypatch.setattr(scene_module, "OVERVIEW_CELLS", 10)
    area = scene.content_rect().adjusted(-50, -50, 250, 250)
    scene.set_view(0.1, area)
    calm = painted(scene, area, 0.2)
    scene.preview(staged(editor.state, [nodes[0].id], 30.0, 20.0))
    wanted = painted(scene, area, 0.2)
    assert wanted != calm
    scene.clear_preview()
    scene.preview_move([nodes[0].id], 30.0, 20.0)
    assert differing(painted(scene, area, 0.2), wanted) < 5
    scene.set_view(1.0, area)
    assert scene.shown(nodes[0].id) != nodes[0]
    scene.set_view(0.1, area)
    scene.clear_preview()
    assert painted(scene, area, 0.2) == calm


def test_a_hub_drags_threads_that_become_lines_again(qtbot: QtBot) -> None:
    sketch = Sketch()
    hub = sketch.node("process", "Hub", 0, 0)
    for i in range(200):
        last = sketch.flow(hub, sketch.node("datastore", str(i), 300 + i * 5, i * 80), f"label {i}")
    scene = DiagramScene(sketch.editor(), sketch.diagram_id, LIGHT)
    area = scene.content_rect().adjusted(0, 0, 0, 200)
    calm = painted(scene, area, 0.3)
    scene.preview_move([hub.id], 700.0, 3000.0)
    assert differing(painted(scene, area, 0.3), calm) > 1000
    assert QRectF(700, 3000, 120, 60).adjusted(-1, -1, 1, 1).contains(scene.route_points(last.id)[0])
    scene.clear_preview()
    assert painted(scene, area, 0.3) == calm
    scene.close()
