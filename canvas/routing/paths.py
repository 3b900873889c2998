"""Routes as painter paths, arrow heads that touch the outline, and shafts that end inside the head."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from app.domain.geometry import XY, Rect, Route

ARROW_LENGTH: Final = 11.0
ARROW_WIDTH: Final = 4.5


def arrow_points(tip: XY, direction: XY, width: float = 1.6) -> tuple[XY, XY, XY]:
    """Tip and both corners of an arrow head that flies in a direction (a unit vector)."""
    grow = max(1.0, 0.6 + width * 0.25)
    length, half = ARROW_LENGTH * grow, ARROW_WIDTH * grow
    dx, dy = direction
    bx, by = tip[0] - dx * length, tip[1] - dy * length
    return tip, (bx - dy * half, by + dx * half), (bx + dy * half, by - dx * half)


def arrow(tip: XY, direction: XY, width: float) -> QPolygonF:
    """An arrow head as a polygon."""
    return QPolygonF([QPointF(*point) for point in arrow_points(tip, direction, width)])


def shaft(route: Route, at_start: bool, at_end: bool, width: float) -> Route:
    """The route cut back under its arrow heads, so that no line shows beside the tips."""
    grow = max(1.0, 0.6 + width * 0.25) * ARROW_LENGTH * 0.8
    if not route.segments or route.length < grow * 2.5:
        return route
    start, segments = route.start, list(route.segments)
    if at_start:
        dx, dy = route.direction_at_start()
        start = (start[0] - dx * grow, start[1] - dy * grow)
        first = segments[0]
        if len(first) == 6:
            segments[0] = (first[0] - dx * grow, first[1] - dy * grow, *first[2:])
    if at_end:
        dx, dy = route.direction_at_end()
        last = segments[-1]
        moved = [last[i] - (dx, dy)[i % 2] * grow for i in range(len(last))]
        segments[-1] = (*last[:2], *moved[2:]) if len(last) == 6 else tuple(moved)
    return Route(start, tuple(segments))


def path_of(route: Route) -> QPainterPath:
    """A route as a painter path."""
    path = QPainterPath(QPointF(*route.start))
    for segment in route.segments:
        if len(segment) == 2:
            path.lineTo(segment[0], segment[1])
        else:
            path.cubicTo(*segment)
    return path


def to_qt(rect: Rect) -> QRectF:
    """A rectangle of the domain as Qt's."""
    return QRectF(rect.x, rect.y, rect.width, rect.height)


def from_qt(rect: QRectF) -> Rect:
    """A rectangle of Qt as the domain's."""
    box = rect.normalized()
    return Rect(box.x(), box.y(), box.width(), box.height())
