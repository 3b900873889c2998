"""What others are told of one's own doings: from the diagram in front, and from a presentation."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.presence import Company, CursorAt, SelectionOf, Sight, TypingOf, ViewportOf
from app.domain.records import Cell
from tests.gui import hands
from tests.gui.hands import join
from tests.ui.sessions import ADA, GRACE, ME, company
from ui.model.window import ModelWindow
from ui.program import Program

K = Qt.Key


@pytest.fixture
def window(program: Program, qtbot: QtBot) -> ModelWindow:
    """The sample in its window."""
    program.settings.set("motion", "reduced")
    program.start()
    window = hands.shown(qtbot, next(iter(program.windows.values())))
    with qtbot.waitActive(window):
        window.activateWindow()
    return window


@pytest.fixture
def told(window: ModelWindow) -> list[Sight]:
    """What others have been told."""
    heard: list[Sight] = []
    window.gathering.told.connect(heard.append)
    return heard


def kinds(told: list[Sight]) -> set[str]:
    return {type(one).__name__ for one in told}


def last(told: list[Sight], kind: type[Sight]) -> Sight:
    """The latest of a sort; an empty one where there is none yet."""
    found = [one for one in told if type(one) is kind]
    return found[-1] if found else Sight(participant_id="", diagram_id="")


def a_node(window: ModelWindow) -> Cell:
    page = window.page
    assert page is not None
    return next(c for c in page.scene.shown_cells() if not c.is_line and not c.is_boundary and c.label)


def do_things(window: ModelWindow) -> Cell:
    """Point, select, scroll."""
    page, cell = window.page, a_node(window)
    assert page is not None
    page.view.look_at(QPointF(*hands.middle(cell)), 1.0)
    hands.click(page.view, *hands.middle(cell))
    QApplication.processEvents()
    return cell


def test_alone_nothing_is_told(window: ModelWindow, told: list[Sight]) -> None:
    do_things(window)
    join(window, company(presenter=ME, host=ME))
    do_things(window)
    assert told == []


def test_in_company_pointer_and_selection_are_told_and_no_view(
    window: ModelWindow, told: list[Sight], qtbot: QtBot
) -> None:
    join(window, company(ADA, presenter=ADA))
    window.gathering.following.look_around()
    cell = do_things(window)
    assert kinds(told) == {"CursorAt", "SelectionOf"}
    assert last(told, SelectionOf) == SelectionOf(
        participant_id=ME, diagram_id=cell.diagram_id, cells=(cell.id,)
    )
    qtbot.waitUntil(lambda: getattr(last(told, CursorAt), "position", None) is not None)
    assert last(told, CursorAt).diagram_id == cell.diagram_id


def test_a_presenter_tells_what_is_in_sight(window: ModelWindow, told: list[Sight], qtbot: QtBot) -> None:
    join(window, company(ADA, presenter=ME))
    page = window.page
    assert page is not None
    first = last(told, ViewportOf)
    assert isinstance(first, ViewportOf)
    assert first.zoom == page.view.zoom
    assert abs(first.width * first.zoom - page.view.viewport().width()) < 2
    page.view.look_at(QPointF(321, 123), 1.25)
    qtbot.waitUntil(lambda: getattr(last(told, ViewportOf), "zoom", 0) == 1.25)
    told.clear()
    window.gathering.set_company(company(ADA))
    page.view.look_at(QPointF(0, 0), 1.0)
    QTest.qWait(0)
    assert ViewportOf.__name__ not in kinds(told), "who presents no longer tells it no longer"


def test_who_comes_later_is_told_how_things_are(window: ModelWindow, told: list[Sight]) -> None:
    join(window, company(ADA, presenter=ME))
    cell = do_things(window)
    told.clear()
    window.gathering.set_company(company(ADA, presenter=ME, muted=True))
    assert told == [], "nobody has come"
    window.gathering.set_company(company(ADA, GRACE, presenter=ME))
    QApplication.processEvents()
    assert getattr(last(told, SelectionOf), "cells", ()) == (cell.id,)


def test_turning_a_tab_tells_of_the_other_diagram(window: ModelWindow, told: list[Sight]) -> None:
    first, second, _ = [d.id for d in window.document.state.diagrams()]
    join(window, company(ADA, presenter=ME))
    do_things(window)
    told.clear()
    window.open_diagram(second)
    QApplication.processEvents()
    assert kinds(told) == {"CursorAt", "SelectionOf", "ViewportOf"}
    assert {last(told, kind).diagram_id for kind in (CursorAt, SelectionOf, ViewportOf)} == {second}
    window.close_current_tab()
    assert window.page is not None
    assert told[-1].diagram_id == window.page.diagram_id
    assert window.page.diagram_id in (first, _)


def test_words_in_the_making_are_told_until_they_are_done(window: ModelWindow, told: list[Sight]) -> None:
    join(window, company(ADA))
    cell = do_things(window)
    hands.press(hands.focus(), K.Key_F2)
    hands.type_text("New name")
    typing = last(told, TypingOf)
    assert isinstance(typing, TypingOf)
    assert (typing.record_id, typing.text) == (cell.id, "New name")
    hands.enter()
    assert getattr(last(told, TypingOf), "text", "?") == ""


def test_from_a_presentation_its_pointer_spotlight_and_view_are_told(
    window: ModelWindow, told: list[Sight], qtbot: QtBot
) -> None:
    join(window, company(ADA, presenter=ME))
    page = window.page
    assert page is not None
    hands.press(page.view, K.Key_F5)
    presentation = window.presenting.window
    assert presentation is not None
    QApplication.processEvents()
    view = presentation.view
    assert view is not None
    told.clear()
    page.view.look_at(QPointF(999, 999), 2.0)
    page.scene.select([a_node(window).id])
    assert told == [], "what the window shows meanwhile is nobody's business"
    hands.press(presentation, K.Key_Tab)
    assert view.spotlight.cell_id is not None
    assert getattr(last(told, SelectionOf), "cells", ()) == (view.spotlight.cell_id,)
    handle = presentation.windowHandle()
    assert handle is not None
    QTest.mouseMove(handle, QPoint(200, 150))
    qtbot.waitUntil(lambda: "CursorAt" in kinds(told))
    hands.press(presentation, K.Key_Plus)
    qtbot.waitUntil(lambda: getattr(last(told, ViewportOf), "zoom", 0) == view.zoom)
    second = window.document.state.diagrams()[1].id
    hands.press(presentation, K.Key_PageDown)
    qtbot.waitUntil(lambda: bool(told) and told[-1].diagram_id == second)
    hands.press(presentation, K.Key_Escape)
    QApplication.processEvents()
    assert told[-1].diagram_id == page.diagram_id
    told.clear()
    page.view.look_at(QPointF(1, 1), 1.0)
    qtbot.waitUntil(lambda: "ViewportOf" in kinds(told))


def test_a_presentation_that_was_open_before_is_told_too(window: ModelWindow, told: list[Sight]) -> None:
    page = window.page
    assert page is not None
    hands.press(page.view, K.Key_F5)
    presentation = window.presenting.window
    assert presentation is not None
    QApplication.processEvents()
    join(window, company(ADA, presenter=ME, host=ME))
    assert presentation.view is not None
    assert getattr(last(told, ViewportOf), "zoom", 0) == presentation.view.zoom
    window.gathering.set_company(Company())
    presentation.close()


def test_the_laser_has_ones_own_colour_and_is_told(window: ModelWindow, told: list[Sight]) -> None:
    there = company(ADA, presenter=ME)
    join(window, there)
    page, me = window.page, there.person(ME)
    assert page is not None
    assert me is not None
    assert page.view.laser.colour == me.colour == window.presenting.laser_colour
    window.gathering.bar.leading.buttons[0].click()
    assert page.view.laser.is_on
    assert window.gathering.bar.leading.buttons[0].text() == "Laser off"
    assert getattr(last(told, CursorAt), "laser", False)
    window.gathering.bar.leading.buttons[0].click()
    assert not page.view.laser.is_on
