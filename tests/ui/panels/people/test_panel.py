"""The panel of people with real events: what is shown, what can be pressed, and what is wished."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.presence import Company
from app.ports_live import LinkStatus
from app.services.document import Document
from tests.ui.sessions import ADA, GRACE, LIN, LIVE, ME, company, person
from ui.panels.people.panel import PeoplePanel
from ui.panels.people.removing import RemoveQuestion
from ui.panels.people.situation import Situation, What, Wish
from ui.theme import ThemeManager

LEFT = Qt.MouseButton.LeftButton
Show = Callable[[PeoplePanel], PeoplePanel]


@pytest.fixture
def panel(document: Document, theme: ThemeManager, shown: Show) -> PeoplePanel:
    """The panel, of a model that is not shared yet."""
    return shown(PeoplePanel(document, theme))


@pytest.fixture
def wishes(panel: PeoplePanel) -> list[Wish]:
    """What has been wished."""
    heard: list[Wish] = []
    panel.wished.connect(heard.append)
    return heard


def meet(panel: PeoplePanel, there: Company, **more: object) -> None:
    """Show these people."""
    panel.show_situation(Situation(company=there, link=LIVE, **more))  # type: ignore[arg-type]
    QApplication.processEvents()


def press(button: object) -> None:
    assert isinstance(button, QPushButton)
    assert button.isVisible()
    QTest.mouseClick(button, LEFT)


def menu_of(panel: PeoplePanel, key: str) -> dict[str, QAction]:
    """The menu of somebody, opened by Enter, by the words of its entries."""
    rows = panel.list.people.rows
    place = next(n for n, row in enumerate(rows) if row.person.participant_id == key)
    panel.list.setFocus()
    panel.list.setCurrentIndex(panel.list.people.index(place))
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    return opened()


def opened() -> dict[str, QAction]:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    found = {act.text().partition("\t")[0]: act for act in menu.actions() if act.text()}
    for act in list(found.values()):
        sub = act.menu()
        if isinstance(sub, QMenu):
            found |= {one.text(): one for one in sub.actions()}
    menu.close()
    return found


# --- states --------------------------------------------------------------------------------------
def test_a_model_that_is_not_shared_can_be(panel: PeoplePanel, wishes: list[Wish]) -> None:
    assert not panel.list.isVisible()
    assert "only on this computer" in panel.empty.text()
    assert not panel.present_button.isVisible()
    press(panel.invite_button)
    assert wishes == [Wish(What.SHARE)]


def test_offline_it_says_what_waits_and_tries_again(panel: PeoplePanel, wishes: list[Wish]) -> None:
    panel.show_situation(Situation(link=LinkStatus("waiting", "no route"), waiting=4))
    assert panel.state.text() == "You work offline"
    assert "4 changes wait" in panel.empty.text()
    assert not panel.invite_button.isEnabled()
    press(panel.retry_button)
    assert wishes == [Wish(What.RETRY)]
    panel.show_situation(Situation(link=LinkStatus("connecting")))
    assert not panel.retry_button.isVisible()


def test_alone_it_offers_to_invite(panel: PeoplePanel, wishes: list[Wish]) -> None:
    meet(panel, company(host=ME, presenter=ME))
    assert panel.list.isVisible()
    assert "Nobody else" in panel.empty.text()
    assert panel.empty.y() < panel.height() / 2
    press(panel.invite_button)
    assert wishes == [Wish(What.INVITE)]
    meet(panel, company(ADA))
    assert not panel.empty.isVisible()


# --- what can be pressed -------------------------------------------------------------------------
def test_a_guest_asks_withdraws_and_stops(panel: PeoplePanel, wishes: list[Wish]) -> None:
    meet(panel, company(ADA, presenter=ADA))
    press(panel.present_button)
    meet(panel, company(ADA, presenter=ADA, asking=(ME,)))
    press(panel.present_button)
    meet(panel, company(ADA, presenter=ME))
    press(panel.present_button)
    assert wishes == [Wish(What.ASK), Wish(What.WITHDRAW), Wish(What.STOP)]
    assert not panel.mute_button.isVisible()
    assert not panel.more_button.isVisible()


def test_a_host_answers_by_mouse_and_keys(panel: PeoplePanel, wishes: list[Wish]) -> None:
    meet(panel, company(ADA, GRACE, LIN, "eve", presenter=ADA, host=ME, asking=(GRACE, LIN)))
    names = [name for _, name in panel.requests.lines]
    assert names == ["Grace Hopper", "Lin"]
    first = panel.requests.lines[GRACE, "Grace Hopper"]
    press(first.grant)
    first.deny.setFocus()
    QTest.keyClick(first.deny, Qt.Key.Key_Space)
    assert wishes == [Wish(What.LET, GRACE), Wish(What.DENY, GRACE)]
    assert first.grant.accessibleName() == "Let Grace Hopper present"


def test_an_answer_that_has_the_focus_keeps_it_when_others_ask(panel: PeoplePanel) -> None:
    meet(panel, company(ADA, GRACE, LIN, host=ME, asking=(GRACE,)))
    deny = panel.requests.lines[GRACE, "Grace Hopper"].deny
    deny.setFocus()
    meet(panel, company(ADA, GRACE, LIN, "eve", "bob", "tom", host=ME,
                        asking=(GRACE, ADA, LIN, "eve", "bob")))  # fmt: skip
    assert QApplication.focusWidget() is deny
    assert len(panel.requests.lines) == 3
    assert "2 more" in panel.requests._more.text()
    meet(panel, company(ADA, host=ME))
    assert not panel.requests.isVisible()


def test_muting_waits_for_the_server(panel: PeoplePanel, wishes: list[Wish]) -> None:
    meet(panel, company(ADA, host=ME))
    press(panel.mute_button)
    assert wishes == [Wish(What.MUTE)]
    assert not panel.mute_button.isChecked()
    meet(panel, company(ADA, host=ME, muted=True))
    assert panel.mute_button.isChecked()
    press(panel.mute_button)
    assert wishes[1:] == [Wish(What.UNMUTE)]


# --- the menus -----------------------------------------------------------------------------------
def test_the_menu_of_a_guest_about_others(panel: PeoplePanel, wishes: list[Wish]) -> None:
    meet(panel, company(ADA, GRACE, presenter=ADA), places={GRACE: "Front"})
    about = menu_of(panel, GRACE)
    assert list(about) == ["Show where they are"]
    about["Show where they are"].trigger()
    about = menu_of(panel, ADA)
    assert list(about) == ["Follow", "Show where they are"]
    assert not about["Show where they are"].isEnabled()
    assert about["Show where they are"].toolTip() == "It is not known where Ada Lovelace is"
    about["Follow"].trigger()
    meet(panel, company(ADA, GRACE, presenter=ADA), following=True)
    menu_of(panel, ADA)["Stop following"].trigger()
    assert wishes == [Wish(What.SHOW, GRACE), Wish(What.FOLLOW), Wish(What.LOOK_AROUND)]


def test_the_menu_of_an_owner_who_hosts(panel: PeoplePanel, wishes: list[Wish]) -> None:
    meet(panel, company(ADA, GRACE, presenter=ADA, host=ME, asking=(GRACE,), role="owner"))
    about = menu_of(panel, GRACE)
    assert list(about) == [
        "Show where they are", "Let present", "Deny the request", "Role", "Remove…",
        "Owner", "Writer", "Reader",
    ]  # fmt: skip
    assert about["Writer"].isChecked()
    for entry in ("Let present", "Deny the request", "Reader", "Remove…"):
        about[entry].trigger()
    assert wishes == [
        Wish(What.LET, GRACE), Wish(What.DENY, GRACE), Wish(What.ROLE, GRACE, "reader"),
        Wish(What.REMOVE, GRACE),
    ]  # fmt: skip


def test_the_menu_of_oneself(panel: PeoplePanel, wishes: list[Wish]) -> None:
    meet(panel, company(ADA, GRACE, presenter=ADA, host=ME, role="owner"))
    about = menu_of(panel, ME)
    assert list(about) == [
        "Take presenting back", "Let nobody present", "Mute edits of all others", "End the session for all…",
    ]  # fmt: skip
    QTest.mouseClick(panel.more_button, LEFT)
    assert list(opened()) == list(about)
    for act in about.values():
        act.trigger()
    assert [wish.what for wish in wishes] == [What.TAKE_BACK, What.STOP, What.MUTE, What.END]
    meet(panel, company(person("me2", user_id="me-user"), role="owner"))
    assert list(menu_of(panel, "me2")) == ["Show where they are"]


def test_the_dots_the_right_button_and_the_menu_key_open_the_menu(panel: PeoplePanel) -> None:
    meet(panel, company(ADA, GRACE))
    row = panel.list.visualRect(panel.list.people.index(2))
    dots = panel.list.delegate.more_box(row).center()
    QTest.mouseMove(panel.list.viewport(), dots)
    QTest.mouseClick(panel.list.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, dots)
    assert list(opened()) == ["Show where they are"]
    assert panel.list.current is not None
    assert panel.list.current.participant_id == GRACE
    viewport = panel.list.viewport()
    for reason, place in ((QContextMenuEvent.Reason.Mouse, row.center()),
                          (QContextMenuEvent.Reason.Keyboard, QPoint())):  # fmt: skip
        event = QContextMenuEvent(reason, place, viewport.mapToGlobal(place))
        QApplication.sendEvent(viewport if reason is QContextMenuEvent.Reason.Mouse else panel.list, event)
        assert list(opened()) == ["Show where they are"]


# --- steadiness ----------------------------------------------------------------------------------
def test_the_selection_stays_with_its_person(panel: PeoplePanel) -> None:
    meet(panel, company(ADA, GRACE, LIN))
    panel.list.setCurrentIndex(panel.list.people.index(2))
    assert panel.list.current is not None
    assert panel.list.current.participant_id == GRACE
    meet(panel, company("aaron", ADA, GRACE, LIN, presenter=LIN))
    assert panel.list.current.participant_id == GRACE
    back = person("grace-again", name="Grace Hopper", user_id="grace-user")
    meet(panel, company("aaron", ADA, back, LIN, presenter=LIN))
    assert panel.list.current is not None
    assert panel.list.current.participant_id == "grace-again"
    meet(panel, company(ADA))
    assert len(panel.list.people.rows) == 2


def test_news_of_the_same_people_builds_no_row_anew(panel: PeoplePanel) -> None:
    meet(panel, company(*(f"p{n:02}" for n in range(49)), host=ME))
    moved: list[object] = []
    told: list[object] = []
    panel.list.people.layoutChanged.connect(lambda *_: moved.append(1))
    panel.list.people.dataChanged.connect(lambda first, _last, _roles: told.append(first.row()))
    meet(panel, company(*(f"p{n:02}" for n in range(49)), host=ME), places={"p07": "Front"})
    assert moved == []
    assert told == [8]


def test_removing_asks_with_a_reason_and_enter_does_not_remove(panel: PeoplePanel, qtbot: QtBot) -> None:
    given: list[str] = []
    question = RemoveQuestion(person(GRACE, name="<b>G</b>"), given.append, panel)
    question.open()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is question.reason)
    QTest.keyClicks(question.reason, " too loud ")
    QTest.keyClick(question.reason, Qt.Key.Key_Return)
    assert given == []
    assert question.isVisible()
    assert QApplication.focusWidget() is question.remove_button
    QTest.keyClick(question.remove_button, Qt.Key.Key_Space)
    assert given == ["too loud"]
    assert not question.isVisible()
    again = RemoveQuestion(person(GRACE), given.append, panel)
    again.open()
    QTest.keyClick(again, Qt.Key.Key_Escape)
    assert given == ["too loud"]
