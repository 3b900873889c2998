"""Hands for the tests: real mouse and key events on real windows."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.domain.presence import Company
from app.domain.records import Cell
from canvas.view import DiagramView
from tests.ui.sessions import LIVE
from ui.model.window import ModelWindow

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def spot(view: DiagramView, x: float, y: float) -> QPoint:
    """The place in the viewport of a place in the diagram."""
    return view.mapFromScene(x, y)


def middle(cell: Cell) -> tuple[float, float]:
    """The middle of a node."""
    return cell.position.x + cell.size.width / 2, cell.position.y + cell.size.height / 2


def click(view: DiagramView, x: float, y: float) -> None:
    """Click at a place of the diagram."""
    QTest.mouseMove(view.viewport(), spot(view, x, y))
    QTest.mouseClick(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, spot(view, x, y))


def drag(view: DiagramView, start: tuple[float, float], stop: tuple[float, float], steps: int = 6) -> None:
    """Press at one place of the diagram, move to another in steps, release."""
    viewport = view.viewport()
    QTest.mouseMove(viewport, spot(view, *start))
    QTest.mousePress(viewport, LEFT, Qt.KeyboardModifier.NoModifier, spot(view, *start))
    for i in range(1, steps + 1):
        x = start[0] + (stop[0] - start[0]) * i / steps
        y = start[1] + (stop[1] - start[1]) * i / steps
        QTest.mouseMove(viewport, spot(view, x, y))
    QTest.mouseRelease(viewport, LEFT, Qt.KeyboardModifier.NoModifier, spot(view, *stop))


def press(
    widget: QWidget,
    key: Qt.Key,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press a key with a widget in focus."""
    QTest.keyClick(widget, key, modifiers)


def type_text(text: str) -> None:
    """Type into whatever has the focus."""
    QTest.keyClicks(focus(), text)


def focus() -> QWidget:
    """Whatever has the focus."""
    target = QApplication.focusWidget()
    assert target is not None, "nothing has the focus"
    return target


def enter() -> None:
    """Press Enter in whatever has the focus."""
    QTest.keyClick(focus(), Qt.Key.Key_Return)


def choose_in_dialog(qtbot: QtBot, path: Path) -> None:
    """Type a file's name into the open file dialog and accept it."""
    qtbot.waitUntil(lambda: _dialog() is not None)
    dialog = _dialog()
    assert dialog is not None
    edit = dialog.findChild(QLineEdit, "fileNameEdit")
    assert edit is not None
    edit.setText(str(path))  # typed letter by letter, Qt's completer would grab the keyboard
    box = dialog.findChild(QDialogButtonBox)
    assert box is not None
    accept = box.button(
        QDialogButtonBox.StandardButton.Save
        if dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
        else QDialogButtonBox.StandardButton.Open
    )
    assert accept is not None
    QTest.mouseClick(accept, LEFT)


def _dialog() -> QFileDialog | None:
    found = [w for w in QApplication.topLevelWidgets() if isinstance(w, QFileDialog) and w.isVisible()]
    return found[0] if found else None


def shown(qtbot: QtBot, window: ModelWindow) -> ModelWindow:
    """The window once it stands and its diagram has been framed."""
    window.activateWindow()
    qtbot.waitUntil(lambda: window.isVisible() and window.page is not None)
    QApplication.processEvents()
    return window


def message_boxes() -> list[QMessageBox]:
    """The messages and questions that are open."""
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible()]


def the_message(qtbot: QtBot) -> QMessageBox:
    """The one message or question, once it is there."""
    qtbot.waitUntil(lambda: len(message_boxes()) == 1)
    return message_boxes()[0]


def answer(qtbot: QtBot, name: str) -> None:
    """Press the button of that name in the open message."""
    box = the_message(qtbot)
    button = next(b for b in box.buttons() if b.text().replace("&", "") == name)
    QTest.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: not message_boxes())


def drop(target: QWidget, *paths: Path) -> bool:
    """Drag files over a widget and drop them there; whether it took them."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    where = QPointF(target.rect().center())
    common = (Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier)
    enter_event = QDragEnterEvent(where.toPoint(), *common)
    QApplication.sendEvent(target, enter_event)
    if not enter_event.isAccepted():
        return False
    event = QDropEvent(where, *common)
    QApplication.sendEvent(target, event)
    return event.isAccepted()


def join(window: ModelWindow, there: Company) -> None:
    """Put a window into a session."""
    window.gathering.set_status(LIVE)
    window.gathering.set_company(there)
