"""How large letters and lines must be on a projector to be read from the last row."""

from typing import Final

from canvas.theme import CanvasTheme

# A letter is read by forty people in a room when a line of text takes about a fortieth of the picture's
# height: 27 pixels of 1080, letters 18 high. More than half as large again would not fit into the boxes.
SHARE: Final = 1 / 60
MOST: Final = 1.6
STEP: Final = 0.2
LINE_MOST: Final = 1.9


def letters_at(zoom: float, height: int, theme: CanvasTheme) -> float:
    """How much larger letters should be at a zoom, in a picture of that height; in steps, from 1 to MOST."""
    shown = theme.small_font_size * zoom
    wanted = height * SHARE / shown if shown > 0 else 1.0
    steps = round((min(max(wanted, 1.0), MOST) - 1.0) / STEP)
    return 1.0 + steps * STEP


def presented(theme: CanvasTheme, zoom: float, height: int) -> CanvasTheme:
    """A theme for a projector: lines grow with the letters, and are never thin."""
    letters = letters_at(zoom, height, theme)
    return theme.enlarged(round(letters, 2), min(LINE_MOST, 1.2 * letters))
