"""Text that is being typed when the program dies is offered again, and is nowhere taken for an edit."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.domain.records import Cell, Comment
from app.services import files
from app.services.workspace import Workspace
from storage import SqlLibrary, open_library
from tests.gui import hands
from tests.gui.conftest import Start
from tests.manners import ROOT
from ui.model.window import ModelWindow
from ui.program import Program

TYPING = """
import sys
from pathlib import Path
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from app.services.workspace import Workspace
from app.wiring.desktop import application
from storage import open_library
from ui.program import Program

app = application()
library = open_library(Path(sys.argv[1]))
program = Program(app, Workspace(library, "tester"))
program.open_sample("tmi.tmi.json")
(window,) = program.windows.values()
window.activateWindow()
app.processEvents()
cell = window.document.state.cell(sys.argv[2])
window.reveal(cell.id)
if sys.argv[3] == "comment":
    window.actions_set.trigger("comment_selection")
    QTest.keyClicks(QApplication.focusWidget(), "half a na")
elif sys.argv[3] == "label":
    window.page.view.edit_label(cell.id)
    QTest.keyClicks(QApplication.focusWidget(), "half a na")
else:
    editor = window.inspector.form_of(cell.id).editors[sys.argv[3]]
    editor.setFocus()
    QTest.keyClicks(editor.focusProxy() or editor, "half a na")
app.processEvents()
library.flush()
print(window.document.model_id, flush=True)
app.exec()
"""


def killed_while_typing(path: Path, cell_id: str, prop: str) -> str:
    """Let another process type into a property and kill it there; returns the model's id."""
    child = subprocess.Popen(
        [sys.executable, "-c", TYPING, str(path), cell_id, prop],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": "*.warning=false"},
    )  # fmt: skip
    try:
        assert child.stdout is not None
        model_id = child.stdout.readline().strip()
        assert model_id, "the child has not got that far"
        os.kill(child.pid, signal.SIGKILL)
    finally:
        child.kill()
        child.wait(20)
        if child.stdout is not None:
            child.stdout.close()
    return model_id


def sample_cell(label: str) -> Cell:
    cells = files.read_sample("tmi.tmi.json").state().all(Cell)
    return next(c for c in cells if c.label == label)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("prop", ["label", "description"])
def test_unfinished_text_survives_a_kill_and_is_offered(
    start: Start, qtbot: QtBot, library_path: Path, prop: str
) -> None:
    cell = sample_cell("Load balancer")
    library_path.parent.mkdir(parents=True)
    model_id = killed_while_typing(library_path, cell.id, prop)

    window = opened(start(), model_id, qtbot)
    assert window.document.state.cell(cell.id) == cell, "an unfinished text is no edit"
    assert list(window.document.drafts) == [f"{cell.id}.{prop}"]
    assert window.toast.text == "Unfinished text was kept."
    window.toast.act()
    assert window.page is not None
    assert window.page.scene.selected == {cell.id}
    form = window.inspector.form_of(cell.id)
    assert form is not None
    editor = form.editors[prop]
    assert editor.error.startswith("Not saved yet")
    typed = editor.focusProxy()
    assert typed is not None
    assert QApplication.focusWidget() is typed
    if isinstance(typed, QLineEdit):
        hands.press(typed, Qt.Key.Key_End)
    else:
        hands.press(typed, Qt.Key.Key_End, hands.CTRL)
    hands.type_text("me")
    if isinstance(typed, QLineEdit):
        hands.enter()
    else:
        window.page.view.setFocus()
    now = window.document.state.cell(cell.id)
    assert now is not None
    assert "half a na" in getattr(now, prop)
    assert getattr(now, prop).endswith("me")
    assert window.document.drafts == {}

    window = opened(start(), model_id, qtbot)
    assert window.toast.text == ""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_an_unfinished_comment_survives_a_kill(start: Start, qtbot: QtBot, library_path: Path) -> None:
    cell = sample_cell("Load balancer")
    library_path.parent.mkdir(parents=True)
    model_id = killed_while_typing(library_path, cell.id, "comment")

    window = opened(start(), model_id, qtbot)
    assert list(window.document.drafts) == [f"{cell.id}.comment"]
    window.toast.act()
    text = window.commenting.panel.view.composer.text
    assert text.toPlainText() == "half a na"
    hands.type_text("me")
    hands.press(text, Qt.Key.Key_Return, hands.CTRL)
    (comment,) = window.document.state.all(Comment)
    assert (comment.text, comment.cell_id) == ("half a name", cell.id)
    assert window.document.drafts == {}


def opened(program: Program, model_id: str, qtbot: QtBot) -> ModelWindow:
    assert program.open_model(model_id) is not None
    window = hands.shown(qtbot, program.windows[model_id])
    with qtbot.waitActive(window):
        window.activateWindow()
    return window


@pytest.fixture
def drafted(library_path: Path) -> tuple[str, SqlLibrary]:
    """A library with a sample in it, as a program before has left it; and the sample's id."""
    library_path.parent.mkdir(parents=True)
    library = open_library(library_path)
    document = Workspace(library, "tester").take_in(files.read_sample("tmi.tmi.json"))
    return document.model_id, library


def test_text_of_what_is_gone_is_put_into_the_clipboard(
    start: Start, qtbot: QtBot, drafted: tuple[str, SqlLibrary]
) -> None:
    model_id, library = drafted
    library.keep_draft(model_id, "019b797a-0000-7000-8000-000000000000.label", "words worth keeping")
    library.close()
    window = opened(start(), model_id, qtbot)
    window.toast.act()
    assert "words worth keeping" in window.toast.text
    assert QApplication.clipboard().text() == "words worth keeping"
    assert window.document.drafts == {}
    QApplication.clipboard().clear()


def test_a_draft_that_the_model_holds_already_is_dropped(
    start: Start, qtbot: QtBot, drafted: tuple[str, SqlLibrary]
) -> None:
    model_id, library = drafted
    cell = sample_cell("Redis")
    library.keep_draft(model_id, f"{cell.id}.label", "Redis")
    library.close()
    window = opened(start(), model_id, qtbot)
    assert window.toast.text == ""
    assert window.document.drafts == {}


def test_a_text_in_hand_is_kept_when_the_window_closes(program: Program, qtbot: QtBot) -> None:
    program.open_sample("tmi.tmi.json")
    (window,) = program.windows.values()
    window = opened(program, window.document.model_id, qtbot)
    document = window.document
    assert window.page is not None
    cell = next(c for c in document.state.all(Cell) if c.label == "Redis")
    window.reveal(cell.id)
    window.page.view.edit_label(cell.id)
    hands.type_text("Cache")
    assert document.drafts == {f"{cell.id}.label": "Cache"}
    window.close()
    named = document.state.cell(cell.id)
    assert named is not None
    assert named.label == "Cache"
    assert document.drafts == {}
