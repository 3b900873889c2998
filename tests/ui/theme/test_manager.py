"""The theme in force: chosen, followed from the system, and seen on real widgets."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from tests.ui.theme.gallery import build, open_menu
from ui.theme import Theme, ThemeManager, ThemeMode, load_theme
from ui.theme.stylesheet import scaled, stylesheet


@pytest.fixture
def manager(qapp: QApplication) -> Iterator[ThemeManager]:
    font, palette, style = QFont(qapp.font()), QPalette(qapp.palette()), qapp.style().name()
    made = ThemeManager(qapp, ThemeMode.LIGHT)
    yield made
    QGuiApplication.styleHints().colorSchemeChanged.disconnect(made._on_system_changed)
    made.deleteLater()
    qapp.setStyleSheet("")
    qapp.setFont(font)
    qapp.setPalette(palette)
    qapp.setStyle(style)


def _announce(scheme: Qt.ColorScheme) -> None:
    """Say what the platform says when the user changes the system's colours."""
    QGuiApplication.styleHints().colorSchemeChanged.emit(scheme)


def _window_colour(application: QApplication) -> str:
    return application.palette().color(QPalette.ColorRole.Window).name()


def test_system_change_is_followed(qapp: QApplication, manager: ThemeManager) -> None:
    heard: list[Theme] = []
    manager.changed.connect(heard.append)
    manager.set_mode(ThemeMode.SYSTEM)
    _announce(Qt.ColorScheme.Dark)
    assert manager.theme == load_theme("dark")
    assert _window_colour(qapp) == load_theme("dark").palette.window
    _announce(Qt.ColorScheme.Dark)
    _announce(Qt.ColorScheme.Light)
    assert _window_colour(qapp) == load_theme("light").palette.window
    assert [theme.name for theme in heard] == ["dark", "light"]


def test_a_chosen_theme_stays_when_the_system_changes(manager: ThemeManager) -> None:
    manager.set_mode(ThemeMode.DARK)
    _announce(Qt.ColorScheme.Light)
    assert manager.theme.name == "dark"
    assert manager.mode is ThemeMode.DARK


def test_back_to_system_takes_what_the_system_has(manager: ThemeManager) -> None:
    manager.set_mode(ThemeMode.DARK)
    manager.set_mode(ThemeMode.SYSTEM)
    system_is_dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    assert manager.theme.dark is system_is_dark


def test_bound_icons_are_tinted_anew(manager: ThemeManager, qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    action = QAction("Save", window)
    button = QToolButton(window)
    for target in (action, button):
        manager.bind_icon(target, "save")
    before = action.icon().cacheKey()
    manager.set_mode(ThemeMode.DARK)
    assert action.icon().cacheKey() == manager.icon("save").cacheKey() != before
    assert button.icon().cacheKey() == manager.icon("save").cacheKey()


def test_scale_enlarges_text_and_controls(qapp: QApplication, manager: ThemeManager, qtbot: QtBot) -> None:
    edit = QLineEdit()
    qtbot.addWidget(edit)
    edit.ensurePolished()
    small, size = edit.sizeHint().height(), qapp.font().pointSizeF()
    manager.set_scale(1.5)
    assert qapp.font().pointSizeF() == pytest.approx(size * 1.5)
    assert edit.sizeHint().height() >= small * 1.4
    assert manager.px(20) == scaled(20, qapp.font())
    with pytest.raises(ValueError, match=r"0\.5 to 3, not 9"):
        manager.set_scale(9)


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("points", [8.0, 9.0, 13.5, 30.0])
def test_style_sheet_is_filled_in(qapp: QApplication, name: str, points: float) -> None:
    font = QFont(qapp.font())
    font.setPointSizeF(points)
    sheet = stylesheet(load_theme(name), font)
    assert "$" not in sheet
    assert load_theme(name).palette.accent in sheet


def test_style_sheet_knows_fonts_sized_in_pixels(qapp: QApplication) -> None:
    font = QFont(qapp.font())
    font.setPixelSize(20)
    assert "font-size: 30px" in stylesheet(load_theme("light"), font)


@pytest.mark.parametrize("mode", [ThemeMode.LIGHT, ThemeMode.DARK])
def test_every_widget_draws_without_a_warning(manager: ThemeManager, qtbot: QtBot, mode: ThemeMode) -> None:
    manager.set_mode(mode)
    window = build(manager)
    qtbot.addWidget(window)
    menu = open_menu(manager)
    qtbot.addWidget(menu)
    window.resize(1360, 900)
    window.show()
    assert not window.grab().isNull()
    assert not menu.grab().isNull()
    ground = window.grab().toImage().pixelColor(window.width() - 3, window.height() // 2)
    assert ground.name() == manager.theme.palette.window


def test_buttons_and_labels_show_all_their_text(manager: ThemeManager, qtbot: QtBot) -> None:
    window = build(manager)
    qtbot.addWidget(window)

    def check() -> None:
        shown: list[QPushButton | QLabel] = [*window.findChildren(QPushButton)]
        shown += window.findChildren(QLabel)
        for widget in (w for w in shown if w.isVisible()):
            needed = widget.fontMetrics().horizontalAdvance(widget.text())
            assert widget.width() >= needed, widget.text()

    for scale in (1.0, 1.5):
        manager.set_scale(scale)
        window.resize(window.minimumSizeHint().expandedTo(QSize(800, 600)))
        window.show()
        # A new font reaches nested layouts over several turns of the event loop.
        qtbot.waitUntil(check)


def test_focus_ring_does_not_move_anything(manager: ThemeManager, qtbot: QtBot) -> None:
    edit, plain = QLineEdit(), QLineEdit()
    for widget in (edit, plain):
        qtbot.addWidget(widget)
        widget.show()
    edit.activateWindow()
    edit.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(edit.hasFocus)
    assert edit.sizeHint() == plain.sizeHint()
    image = edit.grab().toImage()
    assert image.pixelColor(image.width() // 2, 1).name() == manager.theme.palette.focus_ring
