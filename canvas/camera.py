"""Zoom and place of a view: arithmetic without widgets."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF

LEAST_ZOOM: Final = 0.05
MOST_ZOOM: Final = 8.0
STEP: Final = 1.2
NOTCH: Final = 120.0
FIT_MARGIN: Final = 40.0
MAX_FIT_ZOOM: Final = 1.5
SCROLL_MARGIN: Final = 32.0
FASTEST: Final = 22.0


def bounded(zoom: float) -> float:
    """A zoom within what is offered, 5 % to 800 %."""
    return max(LEAST_ZOOM, min(MOST_ZOOM, zoom))


def stepped(zoom: float, direction: int) -> float:
    """The next of the round steps up or down; 100 % is always one of them."""
    steps = (0.05, 0.1, 0.15, 0.2, 0.25, 0.33, 0.5, 0.67, 0.75, 0.9,
             1.0, 1.1, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)  # fmt: skip
    if direction > 0:
        return next((s for s in steps if s > zoom * 1.01), MOST_ZOOM)
    return next((s for s in reversed(steps) if s < zoom * 0.99), LEAST_ZOOM)


def wheeled(zoom: float, delta: float) -> float:
    """The zoom after the wheel turned by `delta` eighths of a degree, 120 a notch."""
    return bounded(zoom * STEP ** (delta / NOTCH))


def fitted(content: QRectF, room: QSizeF) -> float:
    """The zoom at which content fits into a room of pixels, with a margin."""
    width = max(1.0, room.width() - 2 * FIT_MARGIN)
    height = max(1.0, room.height() - 2 * FIT_MARGIN)
    found = min(width / max(1.0, content.width()), height / max(1.0, content.height()))
    return bounded(min(found, MAX_FIT_ZOOM))


def edge_speed(at: QPointF, room: QSizeF) -> QPointF:
    """How many pixels a frame to scroll while something is dragged near or beyond the edges."""
    return QPointF(_speed(at.x(), room.width()), _speed(at.y(), room.height()))


def _speed(at: float, length: float) -> float:
    if at < SCROLL_MARGIN:
        return -min(FASTEST, (SCROLL_MARGIN - at) * 0.5)
    if at > length - SCROLL_MARGIN:
        return min(FASTEST, (at - length + SCROLL_MARGIN) * 0.5)
    return 0.0
