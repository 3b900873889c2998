"""The look of the application: colour tokens, palette, style sheet and icons."""

from ui.theme.icons import IconCache, application_icon, icon, icon_names
from ui.theme.manager import ThemeManager, ThemeMode
from ui.theme.tokens import Theme, ThemeError, load_theme

__all__ = [
    "IconCache",
    "Theme",
    "ThemeError",
    "ThemeManager",
    "ThemeMode",
    "application_icon",
    "icon",
    "icon_names",
    "load_theme",
]
