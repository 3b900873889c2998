"""The marks that tools put over a diagram: placed in scene units, sized in pixels of the screen."""

import math
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from canvas.overlays.inks import Inks

GRIP: Final = 9.0
LARGE: Final = 60_000.0
_ROOM: Final = 14.0


class Look(Enum):
    """What a frame or a tag says."""

    CHOSEN = "chosen"
    WELCOME = "welcome"
    REFUSED = "refused"
    HOVERED = "hovered"
    MEASURE = "measure"
    WALKED = "walked"


class Mark(Protocol):
    """Something painted over the diagram; equal marks look alike."""

    def bounds(self, to_view: QTransform) -> QRectF:
        """What it covers, in pixels of the viewport."""

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """Paint it with a painter in pixels of the viewport."""


class Shape(Enum):
    """What a grip looks like, by what it does."""

    RESIZE = "square"
    END = "round"
    VERTEX = "dot"
    BEND = "ring"
    CONNECT = "arrow"


@dataclass(frozen=True)
class Grip:
    """Something to take hold of at `at`, `out` pixels beside it."""

    at: QPointF
    shape: Shape
    hot: bool = False
    out: tuple[float, float] = (0.0, 0.0)

    def place(self, to_view: QTransform) -> QPointF:
        """Its middle, in pixels of the viewport."""
        return to_view.map(self.at) + QPointF(*self.out)

    def bounds(self, to_view: QTransform) -> QRectF:
        """See Mark."""
        middle = self.place(to_view)
        return QRectF(middle.x() - _ROOM, middle.y() - _ROOM, 2 * _ROOM, 2 * _ROOM)

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """See Mark."""
        middle = self.place(to_view)
        painter.setPen(QPen(inks.accent, 1.4))
        painter.setBrush(QBrush(inks.accent if self.hot else inks.handle))
        if self.shape is Shape.RESIZE:
            box = QRectF(middle.x() - GRIP / 2, middle.y() - GRIP / 2, GRIP, GRIP)
            painter.drawRoundedRect(box, 2, 2)
        elif self.shape is Shape.CONNECT:
            self._paint_arrow(painter, middle, inks)
        else:
            radius = {Shape.END: 5.5, Shape.VERTEX: 4.5}.get(self.shape, 3.5)
            if self.shape is Shape.VERTEX and not self.hot:
                painter.setBrush(inks.accent)
            painter.drawEllipse(middle, radius + self.hot, radius + self.hot)

    def _paint_arrow(self, painter: QPainter, middle: QPointF, inks: Inks) -> None:
        radius = 8.5 if self.hot else 6.5
        painter.setPen(QPen(inks.handle, 1.5))
        painter.setBrush(inks.accent)
        painter.setOpacity(1.0 if self.hot else 0.78)
        painter.drawEllipse(middle, radius, radius)
        way = QPointF(*self.out) / (math.hypot(*self.out) or 1.0)
        side = QPointF(-way.y(), way.x())
        path = QPainterPath(middle - way * 3.2)
        path.lineTo(middle + way * 3.0)
        path.moveTo(middle + way * 3.2 - (way - side) * 2.8)
        path.lineTo(middle + way * 3.2)
        path.lineTo(middle + way * 3.2 - (way + side) * 2.8)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(inks.on_accent, 1.4))
        painter.drawPath(path)
        painter.setOpacity(1.0)


@dataclass(frozen=True)
class GuideLine:
    """A line that shows what lines up, with a distance at its middle."""

    line: QLineF
    text: str = ""

    def bounds(self, to_view: QTransform) -> QRectF:
        """See Mark."""
        box = QRectF(to_view.map(self.line.p1()), to_view.map(self.line.p2())).normalized()
        margin = 30.0 if self.text else 8.0
        return box.adjusted(-margin, -margin, margin, margin)

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """See Mark."""
        line = to_view.map(self.line)
        painter.setPen(QPen(inks.guide, 1.0))
        painter.drawLine(line)
        way = line.unitVector()
        if line.length() < 1:
            return
        across = QPointF(-way.dy(), way.dx()) * (4.0 if self.text else 3.0)
        for end in (line.p1(), line.p2()):
            painter.drawLine(end - across, end + across)
        if self.text:
            _pill(painter, line.center(), self.text, inks.guide, inks.background, inks)


@dataclass(frozen=True)
class Band:
    """A rubber band."""

    rect: QRectF

    def bounds(self, to_view: QTransform) -> QRectF:
        """See Mark."""
        return to_view.mapRect(self.rect).adjusted(-2, -2, 2, 2)

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """See Mark."""
        painter.setPen(QPen(inks.accent, 1.0))
        painter.setBrush(inks.accent_soft)
        painter.drawRect(to_view.mapRect(self.rect))


@dataclass(frozen=True)
class Frame:
    """An outline around an element that is about to take part."""

    rect: QRectF
    look: Look
    text: str = ""

    def bounds(self, to_view: QTransform) -> QRectF:
        """See Mark."""
        box = to_view.mapRect(self.rect).adjusted(-8, -8, 8, 8)
        return box.united(QRectF(box.left(), box.bottom(), 420, 34)) if self.text else box

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """See Mark."""
        box = to_view.mapRect(self.rect)
        if self.look is Look.WALKED:
            painter.setPen(QPen(inks.text, 1.4, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(-5, -5, 5, 5), 4, 4)
            return
        refused = self.look is Look.REFUSED
        colour = inks.refuse if refused else inks.accent
        style = Qt.PenStyle.DotLine if refused else Qt.PenStyle.SolidLine
        plain = self.look in (Look.CHOSEN, Look.HOVERED)
        if self.look is Look.HOVERED:
            colour = inks.accent_faint
        painter.setPen(QPen(colour, 1.3 if plain else 2.4, style))
        soft = inks.refuse_soft if refused else inks.accent_soft
        filled = not plain and self.rect.width() * self.rect.height() < LARGE
        painter.setBrush(QBrush(soft) if filled else QBrush(Qt.BrushStyle.NoBrush))
        painter.drawRoundedRect(box, 3, 3)
        if self.text:
            middle = QPointF(box.left(), box.bottom() + 16)
            _pill(painter, middle, self.text, colour, inks.background, inks, from_left=True)


@dataclass(frozen=True)
class Veil:
    """Greys out an element that cannot take part."""

    rect: QRectF

    def bounds(self, to_view: QTransform) -> QRectF:
        """See Mark."""
        return to_view.mapRect(self.rect).adjusted(-2, -2, 2, 2)

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """See Mark."""
        painter.fillRect(to_view.mapRect(self.rect), inks.veil)


@dataclass(frozen=True)
class Trace:
    """A line of the diagram made conspicuous, around its label: chosen, or under the pointer."""

    points: tuple[QPointF, ...]
    label: QRectF
    chosen: bool = True

    def bounds(self, to_view: QTransform) -> QRectF:
        """See Mark."""
        box = to_view.map(QPolygonF(self.points)).boundingRect()
        return box.adjusted(-4, -4, 4, 4)

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """See Mark."""
        pen = QPen(inks.accent if self.chosen else inks.accent_faint, 2.2 if self.chosen else 6.0)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.save()
        if not self.label.isEmpty():
            around = QPainterPath()
            around.addRect(self.bounds(to_view))
            label = QPainterPath()
            label.addRect(to_view.mapRect(self.label))
            painter.setClipPath(around.subtracted(label))
        painter.drawPolyline(to_view.map(QPolygonF(self.points)))
        painter.restore()


@dataclass(frozen=True)
class Tag:
    """A short text beside a place: a size, a reason. `out` is in pixels."""

    at: QPointF
    text: str
    look: Look = Look.MEASURE
    out: tuple[float, float] = (0.0, 22.0)

    def bounds(self, to_view: QTransform) -> QRectF:
        """See Mark."""
        middle = to_view.map(self.at) + QPointF(*self.out)
        half = 6.0 * len(self.text) + 20
        return QRectF(middle.x() - half, middle.y() - 16, 2 * half, 32)

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """See Mark."""
        colour = inks.refuse if self.look is Look.REFUSED else inks.accent
        ink = inks.background if self.look is Look.REFUSED else inks.on_accent
        _pill(painter, to_view.map(self.at) + QPointF(*self.out), self.text, colour, ink, inks)


def _pill(
    painter: QPainter,
    middle: QPointF,
    text: str,
    fill: QColor,
    ink: QColor,
    inks: Inks,
    from_left: bool = False,
) -> None:
    painter.setFont(inks.font)
    metrics = QFontMetricsF(inks.font)
    width, height = metrics.horizontalAdvance(text) + 12, metrics.height() + 4
    left = middle.x() if from_left else middle.x() - width / 2
    box = QRectF(left, middle.y() - height / 2, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(ink)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
