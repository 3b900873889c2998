"""Other people in a diagram, what others are told, and following, on a real view."""

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.presence import CursorAt, Person, SelectionOf, TypingOf, ViewportOf
from app.domain.values import Point
from canvas.company.company import FLASH, Company
from canvas.company.marks import CursorMark, OutlineMark, RouteMark, TrailMark, TypingMark, ink_on
from canvas.company.tracks import SILENT, STILL
from tests.gui.canvas.bench import Bench

ANN = Person(participant_id="a", user_id="u1", name="Ann Lee", colour="#0072b2", is_presenter=True)
BEN = Person(participant_id="b", user_id="u2", name="Ben", colour="#e69f00")
ME = Person(participant_id="m", user_id="u3", name="Me", colour="#009e73", is_me=True)


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def company(bench: Bench, clock: Clock) -> Company:
    made = Company(bench.scene, bench.view, clock)
    made.set_people([ANN, BEN, ME])
    return made


def _cursor(bench: Bench, who: Person, at: Point | None, *, laser: bool = False) -> CursorAt:
    return CursorAt(participant_id=who.participant_id, diagram_id=bench.diagram_id, position=at, laser=laser)


def test_a_cursor_has_a_name_then_initials_then_goes(bench: Bench, company: Company, clock: Clock) -> None:
    company.hear_cursor(_cursor(bench, ANN, Point(10, 20)))
    assert company.marks() == [CursorMark(QPointF(10, 20), "Ann Lee", ANN.colour, large=True)]
    clock.now += STILL
    assert company.marks() == [CursorMark(QPointF(10, 20), "AL", ANN.colour, large=True)]
    clock.now += SILENT
    assert company.marks() == []


def test_a_cursor_that_left_is_gone_at_once(bench: Bench, company: Company) -> None:
    company.hear_cursor(_cursor(bench, BEN, Point(10, 20)))
    company.hear_cursor(_cursor(bench, BEN, None))
    assert company.marks() == []


def test_nothing_is_shown_of_oneself_of_strangers_or_of_other_diagrams(
    bench: Bench, company: Company
) -> None:
    company.hear_cursor(_cursor(bench, ME, Point(0, 0)))
    company.hear_cursor(CursorAt(participant_id="x", diagram_id=bench.diagram_id, position=Point()))
    company.hear_cursor(CursorAt(participant_id="b", diagram_id="other", position=Point()))
    assert company.marks() == []


def test_who_leaves_takes_everything_along(bench: Bench, company: Company) -> None:
    node = bench.node("A", 0, 0)
    about = {"participant_id": "b", "diagram_id": bench.diagram_id}
    company.hear_cursor(_cursor(bench, BEN, Point(10, 20), laser=True))
    company.hear_selection(SelectionOf(cells=(node,), **about))
    company.hear_typing(TypingOf(record_id=node, text="Auth", **about))
    kinds = {type(mark) for mark in company.marks()}
    assert kinds == {CursorMark, TrailMark, OutlineMark, TypingMark}
    company.set_people([ANN, ME])
    assert company.marks() == []


def test_a_selection_carries_the_name_once_and_leaves_removed_cells_out(
    bench: Bench, company: Company
) -> None:
    one, two = bench.node("A", 0, 0), bench.node("B", 300, 0)
    chosen = SelectionOf(participant_id="b", diagram_id=bench.diagram_id, cells=(one, "gone", two))
    company.hear_selection(chosen)
    texts = [mark.text for mark in company.marks() if isinstance(mark, OutlineMark)]
    assert texts == ["Ben", ""]


def test_the_outline_of_a_line_runs_along_it_and_spares_its_label(bench: Bench, company: Company) -> None:
    line = bench.flow(bench.node("A", 0, 0), bench.node("B", 300, 200), "order")
    about = SelectionOf(participant_id="b", diagram_id=bench.diagram_id, cells=(line,))
    company.hear_selection(about)
    (mark,) = company.marks()
    assert isinstance(mark, RouteMark)
    assert mark.points == tuple(bench.scene.route_points(line))
    assert mark.label == bench.scene.label_rect(line)


def test_a_change_is_marked_for_a_moment(bench: Bench, company: Company, clock: Clock) -> None:
    node = bench.node("A", 0, 0)
    company.mark_changed([node, "gone"], BEN)
    (first,) = company.marks()
    clock.now += FLASH / 2
    (later,) = company.marks()
    assert isinstance(first, OutlineMark)
    assert isinstance(later, OutlineMark)
    assert (first.text, first.strength, later.strength) == ("Ben", 1.0, 0.5)
    company.reduced_motion = True
    (calm,) = company.marks()
    assert isinstance(calm, OutlineMark)
    assert calm.strength == 1.0
    clock.now += FLASH
    assert company.marks() == []


def test_words_on_a_colour_are_black_or_white_by_what_reads_better() -> None:
    assert ink_on(QColor("#f0e442")).name() == "#000000"
    assert ink_on(QColor("#0b3d91")).name() == "#ffffff"


def test_the_view_shows_company_that_the_mouse_goes_through(bench: Bench, qtbot: QtBot) -> None:
    node = bench.node("A", 100, 100)
    bench.view.company.set_people([BEN])
    middle = bench.middle(node)
    bench.view.company.hear_cursor(_cursor(bench, BEN, Point(middle.x(), middle.y())))
    qtbot.waitUntil(lambda: any(isinstance(mark, CursorMark) for mark in bench.view.company_marks))
    bench.click(middle)
    assert bench.scene.selected == {node}
    bench.view.company.clear()
    assert bench.view.company_marks == ()


def test_pointer_and_selection_are_told(bench: Bench, qtbot: QtBot) -> None:
    told: list[object] = []
    bench.view.sharing.pointer.connect(lambda at, _laser: told.append(at))
    selections = QSignalSpy(bench.view.sharing.selection)
    node = bench.node("A", 100, 100)
    for step in range(20):
        bench.move(QPointF(step, 7))
    assert told == [Point(0, 7)]
    qtbot.waitUntil(lambda: told[-1] == Point(19, 7))
    assert len(told) == 2
    QApplication.sendEvent(bench.view.viewport(), QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: told[-1] is None)
    bench.click(bench.middle(node))
    assert selections.at(selections.count() - 1) == [(node,)]


def test_the_viewport_is_told_only_when_asked_for(bench: Bench, qtbot: QtBot) -> None:
    told: list[tuple[object, float, object]] = []
    bench.view.sharing.viewport.connect(lambda *what: told.append(what))
    bench.view.look_at(QPointF(10, 10), 1.0)
    assert told == []
    bench.view.sharing.watch_viewport(True)
    assert len(told) == 1
    for step in range(10):
        bench.view.look_at(QPointF(step * 10, 0), 0.5)
    assert len(told) == 1
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told[-1][1] == 0.5


def _seen(bench: Bench, x: float, y: float, width: float, height: float) -> ViewportOf:
    return ViewportOf(
        participant_id="a", diagram_id=bench.diagram_id, centre=Point(x, y), zoom=1.0,
        width=width, height=height,
    )  # fmt: skip


def test_following_shows_at_least_what_the_presenter_sees(bench: Bench, qtbot: QtBot) -> None:
    ended = QSignalSpy(bench.view.following.ended)
    bench.view.follow(_seen(bench, 2000, 1500, 1600, 400))
    area = bench.view.visible_area
    qtbot.waitUntil(lambda: (area().center() - QPointF(2000, 1500)).manhattanLength() < 4)
    qtbot.waitUntil(lambda: area().width() >= 1595)
    bench.view.resize(700, 500)
    QApplication.processEvents()
    assert area().width() >= 1595
    assert ended.count() == 0
    assert bench.view.following.is_on


@pytest.mark.parametrize("way", ["scroll", "zoom", "minimap", "fit"])
def test_navigating_oneself_ends_following(bench: Bench, way: str) -> None:
    bench.node("A", 100, 100)
    bench.view.company.reduced_motion = True
    ended = QSignalSpy(bench.view.following.ended)
    bench.view.follow(_seen(bench, 600, 500, 900, 600))
    assert ended.count() == 0
    if way == "scroll":
        bench.view.horizontalScrollBar().setValue(bench.view.horizontalScrollBar().value() + 40)
    elif way == "zoom":
        bench.view.zoom_in()
    elif way == "minimap":
        bench.view._map.moved_to.emit(QPointF(0, 0))
    else:
        bench.view.fit_all()
    assert ended.count() == 1
    assert not bench.view.following.is_on


def test_what_others_do_does_not_end_following(bench: Bench) -> None:
    bench.view.company.reduced_motion = True
    ended = QSignalSpy(bench.view.following.ended)
    bench.view.follow(_seen(bench, 600, 500, 900, 600))
    bench.node("Far", 9000, -7000)
    bench.move(QPointF(600, 500), held=Qt.KeyboardModifier.ShiftModifier)
    QApplication.processEvents()
    assert ended.count() == 0
