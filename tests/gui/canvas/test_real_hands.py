"""Hands as they are: lost releases, other windows, two buttons at once, quick presses, touch pads."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from canvas.overlays.marks import Frame, Look
from canvas.text_editor import LabelEditor
from canvas.tools.idle import Idle
from tests.gui.canvas.bench import ALT, CTRL, LEFT, NO, RIGHT, SHIFT, Bench

PHASE = Qt.ScrollPhase


def lose_focus(bench: Bench, reason: Qt.FocusReason = Qt.FocusReason.ActiveWindowFocusReason) -> None:
    """The keyboard goes elsewhere."""
    QApplication.sendEvent(bench.view, QFocusEvent(QFocusEvent.Type.FocusOut, reason))


def press_again(bench: Bench, at: QPointF) -> None:
    """A click and, at once, a second press that stays down."""
    bench.click(at)
    bench._send(QMouseEvent.Type.MouseButtonDblClick, at, LEFT, LEFT, NO)


def swipe(bench: Bench, angle: QPoint, pixels: QPoint, held: Qt.KeyboardModifier, phase: PHASE) -> None:
    """Two fingers move on a touch pad."""
    spot = QPointF(bench.pixel(QPointF(300, 300)))
    viewport = bench.view.viewport()
    where = QPointF(viewport.mapToGlobal(spot))
    event = QWheelEvent(spot, where, pixels, angle, Qt.MouseButton.NoButton, held, phase, False)
    QApplication.sendEvent(viewport, event)


def test_a_release_that_nobody_told_of_ends_the_drag(bench: Bench) -> None:
    node = bench.node("A", 100, 100)
    bench.drag(bench.middle(node), bench.middle(node) + QPointF(80, 0), drop=False)
    bench.move(QPointF(500, 500))
    assert isinstance(bench.view.desk.state, Idle)
    assert not bench.scene.previewed
    assert bench.place(node) == (100, 100)


def test_a_release_outside_of_the_window_drops_there(bench: Bench) -> None:
    node = bench.node("A", 100, 100)
    away = bench.view.visible_area().bottomRight() + QPointF(120, 90)
    bench.drag(bench.middle(node), away)
    dropped = bench.middle(node)
    assert abs(dropped.x() - away.x()) <= 10
    assert abs(dropped.y() - away.y()) <= 10
    assert isinstance(bench.view.desk.state, Idle)


def test_another_window_ends_a_drag_and_alt_of_alt_tab_copies_nothing(bench: Bench) -> None:
    node = bench.node("A", 100, 100)
    steps = bench.steps
    bench.drag(bench.middle(node), bench.middle(node) + QPointF(80, 0), drop=False)
    QTest.keyPress(bench.view, Qt.Key.Key_Alt, ALT)
    lose_focus(bench)
    bench.release()
    assert bench.place(node) == (100, 100)
    assert len(bench.cells()) == 1
    assert bench.steps == steps


def test_a_popup_does_not_end_a_drag(bench: Bench) -> None:
    node = bench.node("A", 100, 100)
    bench.drag(bench.middle(node), bench.middle(node) + QPointF(80, 0), drop=False)
    lose_focus(bench, Qt.FocusReason.PopupFocusReason)
    bench.release()
    assert bench.place(node) == (180, 100)


def test_panning_ends_with_another_window_too(bench: Bench) -> None:
    start = bench.view.visible_area()
    bench.press(QPointF(300, 300), RIGHT)
    lose_focus(bench)
    bench.move(QPointF(200, 200))
    assert bench.view.visible_area() == start


def test_the_right_button_pans_in_the_middle_of_a_drag(bench: Bench) -> None:
    asked: list[object] = []
    bench.view.context_requested.connect(lambda *what: asked.append(what))
    node = bench.node("A", 100, 100)
    middle = bench.middle(node)
    bench.drag(middle, middle + QPointF(50, 0), drop=False)
    both = LEFT | RIGHT
    bench.press(middle + QPointF(50, 0), RIGHT)
    bench.move(middle + QPointF(50, 100), both)
    bench.release(button=RIGHT)
    shown = bench.scene.shown(node)
    assert shown is not None
    assert (shown.position.x, shown.position.y) == (150, 100)
    bench.move(middle + QPointF(90, 0), LEFT)
    bench.release()
    assert asked == []
    assert bench.place(node) == (190, 100)


def test_a_right_click_in_the_middle_of_a_drag_opens_no_menu(bench: Bench) -> None:
    asked: list[object] = []
    bench.view.context_requested.connect(lambda *what: asked.append(what))
    node = bench.node("A", 100, 100)
    middle = bench.middle(node)
    bench.drag(middle, middle + QPointF(50, 0), drop=False)
    bench.press(middle + QPointF(50, 0), RIGHT)
    bench.release(button=RIGHT)
    bench.release()
    assert asked == []
    assert bench.place(node) == (150, 100)


def test_a_drag_right_after_a_click_is_a_drag(bench: Bench) -> None:
    node = bench.node("A", 100, 100)
    middle = bench.middle(node)
    press_again(bench, middle)
    assert not isinstance(bench.focus(), LabelEditor)
    bench.move(middle + QPointF(60, 0), LEFT)
    bench.release()
    assert bench.place(node) == (160, 100)
    assert isinstance(bench.view.desk.state, Idle)


def test_a_second_press_on_a_grip_takes_it(bench: Bench) -> None:
    node = bench.node("A", 100, 100)
    bench.select(node)
    press_again(bench, QPointF(220, 180))
    bench.move(QPointF(260, 220), LEFT)
    bench.release()
    assert (bench.cell(node).size.width, bench.cell(node).size.height) == (160, 120)


def test_esc_ends_a_second_press(bench: Bench) -> None:
    node = bench.node("A", 100, 100)
    press_again(bench, bench.middle(node))
    bench.key(Qt.Key.Key_Escape)
    bench.release()
    assert isinstance(bench.view.desk.state, Idle)


def test_slow_fingers_add_up(bench: Bench) -> None:
    start = bench.view.visible_area().top()
    for _ in range(40):
        swipe(bench, QPoint(0, -1), QPoint(), NO, PHASE.ScrollUpdate)
    assert round(bench.view.visible_area().top() - start) == 20
    swipe(bench, QPoint(0, -120), QPoint(0, -7), NO, PHASE.ScrollUpdate)
    assert round(bench.view.visible_area().top() - start) == 27


def test_a_swipe_runs_out_as_what_it_began(bench: Bench) -> None:
    swipe(bench, QPoint(0, -10), QPoint(0, -10), NO, PHASE.ScrollUpdate)
    swipe(bench, QPoint(0, -60), QPoint(0, -60), CTRL, PHASE.ScrollMomentum)
    assert bench.view.zoom == 1.0
    swipe(bench, QPoint(0, 60), QPoint(0, 60), CTRL, PHASE.ScrollUpdate)
    zoomed = bench.view.zoom
    swipe(bench, QPoint(0, 60), QPoint(0, 60), NO, PHASE.ScrollMomentum)
    assert bench.view.zoom > zoomed > 1.0


# --- several elements by keyboard ----------------------------------------------------------------------
@pytest.mark.parametrize("keep", [(Qt.Key.Key_Space, CTRL), (Qt.Key.Key_Insert, NO)])
def test_kept_elements_stay_selected_while_tab_goes_on(
    bench: Bench, keep: tuple[Qt.Key, Qt.KeyboardModifier]
) -> None:
    told: list[str] = []
    one, two, three = bench.node("A", 0, 0), bench.node("B", 200, 0), bench.node("C", 400, 0)
    bench.view.setFocus()
    bench.key(Qt.Key.Key_Tab)
    bench.view.announced.connect(told.append)
    bench.key(*keep)
    assert told == ["Kept: A\nProcess. 1 kept"]
    bench.key(Qt.Key.Key_Tab)
    assert bench.scene.selected == {one, two}
    bench.key(Qt.Key.Key_Tab)
    assert bench.scene.selected == {one, three}
    walked = [m for m in bench.view.marks if isinstance(m, Frame) and m.look is Look.WALKED]
    assert len(walked) == 1
    bench.key(*keep)
    bench.key(Qt.Key.Key_Backtab, SHIFT)
    bench.key(Qt.Key.Key_Backtab, SHIFT)
    assert bench.scene.selected == {one, three}
    bench.key(*keep)
    assert bench.scene.selected == {three}
    bench.key(Qt.Key.Key_Escape)
    assert bench.scene.selected == frozenset()
    bench.key(Qt.Key.Key_Tab)
    assert bench.scene.selected == {one}


def test_a_click_ends_keeping(bench: Bench) -> None:
    one, two = bench.node("A", 0, 0), bench.node("B", 200, 0)
    bench.view.setFocus()
    bench.key(Qt.Key.Key_Tab)
    bench.key(Qt.Key.Key_Space, CTRL)
    bench.click(bench.middle(two))
    bench.key(Qt.Key.Key_Backtab, SHIFT)
    assert bench.scene.selected == {one}
