"""The table of actions: every key does one thing, everything can be done, what cannot be says why."""

from collections import Counter

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from app.domain.patch import update
from app.ports_live import LinkStatus
from canvas import commands
from tests.gui import hands
from tests.gui.hands import join
from tests.ui.sessions import ADA, GRACE, ME, company
from ui.dialogs.palette import CommandPalette, score
from ui.dialogs.shortcuts import ShortcutSheet
from ui.model.actions import MENUS, TABLE, TOOL_BAR
from ui.model.window import CONTEXT_CELL, CONTEXT_EMPTY, ModelWindow
from ui.program import Program

BLOCKED = ("paste", "import_report", "share", "servers")  # nothing to paste, no network
ENDS = {"close", "quit"}


@pytest.fixture
def window(program: Program, qtbot: QtBot) -> ModelWindow:
    """The TMI sample in its window, everything chosen, one step to undo and one to redo."""
    program.open_sample("tmi.tmi.json")
    window = hands.shown(qtbot, next(iter(program.windows.values())))
    with qtbot.waitActive(window):
        window.activateWindow()
    prepare(window)
    return window


def prepare(window: ModelWindow) -> None:
    window.open_diagram(window.document.state.diagrams()[0].id)
    assert window.page is not None
    document = window.document
    for name in ("once", f"twice {document.sequence_number}"):
        document.apply((update("threat_model", document.model_id, name=name),), title="name")
    document.undo()
    window.page.view.setFocus()
    commands.select_all(window.page.view)
    assert window.page.scene.selected
    join(window, company(ADA, GRACE, presenter=ADA))
    window.gathering.following.look_around()


HOSTS_OWN = {"take_back", "stop_presenting", "grant_request", "deny_request", "mute_edits", "end_session"}


def prepare_for(window: ModelWindow, action_id: str) -> None:
    """As `prepare`, as the host or without a connection where it takes that."""
    prepare(window)
    if action_id in HOSTS_OWN:
        join(window, company(ADA, GRACE, presenter=ADA, host=ME, asking=(GRACE,)))
    elif action_id == "connect_now":
        window.gathering.set_status(LinkStatus("waiting", "no route"), 3)


def clear_away() -> None:
    """Close whatever an action has opened over the window."""
    for _ in range(3):
        for widget in (QApplication.activePopupWidget(), QApplication.activeModalWidget()):
            if widget is not None:
                widget.close()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()


def test_no_two_actions_share_a_key_or_an_id() -> None:
    keys = Counter(QKeySequence(k).toString() for action in TABLE for k in action.shortcuts)
    assert [key for key, times in keys.items() if times > 1] == []
    assert all(keys), "a shortcut that Qt does not understand"
    ids = Counter(action.id for action in TABLE)
    assert max(ids.values()) == 1
    known = set(ids)
    assert {i for i in (*TOOL_BAR, *CONTEXT_CELL, *CONTEXT_EMPTY) if i} <= known
    assert {action.menu for action in TABLE} == {name.replace("&", "") for name in MENUS}


def test_mnemonics_are_unique_in_each_menu() -> None:
    for menu in MENUS:
        name = menu.replace("&", "")
        letters = Counter(
            a.title[a.title.index("&") + 1].lower() for a in TABLE if a.menu == name and "&" in a.title
        )
        assert [x for x, times in letters.items() if times > 1] == [], name


def test_every_shortcut_reaches_its_action_and_no_other(
    window: ModelWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(window.actions_set, "trigger", done.append)
    assert window.page is not None
    for action in TABLE:
        for keys in action.shortcuts:
            done.clear()
            QTest.keySequence(window.page.view, QKeySequence(keys))
            assert done == [action.id], f"{keys} of {action.id} did {done}"


def test_text_fields_keep_the_keys_of_the_diagram(
    window: ModelWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(window.actions_set, "trigger", done.append)
    window.edit_name()
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    for action in TABLE:
        if action.on_canvas:
            for keys in action.shortcuts:
                QTest.keySequence(field, QKeySequence(keys))
    assert done == []


CHANGING = (
    "delete",
    "duplicate",
    "align_left",
    "distribute_h",
    "wrap",
    "cut",
    "same_size",
    "lock",
    "new_threat",
)


# These need something that happened while one was away.
HOSTED = ("stop_hosting", "server_log")
UNDECIDED = ("keep_places", "keep_theirs", "keep_mine", "all_ghosts")


def test_everything_can_be_done(program: Program, window: ModelWindow) -> None:
    model_id = window.document.model_id
    for action in TABLE:
        if action.id in ENDS:
            continue
        prepare_for(window, action.id)
        reason = action.blocked(window)
        assert not reason or action.id in (*BLOCKED, *UNDECIDED, *HOSTED), f"{action.id}: {reason}"
        before = window.document.sequence_number
        window.actions_set.trigger(action.id)
        clear_away()
        changed = window.document.sequence_number - before
        assert not changed or action.changes, action.id
        assert changed or action.id not in CHANGING, action.id
        if changed and action.id not in ("undo", "redo"):
            window.actions_set.trigger("undo")
        if window.isFullScreen():
            window.actions_set.trigger("full_screen")
    assert not window.isFullScreen()
    for other in set(program.windows) - {model_id}:
        program.windows[other].close()
    assert window.document.state.diagrams()


def test_what_cannot_be_done_says_why(window: ModelWindow) -> None:
    assert window.page is not None
    window.page.scene.select([])
    made = window.actions_set.actions
    assert not made["delete"].isEnabled()
    assert made["delete"].statusTip() == "Select an element first"
    assert made["align_left"].statusTip() == "Select at least 2 elements first"
    for _ in range(window.tabs.count()):
        window.close_current_tab()
    assert made["zoom_fit"].statusTip() == "Open a diagram first"
    assert made["tool_process"].statusTip() == "Open a diagram first"
    assert made["new_diagram"].isEnabled()
    window.actions_set.trigger("delete")  # as the command palette would: nothing happens
    document = window.document
    while document.undo_title is not None:
        document.undo()
    window.actions_set.refresh()
    assert made["undo"].statusTip() == "There is nothing to undo"
    window.actions_set.trigger("undo")
    assert window.toast.text == ""


def test_the_command_palette_runs_what_is_typed(window: ModelWindow, qtbot: QtBot) -> None:
    QTest.keySequence(window, QKeySequence("Ctrl+K"))
    palette = window.findChild(CommandPalette)
    assert palette is not None
    assert palette.isVisible()
    QTest.keyClicks(palette.edit, "keyboard shortcuts")
    hands.press(palette.edit, Qt.Key.Key_Return)
    sheet = window.findChild(ShortcutSheet)
    assert sheet is not None
    assert sheet.isVisible()
    sheet.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    QTest.keySequence(window, QKeySequence("Ctrl+Shift+P"))
    palette = window.findChild(CommandPalette)
    assert palette is not None
    QTest.keyClicks(palette.edit, "postgresql")
    hands.press(palette.edit, Qt.Key.Key_Down)
    hands.press(palette.edit, Qt.Key.Key_Up)
    hands.press(palette.edit, Qt.Key.Key_Return)
    assert window.page is not None
    (chosen,) = window.page.scene.selected
    cell = window.document.state.cell(chosen)
    assert cell is not None
    assert cell.label == "PostgreSQL"
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    QTest.keySequence(window, QKeySequence("Ctrl+K"))
    palette = window.findChild(CommandPalette)
    assert palette is not None
    QTest.keyClicks(palette.edit, "no such thing at all")
    first = palette.list.topLevelItem(0)
    assert first is not None
    assert first.text(0) == "Nothing found"
    hands.press(palette.edit, Qt.Key.Key_Return)
    palette.close()


def test_words_before_letters_in_the_palette() -> None:
    assert score("zoom", "Zoom in") > score("zoom", "Horizon of mortals")
    assert score("zin", "Zoom in") > 0
    assert score("xyz", "Zoom in") == 0


def test_the_shortcut_sheet_lists_every_key_and_can_be_searched(window: ModelWindow, qtbot: QtBot) -> None:
    hands.press(window, Qt.Key.Key_F1)
    sheet = window.findChild(ShortcutSheet)
    assert sheet is not None
    rows: dict[str, QTreeWidgetItem] = {}
    for i in range(sheet.tree.topLevelItemCount()):
        group = sheet.tree.topLevelItem(i)
        assert group is not None
        children = [group.child(j) for j in range(group.childCount())]
        rows.update({row.text(0): row for row in children if row is not None})
    for action in TABLE:
        if action.keys_text:
            assert rows[action.plain_title].text(1) == action.keys_text
    qtbot.waitUntil(lambda: QApplication.focusWidget() is sheet._search)
    hands.type_text("nudge")
    assert [text for text, row in rows.items() if not row.isHidden()] == ["Nudge by 1, by 10"]
    hands.press(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_menus_can_be_opened(window: ModelWindow) -> None:
    for top in window.menuBar().actions():
        menu = top.menu()
        assert isinstance(menu, QMenu)
        menu.popup(window.mapToGlobal(window.rect().center()))
        assert [a for a in menu.actions() if not a.isSeparator()]
        menu.close()
