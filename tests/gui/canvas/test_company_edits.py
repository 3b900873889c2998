"""Others edit in the middle of what one does: selection, place, and gesture stay."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, Qt

from app.domain import edits
from app.domain.patch import Origin, remove, update
from app.domain.values import Point
from canvas.tools.idle import Idle
from tests.gui.canvas.bench import LEFT, Bench

Begin = Callable[[Bench, str], None]


def _theirs(bench: Bench, *patch: object) -> None:
    bench.document.apply(patch, Origin.REMOTE)  # type: ignore[arg-type]


def test_selection_and_place_stay_but_for_what_is_removed(bench: Bench) -> None:
    one, two = bench.node("A", 100, 100), bench.node("B", 400, 100)
    bench.select(one, two)
    seen = bench.view.visible_area()
    _theirs(bench, update("cell", one, label="Theirs"))
    far, patch = edits.create_node(bench.state, bench.diagram_id, "process", Point(9000, -8000))
    _theirs(bench, *patch)
    assert bench.scene.selected == {one, two}
    _theirs(bench, remove("cell", one), remove("cell", far))
    assert bench.scene.selected == {two}
    assert bench.view.visible_area() == seen


def test_a_drag_of_what_others_move_ends_where_it_is_dropped_by_its_own_way(bench: Bench) -> None:
    one = bench.node("A", 100, 100)
    start = bench.middle(one)
    bench.drag(start, start + QPointF(0, 100), drop=False)
    _theirs(bench, update("cell", one, position={"x": 300.0, "y": 100.0}))
    bench.move(start + QPointF(0, 100), LEFT)
    bench.release()
    assert bench.place(one) == (300, 200)


def test_a_drag_of_what_others_remove_ends_with_a_hint(bench: Bench) -> None:
    one = bench.node("A", 100, 100)
    bench.drag(bench.middle(one), bench.middle(one) + QPointF(0, 100), drop=False)
    _theirs(bench, remove("cell", one))
    assert bench.refusals == ["What you were working on was removed meanwhile"]
    bench.release()
    assert isinstance(bench.view.desk.state, Idle)


def test_a_drag_of_which_a_part_is_removed_ends_as_a_whole(bench: Bench) -> None:
    one, two = bench.node("A", 100, 100), bench.node("B", 400, 100)
    bench.select(one, two)
    start = bench.middle(one)
    bench.drag(start, start + QPointF(0, 100), drop=False)
    _theirs(bench, remove("cell", two))
    bench.move(start + QPointF(0, 110), LEFT)
    bench.release()
    assert bench.state.cell(two) is None
    assert isinstance(bench.view.desk.state, Idle)
    assert bench.place(one) == (100, 100)


def test_a_line_to_an_element_that_disappears_hangs_free(bench: Bench) -> None:
    one, two = bench.node("A", 100, 100), bench.node("B", 400, 300)
    bench.move(bench.middle(one))
    bench.drag(QPointF(160, 100 - 19), bench.middle(two), drop=False)
    _theirs(bench, remove("cell", two))
    bench.release()
    lines = [cell for cell in bench.cells() if cell.is_line]
    assert all(line.target is not None and line.target.cell is None for line in lines)
    assert not bench.scene.previewed or bench.view.desk.state.is_gesture


def test_a_rubber_band_goes_on_and_takes_what_is_there_at_its_end(bench: Bench) -> None:
    one, two = bench.node("A", 100, 100), bench.node("B", 300, 100)
    bench.drag(QPointF(50, 50), QPointF(500, 300), drop=False)
    _theirs(bench, remove("cell", one))
    bench.release(QPointF(500, 300))
    assert bench.scene.selected == {two}


def test_a_walk_by_keyboard_goes_on(bench: Bench) -> None:
    one, two, three = (bench.node(name, 100 + 200 * n, 100) for n, name in enumerate("ABC"))
    bench.view.setFocus()
    bench.key(Qt.Key.Key_Tab)
    (here,) = bench.scene.selected
    _theirs(bench, remove("cell", here))
    assert bench.scene.selected == set()
    bench.key(Qt.Key.Key_Tab)
    assert len(bench.scene.selected) == 1
    assert bench.scene.selected <= {one, two, three} - {here}


@pytest.mark.parametrize("tool", ["process", "trust_boundary", "data_flow", "boundary_line", "text", "hand"])
def test_every_tool_bears_that_everything_goes(bench: Bench, tool: str) -> None:
    one, two = bench.node("A", 100, 100), bench.node("B", 300, 100)
    bench.view.choose_tool(tool)
    bench.drag(bench.middle(one), QPointF(500, 300), drop=False)
    _theirs(bench, remove("cell", one), remove("cell", two))
    bench.move(QPointF(480, 320), LEFT)
    bench.release()
    bench.key(Qt.Key.Key_Escape)
    bench.view.choose_tool("select")
    assert isinstance(bench.view.desk.state, Idle)
    assert not bench.scene.previewed
