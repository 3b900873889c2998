"""The style sheet: `resources/styles/app.qss` with a theme's colours and lengths of the font."""

from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from string import Template

from PySide6.QtCore import QDir
from PySide6.QtGui import QFont, QFontMetricsF

from ui.theme.tokens import Theme, ThemeError

_STYLES = files("resources") / "styles"
# Height of a line of text at which the lengths below are drawn one to one.
_DESIGN_LINE = 14.0
_LENGTHS = {
    "hair": 1,
    "s1": 2,
    "s2": 4,
    "s3": 6,
    "s4": 8,
    "s5": 12,
    "s6": 16,
    "s7": 22,
    "radius_s": 4,
    "radius": 6,
    "radius_l": 8,
    "glyph": 12,
    "indicator": 15,
    "icon": 20,
    "icon_s": 16,
    "scroll": 10,
    "scroll_min": 28,
    "control": 18,
    "thin": 5,
    "spin": 20,
    "tab": 72,
}
_FONT_STEPS = {"font_small": 0.9, "font_large": 1.15, "font_title": 1.5}


def stylesheet(theme: Theme, font: QFont) -> str:
    """Fill the template; lengths are pixels in proportion to the line height of `font`.

    Makes the search path `glyph:` known to Qt, from which the sheet takes its arrows and ticks.
    ThemeError if the template asks for a value that no theme has.
    """
    QDir.setSearchPaths("glyph", [str(Path(str(_STYLES / "glyphs")))])
    values = asdict(theme.palette) | {f"severity_{k}": v for k, v in asdict(theme.severity).items()}
    values |= lengths(font) | _font_sizes(font)
    template = Template((_STYLES / "app.qss").read_text(encoding="utf-8"))
    try:
        return template.substitute(values)
    except (KeyError, ValueError) as error:
        raise ThemeError(f"app.qss: cannot be filled in: {error}") from error


def lengths(font: QFont) -> dict[str, str]:
    """Return the named lengths, each as `<n>px`, scaled to the line height of `font`.

    `<name>_in` is one pixel less: the padding inside a focus ring, which is one pixel wider than
    the border it replaces, so that nothing moves when the focus comes.
    """
    pixels = {name: scaled(value, font) for name, value in _LENGTHS.items()}
    inner = {f"{name}_in": value - 1 for name, value in pixels.items()}
    knob = (pixels["glyph"] + 4 - pixels["s2"]) // 2
    # Qt draws square corners where a radius is more than half of what it rounds.
    derived = {
        "indicator_focus": pixels["indicator"] - 2,
        "indicator_round": (pixels["indicator"] + 2) // 2,
        "knob_round": pixels["s2"] // 2 + knob,
        "knob": knob,
        "scroll_round": (pixels["scroll"] - 4) // 2,
    }
    return {name: f"{value}px" for name, value in (pixels | inner | derived).items()}


def scaled(pixels: float, font: QFont) -> int:
    """Return a length drawn for a line of 14 pixels as whole pixels beside text in `font`."""
    return max(1, round(pixels * QFontMetricsF(font).height() / _DESIGN_LINE))


def _font_sizes(font: QFont) -> dict[str, str]:
    size, unit = font.pointSizeF(), "pt"
    if size <= 0:
        size, unit = float(font.pixelSize()), "px"
    return {name: f"{round(size * step)}{unit}" for name, step in _FONT_STEPS.items()}
