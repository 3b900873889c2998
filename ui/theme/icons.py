"""Icons from `resources/icons`: SVG in one colour, tinted by theme and button state."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.theme.tokens import Theme, ThemeError

_FOLDER = files("resources") / "icons"
_SIZES = (16, 20, 24, 32, 48)
_APPLICATION_SIZES = (16, 24, 32, 48, 64, 128, 256)
_PLACEHOLDER = b"currentColor"


class IconCache:
    """The icons of one theme, rendered once a name; thrown away when the theme changes."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._icons: dict[tuple[str, bool], QIcon] = {}

    def icon(self, name: str, *, accent_on: bool = True) -> QIcon:
        """Return the icon `name`, rendering it on first use; see `icon` for the rest."""
        found = self._icons.get((name, accent_on))
        if found is None:
            found = self._icons[name, accent_on] = icon(name, self._theme, accent_on=accent_on)
        return found


@cache
def icon_names() -> tuple[str, ...]:
    """Return the names of all tinted icons, sorted."""
    names = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(n[:-4] for n in names if n.endswith(".svg") and n != "app.svg"))


def icon(name: str, theme: Theme, *, accent_on: bool = True, ratios: Iterable[float] = ()) -> QIcon:
    """Render the icon `name` for every state of a button, at the pixel ratios of the screens.

    Disabled is dimmed; "on" (a checked button, a current tab) is in the accent colour. A tree shows
    expanded rows "on" as well: give it icons with `accent_on=False`. `ratios` overrides the ratios
    of the screens. ThemeError if there is no such icon.
    """
    tokens = theme.palette
    tints = (
        (tokens.text, QIcon.Mode.Normal, QIcon.State.Off),
        (tokens.link if accent_on else tokens.text, QIcon.Mode.Normal, QIcon.State.On),
        (tokens.disabled_text, QIcon.Mode.Disabled, QIcon.State.Off),
        (tokens.disabled_text, QIcon.Mode.Disabled, QIcon.State.On),
        (tokens.selection_text, QIcon.Mode.Selected, QIcon.State.Off),
        (tokens.selection_text, QIcon.Mode.Selected, QIcon.State.On),
    )
    result = QIcon()
    for stencil in _stencils(_renderer(name), _SIZES, ratios or _pixel_ratios()):
        drawn = {colour: _tinted(stencil, colour) for colour in {tint[0] for tint in tints}}
        for colour, mode, state in tints:
            result.addPixmap(drawn[colour], mode, state)
    return result


def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Render one icon at `size` logical pixels in any colour, for labels, badges and toasts."""
    (stencil,) = _stencils(_renderer(name), (size,), (ratio,))
    return _tinted(stencil, colour)


def application_icon() -> QIcon:
    """Return the program's own icon in its own colours, the same in every theme."""
    result = QIcon()
    for drawn in _stencils(_renderer("app"), _APPLICATION_SIZES, (1.0,)):
        result.addPixmap(drawn)
    return result


def _renderer(name: str) -> QSvgRenderer:
    source = _FOLDER / f"{name}.svg"
    if not source.is_file():
        raise ThemeError(f"there is no icon named {name!r}")
    renderer = QSvgRenderer(QByteArray(source.read_bytes().replace(_PLACEHOLDER, b"#000000")))
    if not renderer.isValid():
        raise ThemeError(f"icon {name}.svg is not a readable SVG")
    return renderer


def _pixel_ratios() -> tuple[float, ...]:
    return tuple(sorted({screen.devicePixelRatio() for screen in QGuiApplication.screens()}))


def _stencils(renderer: QSvgRenderer, sizes: Iterable[int], ratios: Iterable[float]) -> Iterable[QPixmap]:
    ratios = tuple(ratios)
    for size in sizes:
        for ratio in ratios:
            yield _draw(renderer, size, ratio)


def _draw(renderer: QSvgRenderer, size: int, ratio: float) -> QPixmap:
    drawn = QPixmap(QSize(size, size) * ratio)
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return drawn


def _tinted(stencil: QPixmap, colour: str) -> QPixmap:
    result = QPixmap(stencil)
    painter = QPainter(result)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(result.rect(), QColor(colour))
    painter.end()
    return result
