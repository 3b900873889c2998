"""The window of a model: tabs, saving and exporting files, look, layout, and what is remembered of it."""

import json
from pathlib import Path

import pypdf
import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from app.domain.patch import update
from app.domain.records import Diagram
from app.exchange import formats
from canvas.theme import CanvasTheme
from tests.gui import hands
from tests.gui.conftest import Start
from ui.model.page import DiagramPage
from ui.model.window import ModelWindow
from ui.program import Program
from ui.theme import ThemeMode


def sample(program: Program, qtbot: QtBot, file: str = "tmi.tmi.json") -> ModelWindow:
    """A sample in its window, in front."""
    before = set(program.windows)
    program.open_sample(file)
    (model_id,) = set(program.windows) - before
    return in_front(program.windows[model_id], qtbot)


def in_front(window: ModelWindow, qtbot: QtBot) -> ModelWindow:
    window = hands.shown(qtbot, window)
    with qtbot.waitActive(window):
        window.activateWindow()
    return window


def tabs(window: ModelWindow) -> list[str]:
    return [window.tabs.tabText(i) for i in range(window.tabs.count())]


def page_of(window: ModelWindow) -> DiagramPage:
    assert window.page is not None
    return window.page


@pytest.fixture
def window(program: Program, qtbot: QtBot) -> ModelWindow:
    """The TMI sample in its window."""
    return sample(program, qtbot)


# --- tabs ------------------------------------------------------------------------------------------


def test_tabs_open_close_and_turn(window: ModelWindow) -> None:
    names = tabs(window)
    assert names == [d.name for d in window.document.state.diagrams()]
    assert page_of(window).view.hasFocus()
    hands.press(window, Qt.Key.Key_PageDown, hands.CTRL)
    assert window.tabs.currentIndex() == 1
    hands.press(window, Qt.Key.Key_PageUp, hands.CTRL)
    hands.press(window, Qt.Key.Key_PageUp, hands.CTRL)
    assert window.tabs.currentIndex() == len(names) - 1
    for left in range(len(names) - 1, -1, -1):
        hands.press(window, Qt.Key.Key_W, hands.CTRL)
        assert window.tabs.count() == left
    shown = [q for q in window.findChildren(QLabel) if q.isVisible() and "No diagram is open" in q.text()]
    assert len(shown) == 1
    first = window.document.state.diagrams()[0]
    window.tree.diagram_activated.emit(first.id)
    assert tabs(window) == [first.name]
    assert not shown[0].isVisible()


def test_a_new_diagram_and_its_undo(window: ModelWindow) -> None:
    hands.press(window, Qt.Key.Key_T, hands.CTRL)
    assert tabs(window)[-1] == "Diagram 1"
    assert window.tabs.currentIndex() == window.tabs.count() - 1
    hands.press(window, Qt.Key.Key_T, hands.CTRL)
    assert tabs(window)[-1] == "Diagram 2"
    hands.press(window, Qt.Key.Key_Z, hands.CTRL)
    hands.press(window, Qt.Key.Key_Z, hands.CTRL)
    assert tabs(window) == [d.name for d in window.document.state.diagrams()]


def test_a_renamed_diagram_shows_in_its_tab(window: ModelWindow) -> None:
    first = window.document.state.diagrams()[0]
    window.document.apply((update("diagram", first.id, name="R&D overview"),))
    assert tabs(window)[0] == "R&&D overview"  # Qt shows one ampersand


def test_order_of_tabs_tab_in_front_and_zoom_over_a_restart(start: Start, qtbot: QtBot) -> None:
    window = sample(start(), qtbot)
    model_id = window.document.model_id
    window.tabs.tabBar().moveTab(0, 2)
    window.tabs.tabCloseRequested.emit(0)
    names = tabs(window)
    window.tabs.setCurrentIndex(0)
    QApplication.processEvents()
    view = page_of(window).view
    view.zoom_to(1.37)
    middle = view.scene_point(view.view_middle)
    window.close()
    program = start()
    program.open_model(model_id)
    window = in_front(program.windows[model_id], qtbot)
    assert tabs(window) == names
    assert window.tabs.currentIndex() == 0
    view = page_of(window).view
    qtbot.waitUntil(lambda: abs(view.zoom - 1.37) < 0.001)
    now = view.scene_point(view.view_middle)
    assert abs(now.x() - middle.x()) < 3
    assert abs(now.y() - middle.y()) < 3


# --- files -----------------------------------------------------------------------------------------


def test_save_asks_once_and_then_writes_to_the_same_file(
    window: ModelWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "kept.tmi.json"
    hands.press(window, Qt.Key.Key_S, hands.CTRL)
    hands.choose_in_dialog(qtbot, file)
    qtbot.waitUntil(file.exists)
    assert window.toast.text == "Saved kept.tmi.json."
    rename(window, "Second")
    hands.press(window, Qt.Key.Key_S, hands.CTRL)
    assert formats.read_file(file).state().model == window.document.state.model
    other = tmp_path / "other"
    hands.press(window, Qt.Key.Key_S, hands.CTRL | hands.SHIFT)
    hands.choose_in_dialog(qtbot, other)
    qtbot.waitUntil((tmp_path / "other.tmi.json").exists)
    rename(window, "Third")
    hands.press(window, Qt.Key.Key_S, hands.CTRL)
    assert json.loads(file.read_text(encoding="utf-8")) != json.loads(
        (tmp_path / "other.tmi.json").read_text(encoding="utf-8")
    )


def rename(window: ModelWindow, name: str) -> None:
    window.document.apply((update("threat_model", window.document.model_id, name=name),), title="name")


def test_saving_where_nothing_can_be_written_says_so(window: ModelWindow, tmp_path: Path) -> None:
    window.shell.workspace.remember_file(window.document.model_id, tmp_path / "gone" / "x.tmi.json")
    hands.press(window, Qt.Key.Key_S, hands.CTRL)
    assert window.toast.text.startswith("Not saved: ")
    assert "x.tmi.json" in window.toast.text
    assert "no such file or directory" in window.toast.text.lower()
    assert "Errno" not in window.toast.text


@pytest.mark.parametrize("name", ["out.svg", "out.png", "out.pdf", "Version 1.2"])
def test_export_of_pictures(window: ModelWindow, qtbot: QtBot, tmp_path: Path, name: str) -> None:
    hands.press(window, Qt.Key.Key_E, hands.CTRL)
    hands.choose_in_dialog(qtbot, tmp_path / name)
    file = tmp_path / (name if name.startswith("out") else f"{name}.svg")
    qtbot.waitUntil(file.exists)
    if file.suffix == ".png":
        image = QImage(str(file))
        assert image.width() > 800
    elif file.suffix == ".pdf":
        text = pypdf.PdfReader(file).pages[0].extract_text()
        assert "Load balancer" in text
    else:
        assert "Load balancer" in file.read_text(encoding="utf-8")
    assert window.toast.text == f"Exported {file.name}."


def test_export_where_nothing_can_be_written_says_so(
    window: ModelWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "taken.svg").mkdir()
    from ui.model.doing import _paint

    _paint(window, tmp_path / "taken.svg")
    assert window.toast.text.startswith("Not exported: ")
    assert "Errno" not in window.toast.text


def test_copied_between_two_models(window: ModelWindow, program: Program, qtbot: QtBot) -> None:
    page = page_of(window)
    cell = next(c for c in window.document.state.cells(page.diagram_id) if c.label == "Load balancer")
    page.scene.select([cell.id])
    hands.press(page.view, Qt.Key.Key_C, hands.CTRL)
    program.new_model()
    (other,) = (w for w in program.windows.values() if w is not window)
    other = in_front(other, qtbot)
    view = page_of(other).view
    view.setFocus()
    hands.press(view, Qt.Key.Key_V, hands.CTRL)
    (pasted,) = other.document.state.cells(page_of(other).diagram_id)
    assert pasted.label == "Load balancer"
    assert pasted.id != cell.id
    QApplication.clipboard().setMimeData(QMimeData())


# --- look ------------------------------------------------------------------------------------------


def test_grid_and_snap_hold_for_every_diagram(window: ModelWindow) -> None:
    before = {(p.view.grid_shown, p.view.grid_snap) for p in window.pages.values()}
    assert len(before) == 1
    ((grid, snap),) = before
    window.actions_set.trigger("toggle_grid")
    window.actions_set.trigger("toggle_snap")
    assert {(p.view.grid_shown, p.view.grid_snap) for p in window.pages.values()} == {(not grid, not snap)}
    assert window.actions_set.actions["toggle_grid"].isChecked() is not grid
    hands.press(window, Qt.Key.Key_T, hands.CTRL)
    assert (page_of(window).view.grid_shown, page_of(window).view.grid_snap) == (not grid, not snap)


def test_grid_and_snap_are_remembered(start: Start, qtbot: QtBot) -> None:
    window = sample(start(), qtbot)
    grid = page_of(window).view.grid_shown
    snap = page_of(window).view.grid_snap
    window.actions_set.trigger("toggle_grid")
    window.actions_set.trigger("toggle_snap")
    model_id = window.document.model_id
    program = start()
    program.open_model(model_id)
    view = page_of(program.windows[model_id]).view
    assert (view.grid_shown, view.grid_snap) == (not grid, not snap)


def test_the_theme_changes_while_windows_are_open(window: ModelWindow, program: Program) -> None:
    page = page_of(window)
    program.set_theme(ThemeMode.LIGHT)
    light = window.grab().toImage()
    program.set_theme(ThemeMode.DARK)
    dark = window.grab().toImage()
    tokens = program.theme.theme.canvas_tokens()
    assert page.scene.theme == CanvasTheme.from_tokens(tokens)
    for where in (page.mapTo(window, page.rect().center()), window.rect().bottomRight() / 2):
        assert dark.pixelColor(where).lightness() < light.pixelColor(where).lightness()
    program.set_theme(ThemeMode.LIGHT)
    assert window.grab().toImage() == light


def test_larger_text_makes_larger_controls(window: ModelWindow, program: Program) -> None:
    before = window.menuBar().sizeHint().height()
    program.set_scale(1.5)
    QApplication.processEvents()
    assert window.menuBar().sizeHint().height() > before * 1.2
    program.set_scale(1.0)
    QApplication.processEvents()
    assert window.menuBar().sizeHint().height() == before


def test_the_look_menu_offers_the_sizes(window: ModelWindow, program: Program) -> None:
    menu = QMenu(window)
    program.fill_settings_menu(menu)
    sizes = next(a.menu() for a in menu.actions() if a.text() == "Text size")
    assert isinstance(sizes, QMenu)
    by_text = {a.text(): a for a in sizes.actions()}
    assert by_text["100%"].isChecked()
    by_text["115%"].trigger()
    assert program.theme.scale == pytest.approx(1.15)


def test_panels_are_hidden_and_laid_out_anew(window: ModelWindow) -> None:
    docks = window.docks
    for name in ("inspector", "registers", "model"):
        docks[name].toggleViewAction().trigger()
        assert not docks[name].isVisible()
    docks["history"].toggleViewAction().trigger()
    assert docks["history"].isVisible()
    window.lay_out()
    shown = {name for name, dock in docks.items() if dock.isVisible()}
    assert shown == {"inspector", "registers", "model", "stencils"}


def test_layout_over_a_restart(start: Start, qtbot: QtBot) -> None:
    window = sample(start(), qtbot)
    model_id = window.document.model_id
    window.resize(790, 720)  # as much as the offscreen platform has room for
    window.docks["stencils"].hide()
    window.docks["history"].show()
    QApplication.processEvents()
    size = window.size()
    window.close()
    program = start()
    program.open_model(model_id)
    window = in_front(program.windows[model_id], qtbot)
    assert window.size() == size
    assert not window.docks["stencils"].isVisible()
    assert window.docks["history"].isVisible()


def test_full_screen_and_back(window: ModelWindow) -> None:
    window.showMaximized()
    hands.press(window, Qt.Key.Key_F11)
    assert window.isFullScreen()
    assert window.actions_set.actions["full_screen"].isChecked()
    hands.press(window, Qt.Key.Key_F11)
    assert not window.isFullScreen()
    assert window.isMaximized()


def test_a_small_window_leaves_room_for_the_diagram(window: ModelWindow) -> None:
    window.resize(1024, 700)
    QApplication.processEvents()
    assert (window.width(), window.height()) == (1024, 700)
    assert window.tabs.width() >= 400
    assert page_of(window).view.height() >= 250


# --- the session -----------------------------------------------------------------------------------


def test_what_is_open_at_the_end_opens_again(start: Start, qtbot: QtBot) -> None:
    program = start()
    first = sample(program, qtbot)
    second = sample(program, qtbot, "flowra.tmi.json")
    wanted = {first.document.model_id, second.document.model_id}
    QTest.qWait(0)
    program.quit()
    assert not program.windows
    program = start()
    program.start()
    assert set(program.windows) == wanted


def test_the_first_start_shows_the_sample_and_the_second_does_not_add_it_again(start: Start) -> None:
    program = start()
    program.start()
    assert [w.document.name for w in program.windows.values()] == ["TMI - collaborative threat modelling"]
    (model_id,) = program.windows
    program.close_model(model_id)
    program.workspace.delete(model_id)
    program = start()
    program.start()
    assert not program.windows
    assert program.home is not None
    assert program.home.isVisible()
    assert program.workspace.summaries() == []


def test_a_deleted_model_of_the_last_session_is_passed_over(start: Start, qtbot: QtBot) -> None:
    program = start()
    first = sample(program, qtbot)
    second = sample(program, qtbot, "flowra.tmi.json")
    gone, kept = first.document.model_id, second.document.model_id
    program.quit()
    program.workspace.delete(gone)
    program = start()
    program.start()
    assert set(program.windows) == {kept}


def test_a_model_opened_twice_has_one_window(program: Program, window: ModelWindow) -> None:
    assert program.open_model(window.document.model_id) is window
    assert len(program.windows) == 1
    assert all(isinstance(d, Diagram) for d in window.document.state.diagrams())
