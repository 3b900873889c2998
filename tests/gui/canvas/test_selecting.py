"""Choosing elements with mouse and keyboard. None of it is an undo step."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.canvas.bench import ALT, CTRL, LEFT, NO, SHIFT, Bench


def test_click_shift_click_and_empty_canvas(bench: Bench) -> None:
    one, two = bench.node("A", 0, 0), bench.node("B", 300, 0)
    steps = bench.steps
    bench.click(bench.middle(one))
    assert bench.scene.selected == {one}
    bench.click(bench.middle(two), SHIFT)
    assert bench.scene.selected == {one, two}
    bench.click(bench.middle(one), SHIFT)
    assert bench.scene.selected == {two}
    bench.click(bench.middle(one), CTRL)
    assert bench.scene.selected == {one, two}
    bench.click(bench.middle(one))
    assert bench.scene.selected == {one}
    bench.click(QPointF(500, 400))
    assert bench.scene.selected == frozenset()
    assert bench.steps == steps


def test_alt_click_goes_through_the_pile(bench: Bench) -> None:
    below = bench.node("Below", 100, 100)
    above = bench.node("Above", 110, 110)
    at = QPointF(165, 150)
    bench.click(at)
    assert bench.scene.selected == {above}
    bench.click(at, ALT)
    assert bench.scene.selected == {below}
    bench.click(at, ALT)
    assert bench.scene.selected == {above}


def test_the_rubber_band_touches_elements_and_encloses_boundaries(bench: Bench) -> None:
    one = bench.node("A", 100, 100)
    zone = bench.node("Zone", 300, 100, "trust_boundary", (200, 200))
    bench.drag(QPointF(60, 60), QPointF(350, 150))
    assert bench.scene.selected == {one}
    bench.drag(QPointF(250, 60), QPointF(560, 350))
    assert bench.scene.selected == {zone}
    bench.drag(QPointF(60, 60), QPointF(150, 150), SHIFT)
    assert bench.scene.selected == {one, zone}


def test_esc_ends_the_band_and_then_clears_the_selection(bench: Bench) -> None:
    one, two = bench.node("A", 100, 100), bench.node("B", 400, 100)
    bench.select(two)
    bench.drag(QPointF(60, 60), QPointF(250, 250), drop=False)
    assert bench.scene.selected == {one}
    bench.key(Qt.Key.Key_Escape)
    bench.release()
    assert bench.scene.selected == {two}
    bench.key(Qt.Key.Key_Escape)
    assert bench.scene.selected == frozenset()


def test_esc_first_puts_the_tool_back(bench: Bench) -> None:
    one = bench.node("A", 100, 100)
    bench.select(one)
    bench.key(Qt.Key.Key_P)
    bench.key(Qt.Key.Key_Escape)
    assert bench.view.desk.tool == "select"
    assert bench.scene.selected == {one}


def test_tab_walks_in_reading_order(bench: Bench) -> None:
    second, first, third = bench.node("B", 300, 0), bench.node("A", 0, 0), bench.node("C", 0, 200)
    seen = []
    for _ in range(3):
        bench.key(Qt.Key.Key_Tab)
        seen.append(next(iter(bench.scene.selected)))
    assert seen == [first, second, third]
    bench.key(Qt.Key.Key_Backtab, SHIFT)
    assert bench.scene.selected == {second}


def test_the_walk_leaves_the_diagram_at_its_end(bench: Bench, qtbot: QtBot) -> None:
    window, before, after = QWidget(), QLineEdit(), QLineEdit()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    for widget in (before, bench.view, after):
        column.addWidget(widget)
    window.show()
    QTest.qWaitForWindowExposed(window)
    bench.node("A", 0, 0)
    bench.view.setFocus()
    bench.key(Qt.Key.Key_Tab)
    assert bench.view.hasFocus()
    bench.key(Qt.Key.Key_Tab)
    assert after.hasFocus()
    bench.view.setFocus()
    bench.key(Qt.Key.Key_Backtab, SHIFT)
    assert before.hasFocus()
    bench.view.setParent(None)


def test_alt_arrow_follows_a_flow(bench: Bench) -> None:
    one, two, three = bench.node("A", 0, 0), bench.node("B", 300, 0), bench.node("C", 0, 300)
    bench.flow(one, two)
    bench.flow(three, one)
    bench.select(one)
    bench.key(Qt.Key.Key_Right, ALT)
    assert bench.scene.selected == {two}
    bench.key(Qt.Key.Key_Left, ALT)
    bench.key(Qt.Key.Key_Down, ALT)
    assert bench.scene.selected == {three}
    bench.key(Qt.Key.Key_Right, ALT)
    assert bench.scene.selected == {three}
    assert bench.refusals == ["No flow leads that way"]


def test_ctrl_a_selects_all(bench: Bench) -> None:
    ids = {bench.node("A", 0, 0), bench.node("B", 300, 0)}
    bench.key(Qt.Key.Key_A, CTRL)
    assert bench.scene.selected == ids


def test_right_click_selects_and_asks_for_the_menu(bench: Bench) -> None:
    asked: list[tuple[object, ...]] = []
    bench.view.context_requested.connect(lambda *what: asked.append(what))
    one = bench.node("A", 100, 100)
    bench.click(bench.middle(one), button=Qt.MouseButton.RightButton)
    assert bench.scene.selected == {one}
    assert [what[2] for what in asked] == [one]
    bench.drag(QPointF(400, 400), QPointF(450, 400), button=Qt.MouseButton.RightButton)
    assert len(asked) == 1


def test_the_cursor_tells_what_a_press_would_do(bench: Bench) -> None:
    one = bench.node("A", 100, 100)
    viewport = bench.view.viewport()
    bench.move(QPointF(500, 400))
    assert viewport.cursor().shape() is Qt.CursorShape.ArrowCursor
    bench.move(bench.middle(one))
    assert viewport.cursor().shape() is Qt.CursorShape.SizeAllCursor
    bench.select(one)
    bench.move(QPointF(220, 180))
    assert viewport.cursor().shape() is Qt.CursorShape.SizeFDiagCursor
    bench.move(QPointF(220 + 19, 140))
    assert viewport.cursor().shape() is Qt.CursorShape.CrossCursor


def test_keys_that_are_held_do_not_stay_held_elsewhere(bench: Bench) -> None:
    bench.node("A", 100, 100)
    bench.press(QPointF(400, 400), LEFT, NO)
    bench.release()
    QApplication.processEvents()
    assert not bench.view.desk.state.is_gesture
