"""The eight grips, and resizing by keyboard."""

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt

from canvas.overlays.marks import GuideLine, Tag
from canvas.tools.places import SIDES, Side, side_point
from canvas.tools.resizing import resized
from canvas.tools.snapping import Snapping
from tests.gui.canvas.bench import ALT, CTRL, LEFT, SHIFT, Bench

BOX = QRectF(200, 200, 120, 80)


def box(bench: Bench, node: str) -> tuple[float, float, float, float]:
    """Left, top, width and height of a node."""
    cell = bench.cell(node)
    return cell.position.x, cell.position.y, cell.size.width, cell.size.height


@pytest.mark.parametrize("side", SIDES)
def test_every_grip_moves_its_side_as_one_step(bench: Bench, side: Side) -> None:
    node = bench.node("A", 200, 200)
    bench.select(node)
    before, steps = bench.cells(), bench.steps
    start = side_point(BOX, side)
    bench.drag(start, start + QPointF(side[0] * 40, side[1] * 40))
    wide, high = 120 + 40 * abs(side[0]), 80 + 40 * abs(side[1])
    assert box(bench, node) == (
        200 - 40 * (side[0] < 0), 200 - 40 * (side[1] < 0), wide, high
    )  # fmt: skip
    assert bench.steps == steps + 1
    assert bench.document.undo_title == "Resize “A”"
    assert bench.undone(before)


def test_shift_keeps_the_ratio_and_alt_the_middle(bench: Bench) -> None:
    node = bench.node("A", 200, 200)
    bench.select(node)
    corner = QPointF(320, 280)
    bench.press(corner)
    bench.move(corner + QPointF(60, 0), LEFT, SHIFT)
    bench.release(held=SHIFT)
    assert box(bench, node) == (200, 200, 180, 120)
    bench.document.undo()
    bench.press(corner)
    bench.move(corner + QPointF(20, 20), LEFT, ALT)
    bench.release(held=ALT)
    assert box(bench, node) == (180, 180, 160, 120)


def test_never_smaller_than_it_may_be(bench: Bench) -> None:
    node = bench.node("A", 200, 200)
    bench.select(node)
    bench.drag(QPointF(320, 280), QPointF(0, 0))
    assert box(bench, node) == (200, 200, 50, 30)


def test_the_size_is_shown_and_esc_restores(bench: Bench) -> None:
    node = bench.node("A", 200, 200)
    bench.select(node)
    bench.drag(QPointF(320, 280), QPointF(340, 300), drop=False)
    assert [m.text for m in bench.view.marks if isinstance(m, Tag)] == ["140 × 100"]
    bench.key(Qt.Key.Key_Escape)
    bench.release()
    assert box(bench, node) == (200, 200, 120, 80)


def test_edges_come_to_rest_in_line_with_others(bench: Bench) -> None:
    bench.node("Other", 403, 500)
    node = bench.node("A", 200, 200)
    bench.select(node)
    bench.drag(QPointF(320, 240), QPointF(400, 240))
    assert box(bench, node)[2] == 203
    bench.press(QPointF(403, 240))
    bench.move(QPointF(398, 240), LEFT, CTRL)
    bench.release(held=CTRL)
    assert box(bench, node)[2] == 198


def test_guides_are_about_the_edge_in_hand_only(bench: Bench) -> None:
    bench.node("Other", 403, 200)
    node = bench.node("A", 200, 200)
    bench.select(node)
    bench.drag(QPointF(320, 240), QPointF(400, 240), drop=False)
    guides = [m.line for m in bench.view.marks if isinstance(m, GuideLine)]
    assert [(line.x1(), line.x2()) for line in guides] == [(403, 403)]
    bench.release()


def test_a_boundary_takes_in_what_it_covers_and_leaves_places_alone(bench: Bench) -> None:
    zone = bench.node("Zone", 100, 100, "trust_boundary", (200, 200))
    node = bench.node("A", 350, 150)
    bench.select(zone)
    bench.drag(QPointF(300, 300), QPointF(520, 320))
    assert bench.cell(node).parent == zone
    assert bench.place(node) == (350, 150)


def test_by_keyboard_as_one_step(bench: Bench) -> None:
    node = bench.node("A", 200, 200)
    bench.select(node)
    steps = bench.steps
    for _ in range(3):
        bench.key(Qt.Key.Key_Right, ALT | SHIFT)
    bench.key(Qt.Key.Key_Down, CTRL | ALT)
    assert box(bench, node) == (200, 200, 150, 90)
    assert bench.steps == steps + 1


@pytest.mark.parametrize("side", SIDES)
def test_a_box_is_never_turned_inside_out(side: Side) -> None:
    for way in (QPointF(-900, -900), QPointF(900, 900), QPointF(0, 0)):
        for ratio in (False, True):
            for centred in (False, True):
                found = resized(BOX, side, way, Snapping(), (50, 30), ratio=ratio, centred=centred)
                assert found.width() >= 50
                assert found.height() >= 30
                if way.isNull():
                    assert found == BOX
