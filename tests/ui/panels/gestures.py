"""What people do with panels, beyond a key or a click."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget


def focused() -> QWidget:
    """The widget that takes the keys."""
    widget = QApplication.focusWidget()
    assert isinstance(widget, QWidget)
    return widget


def enter(widget: QWidget | None) -> None:
    """Press Enter in an editor inside a table or tree; these hand over their text one turn later."""
    assert widget is not None
    QTest.keyClick(widget, Qt.Key.Key_Return)
    QApplication.sendPostedEvents()
