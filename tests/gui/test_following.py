"""Following a presenter in a real window: through tabs and zooms, until the user goes elsewhere."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.domain.ids import new_id
from app.domain.patch import Origin, add, remove
from app.domain.presence import Company, ViewportOf
from app.domain.values import Point
from tests.gui import hands
from tests.gui.hands import join
from tests.ui.sessions import ADA, GRACE, LIVE, ME, company, person
from ui.model.page import DiagramPage
from ui.model.window import ModelWindow
from ui.program import Program

K = Qt.Key


@pytest.fixture
def window(program: Program, qtbot: QtBot) -> ModelWindow:
    """The sample in its window; nothing glides, so that where it looks is known at once."""
    program.settings.set("motion", "reduced")
    program.start()
    window = hands.shown(qtbot, next(iter(program.windows.values())))
    with qtbot.waitActive(window):
        window.activateWindow()
    return window


def diagrams(window: ModelWindow) -> list[str]:
    return [d.id for d in window.document.state.diagrams()]


def front(window: ModelWindow) -> DiagramPage:
    assert window.page is not None
    return window.page


def look(
    window: ModelWindow, diagram_id: str, x: float, y: float, zoom: float = 1.0, who: str = ADA,
    width: float = 0.0, height: float = 0.0,
) -> None:  # fmt: skip
    """A presenter looks somewhere."""
    window.gathering.hear(ViewportOf(
        participant_id=who, diagram_id=diagram_id, centre=Point(x, y), zoom=zoom, width=width, height=height,
    ))  # fmt: skip
    QApplication.processEvents()


def sees(window: ModelWindow, diagram_id: str, x: float, y: float) -> bool:
    """Whether the window shows that place in the middle."""
    page = front(window)
    middle = page.view.visible_area().center()
    return page.diagram_id == diagram_id and abs(middle.x() - x) < 2 and abs(middle.y() - y) < 2


def follows(window: ModelWindow) -> bool:
    return window.gathering.now.following


def held(window: ModelWindow) -> bool:
    return window.gathering.now.held


def wheel(page: DiagramPage) -> None:
    """Scroll by hand."""
    viewport = page.view.viewport()
    at = QPointF(viewport.rect().center())
    none = Qt.MouseButton.NoButton
    event = QWheelEvent(at, viewport.mapToGlobal(at), QPoint(), QPoint(0, -240), none,
                        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(viewport, event)
    QApplication.processEvents()


def test_a_presentation_is_followed_from_its_beginning(window: ModelWindow) -> None:
    first, second, _ = diagrams(window)
    join(window, company(ADA))
    assert not follows(window)
    window.gathering.set_company(company(ADA, presenter=ADA))
    assert follows(window)
    assert window.gathering.bar.said == "Ada Lovelace presents"
    look(window, first, 300, 200, 1.5)
    assert sees(window, first, 300, 200)
    assert front(window).view.zoom == 1.5
    look(window, second, -40, 60)
    assert sees(window, second, -40, 60)
    look(window, first, 10, 20, width=800, height=200)
    assert sees(window, first, 10, 20)
    seen = front(window).view.visible_area()
    assert seen.width() >= 799
    assert follows(window), "to be turned and moved by the presenter is not one's own doing"


def test_the_view_of_others_is_not_followed(window: ModelWindow) -> None:
    first = diagrams(window)[0]
    join(window, company(ADA, GRACE, presenter=ADA))
    look(window, first, 300, 200)
    look(window, first, 900, 900, who=GRACE)
    assert sees(window, first, 300, 200)


def test_scrolling_ends_it_and_one_key_goes_on(window: ModelWindow) -> None:
    first, second, _ = diagrams(window)
    join(window, company(ADA, presenter=ADA))
    look(window, first, 300, 200)
    wheel(front(window))
    assert not follows(window)
    assert "look around on your own" in window.gathering.bar.said
    look(window, second, 5, 5)
    assert front(window).diagram_id == first, "who looks around stays"
    hands.press(front(window).view, K.Key_F7)
    assert follows(window)
    assert sees(window, second, 5, 5)
    hands.press(front(window).view, K.Key_F7)
    assert not follows(window), "the same key ends it"
    look(window, second, 800, 5)
    assert not sees(window, second, 800, 5)


def test_turning_a_tab_ends_it(window: ModelWindow) -> None:
    first, second, third = diagrams(window)
    join(window, company(ADA, presenter=ADA))
    look(window, second, 0, 0)
    QTest.keyClick(front(window).view, K.Key_PageDown, hands.CTRL)
    assert front(window).diagram_id == third
    assert not follows(window)
    look(window, first, 0, 0)
    assert front(window).diagram_id == third


def test_a_diagram_that_is_open_in_no_tab_is_opened(window: ModelWindow) -> None:
    first, second, _ = diagrams(window)
    join(window, company(ADA, presenter=ADA))
    look(window, first, 0, 0)
    window.tabs.setCurrentWidget(window.pages[second])
    window.close_current_tab()
    hands.press(front(window).view, K.Key_F7)
    assert follows(window)
    look(window, second, 77, 33, 0.8)
    QApplication.processEvents()
    assert sees(window, second, 77, 33)
    assert front(window).view.zoom == 0.8, "not as it was shown last, and not whole"
    assert follows(window)
    assert window.pages[second].view.hasFocus(), "the keyboard went along from diagram to diagram"


def test_another_size_of_the_window_is_not_the_users_way(window: ModelWindow) -> None:
    first = diagrams(window)[0]
    join(window, company(ADA, presenter=ADA))
    look(window, first, 120, 80, 1.0)
    window.resize(1000, 700)
    QApplication.processEvents()
    window.docks["inspector"].hide()
    QApplication.processEvents()
    assert follows(window)
    assert sees(window, first, 120, 80)


def test_a_diagram_shown_whole_that_is_resized_while_following_is_not_fitted(window: ModelWindow) -> None:
    """A diagram that nobody has zoomed fits itself anew whenever the window changes."""
    first = diagrams(window)[0]
    page = front(window)
    fitted = page.view.zoom
    join(window, company(ADA, presenter=ADA))
    look(window, first, 400, 300, fitted)
    window.resize(window.width() - 120, window.height() - 60)
    QTest.qWait(0)
    QApplication.processEvents()
    assert follows(window)
    assert sees(window, first, 400, 300)


def test_a_drag_is_not_carried_away_and_caught_up_afterwards(window: ModelWindow, qtbot: QtBot) -> None:
    first, second, _ = diagrams(window)
    join(window, company(ADA, presenter=ADA))
    look(window, first, 300, 200)
    page = front(window)
    cell = next(c for c in page.scene.shown_cells() if not c.is_line and not c.is_boundary and c.label)
    page.view.reveal([cell.id])
    window.gathering.following.follow()
    page.view.following.stop()
    page.view.reveal([cell.id])
    x, y = hands.middle(cell)
    viewport = page.view.viewport()
    QTest.mousePress(viewport, hands.LEFT, Qt.KeyboardModifier.NoModifier, hands.spot(page.view, x, y))
    QTest.mouseMove(viewport, hands.spot(page.view, x + 30, y))
    QTest.mouseMove(viewport, hands.spot(page.view, x + 60, y))
    assert page.view.is_busy
    before = page.view.visible_area().center()
    look(window, second, 5, 5)
    assert front(window) is page
    assert page.view.visible_area().center() == before
    assert held(window)
    assert "has gone on" in window.gathering.bar.said
    QTest.mouseRelease(viewport, hands.LEFT, Qt.KeyboardModifier.NoModifier, hands.spot(page.view, x + 60, y))
    moved = window.document.state.cell(cell.id)
    assert moved is not None
    assert moved.position.x > cell.position.x, "a follower may keep editing"
    qtbot.waitUntil(lambda: sees(window, second, 5, 5))
    assert not held(window)
    assert follows(window)


def test_typing_keeps_the_tab_until_it_is_over(window: ModelWindow, qtbot: QtBot) -> None:
    first, second, _ = diagrams(window)
    join(window, company(ADA, presenter=ADA))
    look(window, first, 300, 200)
    window.edit_name()
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "Half a na")
    look(window, first, 500, 200)
    assert sees(window, first, 500, 200), "in the same diagram nothing is in the way"
    look(window, second, 5, 5)
    assert front(window).diagram_id == first
    assert held(window)
    assert QApplication.focusWidget() is field
    assert "Half a na" in field.text()
    front(window).view.setFocus()
    qtbot.waitUntil(lambda: sees(window, second, 5, 5))


def test_the_key_goes_on_even_from_a_field(window: ModelWindow) -> None:
    first, second, _ = diagrams(window)
    join(window, company(ADA, presenter=ADA))
    look(window, first, 300, 200)
    window.edit_name()
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    look(window, second, 5, 5)
    hands.press(field, K.Key_F7)
    assert sees(window, second, 5, 5)


def test_a_new_presentation_is_followed_though_the_last_was_left(window: ModelWindow) -> None:
    first = diagrams(window)[0]
    join(window, company(ADA, GRACE, presenter=ADA))
    look(window, first, 300, 200)
    wheel(front(window))
    window.gathering.set_company(company(ADA, GRACE, presenter=GRACE))
    assert follows(window)
    look(window, first, 44, 44, who=GRACE)
    assert sees(window, first, 44, 44)
    window.gathering.set_company(company(ADA, GRACE, presenter=ME))
    assert not follows(window)
    window.gathering.set_company(company(ADA, GRACE))
    assert not follows(window)


def test_a_lost_connection_changes_no_mind(window: ModelWindow) -> None:
    """Whoever had left the presenter is not carried away when either of them connects again."""
    first = diagrams(window)[0]
    join(window, company(ADA, presenter=ADA))
    look(window, first, 300, 200)
    wheel(front(window))
    window.gathering.set_company(Company())
    window.gathering.set_company(company(ADA, presenter=ADA))
    assert not follows(window)
    again = person("ada-again", name="Ada Lovelace", user_id="ada-user")
    window.gathering.set_company(company(again, presenter="ada-again"))
    assert not follows(window)
    window.gathering.following.follow()
    look(window, first, 44, 44, who="ada-again")
    window.gathering.set_company(Company())
    assert not front(window).view.following.is_on
    window.gathering.set_status(LIVE)
    window.gathering.set_company(company(ADA, presenter=ADA))
    assert follows(window)
    look(window, first, 88, 88)
    assert sees(window, first, 88, 88)


def test_a_diagram_made_a_moment_ago_is_waited_for(window: ModelWindow, qtbot: QtBot) -> None:
    """What the presenter sees comes another way than what he makes, and may be here first."""
    join(window, company(ADA, presenter=ADA))
    fresh = new_id()
    look(window, fresh, 10, 10)
    assert follows(window)
    window.document.apply((add("diagram", fresh, {"name": "Fresh", "order": "z"}),), origin=Origin.REMOTE)
    qtbot.waitUntil(lambda: front(window).diagram_id == fresh)
    assert follows(window)


def test_a_diagram_that_others_delete_ends_nothing(window: ModelWindow) -> None:
    first, second, _ = diagrams(window)
    join(window, company(ADA, presenter=ADA))
    look(window, second, 10, 10)
    window.document.apply((remove("diagram", second),), origin=Origin.REMOTE)
    QApplication.processEvents()
    assert follows(window)
    look(window, first, 10, 10)
    assert sees(window, first, 10, 10)


def test_gliding_ends_where_the_presenter_looks(program: Program, window: ModelWindow, qtbot: QtBot) -> None:
    for page in window.pages.values():
        page.view.company.reduced_motion = False
    first = diagrams(window)[0]
    join(window, company(ADA, presenter=ADA))
    for step in range(6):
        look(window, first, 100 + 20 * step, 100, 1.0 + 0.1 * step)
    qtbot.waitUntil(lambda: sees(window, first, 200, 100))
    assert follows(window)


def test_the_window_closes_in_the_midst_of_it(window: ModelWindow) -> None:
    first = diagrams(window)[0]
    join(window, company(ADA, presenter=ADA))
    look(window, first, 10, 10)
    look(window, new_id(), 10, 10)
    window.close()
    window.gathering.set_company(Company())
