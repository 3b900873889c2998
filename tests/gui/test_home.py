"""The library window: cards, search, the bin, dropped files, and what it says when it cannot write."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.patch import update
from app.services.workspace import Workspace
from storage import SqlLibrary, open_library
from tests.gui import hands
from tests.gui.conftest import Start
from ui.home.models import SUMMARY_ROLE
from ui.home.window import HomeWindow
from ui.program import Program
from ui.theme import ThemeMode

FILES = Path(__file__).parent.parent / "exchange" / "files"
NO_KEY = Qt.KeyboardModifier.NoModifier


def names(home: HomeWindow) -> list[str]:
    model = home.model
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def choose(home: HomeWindow, name: str) -> None:
    home.list.setCurrentIndex(home.model.index(names(home).index(name)))


def filled(program: Program, *wanted: str) -> HomeWindow:
    """The library window over models of these names, the last one edited last."""
    for name in wanted:
        document = program.workspace.create(name)
        program.workspace.release(document.model_id)
        program.workspace.library.flush()
    home = program.show_home()
    home.activateWindow()
    home.list.setFocus()
    return home


def test_an_empty_library_says_what_to_do(program: Program) -> None:
    home = program.show_home()
    assert home._stack.currentWidget() is home._empty
    assert "Ctrl+N" in home._empty.text()
    assert "drop" in home._empty.text()


def test_cards_newest_first_and_their_facts(program: Program) -> None:
    home = filled(program, "Älteste", "Middle", "Newest")
    assert names(home) == ["Newest", "Middle", "Älteste"]
    words = str(home.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole))
    assert words == "Newest, STRIDE · 1 diagram, No threats yet"
    document = program.workspace.open(home.model.index(2).data(SUMMARY_ROLE).id)
    document.apply((update("threat_model", document.model_id, description="now"),))
    home.refresh()
    assert names(home) == ["Älteste", "Newest", "Middle"]


def test_search_by_keyboard_filters_and_says_when_nothing_fits(program: Program, qtbot: QtBot) -> None:
    home = filled(program, "Payments", "Online shop", "Clinic")
    with qtbot.waitActive(home):
        home.activateWindow()
    hands.press(home.list, Qt.Key.Key_F, hands.CTRL)
    assert QApplication.focusWidget() is home.search
    hands.type_text("SHOP on")
    assert names(home) == ["Online shop"]
    hands.type_text(" nowhere")
    assert names(home) == []
    assert home._stack.currentWidget() is home._empty
    assert home._empty.text() == "No model matches “SHOP on nowhere”."
    hands.press(home.search, Qt.Key.Key_Escape)
    assert home.search.text() == ""
    assert len(names(home)) == 3
    hands.type_text("pay")
    hands.enter()
    qtbot.waitUntil(lambda: [w.document.name for w in program.windows.values()] == ["Payments"])


def test_open_by_enter_and_by_double_click(program: Program, qtbot: QtBot) -> None:
    home = filled(program, "One", "Two")
    choose(home, "One")
    hands.press(home.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [w.document.name for w in program.windows.values()] == ["One"])
    place = home.list.visualRect(home.model.index(names(home).index("Two"))).center()
    QTest.mouseClick(home.list.viewport(), hands.LEFT, NO_KEY, place)
    QTest.mouseDClick(home.list.viewport(), hands.LEFT, NO_KEY, place)
    qtbot.waitUntil(lambda: {w.document.name for w in program.windows.values()} == {"One", "Two"})


def test_new_model_by_key_is_ready_to_be_named(program: Program, qtbot: QtBot) -> None:
    home = filled(program)
    with qtbot.waitActive(home):
        home.activateWindow()
    hands.press(home.list, Qt.Key.Key_N, hands.CTRL)
    qtbot.waitUntil(lambda: bool(program.windows))
    window = hands.shown(qtbot, next(iter(program.windows.values())))
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None and window.isActiveWindow())
    hands.press(hands.focus(), Qt.Key.Key_A, hands.CTRL)
    hands.type_text("Named at once")
    hands.enter()
    assert window.document.name == "Named at once"
    assert window.windowTitle() == "Named at once"
    window.close()
    assert names(home) == ["Named at once"]


def test_delete_and_undo_then_bin_restore_and_remove_for_good(program: Program, qtbot: QtBot) -> None:
    home = filled(program, "Kept", "Gone")
    choose(home, "Gone")
    home.open_chosen()
    hands.press(home.list, Qt.Key.Key_Delete)
    assert names(home) == ["Kept"]
    assert not program.windows
    assert home.toast.text == "Moved “Gone” to the bin."
    home.toast.act()
    assert set(names(home)) == {"Kept", "Gone"}

    choose(home, "Gone")
    hands.press(home.list, Qt.Key.Key_Delete)
    QTest.mouseClick(home.bin_button, hands.LEFT)
    assert names(home) == ["Gone"]
    assert not home.restore_button.isEnabled()
    choose(home, "Gone")
    QTest.mouseClick(home.restore_button, hands.LEFT)
    assert names(home) == []
    assert home._empty.text().startswith("The bin is empty.")
    hands.press(home.list, Qt.Key.Key_Escape)
    assert set(names(home)) == {"Kept", "Gone"}

    choose(home, "Gone")
    hands.press(home.list, Qt.Key.Key_Delete)
    QTest.mouseClick(home.bin_button, hands.LEFT)
    choose(home, "Gone")
    hands.press(home.list, Qt.Key.Key_Delete)
    hands.press(hands.the_message(qtbot), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not hands.message_boxes())
    assert names(home) == ["Gone"], "Enter alone must not remove anything for good"
    QTest.mouseClick(home.purge_button, hands.LEFT)
    hands.answer(qtbot, "Remove for good")
    assert names(home) == []
    assert program.workspace.summaries(deleted=True) == []


def test_a_purged_model_can_be_imported_again(program: Program, qtbot: QtBot) -> None:
    home = filled(program)
    assert hands.drop(home, FILES / "threat_dragon_v2.json")
    qtbot.waitUntil(lambda: bool(program.windows))
    (model_id,) = program.windows
    choose_first(home)
    home.duplicate_chosen()
    home.list.selectAll()
    home.delete_chosen()
    program.workspace.purge([s.id for s in program.workspace.summaries(deleted=True)])
    home.refresh()
    assert names(home) == []
    assert hands.drop(home, FILES / "threat_dragon_v2.json")
    qtbot.waitUntil(lambda: model_id in program.windows)
    window = program.windows[model_id]
    window.document.apply((update("threat_model", model_id, name="Again"),))
    program.workspace.library.flush()
    assert program.workspace.library.load(model_id).sequence_number == 2


def choose_first(home: HomeWindow) -> None:
    home.refresh()
    home.list.setCurrentIndex(home.model.index(0))


def test_duplicate_is_a_model_of_its_own_with_a_picture(program: Program, qtbot: QtBot) -> None:
    program.open_sample("tmi.tmi.json")
    home = filled(program)
    choose_first(home)
    original = home.chosen()[0]
    home.duplicate_chosen()
    assert len(names(home)) == 2
    copy = next(s for s in program.workspace.summaries() if s.id != original.id)
    assert copy.name == f"{original.name} (copy)"
    assert copy.thumbnail.startswith("<svg")
    assert (copy.diagrams, copy.threats) == (original.diagrams, original.threats)


def test_dropped_files_open_and_other_things_do_not(program: Program, qtbot: QtBot, tmp_path: Path) -> None:
    home = filled(program)
    assert hands.drop(home, FILES / "threat_dragon_v1.json", FILES / "threat_dragon_v2.json")
    qtbot.waitUntil(lambda: len(program.windows) == 2)
    assert {w.document.name for w in program.windows.values()} == {"Old shop", "Clinic — bookings"}
    assert not hands.drop(home)


def test_the_picture_of_a_model_follows_its_edits(program: Program, qtbot: QtBot) -> None:
    document = program.workspace.create("Drawn")
    window = program.open_model(document.model_id)
    assert window is not None
    hands.shown(qtbot, window)
    assert program.workspace.summaries()[0].thumbnail == ""
    page = window.page
    assert page is not None
    page.view.setFocus()
    hands.press(page.view, Qt.Key.Key_P)
    hands.click(page.view, 100, 100)
    hands.press(hands.focus(), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: program.workspace.summaries()[0].thumbnail.startswith("<svg"))


def test_what_is_only_imported_has_a_picture_too(program: Program, qtbot: QtBot) -> None:
    home = program.show_home()
    program.open_sample("tmi.tmi.json")
    next(iter(program.windows.values())).close()
    home.refresh()
    assert program.workspace.summaries()[0].thumbnail.startswith("<svg")


def test_coming_back_to_the_library_shows_what_changed(program: Program, qtbot: QtBot) -> None:
    home = filled(program, "Before")
    choose(home, "Before")
    home.open_chosen()
    (window,) = program.windows.values()
    with qtbot.waitActive(window):
        window.activateWindow()
    window.document.apply((update("threat_model", window.document.model_id, name="After"),))
    with qtbot.waitActive(home):
        home.activateWindow()
    assert names(home) == ["After"]


@pytest.fixture
def second_library(library_path: Path) -> Iterator[tuple[SqlLibrary, SqlLibrary]]:
    """The library of a running program, and the same opened a second time."""
    library_path.parent.mkdir(parents=True)
    first = open_library(library_path)
    Workspace(first, "tester").create("Seen only")
    first.flush()
    second = open_library(library_path)
    yield first, second
    second.close()
    first.close()


def test_a_read_only_library_says_so_and_changes_nothing(
    qapp: QApplication, qtbot: QtBot, second_library: tuple[SqlLibrary, SqlLibrary]
) -> None:
    program = Program(qapp, Workspace(second_library[1], "tester"))
    try:
        home = program.show_home()
        assert second_library[1].read_only in home.notice.text()
        assert home.notice.isVisible()
        assert names(home) == ["Seen only"]
        assert not home.new_button.isEnabled()
        choose(home, "Seen only")
        hands.press(home.list, Qt.Key.Key_Delete)
        home.duplicate_chosen()
        assert home.toast.text == second_library[1].read_only
        assert names(home) == ["Seen only"]
        home.open_chosen()
        (window,) = program.windows.values()
        hands.shown(qtbot, window)
        assert window.windowTitle() == "Seen only (read only)"
        assert window.status.saved.text() == "Read only"
        assert not window.actions_set.actions["new_diagram"].isEnabled()
        assert window.actions_set.actions["new_diagram"].statusTip() == second_library[1].read_only
    finally:
        program.close()
        for widget in (program.home, program.theme, program):
            if widget is not None:
                widget.deleteLater()


@pytest.mark.parametrize("mode", [ThemeMode.LIGHT, ThemeMode.DARK])
def test_the_buttons_of_a_toast_can_be_read(program: Program, mode: ThemeMode) -> None:
    program.set_theme(mode)
    home = program.show_home()
    home.toast.say("Moved to the bin.", "Undo", home.refresh)
    for button in home.toast.findChildren(QPushButton):
        assert button.isVisible()
        image = button.grab().toImage()
        light = [
            image.pixelColor(x, y).lightness() for x in range(image.width()) for y in range(image.height())
        ]
        assert max(light) - min(light) > 120


def test_the_settings_menu_changes_theme_and_size_at_once(start: Start, qtbot: QtBot) -> None:
    program = start()
    home = program.show_home()
    QTest.mouseClick(home.settings_button, hands.LEFT)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    texts = [a.text() for a in menu.actions()]
    assert texts[:3] == ["Follow the system", "Light", "Dark"]
    menu.actions()[2].trigger()
    menu.close()
    assert program.theme.theme.name == "dark"
    program = start()
    assert program.theme.theme.name == "dark"
