"""A running program over a real library in a temporary folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.services.workspace import Workspace
from app.wiring.desktop import replica_of
from storage import open_library
from ui.program import Program

Start = Callable[[], Program]


@pytest.fixture
def library_path(tmp_path: Path) -> Path:
    """Where the library of this test lies."""
    return tmp_path / "data" / "library.db"


@pytest.fixture
def start(qapp: QApplication, qtbot: QtBot, library_path: Path) -> Iterator[Start]:
    """Start the program; calling it again ends the first one and starts anew on the same library."""
    running: list[Program] = []

    def end() -> None:
        while running:
            program = running.pop()
            library = program.workspace.library
            program.close()
            library.close()
            if program.home is not None:
                program.home.deleteLater()
            program.theme.deleteLater()
            program.deleteLater()
            for _ in range(3):
                qapp.processEvents()
                qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def begin() -> Program:
        end()
        library_path.parent.mkdir(parents=True, exist_ok=True)
        program = Program(qapp, Workspace(open_library(library_path), "tester", replicas=replica_of))
        running.append(program)
        return program

    yield begin
    end()


@pytest.fixture
def program(start: Start) -> Program:
    """The program, started with an empty library."""
    return start()
