"""Labels that nobody has placed keep clear of what they would cover, the same however it came about."""

from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF
from pytestqt.qtbot import QtBot

from app.domain import edits, order
from app.domain.patch import Origin, remove, update
from app.domain.records import Cell
from app.domain.values import End, LabelPosition, Point
from canvas.pictures.drawing import drawing_of
from canvas.scene import DiagramScene
from canvas.theme import LIGHT
from tests.canvas.support import MemoryEditor, Sketch

NEAR = st.builds(Point, *(st.integers(0, most).map(lambda n: n * 10.0) for most in (70, 40)))
KINDS = ("process", "datastore", "external_entity", "trust_boundary", "text")
UNPLACED, PLACED = LabelPosition(), LabelPosition(0.3, 4.0, 6.0)
EDITS = ("move", "move", "remove", "label", "order", "place", "add", "drag", "lock")


def box_of(cell: Cell) -> QRectF:
    return QRectF(cell.position.x, cell.position.y, cell.size.width, cell.size.height)


def shown(sketch: Sketch) -> DiagramScene:
    return DiagramScene(sketch.editor(), sketch.diagram_id, LIGHT)


def test_a_label_keeps_off_a_node_that_its_line_passes(qtbot: QtBot) -> None:
    sketch = Sketch()
    ends = [sketch.node("process", "E", x, 0) for x in (0.0, 880.0)]
    between = sketch.node("datastore", "Between", 440, 0)
    flow = sketch.flow(ends[0], ends[1], "over it")
    scene = shown(sketch)
    rect = scene.label_rect(flow.id)
    assert not any(rect.intersects(box_of(node)) for node in (*ends, between))
    assert rect.center().x() < 500
    assert rect.center().y() == pytest.approx(30)
    scene.close()


def test_a_label_keeps_off_the_title_of_a_boundary(qtbot: QtBot) -> None:
    sketch = Sketch()
    zone = sketch.node("trust_boundary", "A zone with a name", 380, 10, 300, 300)
    flow = sketch.flow(Point(0, 22), Point(880, 22), "over it")
    scene = shown(sketch)
    assert not scene.label_rect(flow.id).intersects(scene.label_rect(zone.id))
    scene.close()


def test_the_first_label_stays_and_the_next_one_goes(qtbot: QtBot) -> None:
    sketch = Sketch()
    first = sketch.flow(Point(0, 0), Point(600, 600), "first")
    second = sketch.flow(Point(0, 600), Point(600, 0), "second")
    third = sketch.flow(Point(0, 300), Point(600, 300), "third")
    scene = shown(sketch)
    rects = [scene.label_rect(flow.id) for flow in (first, second, third)]
    assert (rects[0].center().x(), rects[0].center().y()) == pytest.approx((300, 300))
    assert not any(one.intersects(other) for one, other in combinations(rects, 2))
    scene.close()


def test_placed_labels_come_first_and_stay_whatever_they_cover(qtbot: QtBot) -> None:
    sketch = Sketch()
    node = sketch.node("process", "Node", 240, 270)
    free = sketch.flow(Point(0, 0), Point(600, 800), "free")
    placed = sketch.flow(Point(0, 600), Point(600, 0), "placed", label_position=LabelPosition(0.5, 0.0, 90.0))
    scene = shown(sketch)
    assert scene.label_rect(placed.id).center() == QPointF(300, 390)
    assert not scene.label_rect(free.id).intersects(scene.label_rect(placed.id))
    assert node.position == Point(240, 270)
    scene.close()


def test_where_nothing_is_free_it_stays_in_the_middle(qtbot: QtBot) -> None:
    sketch = Sketch()
    sketch.node("datastore", "All over", -100, -100, 1000, 300)
    flow = sketch.flow(Point(0, 0), Point(600, 0), "flow")
    scene = shown(sketch)
    assert scene.label_rect(flow.id).center().x() == pytest.approx(300)
    scene.close()


def test_labels_stand_still_while_something_is_dragged(qtbot: QtBot) -> None:
    sketch = Sketch()
    node = sketch.node("process", "Node", 0, 500)
    flow = sketch.flow(Point(0, 0), Point(600, 0), "flow")
    editor = sketch.editor()
    scene = DiagramScene(editor, sketch.diagram_id, LIGHT)
    before = scene.label_rect(flow.id)
    scene.preview_move([node.id], 240.0, -530.0)
    assert scene.label_rect(flow.id) == before
    editor.apply(edits.move_cells(editor.state, [node.id], 240.0, -530.0))
    scene.clear_preview()
    after = scene.label_rect(flow.id)
    assert not after.intersects(QRectF(240, -30, 120, 60))
    editor.apply(edits.move_cells(editor.state, [node.id], 0.0, 530.0))
    assert scene.label_rect(flow.id) == before
    scene.close()


def test_pictures_show_labels_where_the_screen_does(qtbot: QtBot) -> None:
    sketch = Sketch()
    flows = [sketch.flow(Point(0, i * 10), Point(600, 600 - i * 10), f"flow {i}") for i in range(6)]
    scene = shown(sketch)
    drawn = drawing_of(sketch.state(), sketch.diagram_id, LIGHT).contents.labels
    for flow in flows:
        assert drawn[flow.id].box.rect == scene.label_rect(flow.id)
    assert len({round(scene.label_rect(flow.id).center().x()) for flow in flows}) > 1
    scene.close()


def test_in_the_middle_of_a_node_it_wins_over_a_label_that_lies_over_it(qtbot: QtBot) -> None:
    sketch = Sketch()
    node = sketch.node("process", "Node", 200, 0, 120, 60)
    over, rim = LabelPosition(0.5, 10.0, 30.0), LabelPosition(0.5, 10.0, -136.0)
    flow = sketch.flow(Point(0, 0), Point(500, 0), "a label", label_position=over)
    rim_flow = sketch.flow(Point(0, 200), Point(500, 200), "on the rim", label_position=rim)
    scene = shown(sketch)
    assert scene.cells_at(QPointF(260, 30), 4)[:2] == [node.id, flow.id]
    assert scene.cell_at(QPointF(260, 58)) == rim_flow.id
    scene.select([flow.id])
    assert scene.cell_at(QPointF(260, 30)) == flow.id
    scene.close()


# --- however it came about -----------------------------------------------------------------------------
@st.composite
def crowded(draw: st.DrawFn) -> Sketch:
    """Nodes and flows close together, so that labels are in each other's way."""
    sketch = Sketch()
    nodes = [sketch.node(draw(st.sampled_from(KINDS)), "N", at.x, at.y)
             for at in draw(st.lists(NEAR, min_size=2, max_size=5))]  # fmt: skip
    for i in range(draw(st.integers(2, 9))):
        ends = [draw(st.sampled_from(nodes) | NEAR) for _ in range(2)]
        label = draw(st.sampled_from((f"flow {i}", "a longer label", "")))
        sketch.flow(
            ends[0], ends[1], label, label_position=draw(st.sampled_from((UNPLACED, UNPLACED, PLACED)))
        )
    return sketch


def some_edit(data: st.DataObject, editor: MemoryEditor, scene: DiagramScene) -> None:
    """Change something, or nothing, in one of the ways in which a diagram changes."""
    cells = editor.state.cells(scene.diagram_id)
    cell = data.draw(st.sampled_from(cells))
    ends = [one.id for one in cells if not one.is_line]
    kind = data.draw(st.sampled_from(EDITS))
    dx, dy = (data.draw(st.integers(-30, 30).map(lambda n: n * 5.0)) for _ in range(2))
    if kind == "move":
        chosen = data.draw(st.lists(st.sampled_from([c.id for c in cells]), unique=True, min_size=1))
        editor.apply(edits.move_cells(editor.state, chosen, dx, dy))
    elif kind == "remove" and len(cells) > 4 and cell.is_line:
        editor.apply((remove("cell", cell.id),))
    elif kind == "label":
        label = data.draw(st.sampled_from(("", "x", "some words", "y" * 30)))
        editor.apply((update("cell", cell.id, label=label),))
    elif kind == "order":
        keys = [c.order for c in cells]
        key = data.draw(st.sampled_from((order.after(max(keys)), order.before(min(keys)))))
        editor.apply((update("cell", cell.id, order=key),))
    elif kind == "place" and cell.is_line:
        place = data.draw(st.sampled_from((PLACED, LabelPosition())))
        editor.apply(edits.set_label_position(cell, place))
    elif kind == "add" and ends:
        _, patch = edits.create_line(
            editor.state, scene.diagram_id, End(x=dx, y=dy), End(cell=ends[0]), label="new"
        )
        editor.apply(patch)
    elif kind == "drag":
        scene.preview_move([cell.id], dx, dy)
        editor.apply((update("cell", cells[0].id, label="theirs"),), Origin.REMOTE)
        if data.draw(st.booleans()):
            editor.apply(edits.move_cells(editor.state, [cell.id], dx, dy))
        scene.clear_preview()
    elif kind == "lock":
        editor.apply((update("cell", cell.id, locked=not cell.locked),))


@given(crowded(), st.data())
@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_edits_labels_are_where_they_are_in_a_scene_built_anew(
    qtbot: QtBot, sketch: Sketch, data: st.DataObject
) -> None:
    editor = sketch.editor()
    scene = DiagramScene(editor, sketch.diagram_id, LIGHT)
    for _ in range(data.draw(st.integers(1, 6))):
        some_edit(data, editor, scene)
        fresh = DiagramScene(editor, sketch.diagram_id, LIGHT)
        for cell in editor.state.cells(sketch.diagram_id):
            one, other = scene.label_rect(cell.id), fresh.label_rect(cell.id)
            assert (one.x(), one.y(), one.width()) == pytest.approx(
                (other.x(), other.y(), other.width()), abs=1e-6
            )
        fresh.close()
    scene.close()
