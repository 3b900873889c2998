"""The overview in the corner: when it is there, what it shows, and dragging its frame."""

import time

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain import edits
from app.domain.patch import Patch
from app.domain.values import Point
from canvas.overlays.overview_map import OverviewMap
from canvas.theme import DARK
from tests.gui.canvas.bench import LEFT, NO, Bench


def the_map(bench: Bench) -> OverviewMap:
    """The overview."""
    found = bench.view.findChild(OverviewMap)
    assert isinstance(found, OverviewMap)
    return found


def shown(bench: Bench) -> bool:
    """Whether it is on show."""
    return bench.view.overview_shown


def fill(bench: Bench, count: int, columns: int = 10) -> None:
    """Put so many processes into rows."""
    patch: Patch = ()
    for n in range(count):
        at = Point(n % columns * 200.0, n // columns * 160.0)
        patch += edits.create_node(bench.state, bench.diagram_id, "process", at)[1]
    bench.apply(patch)


def test_it_is_there_once_the_diagram_is_not_small(bench: Bench) -> None:
    fill(bench, 49)
    assert not shown(bench)
    bench.node("One more", 0, 2000)
    assert shown(bench)
    bench.document.undo()
    assert not shown(bench)


def test_m_shows_and_hides_it_and_says_so(bench: Bench) -> None:
    told: list[bool] = []
    bench.view.overview_toggled.connect(told.append)
    bench.node("A", 0, 0)
    bench.key(Qt.Key.Key_M)
    assert shown(bench)
    fill(bench, 60)
    bench.key(Qt.Key.Key_M)
    bench.node("B", 0, 2000)
    assert not shown(bench)
    assert told == [True, False]


def test_the_frame_shows_what_is_seen_and_is_dragged(bench: Bench) -> None:
    fill(bench, 60)
    bench.view.look_at(QPointF(400, 300), 1.0)
    where = the_map(bench)
    where.grab()
    start = where.part_rect().center().toPoint()
    steps = bench.steps
    QTest.mousePress(where, LEFT, NO, start)
    assert (bench.view.visible_area().center() - QPointF(400, 300)).manhattanLength() < 3
    QTest.mouseMove(where, start + QPointF(30, 0).toPoint())
    QTest.mouseRelease(where, LEFT, NO, start + QPointF(30, 0).toPoint())
    middle = bench.view.visible_area().center()
    assert middle.x() > 600
    assert abs(middle.y() - 300) < 15
    beside = QPoint(30, 120)
    assert not where.part_rect().contains(QPointF(beside))
    QTest.mouseClick(where, LEFT, NO, beside)
    assert where.part_rect().contains(QPointF(beside))
    assert bench.steps == steps
    assert not bench.view.desk.state.is_gesture


def test_it_follows_what_changes_and_the_theme(bench: Bench, qtbot: QtBot) -> None:
    bench.view.set_overview(True)
    node = bench.node("A", 0, 0)
    where = the_map(bench)
    before = where.grab().toImage()
    bench.select(node)
    bench.node("B", 800, 500)
    qtbot.waitUntil(lambda: where.grab().toImage() != before)
    bench.scene.set_theme(DARK)
    assert QColor(where.grab().toImage().scaled(1, 1).pixel(0, 0)).lightnessF() < 0.4


def test_the_frame_stays_in_it_when_one_looks_elsewhere(bench: Bench) -> None:
    bench.view.set_overview(True)
    bench.node("A", 0, 0)
    bench.view.look_at(QPointF(90_000, 90_000))
    where = the_map(bench)
    where.grab()
    assert where.rect().contains(where.part_rect().toRect())


@pytest.mark.parametrize("count", [5000])
def test_a_frame_costs_next_to_nothing_in_a_large_diagram(bench: Bench, count: int) -> None:
    fill(bench, count, columns=70)
    where = the_map(bench)
    where.grab()
    bench.view.look_at(QPointF(3000, 3000), 1.0)
    spent = []
    for step in range(20):
        where.show_part(bench.view.visible_area().translated(step * 9.0, 0))
        begun = time.perf_counter()
        where.repaint()
        spent.append(time.perf_counter() - begun)
        QApplication.processEvents()
    assert sorted(spent)[10] < 0.006  # three times what it may take on a free machine
