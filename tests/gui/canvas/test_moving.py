"""Dragging elements: threshold, constraints, copies, boundaries, Esc, and one undo step each."""

from PySide6.QtCore import QPointF, Qt

from canvas.overlays.marks import Frame, GuideLine, Look
from canvas.tools.idle import Idle
from tests.gui.canvas.bench import ALT, CTRL, LEFT, SHIFT, Bench


def by(x: float, y: float) -> QPointF:
    """A way."""
    return QPointF(x, y)


def test_a_drag_moves_to_the_grid_as_one_step(bench: Bench) -> None:
    node = bench.node("Web", 100, 100)
    before, steps = bench.cells(), bench.steps
    bench.drag(bench.middle(node), bench.middle(node) + by(53, 38))
    assert bench.place(node) == (150, 140)
    assert bench.steps == steps + 1
    assert bench.document.undo_title == "Move “Web”"
    assert bench.undone(before)


def test_four_pixels_are_still_a_click(bench: Bench) -> None:
    node = bench.node("Web", 100, 100)
    steps = bench.steps
    bench.drag(bench.middle(node), bench.middle(node) + by(2, 2))
    assert bench.place(node) == (100, 100)
    assert bench.steps == steps
    assert bench.scene.selected == {node}


def test_nothing_is_written_before_the_button_goes_up(bench: Bench) -> None:
    node = bench.node("Web", 100, 100)
    bench.drag(bench.middle(node), bench.middle(node) + by(80, 0), drop=False)
    assert bench.place(node) == (100, 100)
    shown = bench.scene.shown(node)
    assert shown is not None
    assert (shown.position.x, shown.position.y) == (180, 100)
    bench.release()
    assert bench.place(node) == (180, 100)


def test_esc_restores(bench: Bench) -> None:
    node = bench.node("Web", 100, 100)
    steps = bench.steps
    bench.drag(bench.middle(node), bench.middle(node) + by(80, 0), drop=False)
    bench.key(Qt.Key.Key_Escape)
    assert bench.scene.shown(node) == bench.cell(node)
    bench.release()
    assert bench.place(node) == (100, 100)
    assert bench.steps == steps


def test_shift_keeps_to_the_axis(bench: Bench) -> None:
    node = bench.node("Web", 100, 100)
    bench.click(bench.middle(node))
    bench.move(bench.middle(node))
    bench.press(bench.middle(node))
    bench.move(bench.middle(node) + by(60, 23), LEFT, SHIFT)
    bench.release(held=SHIFT)
    assert bench.place(node) == (160, 100)


def test_alt_duplicates_and_the_original_stays(bench: Bench) -> None:
    one, two = bench.node("Web", 100, 100), bench.node("App", 300, 100)
    bench.flow(one, two, "calls")
    bench.select(one, two)
    before, steps = bench.cells(), bench.steps
    start = bench.middle(one)
    bench.press(start)
    bench.move(start + by(0, 100), LEFT)
    bench.move(start + by(0, 200), LEFT, ALT)
    bench.release(held=ALT)
    assert bench.place(one) == (100, 100)
    assert len(bench.cells()) == 6
    assert bench.scene.selected.isdisjoint({one, two})
    assert {c.label for c in bench.cells()} == {"Web", "App", "calls"}
    assert bench.steps == steps + 1
    assert bench.undone(before)


def test_ctrl_suspends_snapping(bench: Bench) -> None:
    node = bench.node("Web", 100, 100)
    bench.select(node)
    start = bench.middle(node)
    bench.press(start)
    bench.move(start + by(33, 17), LEFT, CTRL)
    bench.release(held=CTRL)
    assert bench.place(node) == (133, 117)


def test_other_elements_attract_with_guides(bench: Bench) -> None:
    bench.node("Web", 103, 100)
    other = bench.node("App", 300, 400, size=(90, 60))
    bench.select(other)
    start = bench.middle(other)
    bench.press(start)
    bench.move(start + by(-195, 0), LEFT)
    assert any(isinstance(mark, GuideLine) for mark in bench.view.marks)
    bench.release()
    assert bench.place(other) == (103, 400)


def test_equal_gaps_attract(bench: Bench) -> None:
    bench.node("A", 0, 100)
    bench.node("C", 500, 100)
    middle = bench.node("B", 213, 107, size=(100, 66))
    bench.view.set_grid_snap(False)
    start = bench.middle(middle)
    bench.drag(start, start + by(43, 0), drop=False)
    gaps = [m.text for m in bench.view.marks if isinstance(m, GuideLine) and m.text]
    assert gaps == ["140", "140"]
    bench.release()
    assert bench.place(middle)[0] == 260


def test_into_a_boundary_and_out_again(bench: Bench) -> None:
    zone = bench.node("Zone", 300, 100, "trust_boundary", (300, 300))
    node = bench.node("Web", 100, 100)
    start = bench.middle(node)
    before = bench.cells()
    bench.drag(start, start + by(300, 100), drop=False)
    welcome = [m for m in bench.view.marks if isinstance(m, Frame) and m.look is Look.WELCOME]
    assert len(welcome) == 1
    bench.release()
    assert bench.cell(node).parent == zone
    assert bench.place(node) == (400, 200)
    assert bench.undone(before)
    bench.document.redo()
    start = bench.middle(node)
    bench.drag(start, start + by(-300, 0))
    assert bench.cell(node).parent is None


def test_a_boundary_carries_what_it_holds(bench: Bench) -> None:
    zone = bench.node("Zone", 100, 100, "trust_boundary", (300, 300))
    inside, outside = bench.node("Web", 150, 200), bench.node("App", 600, 200)
    flow = bench.flow(inside, outside)
    before, steps = bench.cells(), bench.steps
    edge = QPointF(100, 300)
    bench.drag(edge, edge + by(50, 60))
    assert bench.place(zone) == (150, 160)
    assert bench.place(inside) == (200, 260)
    assert bench.place(outside) == (600, 200)
    assert bench.cell(flow).source is not None
    assert bench.steps == steps + 1
    assert bench.undone(before)


def test_the_inside_of_a_boundary_is_empty_canvas(bench: Bench) -> None:
    zone = bench.node("Zone", 100, 100, "trust_boundary", (400, 400))
    inside = bench.node("Web", 200, 200)
    bench.drag(QPointF(150, 150), QPointF(350, 320))
    assert bench.scene.selected == {inside}
    assert bench.place(zone) == (100, 100)


def test_a_locked_element_stays(bench: Bench) -> None:
    from app.domain import edits

    node = bench.node("Web", 100, 100)
    bench.apply(edits.set_property([bench.cell(node)], "locked", True))
    steps = bench.steps
    bench.drag(bench.middle(node), bench.middle(node) + by(80, 0))
    assert bench.place(node) == (100, 100)
    assert bench.steps == steps
    assert bench.refusals == ["“Web” is locked"]


def test_removal_by_somebody_else_ends_the_drag(bench: Bench) -> None:
    from app.domain import edits
    from app.domain.patch import Origin

    node = bench.node("Web", 100, 100)
    bench.drag(bench.middle(node), bench.middle(node) + by(80, 0), drop=False)
    bench.document.apply(edits.remove_records([bench.cell(node)]), Origin.REMOTE)
    assert isinstance(bench.view.desk.state, Idle)
    assert bench.scene.shown(node) is None
    bench.move(QPointF(400, 400), LEFT)
    bench.release()
    assert bench.cells() == []
