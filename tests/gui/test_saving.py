"""The status line says "Saved" only when it is so; a disk that refuses loses nothing that was typed."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.patch import update
from app.ports import Commit
from storage import SqlLibrary, open_library
from tests.gui import hands
from tests.storage.building import large_patch
from ui.model.window import ModelWindow
from ui.program import Program


@pytest.fixture
def window(program: Program, qtbot: QtBot) -> ModelWindow:
    """A new model in its window, written to the disk."""
    program.new_model()
    (window,) = program.windows.values()
    hands.shown(qtbot, window)
    library(program).flush()
    qtbot.waitUntil(lambda: window.status.saved.text() == "Saved")
    return window


def library(program: Program) -> SqlLibrary:
    found = program.workspace.library
    assert isinstance(found, SqlLibrary)
    return found


class Disk:
    """The room that the library's file has, whichever connection writes it."""

    def __init__(self, library: SqlLibrary) -> None:
        self.most = 2**31
        assert library._writers is not None
        self._engine = library._writers
        sa.event.listen(self._engine, "begin", self._limit)

    def _limit(self, connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={self.most}").close()

    def fill(self) -> None:
        """From now on the file cannot grow."""
        with self._engine.connect() as connection:
            self.most = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def clear(self) -> None:
        """There is room again."""
        self.most = 2**31


@pytest.fixture
def disk(program: Program, window: ModelWindow) -> Disk:
    """The disk under the program's library."""
    return Disk(library(program))


def fill(window: ModelWindow) -> None:
    """An edit that needs more room than a full disk has."""
    window.document.apply(large_patch(window.document.state.diagrams()[0].id, 200, 200), title="much")


def rename(window: ModelWindow, name: str) -> None:
    window.document.apply((update("threat_model", window.document.model_id, name=name),), title="name")


def test_saved_is_said_only_after_the_library_has_confirmed(
    program: Program, window: ModelWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[Commit] = []
    real = library(program).append
    monkeypatch.setattr(library(program), "append", held.append)
    monkeypatch.setattr(library(program), "pending", lambda model_id: len(held))
    rename(window, "One")
    assert window.status.saved.text() == "Saving 1 change…"
    rename(window, "Two")
    assert window.status.saved.text() == "Saving 2 changes…"
    QApplication.processEvents()
    assert window.status.saved.text() == "Saving 2 changes…"
    monkeypatch.undo()
    for commit in held:
        real(commit)
    qtbot.waitUntil(lambda: window.status.saved.text() == "Saved")
    assert library(program).pending(window.document.model_id) == 0


def test_a_full_disk_is_said_and_stays_said_until_it_is_made_good(
    program: Program, window: ModelWindow, disk: Disk, qtbot: QtBot
) -> None:
    disk.fill()
    fill(window)
    qtbot.waitUntil(lambda: window.status.saved.text() == "Not saved (1 waiting): the disk is full")
    window.edit_name()
    QApplication.processEvents()
    field = hands.focus()
    hands.press(field, Qt.Key.Key_A, hands.CTRL)
    hands.type_text("Typed on a full disk")
    hands.enter()
    assert window.status.saved.text() == "Not saved (2 waiting): the disk is full"
    assert window.document.name == "Typed on a full disk"
    disk.clear()
    qtbot.waitUntil(lambda: window.status.saved.text() == "Saved", timeout=10_000)
    model_id = window.document.model_id
    again = open_library(library(program).path)
    try:
        assert dict(again.load(model_id).state.records) == dict(window.document.state.records)
    finally:
        again.close()


def test_closing_what_is_not_saved_asks_first(
    program: Program, window: ModelWindow, disk: Disk, qtbot: QtBot, tmp_path: Path
) -> None:
    disk.fill()
    fill(window)
    qtbot.waitUntil(lambda: bool(window.failure))
    window.close()
    box = hands.the_message(qtbot)
    assert "1 change could not be written: the disk is full" in box.informativeText()
    hands.press(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not hands.message_boxes())
    assert window.isVisible()
    program.quit()
    hands.answer(qtbot, "Save to a file…")
    file = tmp_path / "saved.tmi.json"
    hands.choose_in_dialog(qtbot, file)
    qtbot.waitUntil(file.exists)
    assert window.isVisible()
    rename(window, "Still open")
    program.quit()
    disk.clear()
    hands.answer(qtbot, "Try again")
    qtbot.waitUntil(lambda: window.status.saved.text() == "Saved", timeout=10_000)
    window.close()
    assert not program.windows


def test_a_forced_end_does_not_ask(program: Program, window: ModelWindow, disk: Disk, qtbot: QtBot) -> None:
    disk.fill()
    fill(window)
    qtbot.waitUntil(lambda: bool(window.failure))
    program.quit(forced=True)
    assert not program.windows
    assert not hands.message_boxes()
    disk.clear()
    library(program).flush()
