"""The scene follows its model, finds what lies where, and previews without writing."""

import logging
from collections.abc import Callable, Iterator

import msgspec
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from app.domain.ids import new_id
from app.domain.merge import data_of
from app.domain.patch import Origin, add, remove, update
from app.domain.records import Cell
from app.domain.values import Point
from canvas.items.base import log as paint_log
from canvas.scene import DiagramScene
from canvas.theme import DARK, LIGHT
from tests.canvas.support import MemoryEditor, Sketch

Show = Callable[[Sketch], tuple[DiagramScene, MemoryEditor]]


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    scenes: list[DiagramScene] = []

    def build(sketch: Sketch) -> tuple[DiagramScene, MemoryEditor]:
        editor = sketch.editor()
        scenes.append(DiagramScene(editor, sketch.diagram_id, LIGHT))
        return scenes[-1], editor

    yield build
    for scene in scenes:
        scene.close()
        assert not scene.items()


def painted(scene: DiagramScene, zoom: float = 1.0) -> QImage:
    """All of the scene as an image, painted the way a view does."""
    rect = scene.content_rect().adjusted(-10, -10, 10, 10)
    image = QImage((rect.size() * zoom).toSize(), QImage.Format.Format_ARGB32)
    image.fill(QColor(scene.theme.background))
    painter = QPainter(image)
    scene.render(painter, QRectF(image.rect()), rect)
    painter.end()
    return image


def moved(cell: Cell, dx: float, dy: float) -> Cell:
    place = Point(cell.position.x + dx, cell.position.y + dy)
    return msgspec.structs.replace(cell, position=place)


def test_every_cell_has_an_item_and_changes_show_at_once(show: Show) -> None:
    sketch = Sketch()
    a = sketch.node("process", "A", 0, 0)
    b = sketch.node("datastore", "B", 300, 0)
    line = sketch.flow(a, b, "reads")
    scene, editor = show(sketch)
    assert all(scene.item(cell.id) is not None for cell in (a, b, line))
    seen: list[frozenset[str]] = []
    scene.cells_changed.connect(seen.append)
    editor.apply((update("cell", b.id, position={"x": 300, "y": 200}),))
    item = scene.item(b.id)
    assert item is not None
    assert item.pos() == QPointF(300, 200)
    assert scene.route_points(line.id)[-1].y() > 150
    assert seen == [frozenset({b.id})]
    c = msgspec.structs.replace(a, id=new_id(), position=Point(0, 300))
    editor.apply((add("cell", c.id, data_of(c)),))
    assert scene.item(c.id) is not None
    editor.apply((remove("cell", b.id),))
    assert scene.item(b.id) is None
    assert scene.item(line.id) is None


def test_only_what_is_touched_is_updated(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    sketch = Sketch()
    cells = [sketch.node("process", str(i), i * 200, 0) for i in range(5)]
    lines = [sketch.flow(cells[i], cells[i + 1]) for i in range(4)]
    scene, editor = show(sketch)
    shown: list[str] = []
    for cell in (*cells, *lines):
        item = scene.item(cell.id)
        name = "show_line" if cell.is_line else "show_cell"
        monkeypatch.setattr(item, name, lambda *_, i=cell.id: shown.append(i))
    editor.apply((update("cell", cells[1].id, position={"x": 200, "y": 90}),))
    assert sorted(shown) == sorted([cells[1].id, lines[0].id, lines[1].id])


def test_other_diagrams_do_not_show(show: Show) -> None:
    sketch = Sketch()
    scene, editor = show(sketch)
    other = new_id()
    editor.apply((add("diagram", other, {"name": "Other"}),))
    editor.apply((add("cell", new_id(), {"diagram_id": other, "type": "process"}),))
    assert scene.is_empty


def test_emptiness_and_work_of_others_are_told(show: Show, qtbot: QtBot) -> None:
    scene, editor = show(Sketch())
    cell_id = new_id()
    with qtbot.waitSignals([scene.content_empty_changed, scene.remotely_changed]):
        data = {"diagram_id": scene.diagram_id, "type": "process"}
        editor.apply((add("cell", cell_id, data),), Origin.REMOTE)
    with qtbot.waitSignal(scene.content_empty_changed) as gone:
        editor.apply((remove("cell", cell_id),))
    assert gone.args == [True]
    assert scene.content_rect().isNull()


def test_selection_is_one_signal_and_forgets_what_is_removed(show: Show) -> None:
    sketch = Sketch()
    a, b = sketch.node("process", "A", 0, 0), sketch.node("process", "B", 300, 0)
    scene, editor = show(sketch)
    signals: list[None] = []
    scene.selection_changed.connect(lambda: signals.append(None))
    scene.select([a.id, b.id, new_id()])
    assert scene.selected == {a.id, b.id}
    scene.select([a.id], toggle=True)
    assert scene.selected == {b.id}
    scene.select([a.id], extend=True)
    assert len(signals) == 3
    editor.apply((remove("cell", a.id),))
    assert scene.selected == {b.id}
    scene.clear_selection()
    scene.clear_selection()
    assert len(signals) == 5


def test_boundaries_are_hit_at_border_and_label_only(show: Show) -> None:
    sketch = Sketch()
    box = sketch.node("trust_boundary", "Zone", 0, 0, 400, 300)
    inside = sketch.node("process", "A", 150, 100, 100, 100)
    scene, _ = show(sketch)
    assert scene.cell_at(QPointF(60, 200), 4) is None
    assert scene.cell_at(QPointF(2, 200), 4) == box.id
    assert scene.cell_at(scene.label_rect(box.id).center(), 0) == box.id
    assert scene.cell_at(QPointF(200, 150), 4) == inside.id
    assert scene.cell_at(QPointF(152, 102), 0) is None
    assert scene.container_at(QPointF(200, 150)) == box.id
    assert scene.container_at(QPointF(200, 150), [box.id]) is None
    assert scene.container_at(QPointF(500, 150)) is None


def test_lines_are_fat_and_the_nearest_wins(show: Show) -> None:
    sketch = Sketch()
    upper = sketch.flow(Point(0, 0), Point(400, 0))
    lower = sketch.flow(Point(0, 10), Point(400, 10), "label")
    scene, _ = show(sketch)
    assert scene.cell_at(QPointF(50, -5), 6) == upper.id
    assert scene.cell_at(QPointF(50, -9), 6) is None
    assert scene.cells_at(QPointF(50, 4), 12) == [upper.id, lower.id]
    assert scene.cells_at(QPointF(50, 6), 12) == [lower.id, upper.id]
    assert scene.cell_at(scene.label_rect(lower.id).center(), 0) == lower.id


def test_topmost_comes_first(show: Show) -> None:
    sketch = Sketch()
    a, b = sketch.node("process", "A", 0, 0), sketch.node("process", "B", 20, 0)
    scene, editor = show(sketch)
    assert scene.cells_at(QPointF(60, 30)) == [b.id, a.id]
    editor.apply((update("cell", a.id, order="zz"),))
    assert scene.cells_at(QPointF(60, 30)) == [a.id, b.id]
    assert [cell.id for cell in scene.shown_cells()] == [b.id, a.id]


def test_rubber_band_touches_elements_and_encloses_boundaries(show: Show) -> None:
    sketch = Sketch()
    box = sketch.node("trust_boundary", "Zone", 0, 0, 400, 300)
    a, b = sketch.node("process", "A", 50, 50), sketch.node("process", "B", 50, 500)
    line = sketch.flow(a, b)
    scene, _ = show(sketch)
    assert scene.cells_in(QRectF(20, 40, 60, 30)) == {a.id}
    assert scene.cells_in(QRectF(20, 40, 60, 30), False) == {a.id, box.id}
    assert scene.cells_in(QRectF(-5, -5, 410, 310)) == {a.id, box.id, line.id}
    assert scene.cells_in(QRectF(120, 400, -20, -50)) == {line.id}


def test_a_preview_moves_lines_writes_nothing_and_goes_away(show: Show) -> None:
    sketch = Sketch()
    a, b = sketch.node("process", "A", 0, 0), sketch.node("datastore", "B", 300, 0)
    line = sketch.flow(a, b)
    scene, editor = show(sketch)
    before = scene.route_points(line.id)
    ghost = msgspec.structs.replace(a, id=new_id(), position=Point(900, 900))
    scene.preview({b.id: moved(b, 0, 400), ghost.id: ghost})
    assert scene.previewed == {b.id, ghost.id}
    assert scene.shown(b.id) != editor.state.cell(b.id) == b
    assert scene.route_points(line.id) != before
    assert scene.cell_at(QPointF(960, 930)) == ghost.id
    scene.preview({a.id: moved(a, 10, 10)})
    assert scene.item(ghost.id) is None
    assert scene.shown(b.id) == b
    scene.clear_preview()
    assert scene.route_points(line.id) == before
    assert scene.shown(a.id) == a


def test_changes_by_others_wait_behind_a_preview(show: Show) -> None:
    sketch = Sketch()
    a = sketch.node("process", "A", 0, 0)
    scene, editor = show(sketch)
    scene.preview({a.id: moved(a, 50, 50)})
    editor.apply((update("cell", a.id, label="New"),), Origin.REMOTE)
    assert scene.shown(a.id) == moved(a, 50, 50)
    editor.apply((remove("cell", a.id),), Origin.REMOTE)
    scene.clear_preview()
    assert scene.is_empty
    assert scene.item(a.id) is None


def test_a_hub_is_dragged_with_plain_lines_that_come_back(show: Show) -> None:
    sketch = Sketch()
    hub = sketch.node("process", "Hub", 0, 0)
    lines = [
        sketch.flow(hub, sketch.node("datastore", str(i), 300 + i * 5, i * 80), f"label {i}")
        for i in range(80)
    ]
    scene, _ = show(sketch)
    calm = painted(scene)
    scene.preview({hub.id: moved(hub, 30, 30)})
    assert painted(scene) != calm
    scene.clear_preview()
    assert painted(scene) == calm
    assert scene.cell_at(scene.label_rect(lines[3].id).center()) == lines[3].id


def test_overview_shows_and_finds_the_same_cells(show: Show) -> None:
    sketch = Sketch()
    nodes = [sketch.node("external_entity", str(i), (i % 25) * 200, (i // 25) * 120) for i in range(500)]
    line = sketch.flow(nodes[0], nodes[26])
    scene, editor = show(sketch)
    everything = scene.content_rect()
    scene.set_view(0.1, everything)
    item = scene.item(nodes[7].id)
    assert item is not None
    assert not item.isVisible()
    assert scene.cell_at(QPointF(1460, 30)) == nodes[7].id
    assert scene.cells_in(QRectF(-10, -10, 150, 100)) == {nodes[0].id, line.id}
    image = painted(scene, 0.1)
    assert image.pixelColor(7, 4).name() == LIGHT.external_fill
    editor.apply((remove("cell", nodes[0].id),))
    assert painted(scene, 0.1).pixelColor(7, 4).name() != LIGHT.external_fill
    scene.set_view(0.16, everything)
    assert not item.isVisible()
    scene.set_view(0.3, everything)
    assert item.isVisible()


def test_threats_are_counted_at_their_element(show: Show) -> None:
    sketch = Sketch()
    a = sketch.node("process", "A", 0, 0)
    sketch.threat(a, "Critical")
    sketch.threat(a, "Low")
    mitigated = sketch.threat(a, "High", "Mitigated")
    scene, editor = show(sketch)
    assert "2 open threats, worst: critical" in scene.hint(a.id)
    with_badge = painted(scene)
    for threat in editor.state.pointing_at(a.id):
        if threat.id != mitigated.id:
            editor.apply((update("threat", threat.id, status="Mitigated"),))
    assert scene.hint(a.id) == "A\nProcess"
    assert painted(scene) != with_badge


def test_a_label_is_hidden_while_it_is_edited(show: Show) -> None:
    sketch = Sketch()
    a, b = sketch.node("process", "Name", 0, 0), sketch.node("process", "", 400, 0)
    line = sketch.flow(a, b, "flow label")
    scene, editor = show(sketch)
    whole = painted(scene)
    for cell in (a, line):
        scene.set_label_editing(cell.id)
        assert painted(scene) != whole
        editor.apply((update("cell", b.id, description="x"),))
        assert painted(scene) != whole
        scene.set_label_editing(None)
        assert painted(scene) == whole


def test_themes_repaint_everything(show: Show) -> None:
    sketch = Sketch()
    sketch.node("external_entity", "", 0, 0)
    scene, _ = show(sketch)
    scene.set_theme(DARK)
    assert painted(scene).pixelColor(40, 40).name() == DARK.external_fill
    scene.set_theme(LIGHT)
    assert painted(scene).pixelColor(40, 40).name() == LIGHT.external_fill


def test_the_scene_grows_in_big_steps(show: Show) -> None:
    sketch = Sketch()
    a = sketch.node("process", "A", 0, 0)
    scene, _ = show(sketch)
    rects = set()
    for step in range(200):
        scene.preview({a.id: moved(a, step * 40, 0)})
        rects.add(scene.sceneRect().getCoords())
        assert scene.sceneRect().contains(scene.bounds_of([a.id]))
    assert len(rects) <= 6


def test_a_closed_scene_hears_nothing(show: Show) -> None:
    sketch = Sketch()
    a = sketch.node("process", "A", 0, 0)
    scene, editor = show(sketch)
    scene.close()
    assert not editor.listeners
    editor.apply((remove("cell", a.id),))


def test_an_error_while_painting_is_logged_once_and_goes_no_further(
    show: Show, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sketch = Sketch()
    a = sketch.node("process", "A", 0, 0)
    scene, _ = show(sketch)

    def broken(*_: object) -> None:
        raise ValueError("no")

    monkeypatch.setattr(scene.item(a.id), "draw", broken)
    with caplog.at_level(logging.ERROR, logger=paint_log.name):
        painted(scene)
        painted(scene)
    assert [record.message for record in caplog.records] == [f"cell {a.id} cannot be painted"]
