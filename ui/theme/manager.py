"""The theme in force: chosen or followed from the system, and put on the application."""

from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from ui.theme.icons import IconCache, application_icon
from ui.theme.palette import qpalette
from ui.theme.stylesheet import scaled, stylesheet
from ui.theme.tokens import Theme, load_theme

_ICON_PROPERTY = "themeIcon"


class ThemeMode(StrEnum):
    """Where the theme comes from."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class TakesIcon(Protocol):
    """A QAction, a button: an object that shows an icon and can carry a property."""

    def setIcon(self, icon: QIcon, /) -> None: ...
    def setProperty(self, name: str, value: object, /) -> bool: ...


class ThemeManager(QObject):
    """Holds the mode, the text scale and the icons; emits `changed` after a theme is applied."""

    changed = Signal(Theme)

    def __init__(
        self, application: QApplication, mode: ThemeMode = ThemeMode.SYSTEM, scale: float = 1.0
    ) -> None:
        super().__init__(application)
        self._application = application
        self._mode = mode
        self._scale = _checked_scale(scale)
        application.setPalette(QPalette())
        self._system_font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        self._system_is_dark = _is_dark(application.palette())
        self._themes = {name: load_theme(name) for name in ("light", "dark")}
        self._theme = self._themes["light"]
        self._icons = IconCache(self._theme)
        application.setStyle("Fusion")
        application.setWindowIcon(application_icon())
        self._ask_platform()
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._on_system_changed)
        application.screenAdded.connect(self._on_screen_added)
        self._apply(self._wanted(hints.colorScheme()))

    @property
    def theme(self) -> Theme:
        """The theme in force."""
        return self._theme

    @property
    def mode(self) -> ThemeMode:
        """Where the theme comes from."""
        return self._mode

    @property
    def scale(self) -> float:
        """Size of text and controls relative to the system's font."""
        return self._scale

    def px(self, length: float) -> int:
        """Return a length in pixels, scaled like text: row heights, icon sizes, margins."""
        return scaled(length, self._application.font())

    def set_mode(self, mode: ThemeMode) -> None:
        """Use the light or the dark theme, or follow the system from now on."""
        self._mode = mode
        self._ask_platform()
        wanted = self._wanted(QGuiApplication.styleHints().colorScheme())
        if wanted is not self._theme:
            self._apply(wanted)

    def set_scale(self, scale: float) -> None:
        """Make all text and controls larger or smaller (0.5 to 3), as for a projector."""
        self._scale = _checked_scale(scale)
        self._apply(self._theme)

    def icon(self, name: str, *, accent_on: bool = True) -> QIcon:
        """Return the icon `name` in the colours of the theme in force (see `icons.icon`)."""
        return self._icons.icon(name, accent_on=accent_on)

    def bind_icon(self, target: TakesIcon, name: str) -> None:
        """Give an action or button an icon that is tinted anew whenever the theme changes.

        The target has to be a descendant of a window or of the application.
        """
        target.setProperty(_ICON_PROPERTY, name)
        target.setIcon(self.icon(name))

    def _ask_platform(self) -> None:
        """Let title bars and native dialogs follow a chosen theme, where the platform can."""
        hints = QGuiApplication.styleHints()
        if self._mode is ThemeMode.SYSTEM:
            hints.unsetColorScheme()
        else:
            dark = self._mode is ThemeMode.DARK
            hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)

    def _on_system_changed(self, scheme: Qt.ColorScheme) -> None:
        wanted = self._wanted(scheme)
        if wanted is not self._theme:
            self._apply(wanted)

    def _on_screen_added(self) -> None:
        """Draw the icons anew, as the screen may have another pixel ratio (a projector)."""
        self._icons = IconCache(self._theme)
        self._tint_bound_icons()

    def _wanted(self, scheme: Qt.ColorScheme) -> Theme:
        if self._mode is not ThemeMode.SYSTEM:
            return self._themes[self._mode.value]
        if scheme is Qt.ColorScheme.Unknown:
            return self._themes["dark" if self._system_is_dark else "light"]
        return self._themes["dark" if scheme is Qt.ColorScheme.Dark else "light"]

    def _apply(self, theme: Theme) -> None:
        if theme is not self._theme:
            self._icons = IconCache(theme)
        self._theme = theme
        font = _scaled_font(self._system_font, self._scale)
        self._application.setFont(font)
        self._application.setPalette(qpalette(theme))
        self._application.setStyleSheet(stylesheet(theme, font))
        self._tint_bound_icons()
        self.changed.emit(theme)

    def _tint_bound_icons(self) -> None:
        for root in (self._application, *self._application.topLevelWidgets()):
            for target in (root, *root.findChildren(QObject)):
                name = target.property(_ICON_PROPERTY)
                if isinstance(name, str) and hasattr(target, "setIcon"):
                    target.setIcon(self.icon(name))


def _checked_scale(scale: float) -> float:
    if not 0.5 <= scale <= 3.0:
        raise ValueError(f"text scale must be from 0.5 to 3, not {scale}")
    return scale


def _scaled_font(font: QFont, scale: float) -> QFont:
    result = QFont(font)
    if font.pointSizeF() > 0:
        result.setPointSizeF(font.pointSizeF() * scale)
    else:
        result.setPixelSize(round(font.pixelSize() * scale))
    return result


def _is_dark(palette: QPalette) -> bool:
    """Guess from the window colour, for platforms that do not tell their colour scheme."""
    return palette.color(QPalette.ColorRole.Window).lightness() < 128
