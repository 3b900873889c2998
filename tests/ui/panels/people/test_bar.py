"""The bar over the diagram: what it says to whom, what its buttons wish, and that it is in nobody's way."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from app.domain.presence import Company
from app.ports_live import LinkStatus
from tests.ui.sessions import ADA, GRACE, LIN, LIVE, ME, company, person
from ui.panels.people.bar import PresenterBar
from ui.panels.people.situation import Situation, What, Wish
from ui.theme import ThemeManager

LEFT = Qt.MouseButton.LeftButton
Show = Callable[..., QWidget]


@pytest.fixture
def bar(theme: ThemeManager, shown: Show) -> PresenterBar:
    """A bar over a place with a field to type in."""
    place = QWidget()
    column = QVBoxLayout(place)
    column.addWidget(QLineEdit(place))
    column.addStretch(1)
    made = PresenterBar(theme, place)
    shown(place, 500, 400)
    return made


@pytest.fixture
def wishes(bar: PresenterBar) -> list[Wish]:
    """What has been wished."""
    heard: list[Wish] = []
    bar.wished.connect(heard.append)
    return heard


def meet(bar: PresenterBar, there: Company, **more: object) -> None:
    """Show how things are."""
    bar.show_situation(Situation(company=there, link=LIVE, **more))  # type: ignore[arg-type]
    QApplication.processEvents()


def titles(bar: PresenterBar) -> list[list[str]]:
    """The buttons of each line that shows."""
    return [[b.text() for b in line.buttons] for line in bar.lines if line.isVisible()]


def press_all(bar: PresenterBar) -> None:
    for line in bar.lines:
        for button in line.buttons if line.isVisible() else ():
            QTest.mouseClick(button, LEFT)


def test_it_is_there_only_when_there_is_something_to_say(bar: PresenterBar) -> None:
    assert not bar.isVisible()
    meet(bar, company(ADA))
    assert not bar.isVisible()
    meet(bar, company(ADA, presenter=ADA))
    assert bar.isVisible()
    bar.show_situation(Situation(link=LinkStatus("waiting")))
    assert not bar.isVisible()
    meet(bar, company(presenter=ME, host=ME))
    assert not bar.isVisible(), "nobody looks at it"


def test_a_follower_stops_and_follows_again(bar: PresenterBar, wishes: list[Wish]) -> None:
    meet(bar, company(ADA, presenter=ADA), following=True)
    assert bar.said == "Ada Lovelace presents"
    assert titles(bar) == [["Following"]]
    press_all(bar)
    meet(bar, company(ADA, presenter=ADA))
    assert titles(bar) == [["Follow (F7)"]]
    assert "F7" in bar.leading.buttons[0].toolTip()
    press_all(bar)
    meet(bar, company(ADA, presenter=ADA), following=True, held=True, places={ADA: "Back"})
    assert bar.said == "Ada Lovelace has gone on to “Back”"
    assert titles(bar) == [["Follow (F7)"]]
    assert wishes == [Wish(What.LOOK_AROUND), Wish(What.FOLLOW)]


def test_a_presenter_points_and_stops(bar: PresenterBar, wishes: list[Wish]) -> None:
    meet(bar, company(ADA, GRACE, LIN, "eve", presenter=ME))
    assert bar.said == "You present to 4 people"
    press_all(bar)
    assert wishes == [Wish(What.LASER), Wish(What.STOP)]
    meet(bar, company(ADA, presenter=ME), laser=True)
    assert titles(bar) == [["Laser off", "Stop"]]


def test_a_host_takes_back_and_answers_one_after_the_other(bar: PresenterBar, wishes: list[Wish]) -> None:
    meet(bar, company(ADA, GRACE, LIN, presenter=ADA, host=ME, asking=(GRACE, LIN), muted=True))
    assert titles(bar) == [["Follow (F7)", "Take back"], ["Grant", "Deny"], ["Let edit again"]]
    press_all(bar)
    assert wishes == [
        Wish(What.FOLLOW), Wish(What.TAKE_BACK), Wish(What.LET, GRACE), Wish(What.DENY, GRACE),
        Wish(What.UNMUTE),
    ]  # fmt: skip
    meet(bar, company(ADA, GRACE, LIN, presenter=ADA, host=ME, asking=(LIN,)))
    assert "Lin asks to present" in bar.said
    wishes.clear()
    QTest.mouseClick(bar.asking.buttons[0], LEFT)
    assert wishes == [Wish(What.LET, LIN)]


def test_who_has_asked_may_withdraw(bar: PresenterBar, wishes: list[Wish]) -> None:
    meet(bar, company(ADA, asking=(ME,)))
    assert bar.said == "You have asked to present"
    press_all(bar)
    assert wishes == [Wish(What.WITHDRAW)]


def test_it_never_takes_the_keyboard_and_gives_it_by_tab(bar: PresenterBar, wishes: list[Wish]) -> None:
    field = bar.over.findChild(QLineEdit)
    assert field is not None
    field.setFocus()
    meet(bar, company(ADA, GRACE, host=ME, asking=(GRACE,), presenter=ADA))
    assert QApplication.focusWidget() is field
    QTest.mouseClick(bar.asking.buttons[0], LEFT)
    assert QApplication.focusWidget() is field, "a click leaves it where it is"
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is bar.leading.buttons[0]
    bar.asking.buttons[1].setFocus()
    meet(bar, company(ADA, GRACE, LIN, host=ME, asking=(GRACE, LIN), presenter=ADA))
    assert QApplication.focusWidget() is bar.asking.buttons[1], "news of others leaves it there"
    QTest.keyClick(bar.asking.buttons[1], Qt.Key.Key_Space)
    assert wishes[-1] == Wish(What.DENY, GRACE)


def test_it_says_each_thing_once_aloud(bar: PresenterBar) -> None:
    said: list[str] = []
    bar.announced.connect(said.append)
    for place in ("Front", "Back"):
        meet(bar, company(ADA, presenter=ADA), following=True, places={ADA: place})
    assert said == ["Ada Lovelace presents"]
    assert bar.accessibleDescription() == said[0]


@pytest.mark.parametrize("width", [240, 500, 1600])
def test_it_lies_within_its_place_whatever_the_name(bar: PresenterBar, width: int) -> None:
    bar.over.resize(width, 400)
    long = person(ADA, name="Maximiliane " * 5)
    meet(bar, company(long, GRACE, presenter=ADA, host=ADA, muted=True))
    assert bar.x() >= 0
    assert bar.x() + bar.width() <= width
    assert bar.height() < 70
    for line in bar.lines:
        for button in line.buttons if line.isVisible() else ():
            end = button.mapTo(bar, button.rect().bottomRight())
            assert bar.rect().contains(end), "every button is within it"
