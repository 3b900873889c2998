"""Two windows in a session over a real server: presenting, following, asking, muting, roles, and the end."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.domain.patch import update
from canvas.company.marks import CursorMark, OutlineMark
from tests.gui import hands
from tests.gui.hands import LEFT
from tests.gui.meeting.conftest import Meet
from tests.gui.meeting.guests import NODE, SECOND, draw, guest, two, until
from tests.sync.server.live.hands import Place
from ui.panels.people.removing import RemoveQuestion
from ui.panels.people.situation import What, Wish

K = Qt.Key


def test_a_presenter_is_followed_with_pointer_and_view(meet: Meet, place: Place, tmp_path: Path) -> None:
    async def together() -> None:
        async with two(place, tmp_path) as (ada, bob):
            await until(lambda: bob.bar == "ada presents" and bob.follows)
            assert ada.bar == "You present to 1 person"
            ada.look(place.diagram_id, 60, 60, 1.5)
            await until(lambda: bob.sees(place.diagram_id, 60, 60))
            ada.look(SECOND, -200, 90)
            await until(lambda: bob.sees(SECOND, -200, 90))
            assert bob.follows
            ada.point_at(-150, 100)
            await until(lambda: any(isinstance(mark, CursorMark) for mark in bob.view.company_marks))

    meet(together())


def test_who_looks_around_goes_on_by_one_key_and_may_edit(meet: Meet, place: Place, tmp_path: Path) -> None:
    async def together() -> None:
        async with two(place, tmp_path) as (ada, bob):
            ada.look(SECOND, 5, 5)
            await until(lambda: bob.sees(SECOND, 5, 5))
            bob.view.scroll_pixels(0, 300)
            assert not bob.follows
            assert "on your own" in bob.bar
            ada.look(place.diagram_id, 10, 20)
            await until(lambda: bob.window.gathering.now.places.get(bob.key_of("ada")) == "d")
            assert bob.diagram_id == SECOND
            bob.window.activateWindow()
            await until(bob.window.isActiveWindow)
            hands.press(bob.view, K.Key_F7)
            await until(lambda: bob.sees(place.diagram_id, 10, 20))
            bob.window.document.apply((update("cell", NODE, label="Bob’s shop"),))
            await until(lambda: getattr(ada.window.document.state.cell(NODE), "label", "") == "Bob’s shop")
            assert bob.follows

    meet(together())


def test_what_the_presenter_has_selected_shows_in_a_tab_that_is_opened_for_it(
    meet: Meet, place: Place, tmp_path: Path
) -> None:
    async def together() -> None:
        async with two(place, tmp_path) as (ada, bob):
            ada.look(SECOND, 5, 5)
            await until(lambda: bob.sees(SECOND, 5, 5))
            bob.window.tabs.setCurrentWidget(bob.window.pages[place.diagram_id])
            bob.window.close_current_tab()
            ada.look(place.diagram_id, 60, 60)
            assert ada.window.page is not None
            ada.window.page.scene.select([NODE])
            where = bob.window.gathering.whereabouts
            await until(lambda: where.selection_of(bob.key_of("ada")) == (NODE,))
            bob.window.gathering.wish(Wish(What.FOLLOW))
            await until(lambda: bob.sees(place.diagram_id, 60, 60))
            assert any(isinstance(mark, OutlineMark) for mark in bob.view.company_marks)

    meet(together())


def test_whoever_comes_late_is_shown_where_the_presenter_is(meet: Meet, place: Place, tmp_path: Path) -> None:
    async def together() -> None:
        async with guest(place, "ada", tmp_path) as ada:
            draw(ada, place)
            ada.look(SECOND, 77, 55, 1.2)
            async with guest(place, "bob", tmp_path) as bob:
                await until(lambda: bob.sees(SECOND, 77, 55))
            await until(lambda: ada.bar == "")

    meet(together())


def test_presenting_is_asked_for_granted_and_taken_back(meet: Meet, place: Place, tmp_path: Path) -> None:
    async def together() -> None:
        async with two(place, tmp_path) as (ada, bob):
            bob.window.actions_set.trigger("ask_to_present")
            await until(lambda: "bob asks to present" in ada.bar)
            assert "You have asked to present" in bob.bar
            await ada.press("Deny")
            await until(lambda: "turned your request" in bob.window.toast.text)
            await until(lambda: "asked" not in bob.bar)
            bob.window.actions_set.trigger("ask_to_present")
            await ada.press("Grant")
            await until(lambda: bob.bar == "You present to 1 person")
            await until(lambda: ada.bar == "bob presents" and ada.follows)
            bob.look(place.diagram_id, 300, 40)
            await until(lambda: ada.sees(place.diagram_id, 300, 40))
            await ada.press("Take back")
            await until(lambda: bob.bar == "ada presents" and bob.follows)
            await ada.press("Stop")
            await until(lambda: ada.bar == bob.bar == "")

    meet(together())


def test_a_request_is_withdrawn(meet: Meet, place: Place, tmp_path: Path) -> None:
    async def together() -> None:
        async with two(place, tmp_path) as (ada, bob):
            bob.window.actions_set.trigger("ask_to_present")
            await until(lambda: "bob asks to present" in ada.bar)
            await bob.press("Withdraw")
            await until(lambda: "asks" not in ada.bar)
            assert "asked" not in bob.bar

    meet(together())


def test_a_presentation_on_the_whole_screen_is_followed(meet: Meet, place: Place, tmp_path: Path) -> None:
    async def together() -> None:
        async with two(place, tmp_path) as (ada, bob):
            ada.window.actions_set.trigger("present")
            presentation = ada.window.presenting.window
            assert presentation is not None
            hands.press(presentation, K.Key_PageDown)
            await until(lambda: bob.diagram_id == SECOND)
            hands.press(presentation, K.Key_PageUp)
            await until(lambda: bob.diagram_id == place.diagram_id)
            hands.press(presentation, K.Key_Tab)
            where = bob.window.gathering.whereabouts
            await until(lambda: where.selection_of(bob.key_of("ada")) == (NODE,))
            assert bob.follows
            hands.press(presentation, K.Key_Escape)
            ada.look(place.diagram_id, 3, 4)
            await until(lambda: bob.sees(place.diagram_id, 3, 4))

    meet(together())


def test_edits_are_muted_and_taken_again(meet: Meet, place: Place, tmp_path: Path) -> None:
    async def together() -> None:
        async with two(place, tmp_path) as (ada, bob):
            ada.window.around.show("people")
            await until(ada.window.gathering.panel.mute_button.isVisible)
            QTest.mouseClick(ada.window.gathering.panel.mute_button, LEFT)
            await until(lambda: "Edits are off: the host, ada, has muted them" in bob.bar)
            assert "Edits are off for everybody but you" in ada.bar
            await ada.press("Let edit again")
            await until(lambda: "Edits" not in bob.bar and "Edits" not in ada.bar)

    meet(together())


def test_an_owner_gives_another_role_and_takes_it_back(meet: Meet, place: Place, tmp_path: Path) -> None:
    async def together() -> None:
        async with two(place, tmp_path) as (ada, bob):
            ada.window.gathering.wish(Wish(What.ROLE, ada.key_of("bob"), "reader"))
            await until(lambda: bob.window.document.read_only)
            await until(lambda: ada.window.toast.text == "bob only reads now.")
            ada.window.toast.act()
            await until(lambda: not bob.window.document.read_only)

    meet(together())


@pytest.mark.parametrize("reason", ["", "wrong room"])
def test_somebody_is_sent_out(meet: Meet, place: Place, tmp_path: Path, reason: str) -> None:
    async def together() -> None:
        async with two(place, tmp_path) as (ada, bob):
            ada.window.gathering.wish(Wish(What.REMOVE, ada.key_of("bob")))
            question = ada.window.findChild(RemoveQuestion)
            assert question is not None
            question.reason.setText(reason)
            question.remove_button.click()
            await until(lambda: len(ada.shared.company_now.people) == 1)
            await until(lambda: bob.shared.status_now.state == "stopped")
            assert not bob.window.gathering.now.is_live
            assert bob.window.gathering.panel.state.text() == "Not connected"
            assert reason in bob.window.gathering.panel.empty.text()

    meet(together())


def test_a_session_ends_for_all(meet: Meet, place: Place, tmp_path: Path) -> None:
    async def together() -> None:
        async with two(place, tmp_path) as (ada, bob):
            ada.window.actions_set.trigger("end_session")
            await until(lambda: len(hands.message_boxes()) == 1)
            (box,) = hands.message_boxes()
            assert "1 person will be cut off" in box.informativeText()
            next(b for b in box.buttons() if b.text() == "End session").click()
            await until(lambda: bob.shared.status_now.state != "live")
            await until(lambda: not bob.window.gathering.now.is_live)

    meet(together())
