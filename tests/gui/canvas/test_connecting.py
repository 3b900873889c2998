"""Drawing, reconnecting and bending flows by hand."""

from PySide6.QtCore import QPointF, Qt

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.records import Cell
from canvas.overlays.marks import Frame, Look
from tests.gui.canvas.bench import CTRL, LEFT, Bench

OUT = 19


def lines(bench: Bench) -> list[Cell]:
    """The lines of the diagram."""
    return [c for c in bench.cells() if c.is_line]


def ends(line: Cell) -> tuple[str | None, str | None]:
    """The cells at the ends of a line."""
    assert line.source is not None
    assert line.target is not None
    return line.source.cell, line.target.cell


def grip(bench: Bench, node: str) -> QPointF:
    """Where the connect grip on the right of a node is."""
    cell = bench.cell(node)
    return QPointF(cell.position.x + cell.size.width + OUT, cell.position.y + cell.size.height / 2)


def pull(bench: Bench, node: str, to: QPointF, *, drop: bool = True) -> None:
    """Hover a node, take its right grip and drag it."""
    bench.move(bench.middle(node))
    bench.drag(grip(bench, node), to, drop=drop)


def test_from_the_edge_of_one_element_to_another(bench: Bench) -> None:
    one, two = bench.node("A", 0, 100), bench.node("B", 400, 100)
    before, steps = bench.cells(), bench.steps
    pull(bench, one, QPointF(430, 165), drop=False)
    assert not lines(bench)
    glow = [m for m in bench.view.marks if isinstance(m, Frame) and m.look is Look.WELCOME]
    assert len(glow) == 1
    bench.release()
    (line,) = lines(bench)
    assert ends(line) == (one, two)
    assert bench.scene.selected == {line.id}
    assert bench.steps == steps + 1
    assert bench.undone(before)


def test_in_parallel_and_back(bench: Bench) -> None:
    one, two = bench.node("A", 0, 100), bench.node("B", 400, 100)
    for _ in range(2):
        pull(bench, one, QPointF(430, 165))
    bench.move(bench.middle(two))
    bench.drag(QPointF(400 - OUT, 140), QPointF(90, 165))
    assert [ends(line) for line in lines(bench)] == [(one, two), (one, two), (two, one)]


def test_to_itself(bench: Bench) -> None:
    one = bench.node("A", 200, 200)
    bench.move(bench.middle(one))
    start = grip(bench, one)
    bench.press(start)
    for at in (start + QPointF(60, -20), start + QPointF(60, -120), QPointF(240, 225)):
        bench.move(at, LEFT)
    bench.release()
    assert [ends(line) for line in lines(bench)] == [(one, one)]


def test_to_empty_canvas_leaves_the_end_free(bench: Bench) -> None:
    one = bench.node("A", 0, 100)
    pull(bench, one, QPointF(303, 298))
    (line,) = lines(bench)
    assert ends(line) == (one, None)
    assert line.target is not None
    assert (line.target.x, line.target.y) == (300, 300)


def test_ctrl_leaves_the_end_free_over_an_element(bench: Bench) -> None:
    one = bench.node("A", 0, 100)
    bench.node("B", 400, 100)
    bench.move(bench.middle(one))
    start = grip(bench, one)
    bench.press(start)
    bench.move(QPointF(441, 151), LEFT, CTRL)
    bench.release(held=CTRL)
    (line,) = lines(bench)
    assert ends(line) == (one, None)


def test_the_middle_of_a_side_is_a_port(bench: Bench) -> None:
    one, two = bench.node("A", 0, 100), bench.node("B", 400, 100)
    pull(bench, one, QPointF(403, 142))
    (line,) = lines(bench)
    assert line.target is not None
    assert (line.target.cell, line.target.port) == (two, "left")


def test_a_note_refuses_with_the_reason(bench: Bench) -> None:
    one = bench.node("A", 0, 100)
    bench.node("Note", 400, 100, v.TEXT)
    pull(bench, one, QPointF(440, 140), drop=False)
    frames = [m for m in bench.view.marks if isinstance(m, Frame) and m.look is Look.REFUSED]
    assert [m.text for m in frames] == ["A text is a note: flows connect elements"]
    assert bench.view.viewport().cursor().shape() is Qt.CursorShape.ForbiddenCursor
    steps = bench.steps
    bench.release()
    assert not lines(bench)
    assert bench.steps == steps
    assert bench.refusals == ["A text is a note: flows connect elements"]


def test_esc_draws_nothing(bench: Bench) -> None:
    one = bench.node("A", 0, 100)
    pull(bench, one, QPointF(300, 300), drop=False)
    bench.key(Qt.Key.Key_Escape)
    bench.release()
    assert not lines(bench)
    assert [c.id for c in bench.scene.shown_cells()] == [one]


def test_the_flow_tool_starts_anywhere(bench: Bench) -> None:
    two = bench.node("B", 400, 100)
    bench.key(Qt.Key.Key_F)
    bench.drag(QPointF(100, 300), QPointF(440, 130))
    (line,) = lines(bench)
    assert ends(line) == (None, two)
    assert bench.view.desk.tool == "select"


def test_the_flow_tool_takes_two_clicks_as_well(bench: Bench) -> None:
    one, two = bench.node("A", 0, 100), bench.node("B", 400, 100)
    bench.key(Qt.Key.Key_F)
    bench.click(QPointF(40, 130))
    bench.move(QPointF(300, 130))
    assert len(bench.scene.shown_cells()) == 3
    bench.click(QPointF(440, 120))
    assert [ends(line) for line in lines(bench)] == [(one, two)]


def test_a_click_on_a_grip_grows_a_neighbour(bench: Bench) -> None:
    one = bench.node("A", 0, 100)
    steps = bench.steps
    bench.move(bench.middle(one))
    bench.click(grip(bench, one))
    (line,) = lines(bench)
    assert ends(line)[0] == one
    assert bench.place(str(ends(line)[1])) == (220, 100)
    assert bench.steps == steps + 1


def test_an_end_moves_to_another_element_and_to_nothing(bench: Bench) -> None:
    one, two, three = bench.node("A", 0, 100), bench.node("B", 400, 100), bench.node("C", 400, 300)
    line = bench.flow(one, two, "order")
    bench.select(line)
    before, steps = bench.cells(), bench.steps
    bench.drag(QPointF(400, 140), QPointF(440, 330))
    assert ends(bench.cell(line)) == (one, three)
    assert bench.cell(line).label == "order"
    assert bench.steps == steps + 1
    assert bench.undone(before)
    bench.drag(QPointF(400, 140), QPointF(300, 400))
    assert ends(bench.cell(line)) == (one, None)
    bench.drag(QPointF(300, 400), QPointF(500, 500), drop=False)
    bench.key(Qt.Key.Key_Escape)
    bench.release()
    assert bench.cell(line).target is not None
    assert bench.cell(line).target.x == 300  # type: ignore[union-attr]


def test_dragging_a_stretch_bends_and_a_double_click_straightens(bench: Bench) -> None:
    one, two = bench.node("A", 0, 100), bench.node("B", 400, 100)
    line = bench.flow(one, two)
    before, steps = bench.cells(), bench.steps
    bench.drag(QPointF(200, 140), QPointF(200, 260))
    (bend,) = bench.cell(line).vertices
    assert (bend.x, bend.y) == (200, 260)
    assert bench.steps == steps + 1
    bench.drag(QPointF(200, 260), QPointF(300, 260))
    assert bench.cell(line).vertices[0].x == 300
    bench.double_click(QPointF(300, 260))
    assert bench.cell(line).vertices == ()
    for _ in range(2):
        bench.document.undo()
    assert bench.undone(before)


def test_the_middle_between_waypoints_adds_one(bench: Bench) -> None:
    one, two = bench.node("A", 0, 100), bench.node("B", 600, 100)
    line = bench.flow(one, two, "", (340, 300))
    bench.apply(edits.set_property([bench.cell(line)], "routing", "straight"))
    bench.select(line)
    target = bench.scene.route_points(line)
    first, last = target[0], QPointF(340, 300)
    bench.drag((first + last) / 2, QPointF(200, 400))
    assert [(p.x, p.y) for p in bench.cell(line).vertices] == [(200, 400), (340, 300)]


def test_a_waypoint_on_the_straight_way_goes(bench: Bench) -> None:
    one, two = bench.node("A", 0, 100), bench.node("B", 400, 100)
    line = bench.flow(one, two, "", (260, 240))
    bench.select(line)
    bench.drag(QPointF(260, 240), QPointF(262, 141))
    assert bench.cell(line).vertices == ()


def test_the_label_is_dragged_along_the_flow(bench: Bench) -> None:
    one, two = bench.node("A", 0, 100), bench.node("B", 500, 100)
    line = bench.flow(one, two, "order")
    before, steps = bench.cells(), bench.steps
    middle = bench.scene.label_rect(line).center()
    bench.drag(middle, middle + QPointF(100, 0))
    at = bench.cell(line).label_position
    assert 0.7 < at.at < 0.8
    assert (at.dx, at.dy) == (0, 0)
    assert bench.cell(line).vertices == ()
    assert bench.steps == steps + 1
    assert bench.undone(before)
    middle = bench.scene.label_rect(line).center()
    bench.drag(middle, middle + QPointF(0, 60))
    assert round(bench.cell(line).label_position.dy) == 60


def test_a_boundary_line_is_drawn_and_moved_as_a_whole(bench: Bench) -> None:
    bench.key(Qt.Key.Key_L)
    bench.drag(QPointF(100, 100), QPointF(100, 400))
    (line,) = lines(bench)
    assert line.is_boundary
    assert bench.document.undo_title == "Draw boundary line"
    bench.click(QPointF(500, 500))
    bench.drag(QPointF(100, 200), QPointF(160, 200))
    moved = bench.cell(line.id)
    assert moved.source is not None
    assert moved.source.x == 160


def test_c_connects_two_selected_elements(bench: Bench) -> None:
    one, two = bench.node("A", 0, 100), bench.node("B", 400, 100)
    bench.select(two, one)
    steps = bench.steps
    bench.key(Qt.Key.Key_C)
    assert [ends(line) for line in lines(bench)] == [(two, one)]
    assert bench.steps == steps + 1


def test_c_with_one_selected_goes_on_by_keyboard(bench: Bench) -> None:
    one, _, three = bench.node("A", 0, 100), bench.node("B", 300, 100), bench.node("C", 0, 300)
    bench.select(one)
    bench.key(Qt.Key.Key_C)
    assert len(bench.scene.shown_cells()) == 4
    bench.key(Qt.Key.Key_Tab)
    assert not lines(bench)
    bench.key(Qt.Key.Key_Return)
    assert [ends(line) for line in lines(bench)] == [(one, three)]
    bench.select(one)
    bench.key(Qt.Key.Key_C)
    bench.key(Qt.Key.Key_Escape)
    assert len(lines(bench)) == 1
