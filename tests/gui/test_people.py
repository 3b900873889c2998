"""The people of a session in a real window: panel, bar, actions, and what comes of a wish."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.presence import Company, CursorAt, SelectionOf
from app.domain.values import Point
from app.ports_live import LinkStatus
from tests.gui import hands
from tests.gui.hands import join
from tests.ui.sessions import ADA, GRACE, ME, company
from ui.model.window import ModelWindow
from ui.panels.people.removing import RemoveQuestion
from ui.panels.people.situation import What, Wish
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
def wishes(window: ModelWindow) -> list[Wish]:
    """What the server is asked for."""
    heard: list[Wish] = []
    window.gathering.wished.connect(heard.append)
    return heard


def test_the_panel_comes_by_its_key_and_counts_in_its_title(window: ModelWindow) -> None:
    assert window.page is not None
    hands.press(window.page.view, K.Key_E, hands.CTRL | hands.SHIFT)
    assert window.gathering.panel.isVisible()
    assert window.docks["people"].windowTitle() == "People"
    join(window, company(ADA, GRACE))
    assert window.docks["people"].windowTitle() == "People (3)"
    window.gathering.set_status(LinkStatus("waiting", "no route"), 2)
    window.gathering.set_company(Company())
    assert window.docks["people"].windowTitle() == "People"
    assert "2 changes wait" in window.gathering.panel.empty.text()


def test_a_request_is_made_by_key_and_withdrawn(window: ModelWindow, wishes: list[Wish]) -> None:
    join(window, company(ADA, presenter=ADA))
    assert window.page is not None
    hands.press(window.page.view, K.Key_F7, hands.SHIFT)
    window.gathering.set_company(company(ADA, presenter=ADA, asking=(ME,)))
    assert "You have asked to present" in window.gathering.bar.said
    assert window.actions_set.actions["ask_to_present"].isChecked()
    hands.press(window.page.view, K.Key_F7, hands.SHIFT)
    assert wishes == [Wish(What.ASK), Wish(What.WITHDRAW)]


def test_the_answer_to_a_request_is_said(window: ModelWindow) -> None:
    join(window, company(ADA, presenter=ADA, asking=(ME,)))
    window.gathering.set_company(company(ADA, presenter=ME))
    assert window.toast.text == "You present now."
    window.gathering.set_company(company(ADA, presenter=ADA, asking=(ME,)))
    window.gathering.denied()
    assert "turned your request to present down" in window.toast.text


def test_the_host_answers_from_the_menu(window: ModelWindow, wishes: list[Wish]) -> None:
    join(window, company(ADA, GRACE, presenter=ME, host=ME, asking=(GRACE, ADA)))
    window.actions_set.trigger("grant_request")
    window.actions_set.trigger("deny_request")
    assert wishes == [Wish(What.LET, GRACE), Wish(What.DENY, GRACE)]
    window.gathering.set_company(company(ADA, GRACE, presenter=GRACE, host=ME))
    assert window.actions_set.actions["grant_request"].statusTip() == "Nobody asks you to present"
    window.actions_set.trigger("take_back")
    window.actions_set.trigger("mute_edits")
    window.gathering.set_company(company(ADA, GRACE, presenter=GRACE, host=ME, muted=True))
    assert window.actions_set.actions["mute_edits"].isChecked()
    window.actions_set.trigger("mute_edits")
    assert [wish.what for wish in wishes[2:]] == [What.TAKE_BACK, What.MUTE, What.UNMUTE]


def test_a_host_asks_nobody(window: ModelWindow, wishes: list[Wish]) -> None:
    join(window, company(ADA, host=ME))
    window.gathering.wish(Wish(What.ASK))
    assert wishes == [Wish(What.ASK)]


def test_what_cannot_be_had_says_why(window: ModelWindow, wishes: list[Wish]) -> None:
    join(window, company(ADA, GRACE))
    window.gathering.wish(Wish(What.LET, "gone"))
    assert window.toast.text == "That person has left."
    window.gathering.wish(Wish(What.MUTE))
    assert window.toast.text == "Only the host may do that."
    assert wishes == []


def test_somebody_is_removed_after_a_question(window: ModelWindow, wishes: list[Wish], qtbot: QtBot) -> None:
    join(window, company(ADA, GRACE, host=ME))
    window.gathering.wish(Wish(What.REMOVE, GRACE))
    question = window.findChild(RemoveQuestion)
    assert question is not None
    assert wishes == []
    question.reason.setText("bye")
    question.remove_button.click()
    assert wishes == [Wish(What.REMOVE, GRACE, reason="bye")]
    qtbot.waitUntil(lambda: window.findChild(RemoveQuestion) is None)


def test_who_has_left_meanwhile_is_not_removed(window: ModelWindow, wishes: list[Wish]) -> None:
    join(window, company(ADA, GRACE, host=ME))
    window.gathering.wish(Wish(What.REMOVE, GRACE))
    question = window.findChild(RemoveQuestion)
    assert question is not None
    window.gathering.set_company(company(ADA, host=ME))
    question.remove_button.click()
    assert wishes == []
    assert window.toast.text == "That person has left."


def test_a_session_ends_for_all_after_a_question(
    window: ModelWindow, wishes: list[Wish], qtbot: QtBot
) -> None:
    join(window, company(ADA, GRACE, host=ME))
    window.actions_set.trigger("end_session")
    assert "2 people" in hands.the_message(qtbot).informativeText()
    hands.answer(qtbot, "Cancel")
    assert wishes == []
    window.actions_set.trigger("end_session")
    hands.answer(qtbot, "End session")
    assert wishes == [Wish(What.END)]


def test_where_somebody_is_can_be_shown(window: ModelWindow) -> None:
    first, second, _ = [d.id for d in window.document.state.diagrams()]
    join(window, company(ADA, GRACE, presenter=ADA))
    gathering = window.gathering
    gathering.hear(CursorAt(participant_id=GRACE, diagram_id=second, position=Point(150, 90)))
    QApplication.processEvents()
    assert gathering.now.places[GRACE] == window.document.state.diagrams()[1].name
    gathering.wish(Wish(What.SHOW, GRACE))
    page = window.page
    assert page is not None
    assert page.diagram_id == second
    middle = page.view.visible_area().center()
    assert abs(middle.x() - 150) < 2
    assert not gathering.now.following, "that is one's own way"
    cell = next(c for c in window.document.state.cells(first) if not c.is_line)
    gathering.hear(SelectionOf(participant_id=GRACE, diagram_id=first, cells=(cell.id,)))
    QApplication.processEvents()
    gathering.wish(Wish(What.SHOW, GRACE))
    assert window.page is not None
    assert window.page.diagram_id == first
    assert list(gathering.whereabouts.in_diagram(second)) == [
        CursorAt(participant_id=GRACE, diagram_id=second, position=Point(150, 90))
    ]
    gathering.set_company(company(ADA, presenter=ADA))
    assert GRACE not in gathering.now.places
    assert list(gathering.whereabouts.in_diagram(second)) == []


def test_a_screen_of_ones_own_in_a_session(window: ModelWindow, wishes: list[Wish]) -> None:
    join(window, company(ADA, presenter=ADA))
    window.actions_set.trigger("present")
    assert window.toast.text == "Ada Lovelace presents: only you see this."
    window.toast.act()
    assert wishes == [Wish(What.ASK)]
    window.presenting.stop()
    window.gathering.set_company(company(ADA))
    window.gathering.set_company(company(ADA, host=ME))
    wishes.clear()
    window.actions_set.trigger("present")
    assert wishes == [Wish(What.ASK)], "the host takes it up where nobody presents"
    window.gathering.set_company(company(ADA, GRACE, host=ME, presenter=ME, asking=(GRACE,)))
    assert window.presenting.window is not None
    assert "Grace Hopper asks to present" in window.presenting.window.caption.text()
    window.presenting.stop()


def test_the_bar_is_over_the_diagram_and_stays_within(window: ModelWindow) -> None:
    page = window.page
    assert page is not None
    before = page.view.viewport().size()
    join(window, company(ADA, presenter=ADA, muted=True))
    QApplication.processEvents()
    bar = window.gathering.bar
    assert bar.isVisible()
    assert page.view.viewport().size() == before, "no diagram moves for it"
    top = bar.mapTo(window, bar.rect().topLeft())
    viewport = page.view.viewport()
    assert top.y() >= viewport.mapTo(window, viewport.rect().topLeft()).y()
    for width in (1024, 1440):
        window.resize(width, 700)
        QApplication.processEvents()
        end = bar.mapTo(window, bar.rect().topRight())
        assert end.x() <= viewport.mapTo(window, viewport.rect().topRight()).x()


def test_fifty_people_who_move_build_nothing_anew(window: ModelWindow) -> None:
    people = [f"p{n}" for n in range(49)]
    first, second, _ = [d.id for d in window.document.state.diagrams()]
    window.around.show("people")
    join(window, company(*people, presenter="p1"))
    shown: list[int] = []
    window.gathering.changed.connect(lambda: shown.append(1))
    for round_ in range(20):
        for n, key in enumerate(people):
            where = first if n % 2 else second
            at = Point(10.0 * n, 10.0 * round_)
            window.gathering.hear(CursorAt(participant_id=key, diagram_id=where, position=at))
    QTest.qWait(0)
    assert len(shown) == 1, "once for the diagrams that they are in, never for where they point"
