"""Files that cannot be read, that are newer, or that hold a model of the library: one clear word each."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.patch import remove, update
from app.domain.records import Cell
from app.exchange import formats
from app.services import files
from tests.gui import hands
from ui.dialogs.report import ReportDialog
from ui.model.window import ModelWindow
from ui.program import Program

FILES = Path(__file__).parent.parent / "exchange" / "files"


def refused(program: Program, qtbot: QtBot, path: Path) -> QMessageBox:
    """Open what cannot be opened; returns the message, which is the only one."""
    program.open_files([str(path)])
    return hands.the_message(qtbot)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("cut.json", b'{"summary": {"title": "x"', "cut.json"),
        ("cut.tmi.json", b'{"format": "tmi", "version": 1, "model": ', "cut.tmi.json"),
        ("other.json", b'{"some": "thing"}', "other.json"),
        ("picture.json", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "picture.json"),
        ("empty.tmi.json", b"", "empty.tmi.json"),
        ("deep.json", b"[" * 100_000, "deep.json"),
        ("list.tmi.json", b"[]", "list.tmi.json"),
        ("notes.txt", b"hello", "notes.txt"),
    ],
)
def test_what_cannot_be_read_is_said_once(
    program: Program, qtbot: QtBot, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    home = program.show_home()
    path = tmp_path / name
    path.write_bytes(content)
    box = refused(program, qtbot, path)
    assert box.text() == f"{name} cannot be opened"
    text = box.informativeText()
    assert words in text
    assert "\n" not in text
    assert "Traceback" not in text
    assert "did not foresee" not in text
    box.close()
    assert program.workspace.summaries() == []
    still_works(program, qtbot)
    assert home.isVisible()


def still_works(program: Program, qtbot: QtBot) -> None:
    program.open_files([str(FILES / "threat_dragon_v1.json")])
    qtbot.waitUntil(lambda: len(program.windows) == 1)


def test_a_folder_and_a_missing_file(program: Program, qtbot: QtBot, tmp_path: Path) -> None:
    program.show_home()
    box = refused(program, qtbot, tmp_path)
    assert box.informativeText() == f"{tmp_path}: is a folder"
    box.close()
    qtbot.waitUntil(lambda: not hands.message_boxes())
    box = refused(program, qtbot, tmp_path / "gone.json")
    assert box.informativeText() == f"{tmp_path / 'gone.json'}: no such file or directory"
    box.close()


def test_many_files_each_good_one_opens(program: Program, qtbot: QtBot, tmp_path: Path) -> None:
    program.show_home()
    bad = tmp_path / "bad.json"
    bad.write_bytes(b"{")
    program.open_files([str(bad), str(FILES / "threat_dragon_v1.json"), str(FILES / "threat_dragon_v2.json")])
    qtbot.waitUntil(lambda: len(program.windows) == 2 and not program.busy)
    hands.the_message(qtbot).close()


def test_the_window_that_asked_may_close_while_the_file_is_read(program: Program, qtbot: QtBot) -> None:
    program.show_home()
    program.open_sample("tmi.tmi.json")
    (window,) = program.windows.values()
    program.open_files([str(FILES / "threat_dragon_v1.json")], window)
    window.close()
    window.deleteLater()
    qtbot.waitUntil(lambda: [w.document.name for w in program.windows.values()] == ["Old shop"])
    assert not program.busy


def test_a_file_of_a_newer_version_opens_and_says_what_it_kept(
    program: Program, qtbot: QtBot, tmp_path: Path
) -> None:
    program.show_home()
    path = native(tmp_path)
    body = json.loads(path.read_text(encoding="utf-8"))
    body["version"] = 99
    body["hologram"] = {"of": "tomorrow"}
    path.write_text(json.dumps(body), encoding="utf-8")
    program.open_files([str(path)])
    qtbot.waitUntil(lambda: len(program.windows) == 1)
    (window,) = program.windows.values()
    file = tmp_path / "again.tmi.json"
    formats.write_file(window.document.state, file)
    again = json.loads(file.read_text(encoding="utf-8"))
    assert again["hologram"] == {"of": "tomorrow"}
    assert again["version"] == 99


def test_oddities_are_reported_one_click_away(program: Program, qtbot: QtBot) -> None:
    program.show_home()
    program.open_files([str(FILES / "threat_dragon_v2.json")])
    qtbot.waitUntil(lambda: len(program.windows) == 1)
    (window,) = program.windows.values()
    assert window.toast.text.startswith("Imported: ")
    window.toast.act()
    report = window.findChild(ReportDialog)
    assert report is not None
    assert report.tree.topLevelItemCount() >= 2
    report.close()


# --- a model that the library has ------------------------------------------------------------------


def native(folder: Path) -> Path:
    """A native file of the sample."""
    path = folder / "model.tmi.json"
    formats.write_file(files.read_sample("tmi.tmi.json").state(), path)
    return path


@pytest.fixture
def opened(program: Program, qtbot: QtBot, tmp_path: Path) -> tuple[ModelWindow, Path]:
    """A model from a file, changed since: one element renamed, another removed; and its file."""
    program.show_home()
    path = native(tmp_path)
    program.open_files([str(path)])
    qtbot.waitUntil(lambda: len(program.windows) == 1)
    (window,) = program.windows.values()
    rename(window, "Redis", "Cache")
    gone = cell_of(window, "Mail relay")
    window.document.apply((remove("cell", gone.id),), title="delete")
    added = window.document.state.diagrams()[0]
    window.document.apply((update("diagram", added.id, description="changed here"),), title="words")
    return window, path


def cell_of(window: ModelWindow, label: str) -> Cell:
    return next(c for c in window.document.state.all(Cell) if c.label == label)


def labels(window: ModelWindow) -> set[str]:
    return {c.label for c in window.document.state.all(Cell)}


def rename(window: ModelWindow, old: str, new: str) -> None:
    window.document.apply((update("cell", cell_of(window, old).id, label=new),), title="name")


def test_an_equal_file_just_opens(program: Program, qtbot: QtBot, tmp_path: Path) -> None:
    program.show_home()
    path = native(tmp_path)
    program.open_files([str(path)])
    qtbot.waitUntil(lambda: len(program.windows) == 1)
    (window,) = program.windows.values()
    before = window.document.sequence_number
    window.close()
    program.open_files([str(path)])
    qtbot.waitUntil(lambda: len(program.windows) == 1)
    assert not hands.message_boxes()
    (window,) = program.windows.values()
    assert window.document.sequence_number == before
    assert len(program.workspace.summaries()) == 1


@pytest.mark.parametrize("choice", ["Merge", "Replace"])
def test_merge_and_replace_are_one_undo(
    program: Program, qtbot: QtBot, opened: tuple[ModelWindow, Path], choice: str
) -> None:
    window, path = opened
    rename(window, "Operator", "Operations")
    mine = dict(window.document.state.records)
    program.open_files([str(path)])
    hands.answer(qtbot, choice)
    assert {"Redis", "Mail relay", "Operator"} <= labels(window)
    assert list(program.windows) == [window.document.model_id]
    with qtbot.waitActive(window):
        window.activateWindow()
    hands.press(window, Qt.Key.Key_Z, hands.CTRL)
    assert dict(window.document.state.records) == mine


def test_replace_removes_what_only_the_library_has(
    program: Program, qtbot: QtBot, opened: tuple[ModelWindow, Path]
) -> None:
    window, path = opened
    window.actions_set.trigger("new_diagram")
    diagrams = {d.id for d in window.document.state.diagrams()}
    program.open_files([str(path)])
    hands.answer(qtbot, "Merge")
    assert {d.id for d in window.document.state.diagrams()} == diagrams
    program.open_files([str(path)])
    hands.answer(qtbot, "Replace")
    assert len(window.document.state.diagrams()) == len(diagrams) - 1
    assert dict(window.document.state.records) == dict(formats.read_file(path).state().records)


def test_keep_both_adds_a_second_model(
    program: Program, qtbot: QtBot, opened: tuple[ModelWindow, Path]
) -> None:
    window, path = opened
    mine = dict(window.document.state.records)
    program.open_files([str(path)])
    hands.answer(qtbot, "Keep both")
    qtbot.waitUntil(lambda: len(program.windows) == 2)
    assert dict(window.document.state.records) == mine
    other = next(w for w in program.windows.values() if w is not window)
    assert {"Redis", "Mail relay"} <= labels(other)
    assert not set(other.document.state.records) & set(mine)
    # The file stays that of the first model: saving the copy must not write over it.
    assert program.workspace.file_of(other.document.model_id) is None


def test_cancel_leaves_the_library_as_it_was(
    program: Program, qtbot: QtBot, opened: tuple[ModelWindow, Path]
) -> None:
    window, path = opened
    before = window.document.sequence_number
    program.open_files([str(path)])
    hands.answer(qtbot, "Cancel")
    assert window.document.sequence_number == before
    assert len(program.windows) == 1
