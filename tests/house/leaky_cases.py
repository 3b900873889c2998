"""Tests that behave badly on purpose; test_manners.py runs them in a process of their own.

The name of each test says how it must end: `clean`, or what it leaks.
"""

import asyncio
import os
import threading
import warnings
from pathlib import Path

import platformdirs
import pytest
from PySide6.QtCore import QSettings, QStandardPaths, QThread, QTimer, qWarning
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

KEPT: list[object] = []


def test_clean_window(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()


def test_clean_dropped_window(qapp: QApplication) -> None:
    window = QLabel("dropped")
    window.show()


def test_clean_timer(qapp: QApplication) -> None:
    timer = QTimer()
    timer.start(1000)
    timer.stop()
    KEPT.append(timer)


def test_clean_after_leaks() -> None:
    assert platformdirs.user_data_dir("x").startswith(os.environ["XDG_DATA_HOME"])
    assert str(Path.home()) == os.environ["HOME"]
    where = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    assert where == os.environ["XDG_DATA_HOME"]
    settings = QSettings("tmi", "manners")
    assert settings.fileName().startswith(os.environ["XDG_CONFIG_HOME"])


@pytest.mark.asyncio
async def test_clean_task() -> None:
    await asyncio.create_task(asyncio.sleep(0))


@pytest.mark.may_leak("window")
def test_clean_marked_window(qapp: QApplication) -> None:
    KEPT.append(QLabel("allowed"))


def test_leak_window(qapp: QApplication) -> None:
    window = QLabel("kept")
    window.setWindowTitle("Left open")
    window.show()
    KEPT.append(window)


def test_leak_timer(qapp: QApplication) -> None:
    timer = QTimer()
    timer.start(1000)
    KEPT.append(timer)


def test_leak_qthread(qapp: QApplication) -> None:
    thread = QThread()
    thread.start()
    KEPT.append(thread)


def test_leak_thread() -> None:
    # Waits longer than the patience of the check, so that the process can still end.
    thread = threading.Thread(target=threading.Event().wait, args=(2,), name="left running")
    thread.start()


@pytest.mark.asyncio
async def test_leak_task() -> None:
    KEPT.append(asyncio.create_task(asyncio.sleep(60)))


@pytest.mark.asyncio
async def test_leak_loop_error() -> None:
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def test_fail_qt_warning(qapp: QApplication) -> None:
    qWarning("something is wrong")


def test_fail_python_warning() -> None:
    warnings.warn("old", DeprecationWarning, stacklevel=1)
