"""The first thing a threat modeller does, by mouse and keyboard, from import to export."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.records import Cell, Record, Threat
from app.domain.state import ModelState
from app.exchange import formats
from tests.gui import hands
from tests.gui.conftest import Start
from ui.model.window import ModelWindow
from ui.program import Program

FIXTURE = Path(__file__).parent.parent / "exchange" / "files" / "threat_dragon_v2.json"


def cells(state: ModelState, kind: str) -> list[Cell]:
    return [c for c in state.all(Cell) if c.type == kind]


def held(window: ModelWindow) -> dict[str, Record]:
    return dict(window.document.state.records)


def import_by_dialog(program: Program, qtbot: QtBot, path: Path) -> ModelWindow:
    home = program.show_home()
    with qtbot.waitActive(home):
        home.activateWindow()
    hands.press(home, Qt.Key.Key_O, hands.CTRL)
    hands.choose_in_dialog(qtbot, path)
    qtbot.waitUntil(lambda: bool(program.windows))
    return hands.shown(qtbot, next(iter(program.windows.values())))


def test_import_draw_rename_undo_close_reopen_export(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    program = start()
    window = import_by_dialog(program, qtbot, FIXTURE)
    state = window.document.state
    expected = formats.read_file(FIXTURE).state()
    assert held(window) == dict(expected.records)
    assert state.all(Threat)
    page = window.page
    assert page is not None
    view = page.view
    view.setFocus()
    processes = len(cells(state, "process"))
    flows = len(cells(state, "data_flow"))

    # A process, named as soon as it is placed.
    area = page.scene.content_rect()
    x, y = area.right() + 160, area.top() + 120
    view.fit_all()
    view.zoom_to(0.5)
    view.look_at(page.scene.content_rect().center())
    hands.press(view, Qt.Key.Key_P)
    hands.click(view, x, y)
    hands.type_text("Audit service")
    hands.enter()
    assert len(cells(state, "process")) == processes + 1
    process = next(c for c in cells(state, "process") if c.label == "Audit service")

    # A flow from it to another element, drawn with the flow tool.
    diagram = page.diagram_id
    other = next(c for c in state.cells(diagram) if c.type in ("datastore", "external_entity"))
    view.setFocus()
    hands.press(view, Qt.Key.Key_F)
    hands.drag(view, hands.middle(process), hands.middle(other))
    made = [c for c in cells(state, "data_flow") if c.source and c.source.cell == process.id]
    assert len(cells(state, "data_flow")) == flows + 1
    assert made
    assert made[0].target is not None
    assert made[0].target.cell == other.id
    if QApplication.focusWidget() is not view:
        hands.type_text("audit events")
        hands.enter()

    # Rename, undo, redo.
    view.setFocus()
    hands.press(view, Qt.Key.Key_Escape)
    hands.click(view, *hands.middle(process))
    hands.press(view, Qt.Key.Key_F2)
    hands.focus().setFocus()
    hands.press(hands.focus(), Qt.Key.Key_A, hands.CTRL)
    hands.type_text("Audit log writer")
    hands.enter()
    renamed = state.cell(process.id)
    assert renamed is not None
    assert renamed.label == "Audit log writer"
    view.setFocus()
    hands.press(view, Qt.Key.Key_Z, hands.CTRL)
    undone = state.cell(process.id)
    assert undone is not None
    assert undone.label == "Audit service"
    hands.press(view, Qt.Key.Key_Z, hands.CTRL | hands.SHIFT)
    redone = state.cell(process.id)
    assert redone is not None
    assert redone.label == "Audit log writer"

    # It says that it is saved when it is; then close, and start the program anew.
    qtbot.waitUntil(lambda: window.status.saved.text() == "Saved")
    before = held(window)
    model_id = window.document.model_id
    hands.press(window, Qt.Key.Key_W, hands.CTRL | hands.SHIFT)
    qtbot.waitUntil(lambda: not program.windows)

    program = start()
    home = program.show_home()
    with qtbot.waitActive(home):
        home.activateWindow()
    home.list.setFocus()
    hands.press(home.list, Qt.Key.Key_Home)
    hands.press(home.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: model_id in program.windows)
    window = hands.shown(qtbot, program.windows[model_id])
    assert held(window) == before

    # Export a picture and a file by the dialogs.
    picture = tmp_path / "diagram.svg"
    hands.press(window, Qt.Key.Key_E, hands.CTRL)
    hands.choose_in_dialog(qtbot, picture)
    qtbot.waitUntil(picture.exists)
    assert "Audit log writer" in picture.read_text(encoding="utf-8")
    file = tmp_path / "model.tmi.json"
    hands.press(window, Qt.Key.Key_S, hands.CTRL | hands.SHIFT)
    hands.choose_in_dialog(qtbot, file)
    qtbot.waitUntil(file.exists)
    assert dict(formats.read_file(file).state().records) == before
