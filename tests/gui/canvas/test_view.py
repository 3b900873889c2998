"""Looking: zoom, pan, fit, scroll at the edges, grid, hints. Nothing of it is written."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from canvas.overlays.hints import EmptyHint
from canvas.theme import DARK, LIGHT
from tests.gui.canvas.bench import ALT, CTRL, LEFT, MIDDLE, NO, RIGHT, SHIFT, Bench


def wheel(bench: Bench, at: QPointF, delta: int, held: Qt.KeyboardModifier = NO) -> None:
    """Turn the wheel over a place of the diagram, in eighths of a degree."""
    viewport = bench.view.viewport()
    spot = QPointF(bench.pixel(at))
    event = QWheelEvent(
        spot, QPointF(viewport.mapToGlobal(spot)), QPoint(), QPoint(0, delta),
        Qt.MouseButton.NoButton, held, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def corner(bench: Bench) -> QPointF:
    """The top left of what is on show, to whole units."""
    at = bench.view.visible_area().topLeft()
    return QPointF(round(at.x()), round(at.y()))


def test_the_wheel_scrolls_down_and_with_shift_sideways(bench: Bench) -> None:
    start = corner(bench)
    wheel(bench, QPointF(300, 300), -120)
    assert corner(bench) == start + QPointF(0, 60)
    wheel(bench, QPointF(300, 300), -120, SHIFT)
    assert corner(bench) == start + QPointF(60, 60)


def test_scrolling_never_ends(bench: Bench) -> None:
    bench.node("A", 0, 0)
    start = corner(bench)
    for _ in range(100):
        wheel(bench, corner(bench) + QPointF(300, 300), -1200)
    assert corner(bench) == start + QPointF(0, 60_000)


@pytest.mark.parametrize("held", [CTRL, ALT])
def test_the_wheel_zooms_about_the_pointer(bench: Bench, held: Qt.KeyboardModifier) -> None:
    at = QPointF(211, 163)
    before = bench.pixel(at)
    for delta in (120, 120, 40, 40, 40, -240, -120, -600):
        wheel(bench, at, delta, held)
        assert (bench.pixel(at) - before).manhattanLength() <= 2


def test_parts_of_a_notch_add_up(bench: Bench) -> None:
    for _ in range(8):
        wheel(bench, QPointF(200, 200), 15, CTRL)
    in_parts = bench.view.zoom
    bench.view.zoom_to(1.0)
    wheel(bench, QPointF(200, 200), 120, CTRL)
    assert bench.view.zoom == pytest.approx(in_parts)


def test_zoom_ends_at_5_and_800_percent(bench: Bench, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.view.zoom_changed):
        wheel(bench, QPointF(200, 200), 12_000, CTRL)
    assert bench.view.zoom == 8.0
    wheel(bench, QPointF(200, 200), -120_000, CTRL)
    assert bench.view.zoom == 0.05


def test_keys_fit_and_zoom(bench: Bench) -> None:
    one = bench.node("A", 3000, 3000)
    bench.node("B", 0, 0)
    bench.key(Qt.Key.Key_1, SHIFT)
    assert bench.view.visible_area().contains(bench.scene.content_rect())
    assert bench.view.zoom < 0.5
    bench.select(one)
    bench.key(Qt.Key.Key_At, SHIFT)
    assert bench.view.zoom == 1.5
    assert (bench.view.visible_area().center() - bench.middle(one)).manhattanLength() < 3
    bench.key(Qt.Key.Key_0, CTRL)
    assert bench.view.zoom == 1.0
    bench.key(Qt.Key.Key_Plus, CTRL)
    assert bench.view.zoom == 1.1
    bench.key(Qt.Key.Key_Minus, CTRL)
    assert bench.view.zoom == 1.0


@pytest.mark.parametrize("button", [MIDDLE, RIGHT])
def test_panning_with_a_button(bench: Bench, button: Qt.MouseButton) -> None:
    start = corner(bench)
    way_before = bench.pixel(QPointF(0, 0))
    bench.press(QPointF(300, 300), button)
    bench.move(QPointF(240, 270), button)
    bench.release(button=button)
    assert bench.pixel(QPointF(0, 0)) - way_before == QPoint(-60, -30)
    assert corner(bench) == start + QPointF(60, 30)


def test_panning_with_space_and_with_the_hand(bench: Bench) -> None:
    node = bench.node("A", 200, 200)
    QTest.keyPress(bench.view, Qt.Key.Key_Space)
    assert bench.view.viewport().cursor().shape() is Qt.CursorShape.OpenHandCursor
    start = corner(bench)
    bench.press(bench.middle(node))
    assert bench.view.viewport().cursor().shape() is Qt.CursorShape.ClosedHandCursor
    bench.move(bench.middle(node) - QPointF(50, 0), LEFT)
    bench.release()
    QTest.keyRelease(bench.view, Qt.Key.Key_Space)
    assert corner(bench) == start + QPointF(50, 0)
    assert bench.place(node) == (200, 200)
    bench.key(Qt.Key.Key_H)
    bench.press(bench.middle(node))
    bench.move(bench.middle(node) - QPointF(0, 50), LEFT)
    bench.release()
    assert corner(bench) == start + QPointF(50, 50)
    bench.key(Qt.Key.Key_Escape)
    assert bench.view.desk.tool == "select"


def test_dragging_to_the_edge_scrolls_and_goes_on_dragging(bench: Bench, qtbot: QtBot) -> None:
    node = bench.node("A", 200, 200)
    bench.press(bench.middle(node))
    edge = bench.view.visible_area()
    bench.move(QPointF(edge.right() - 3, bench.middle(node).y()), LEFT)
    start = corner(bench)
    qtbot.waitUntil(lambda: corner(bench).x() > start.x() + 60)
    shown = bench.scene.shown(node)
    assert shown is not None
    assert shown.position.x > edge.right() - 60
    bench.key(Qt.Key.Key_Escape)
    bench.release()
    assert bench.place(node) == (200, 200)


def test_arrows_without_a_selection_scroll(bench: Bench) -> None:
    bench.node("A", 200, 200)
    start = corner(bench)
    bench.key(Qt.Key.Key_Down)
    assert corner(bench) == start + QPointF(0, 60)


def test_the_empty_canvas_teaches(bench: Bench) -> None:
    hint = bench.view.findChild(EmptyHint)
    assert hint is not None
    assert hint.isVisible()
    node = bench.node("A", 0, 0)
    assert not hint.isVisible()
    bench.select(node)
    bench.key(Qt.Key.Key_Delete)
    assert hint.isVisible()


def test_the_way_back_when_nothing_is_in_sight(bench: Bench) -> None:
    node = bench.node("A", 0, 0)
    button = bench.view.findChild(QPushButton, "back-to-content")
    assert button is not None
    assert not button.isVisible()
    bench.view.look_at(QPointF(50_000, 50_000))
    assert button.isVisible()
    QTest.mouseClick(button, LEFT)
    assert not button.isVisible()
    assert bench.view.visible_area().contains(bench.middle(node))


def test_the_grid_is_painted_while_it_has_room(bench: Bench) -> None:
    def colours() -> set[str]:
        image = bench.view.viewport().grab().toImage()
        return {QColor(image.pixel(x, 333)).name() for x in range(300, 420)}

    bench.node("A", 5000, 5000)
    assert len(colours()) > 1
    bench.view.set_grid(False)
    assert colours() == {LIGHT.background}
    bench.view.set_grid(True, "dots")
    bench.view.zoom_to(0.05)
    assert colours() == {LIGHT.background}


def test_another_theme(bench: Bench) -> None:
    bench.view.set_grid(False)
    bench.node("A", 0, 0)
    bench.scene.set_theme(DARK)
    image = bench.view.viewport().grab().toImage()
    assert QColor(image.pixel(600, 600)).name() == DARK.background


def test_a_toggle_of_the_grid_snap(bench: Bench) -> None:
    node = bench.node("A", 200, 200)
    bench.key(Qt.Key.Key_Apostrophe, CTRL)
    bench.drag(bench.middle(node), bench.middle(node) + QPointF(33, 17))
    assert bench.place(node) == (233, 217)


def test_marks_leave_no_traces(bench: Bench) -> None:
    node = bench.node("A", 200, 200)
    bench.view.repaint()
    before = bench.view.viewport().grab().toImage()
    bench.drag(bench.middle(node), bench.middle(node) + QPointF(60, 60), drop=False)
    bench.key(Qt.Key.Key_Escape)
    bench.release()
    bench.scene.clear_selection()
    bench.move(QPointF(700, 500))
    QApplication.processEvents()
    assert bench.view.marks == ()
    assert bench.view.viewport().grab().toImage() == before


def test_pinching_zooms_about_the_fingers(bench: Bench) -> None:
    at = QPointF(211, 163)
    spot = QPointF(bench.pixel(at))
    viewport = bench.view.viewport()
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice(), 2,
        spot, spot, QPointF(viewport.mapToGlobal(spot)), 0.5, QPointF(),
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)
    assert bench.view.zoom == 1.5
    assert (bench.pixel(at) - spot.toPoint()).manhattanLength() <= 2


def test_the_wheel_during_a_drag_carries_on_with_it(bench: Bench) -> None:
    node = bench.node("A", 200, 200)
    start = bench.middle(node)
    bench.drag(start, start + QPointF(50, 0), drop=False)
    wheel(bench, start + QPointF(50, 0), -120)
    shown = bench.scene.shown(node)
    assert shown is not None
    assert (shown.position.x, shown.position.y) == (250, 260)
    bench.key(Qt.Key.Key_Escape)
    bench.release()


def test_the_menu_key_asks_for_the_menu_of_the_selection(bench: Bench) -> None:
    asked: list[tuple[object, ...]] = []
    bench.view.context_requested.connect(lambda *what: asked.append(what))
    node = bench.node("A", 200, 200)
    bench.select(node)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    QApplication.sendEvent(bench.view.viewport(), event)
    assert [(what[0], what[2]) for what in asked] == [(bench.middle(node), node)]
