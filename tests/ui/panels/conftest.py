"""What the tests of panels share: a theme, the shop, and panels that are put away afterwards."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from PySide6.QtGui import QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.services.document import Document
from tests.ui.panels.sample import shop
from ui.theme import ThemeManager, ThemeMode

W = TypeVar("W", bound=QWidget)


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Iterator[ThemeManager]:
    """The light theme on the application, taken off again at the end."""
    font, palette, style = QFont(qapp.font()), QPalette(qapp.palette()), qapp.style().name()
    made = ThemeManager(qapp, ThemeMode.LIGHT)
    yield made
    QGuiApplication.styleHints().colorSchemeChanged.disconnect(made._on_system_changed)
    made.deleteLater()
    qapp.setStyleSheet("")
    qapp.setFont(font)
    qapp.setPalette(palette)
    qapp.setStyle(style)


@pytest.fixture
def document() -> Document:
    """The shop."""
    return shop()


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[[W], W]:
    """Show a panel as the active window; it is closed at the end."""

    def show(panel: W, width: int = 360, height: int = 900) -> W:
        qtbot.addWidget(panel)
        panel.resize(width, height)
        with qtbot.waitActive(panel):
            panel.show()
            panel.activateWindow()
        return panel

    return show
