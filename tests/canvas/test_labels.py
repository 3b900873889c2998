"""Labels of lines and boundaries: where they go, and that they leave each other alone."""

from itertools import combinations

import pytest
from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot

from app.domain.records import Cell
from app.domain.values import LabelPosition, Point
from canvas.scene import DiagramScene
from canvas.theme import LIGHT
from tests.canvas.support import Sketch


def label_rects(sketch: Sketch, cells: list[Cell]) -> list[QRectF]:
    scene = DiagramScene(sketch.editor(), sketch.diagram_id, LIGHT)
    rects = [scene.label_rect(cell.id) for cell in cells]
    scene.close()
    return rects


@pytest.mark.parametrize("there", [(420.0, 0.0), (0.0, 420.0), (420.0, 300.0)])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_labels_of_parallel_flows_do_not_lie_on_each_other(
    qtbot: QtBot, there: tuple[float, float], count: int
) -> None:
    sketch = Sketch()
    a, b = sketch.node("process", "A", 0, 0, 120, 120), sketch.node("process", "B", *there, 120, 120)
    flows = [sketch.flow(*((a, b) if i % 2 else (b, a)), f"flow {i}") for i in range(count)]
    for one, other in combinations(label_rects(sketch, flows), 2):
        assert not one.intersects(other)


def test_a_label_longer_than_its_line_leaves_the_line_free(qtbot: QtBot) -> None:
    sketch = Sketch()
    a, b = sketch.node("process", "A", 0, 0), sketch.node("process", "B", 160, 0)
    flow = sketch.flow(a, b, "much too long a label for this")
    assert label_rects(sketch, [flow])[0].bottom() < 30


def test_a_placed_label_stays_where_it_was_put(qtbot: QtBot) -> None:
    sketch = Sketch()
    a, b = sketch.node("process", "A", 0, 0), sketch.node("process", "B", 400, 0)
    place = LabelPosition(0.25, 10.0, 40.0)
    flows = [sketch.flow(a, Point(500, 500)), sketch.flow(Point(0, 0), Point(400, 0), "L",
                                                          label_position=place)]  # fmt: skip
    centre = label_rects(sketch, flows)[1].center()
    assert (centre.x(), centre.y()) == pytest.approx((110, 40))
    assert b.position == Point(400, 0)


def test_a_boundary_label_stays_inside(qtbot: QtBot) -> None:
    sketch = Sketch()
    box = sketch.node("trust_boundary", "A very long name of a zone " * 20, 0, 0, 150, 90)
    small = sketch.node("trust_boundary", "Zone", 300, 0, 30, 20)
    first, second = label_rects(sketch, [box, small])
    assert QRectF(0, 0, 150, 90).contains(first)
    assert second.left() > 300


def test_a_loop_label_lies_beside_its_element(qtbot: QtBot) -> None:
    sketch = Sketch()
    a = sketch.node("process", "A", 0, 0, 120, 120)
    loops = [sketch.flow(a, a, f"loop {i}") for i in range(4)]
    for rect in label_rects(sketch, loops):
        assert not rect.intersects(QRectF(20, 20, 80, 80))
