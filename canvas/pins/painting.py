"""How a pin looks: a speech bubble whose tip is at its spot, with initials or a number."""

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPixmap

from canvas.overlays.inks import Inks
from canvas.pins.spots import Pin

SIZE: Final = 24.0
CLEAR: Final = 7.0  # a node keeps the grip at its corner to itself
_LETTERS: Final = 8.0
_RIM: Final = 5.0


class PinPictures:
    """Pins as pictures, made once a look: hundreds of them are painted in every frame of a drag."""

    def __init__(self, inks: Inks) -> None:
        self._inks = inks
        self._made: dict[tuple[object, ...], QPixmap] = {}

    def paint(self, painter: QPainter, box: QRectF, pin: Pin, *, chosen: bool) -> None:
        """Paint a pin into its box, in pixels."""
        device = painter.device()
        ratio = device.devicePixelRatioF()
        key = (pin.mark, pin.is_unread, pin.is_resolved, len(pin.threads) > 1, chosen, ratio)
        picture = self._made.get(key)
        if picture is None:
            side = SIZE + 2 * _RIM
            picture = self._made[key] = QPixmap(math.ceil(side * ratio), math.ceil(side * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            inner = QPainter(picture)
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            _paint_pin(inner, QRectF(_RIM, _RIM, SIZE, SIZE), pin, self._inks, chosen=chosen)
            inner.end()
        painter.drawPixmap(box.topLeft() - QPointF(_RIM, _RIM), picture)


def _paint_pin(painter: QPainter, box: QRectF, pin: Pin, inks: Inks, *, chosen: bool) -> None:
    """Paint a pin into its box, in pixels. Unread ones are filled, resolved ones ticked and pale."""
    fill = inks.accent if pin.is_unread else inks.background
    ink = inks.on_accent if pin.is_unread else inks.muted if pin.is_resolved else inks.text
    rim = inks.accent if chosen or pin.is_unread else inks.muted
    if len(pin.threads) > 1:
        _bubble(painter, box.translated(3, -3), fill, QPen(rim, 1))
    _bubble(painter, box, fill, QPen(rim, 2 if chosen else 1.2))
    font = QFont(inks.font)
    font.setPointSizeF(_LETTERS)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "✓" if pin.is_resolved else pin.mark)
    if chosen and pin.is_unread:
        painter.setPen(QPen(inks.text, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(_outline(box))


def _bubble(painter: QPainter, box: QRectF, fill: QColor, pen: QPen) -> None:
    painter.setPen(pen)
    painter.setBrush(fill)
    painter.drawPath(_outline(box))


def _outline(box: QRectF) -> QPainterPath:
    """A circle with a square corner at the bottom left: the tip."""
    radius = box.width() / 2
    path = QPainterPath(QPointF(box.left(), box.bottom()))
    path.lineTo(box.left(), box.center().y())
    path.arcTo(QRectF(box.left(), box.top(), 2 * radius, 2 * radius), 180, -270)
    path.closeSubpath()
    return path
