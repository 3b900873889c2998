"""What is painted for other people: always with a name or initials, since colours alone tell few apart."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from canvas.overlays.inks import Inks

_CORNERS: Final = ((0, 0), (0, 15), (4, 11.5), (7, 17.5), (9.6, 16.3), (6.8, 10.4), (12, 10.4))
ARROW: Final = QPolygonF([QPointF(*at) for at in _CORNERS])
LARGER: Final = 1.7
LONGEST: Final = 24
_LINE: Final = 18.0
_LETTER: Final = 9.0  # at most, in pixels: bounds need not ask the font


def ink_on(colour: QColor) -> QColor:
    """Black or white, whichever is easier to read on a colour."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)

    red, green, blue = map(linear, (colour.redF(), colour.greenF(), colour.blueF()))
    return QColor("#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "#ffffff")


def shortened(text: str, longest: int = LONGEST) -> str:
    """One line of a text, cut where it gets too long."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


@dataclass(frozen=True)
class CursorMark:
    """Somebody's arrow with a flag; the presenter's is larger."""

    at: QPointF
    flag: str
    colour: str
    large: bool = False

    def bounds(self, to_view: QTransform) -> QRectF:
        """See Mark."""
        at, scale = to_view.map(self.at), LARGER if self.large else 1.0
        wide = 26 * scale + len(self.flag) * _LETTER * scale
        return QRectF(at.x() - 3, at.y() - 3, wide, 42 * scale)

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """See Mark."""
        colour, scale = QColor(self.colour), LARGER if self.large else 1.0
        painter.save()
        painter.translate(to_view.map(self.at))
        painter.scale(scale, scale)
        painter.setPen(QPen(inks.background, 1.5))
        painter.setBrush(colour)
        painter.drawPolygon(ARROW)
        painter.restore()
        flag(painter, to_view.map(self.at) + QPointF(10, 18) * scale, self.flag, colour, inks, scale)


@dataclass(frozen=True)
class OutlineMark:
    """An outline around a cell: selected by somebody (dashed), or just changed by them (`strength`)."""

    rect: QRectF
    colour: str
    text: str = ""
    strength: float = 0.0

    def bounds(self, to_view: QTransform) -> QRectF:
        """See Mark."""
        box = to_view.mapRect(self.rect).adjusted(-9, -9, 9, 9)
        if not self.text:
            return box
        return box.united(QRectF(box.left(), box.top() - 14, len(self.text) * _LETTER + 20, 28))

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """See Mark."""
        colour = QColor(self.colour)
        box = to_view.mapRect(self.rect).adjusted(-4, -4, 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(inks.background, 4.5))
        painter.drawRoundedRect(box, 4, 4)
        if self.strength:
            glow = QColor(colour)
            glow.setAlphaF(0.28 * self.strength)
            painter.setBrush(glow)
            painter.setPen(QPen(colour, 1.5 + 2.0 * self.strength))
        else:
            painter.setPen(QPen(colour, 2.0, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(box, 4, 4)
        if self.text:
            flag(painter, QPointF(box.left(), box.top() - _LINE + 4), self.text, colour, inks)


@dataclass(frozen=True)
class RouteMark:
    """The same as OutlineMark along a line of the diagram; its label stays free."""

    points: tuple[QPointF, ...]
    label: QRectF
    colour: str
    text: str = ""
    strength: float = 0.0

    def _middle(self, to_view: QTransform) -> QPointF:
        return to_view.map(self.points[len(self.points) // 2])

    def bounds(self, to_view: QTransform) -> QRectF:
        """See Mark."""
        box = to_view.map(QPolygonF(self.points)).boundingRect().adjusted(-9, -9, 9, 9)
        if not self.text:
            return box
        at = self._middle(to_view)
        return box.united(QRectF(at.x() - 4, at.y() + 4, len(self.text) * _LETTER + 20, 28))

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """See Mark."""
        colour, route = QColor(self.colour), to_view.map(QPolygonF(self.points))
        painter.save()
        if not self.label.isEmpty():
            around, label = QPainterPath(), QPainterPath()
            around.addRect(self.bounds(to_view))
            label.addRect(to_view.mapRect(self.label))
            painter.setClipPath(around.subtracted(label))
        colour.setAlphaF(0.75)
        style = Qt.PenStyle.SolidLine if self.strength else Qt.PenStyle.DashLine
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 4.0 + 3.0 * self.strength, style))
        painter.drawPolyline(route)
        painter.restore()
        if self.text:
            flag(painter, self._middle(to_view) + QPointF(0, 8), self.text, QColor(self.colour), inks)


@dataclass(frozen=True)
class TrailMark:
    """The fading trail of a laser: points with their strength from 0 to 1, oldest first."""

    points: tuple[tuple[float, QPointF], ...]
    colour: str
    dot: bool = True

    def bounds(self, to_view: QTransform) -> QRectF:
        """See Mark."""
        places = QPolygonF([to_view.map(at) for _, at in self.points])
        return places.boundingRect().adjusted(-10, -10, 10, 10)

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """See Mark."""
        before: QPointF | None = None
        for strength, place in self.points:
            at, colour = to_view.map(place), QColor(self.colour)
            colour.setAlphaF(max(0.0, min(1.0, strength)))
            if before is not None:
                pen = QPen(colour, 1.5 + 4.5 * strength)
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                painter.setPen(pen)
                painter.drawLine(before, at)
            before = at
        if before is not None and self.dot:
            painter.setPen(QPen(inks.background, 1.5))
            painter.setBrush(QColor(self.colour))
            painter.drawEllipse(before, 5.5, 5.5)


@dataclass(frozen=True)
class TypingMark:
    """Unfinished words under an element, in the colour of who types them."""

    rect: QRectF
    text: str
    colour: str

    def bounds(self, to_view: QTransform) -> QRectF:
        """See Mark."""
        box = to_view.mapRect(self.rect)
        return QRectF(box.left() - 6, box.bottom() + 2, len(self.text) * _LETTER + 24, 32)

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """See Mark."""
        box = to_view.mapRect(self.rect)
        flag(
            painter, QPointF(box.left(), box.bottom() + 8), self.text, QColor(self.colour), inks, italic=True
        )


def flag(
    painter: QPainter,
    corner: QPointF,
    text: str,
    colour: QColor,
    inks: Inks,
    scale: float = 1.0,
    *,
    italic: bool = False,
) -> None:
    """A short text on somebody's colour, rimmed so that it stands out from what is below."""
    font = QFont(inks.font)
    font.setPointSizeF(inks.font.pointSizeF() * scale)
    font.setItalic(italic)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    box = QRectF(corner.x(), corner.y(), metrics.horizontalAdvance(text) + 10 * scale, _LINE * scale)
    painter.setPen(QPen(inks.background, 1.2))
    painter.setBrush(colour)
    painter.drawRoundedRect(box, 4 * scale, 4 * scale)
    painter.setPen(ink_on(colour))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
