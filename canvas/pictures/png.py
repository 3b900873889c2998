"""A diagram as a PNG image."""

from math import ceil, isfinite, sqrt
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QPainter

from app.domain.errors import TmiError
from app.domain.state import ModelState
from canvas.pictures.drawing import drawing_of
from canvas.theme import LIGHT, CanvasTheme

MOST_PIXELS: Final = 120_000_000
LONGEST_SIDE: Final = 32_000


def render_png(state: ModelState, diagram_id: str, scale: float = 1.0, theme: CanvasTheme = LIGHT) -> bytes:
    """The whole diagram at `scale` pixels a scene unit. TmiError when that would be too large."""
    if not isfinite(scale) or scale <= 0:
        raise TmiError(f"the scale of a picture must be a number above 0, not {scale}")
    drawing = drawing_of(state, diagram_id, theme)
    rect = drawing.rect
    width, height = max(1, ceil(rect.width() * scale)), max(1, ceil(rect.height() * scale))
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        most = min(
            sqrt(MOST_PIXELS / (rect.width() * rect.height())),
            LONGEST_SIDE / max(rect.width(), rect.height()),
        )
        raise TmiError(
            f"the picture would be {width} x {height} pixels; "
            f"the largest scale for this diagram is {int(most * 100) / 100:g}"
        )
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    if image.isNull():
        raise TmiError(f"not enough memory for a picture of {width} x {height} pixels")
    image.fill(QColor(theme.background))
    painter = QPainter(image)
    try:
        painter.scale(scale, scale)
        painter.translate(-rect.topLeft())
        drawing.paint(painter, scale)
    finally:
        painter.end()
    return png_bytes(image)


def png_bytes(image: QImage) -> bytes:
    """An image in PNG format."""
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise TmiError("the picture could not be encoded as PNG")
    buffer.close()
    return bytes(held.data())
