"""One's own laser: by key, by tap, told to others, and in the way of nothing else."""

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.values import Point
from canvas.company.laser import TAP
from canvas.company.marks import TrailMark
from canvas.company.tracks import TRAIL
from tests.gui.canvas.bench import Bench
from tests.gui.canvas.test_company import Clock
from tests.gui.hands import type_text

X = Qt.Key.Key_X


@pytest.fixture
def clock(bench: Bench) -> Clock:
    made = Clock()
    bench.view.laser._clock = made
    return made


def is_on(bench: Bench) -> bool:
    """Whether the laser draws."""
    return bench.view.laser.is_on


def trails(bench: Bench) -> list[TrailMark]:
    """What is drawn of the laser."""
    return [mark for mark in bench.view.laser.marks() if isinstance(mark, TrailMark)]


def test_held_it_draws_and_let_go_it_fades(bench: Bench, clock: Clock) -> None:
    bench.move(QPointF(10, 10))
    QTest.keyPress(bench.view, X)
    assert is_on(bench)
    for step in range(5):
        clock.now += 0.1
        bench.move(QPointF(20 + 10 * step, 20))
    (trail,) = trails(bench)
    assert [at for _, at in trail.points][-1] == QPointF(60, 20)
    assert trail.dot
    assert trail in bench.view.company_marks or len(bench.view.company_marks) == 1
    strengths = [strength for strength, _ in trail.points]
    assert strengths == sorted(strengths)
    QTest.keyRelease(bench.view, X)
    assert not is_on(bench)
    (left,) = trails(bench)
    assert not left.dot
    clock.now += TRAIL
    assert trails(bench) == []


def test_a_tap_leaves_it_on_until_the_next_or_esc(bench: Bench, clock: Clock) -> None:
    bench.move(QPointF(10, 10))
    for end in (X, Qt.Key.Key_Escape):
        QTest.keyPress(bench.view, X)
        clock.now += TAP / 2
        QTest.keyRelease(bench.view, X)
        assert is_on(bench)
        clock.now += 1
        QTest.keyClick(bench.view, end)
        assert not is_on(bench)


def test_who_points_selects_nothing(bench: Bench) -> None:
    node = bench.node("A", 100, 100)
    bench.view.laser.turn(True)
    bench.click(bench.middle(node))
    assert bench.scene.selected == frozenset()
    assert bench.view.viewport().cursor().shape() is Qt.CursorShape.BlankCursor
    bench.view.laser.turn(False)
    bench.click(bench.middle(node))
    assert bench.scene.selected == {node}


def test_others_are_told_thirty_times_a_second_at_most(bench: Bench, qtbot: QtBot) -> None:
    told = QSignalSpy(bench.view.sharing.pointer)
    bench.move(QPointF(0, 5))
    assert told.at(0) == [Point(0, 5), False]
    QTest.keyPress(bench.view, X)
    for step in range(30):
        bench.move(QPointF(step, 7))
    qtbot.waitUntil(lambda: told.at(told.count() - 1) == [Point(29, 7), True])
    assert told.count() <= 3
    QTest.keyRelease(bench.view, X)
    bench.view.laser.turn(False)
    qtbot.waitUntil(lambda: told.at(told.count() - 1) == [Point(29, 7), False])


def test_nothing_glows_where_motion_is_reduced(bench: Bench, clock: Clock) -> None:
    bench.view.company.reduced_motion = True
    bench.view.laser.turn(True)
    bench.move(QPointF(10, 10))
    bench.move(QPointF(50, 10))
    (trail,) = trails(bench)
    assert [at for _, at in trail.points] == [QPointF(50, 10)]


def test_its_letter_is_a_letter_while_something_is_typed(bench: Bench) -> None:
    node = bench.node("A", 100, 100)
    bench.scene.select([node])
    bench.view.edit_label(node)
    type_text("x")
    assert not is_on(bench)


def test_it_goes_off_with_the_window(bench: Bench) -> None:
    bench.view.laser.turn(True)
    bench.view.clearFocus()
    assert is_on(bench)
    QApplication.sendEvent(bench.view, _window_left())
    assert not is_on(bench)


def _window_left() -> QFocusEvent:

    return QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.ActiveWindowFocusReason)
