"""The grid behind a diagram, for the part that is being repainted only."""

import math
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from canvas.overlays.inks import Inks

SPACING: Final = 20.0
MAJOR: Final = 5
LEAST_PIXELS: Final = 8.0
DOTS, LINES = "dots", "lines"


def paint_grid(painter: QPainter, exposed: QRectF, zoom: float, inks: Inks, look: str = LINES) -> None:
    """Lines or dots every SPACING scene units, every MAJOR times that when they get too dense."""
    fine = SPACING * zoom >= LEAST_PIXELS
    coarse = SPACING * MAJOR * zoom >= LEAST_PIXELS * 3
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if look == DOTS:
        if fine or coarse:
            _dots(painter, exposed, SPACING if fine else SPACING * MAJOR, inks)
    else:
        if fine:
            ink = _faded(inks.grid, SPACING * zoom)
            _lines(painter, exposed, SPACING, QPen(ink, 0), skip=MAJOR if coarse else 0)
        if coarse:
            ink = inks.grid_strong if fine else inks.grid
            _lines(painter, exposed, SPACING * MAJOR, QPen(ink, 0))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)


def _faded(colour: QColor, pixels: float) -> QColor:
    """Dense lines are paler, so that the grid never comes before what is drawn on it."""
    found = QColor(colour)
    found.setAlphaF(max(0.3, min(1.0, (pixels - LEAST_PIXELS) / 12.0 + 0.3)))
    return found


def _steps(low: float, high: float, spacing: float) -> range:
    return range(math.floor(low / spacing), math.ceil(high / spacing) + 1)


def _lines(painter: QPainter, area: QRectF, spacing: float, pen: QPen, skip: int = 0) -> None:
    painter.setPen(pen)
    lines = [
        QLineF(n * spacing, area.top(), n * spacing, area.bottom())
        for n in _steps(area.left(), area.right(), spacing)
        if not skip or n % skip
    ]
    lines += [
        QLineF(area.left(), n * spacing, area.right(), n * spacing)
        for n in _steps(area.top(), area.bottom(), spacing)
        if not skip or n % skip
    ]
    painter.drawLines(lines)


def _dots(painter: QPainter, area: QRectF, spacing: float, inks: Inks) -> None:
    pen = QPen(inks.grid_strong, 2)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.drawPoints(
        [
            QPointF(x * spacing, y * spacing)
            for x in _steps(area.left(), area.right(), spacing)
            for y in _steps(area.top(), area.bottom(), spacing)
        ]
    )
