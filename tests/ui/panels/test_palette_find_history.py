"""The palette, quick find and the history."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.patch import update
from app.services.document import Document
from canvas.tools.dropping import stencil_mime, stencil_of
from canvas.tools.keys import TOOL_KEYS
from tests.ui.panels.gestures import focused
from tests.ui.panels.sample import BACK, BROWSER, FLOW, FRONT, ORDERS, SHOP, WORKER
from ui.panels import (
    STENCILS,
    FindBar,
    HistoryPanel,
    Inspector,
    ModelTree,
    Palette,
    RegisterTable,
)
from ui.panels.find import matches
from ui.theme import ThemeManager, ThemeMode

Show = Callable[..., Any]
Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
_AWAY = QPoint(0, 40)


def test_every_stencil_is_chosen_by_click_and_placed_by_enter(
    theme: ThemeManager, shown: Show, qtbot: QtBot
) -> None:
    palette = shown(Palette(theme), 200, 400)
    chosen: list[str] = []
    placed: list[str] = []
    palette.chosen.connect(chosen.append)
    palette.placed.connect(placed.append)
    for button in palette.buttons.values():
        QTest.mouseClick(button, LEFT)
        QTest.keyClick(button, Key.Key_Return)
    wanted = [
        "process", "datastore", "external_entity", "data_flow", "boundary_box", "boundary_line", "text",
    ]  # fmt: skip
    assert chosen == placed == wanted
    assert [b.isChecked() for b in palette.buttons.values()] == [False] * 6 + [True]
    palette.set_current("")
    assert not any(b.isChecked() for b in palette.buttons.values())


def test_the_arrows_walk_through_the_palette(theme: ThemeManager, shown: Show, qtbot: QtBot) -> None:
    palette = shown(Palette(theme), 200, 400)
    palette.buttons["process"].setFocus()
    QTest.keyClick(palette.buttons["process"], Key.Key_Down)
    assert focused() is palette.buttons["datastore"]
    QTest.keyClick(palette.buttons["datastore"], Key.Key_Up)
    assert focused() is palette.buttons["process"]


def test_letters_are_the_canvas_s_own_and_it_takes_every_drag(qapp: QApplication) -> None:
    for stencil in STENCILS:
        assert TOOL_KEYS[getattr(Key, f"Key_{stencil.letter}")] == stencil.tool
        assert stencil_of(stencil_mime(stencil.tool)) == stencil.tool


def test_pulling_a_stencil_starts_a_drag(
    theme: ThemeManager, shown: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    palette = shown(Palette(theme), 200, 400)
    button = palette.buttons["text"]
    started: list[str] = []
    monkeypatch.setattr(type(button), "start_drag", lambda self: started.append(self.stencil.name))
    chosen: list[str] = []
    palette.chosen.connect(chosen.append)
    start = button.rect().center()
    QTest.mousePress(button, LEFT, pos=start)
    QTest.mouseMove(button, start + _AWAY)
    QTest.mouseRelease(button, LEFT, pos=start + _AWAY)
    assert started == ["text"]
    assert chosen == []


def test_matches_put_names_first_and_this_diagram_before_others(document: Document) -> None:
    state = document.state
    assert [c.id for c in matches(state, "shop", FRONT)] == [SHOP, FLOW]
    assert [c.id for c in matches(state, "process", BACK)] == [WORKER, SHOP]
    assert [c.id for c in matches(state, "pages")] == [SHOP]
    assert [c.id for c in matches(state, "https flow")] == [FLOW]
    assert matches(state, "  ") == []


def test_enter_walks_through_the_matches(
    document: Document, theme: ThemeManager, shown: Show, qtbot: QtBot
) -> None:
    bar = shown(FindBar(document, theme), 320, 300)
    seen: list[str] = []
    ended: list[bool] = []
    bar.reveal.connect(seen.append)
    bar.closed.connect(lambda: ended.append(True))
    bar.show_diagram(FRONT)
    bar.start()
    QTest.keyClicks(bar.line, "er")
    found = [c.id for c in matches(document.state, "er", FRONT)]
    assert bar.count.text() == f"1 of {len(found)}"
    for _ in found:
        QTest.keyClick(bar.line, Key.Key_Return)
    assert seen == found
    QTest.keyClick(bar.line, Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert seen[-1] == found[-2]
    QTest.keyClick(bar.line, Key.Key_Escape)
    assert ended == [True]


def test_find_follows_the_model_and_says_when_there_is_nothing(
    document: Document, theme: ThemeManager, shown: Show, qtbot: QtBot
) -> None:
    bar = shown(FindBar(document, theme), 320, 300)
    QTest.keyClicks(bar.line, "ledger")
    assert "No element matches “ledger”" in bar._empty.text()
    assert bar._empty.isVisible()
    document.apply((update("cell", ORDERS, label="Ledger"),))
    assert bar.list.count() == 1
    assert not bar._empty.isVisible()


def test_history_lists_steps_and_goes_back_to_one(
    document: Document, theme: ThemeManager, shown: Show
) -> None:
    panel = shown(HistoryPanel(document, theme), 240, 200)
    assert panel._empty.isVisible()
    for name in ("a", "b", "c"):
        document.apply((update("cell", BROWSER, label=name),), title=f"name {name}")
    texts = [panel.list.item(i).text() for i in range(panel.list.count())]
    assert texts == ["Name c", "Name b", "Name a"]
    panel.list.itemActivated.emit(panel.list.item(1))
    cell = document.state.cell(BROWSER)
    assert cell is not None
    assert cell.label == "a"
    assert panel.list.count() == 1


def test_another_theme_reaches_every_panel(
    document: Document, theme: ThemeManager, shown: Show, qtbot: QtBot
) -> None:
    inspector, tree = Inspector(document, theme), ModelTree(document, theme)
    for panel in (inspector, tree, RegisterTable(document, theme, "threat"), FindBar(document, theme)):
        qtbot.addWidget(panel)
    inspector.show_records([SHOP])
    icon = tree.items.diagrams[FRONT].icon(0).pixmap(16, 16).toImage()
    theme.set_mode(ThemeMode.DARK)
    try:
        assert tree.items.diagrams[FRONT].icon(0).pixmap(16, 16).toImage() != icon
    finally:
        theme.set_mode(ThemeMode.LIGHT)
