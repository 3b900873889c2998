"""Where the grips of cells are: pure geometry in pixels of the viewport and along lines."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QPointF, QRectF

from app.domain.records import Cell
from app.domain.values import Point

Side = tuple[int, int]
CORNERS: Final[tuple[Side, ...]] = ((-1, -1), (1, -1), (1, 1), (-1, 1))
EDGES: Final[tuple[Side, ...]] = ((0, -1), (1, 0), (0, 1), (-1, 0))
SIDES: Final[tuple[Side, ...]] = CORNERS + EDGES
PORT_OF: Final[dict[Side, str]] = {
    (0, -1): "top", (1, 0): "right", (0, 1): "bottom", (-1, 0): "left",
}  # fmt: skip
ROOM_FOR_CORNERS: Final = 26.0
ROOM_FOR_EDGES: Final = 44.0
CONNECT_OUT: Final = 19.0


def side_point(box: QRectF, side: Side) -> QPointF:
    """The middle of an edge, or a corner, of a box."""
    middle = box.center()
    return QPointF(middle.x() + side[0] * box.width() / 2, middle.y() + side[1] * box.height() / 2)


def resize_sides(box: QRectF, zoom: float) -> tuple[Side, ...]:
    """The sides that have room for a grip, of a box in scene units."""
    wide, high = box.width() * zoom, box.height() * zoom
    found: list[Side] = list(CORNERS) if min(wide, high) >= ROOM_FOR_CORNERS else []
    if wide >= ROOM_FOR_EDGES:
        found += [(0, -1), (0, 1)]
    if high >= ROOM_FOR_EDGES:
        found += [(1, 0), (-1, 0)]
    return tuple(found)


def distance(one: QPointF, other: QPointF) -> float:
    """How far two points are apart."""
    return math.hypot(one.x() - other.x(), one.y() - other.y())


def point_on_segment(a: QPointF, b: QPointF, at: QPointF) -> tuple[QPointF, float]:
    """The point of a segment nearest to `at`, and its share of the way from a to b."""
    dx, dy = b.x() - a.x(), b.y() - a.y()
    length = dx * dx + dy * dy
    share = 0.0 if length == 0 else ((at.x() - a.x()) * dx + (at.y() - a.y()) * dy) / length
    share = max(0.0, min(1.0, share))
    return QPointF(a.x() + share * dx, a.y() + share * dy), share


def lengths(points: Sequence[QPointF]) -> list[float]:
    """How far along a polyline each of its points lies."""
    found = [0.0]
    for a, b in pairwise(points):
        found.append(found[-1] + distance(a, b))
    return found


def along(points: Sequence[QPointF], length: float) -> QPointF:
    """The point of a polyline at a length from its start."""
    marks = lengths(points)
    for place, (a, b) in enumerate(pairwise(points)):
        if marks[place + 1] >= length and marks[place + 1] > marks[place]:
            share = (length - marks[place]) / (marks[place + 1] - marks[place])
            return QPointF(a.x() + share * (b.x() - a.x()), a.y() + share * (b.y() - a.y()))
    return QPointF(points[-1])


def nearest(points: Sequence[QPointF], at: QPointF) -> tuple[QPointF, float]:
    """The point of a polyline nearest to `at`, and its length from the start."""
    marks = lengths(points)
    best, best_length, best_distance = QPointF(points[0]), 0.0, math.inf
    for place, (a, b) in enumerate(pairwise(points)):
        spot, share = point_on_segment(a, b, at)
        away = distance(spot, at)
        if away < best_distance:
            best, best_distance = spot, away
            best_length = marks[place] + share * (marks[place + 1] - marks[place])
    return best, best_length


def anchor_lengths(route: Sequence[QPointF], vertices: Sequence[QPointF]) -> list[float]:
    """How far along a drawn line its start, each waypoint and its end lie, never going back."""
    found = [0.0]
    for vertex in vertices:
        found.append(max(found[-1], nearest(route, vertex)[1]))
    found.append(max(found[-1], lengths(route)[-1]))
    return found


def bend_points(route: Sequence[QPointF], vertices: Sequence[QPointF]) -> list[QPointF]:
    """The middle of each stretch between waypoints: where dragging adds one."""
    marks = anchor_lengths(route, vertices)
    return [along(route, (a + b) / 2) for a, b in pairwise(marks)]


def stretch_at(route: Sequence[QPointF], vertices: Sequence[QPointF], at: QPointF) -> int:
    """Between which waypoints a place on a line lies: the index of a new waypoint there."""
    length = nearest(route, at)[1]
    marks = anchor_lengths(route, vertices)
    return sum(1 for mark in marks[1:-1] if mark < length)


def points_of(points: Iterable[Point]) -> list[QPointF]:
    """The domain's points as Qt's."""
    return [QPointF(p.x, p.y) for p in points]


def box_of(cell: Cell) -> QRectF:
    """The box of a node, in scene units."""
    return QRectF(cell.position.x, cell.position.y, cell.size.width, cell.size.height)
