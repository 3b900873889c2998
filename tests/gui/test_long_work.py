"""Long work: a large file is read beside the window, shows that it is, and can be cancelled."""

import json
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QProgressDialog, QPushButton
from pytestqt.qtbot import QtBot

from app.services import files
from tests.gui import hands
from ui.program import Program
from ui.widgets.jobs import SHOW_AFTER_MS, Jobs, Progress

CELLS = 5000
LONGEST_GAP_MS = 200


def large_model(path: Path, cells: int = CELLS) -> Path:
    """A Threat Dragon model of that many cells, half of them processes, half flows between them."""
    nodes = [
        {"id": f"00000000-0000-4000-8000-{i:012d}", "shape": "process", "zIndex": i,
         "position": {"x": i % 50 * 150, "y": i // 50 * 150}, "size": {"width": 100, "height": 100},
         "attrs": {"text": {"text": f"Process {i}"}},
         "data": {"type": "tm.Process", "name": f"Process {i}", "threats": []}}
        for i in range(cells // 2)
    ]  # fmt: skip
    flows = [
        {"id": f"00000000-0000-4000-9000-{i:012d}", "shape": "flow", "zIndex": cells + i,
         "source": {"cell": nodes[i]["id"]}, "target": {"cell": nodes[(i + 1) % len(nodes)]["id"]},
         "data": {"type": "tm.Flow", "name": f"Flow {i}", "threats": []}}
        for i in range(cells // 2)
    ]  # fmt: skip
    diagram = {"id": 0, "title": "Large", "diagramType": "STRIDE", "version": "2.0", "cells": nodes + flows}
    body = {
        "version": "2.2.0",
        "summary": {"title": "Large model", "owner": "", "description": "", "id": 0},
        "detail": {
            "contributors": [],
            "diagrams": [diagram],
            "diagramTop": 1,
            "reviewer": "",
            "threatTop": 0,
        },
    }
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


class Pulse:
    """Beats in the event loop; `longest` is the longest time in ms that it could not."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.timeout.connect(self._beat)
        self._timer.start(5)

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, (now - self._last) * 1000)
        self._last = now

    def stop(self) -> float:
        """The longest gap so far; the pulse ends."""
        self._timer.stop()
        return self.longest


def dialogs(program: Program) -> list[QProgressDialog]:
    assert program.home is not None
    return [d for d in program.home.findChildren(QProgressDialog) if d.isVisible()]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Reading waits until the event is set, as it would for a slow disk."""
    event = threading.Event()
    real = files.read_model

    def slow(path: Path) -> files.Imported:
        assert event.wait(30)
        return real(path)

    monkeypatch.setattr(files, "read_model", slow)
    return event


def test_progress_shows_after_a_moment_and_goes(
    program: Program, qtbot: QtBot, tmp_path: Path, held: threading.Event
) -> None:
    program.show_home()
    program.open_files([str(large_model(tmp_path / "large.json", 20))])
    assert not dialogs(program)
    started = time.perf_counter()
    qtbot.waitUntil(lambda: len(dialogs(program)) == 1)
    assert time.perf_counter() - started > SHOW_AFTER_MS / 1000 * 0.5
    assert dialogs(program)[0].labelText() == "Reading large.json…"
    held.set()
    qtbot.waitUntil(lambda: len(program.windows) == 1)
    assert not dialogs(program)


def test_cancel_leaves_the_library_as_it_was(
    program: Program, qtbot: QtBot, tmp_path: Path, held: threading.Event
) -> None:
    program.show_home()
    program.open_files([str(large_model(tmp_path / "large.json", 20))])
    qtbot.waitUntil(lambda: len(dialogs(program)) == 1)
    button = dialogs(program)[0].findChild(QPushButton)
    assert button is not None
    QTest.mouseClick(button, hands.LEFT)
    assert not dialogs(program)
    held.set()
    qtbot.waitUntil(lambda: not program.busy)
    assert not program.windows
    assert program.workspace.summaries() == []
    assert not hands.message_boxes()


def test_ending_while_a_file_is_read(program: Program, tmp_path: Path, held: threading.Event) -> None:
    program.show_home()
    program.open_files([str(large_model(tmp_path / "large.json", 20))])
    threading.Timer(0.05, held.set).start()
    program.quit()
    program.close()
    assert not program.busy
    assert not program.windows


def test_the_window_answers_while_a_large_file_is_read(
    program: Program, qtbot: QtBot, tmp_path: Path
) -> None:
    home = program.show_home()
    path = large_model(tmp_path / "large.json")
    qtbot.waitExposed(home)
    done: list[files.Imported] = []
    pulse = Pulse()
    program.jobs.run(
        home, "Reading", lambda _progress: files.read_model(path), done.append, lambda error: None
    )
    qtbot.waitUntil(lambda: bool(done), timeout=30_000)
    assert pulse.stop() < LONGEST_GAP_MS


def test_a_job_hears_that_it_is_not_wanted(qtbot: QtBot, program: Program) -> None:
    home = program.show_home()
    jobs = Jobs()
    begun, told = threading.Event(), threading.Event()

    def work(progress: Progress) -> None:
        begun.set()
        while True:
            progress.say("still at it")
            told.set()

    job = jobs.run(home, "Endless", work, lambda result: None, lambda error: None)
    qtbot.waitUntil(told.is_set)
    job.progress.cancel()
    qtbot.waitUntil(lambda: jobs.running == 0)
    jobs.close()
