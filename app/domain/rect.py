"""Rectangles in scene units, and the boxes of cells."""

from collections.abc import Iterable

import msgspec

from app.domain.records import Cell
from app.domain.values import Point


class Rect(msgspec.Struct, frozen=True, gc=False):
    """An upright rectangle: left, top, width, height, all in scene units."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    @property
    def centre(self) -> Point:
        """The middle."""
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    @property
    def area(self) -> float:
        """Width times height."""
        return self.width * self.height

    def holds_point(self, point: Point) -> bool:
        """Whether a point lies inside or on the edge."""
        return self.x <= point.x <= self.right and self.y <= point.y <= self.bottom

    def holds(self, other: "Rect") -> bool:
        """Whether another rectangle lies wholly inside."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def touches(self, other: "Rect") -> bool:
        """Whether the two share at least an edge point."""
        return (
            self.x <= other.right
            and other.x <= self.right
            and self.y <= other.bottom
            and other.y <= self.bottom
        )

    def moved(self, dx: float, dy: float) -> "Rect":
        """The same rectangle elsewhere."""
        return Rect(self.x + dx, self.y + dy, self.width, self.height)

    def grown(self, margin: float) -> "Rect":
        """The rectangle with `margin` added on every side."""
        return Rect(self.x - margin, self.y - margin, self.width + 2 * margin, self.height + 2 * margin)

    def united(self, other: "Rect") -> "Rect":
        """The smallest rectangle around both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Rect(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)


def rect_of(cell: Cell) -> Rect:
    """The box of a node; for a line the box around its free ends and waypoints."""
    if not cell.is_line:
        return Rect(cell.position.x, cell.position.y, cell.size.width, cell.size.height)
    points = list(cell.vertices)
    points += [end.point for end in (cell.source, cell.target) if end is not None and end.cell is None]
    return around(points) or Rect(0.0, 0.0, 0.0, 0.0)


def around(points: Iterable[Point]) -> Rect | None:
    """The smallest rectangle around points; None for no points."""
    found = list(points)
    if not found:
        return None
    x, y = min(p.x for p in found), min(p.y for p in found)
    return Rect(x, y, max(p.x for p in found) - x, max(p.y for p in found) - y)


def united(rects: Iterable[Rect]) -> Rect | None:
    """The smallest rectangle around rectangles; None for none."""
    whole: Rect | None = None
    for rect in rects:
        whole = rect if whole is None else whole.united(rect)
    return whole
