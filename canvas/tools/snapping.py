"""Where a moved box or edge comes to rest: lines of other elements first, then equal gaps, then the grid."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF

MAGNET = 6.0
MAX_NEIGHBOURS = 400


@dataclass(frozen=True, slots=True)
class Guide:
    """A line that tells what lines up, with a distance where gaps are equal."""

    line: QLineF
    text: str = ""


@dataclass(frozen=True, slots=True)
class Snap:
    """How far to shift what was asked for, and why."""

    dx: float = 0.0
    dy: float = 0.0
    guides: tuple[Guide, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapping:
    """The ground of one gesture: boxes that stand still, reach of the magnet and grid, in scene units.

    A `grid` of 0 is none; without `neighbours` only the grid counts.
    """

    neighbours: Sequence[QRectF] = ()
    reach: float = MAGNET
    grid: float = 0.0

    def moved(self, box: QRectF, along_x: bool = True, along_y: bool = True) -> Snap:
        """The shift that lays a moved box to rest, on the axes that are free."""
        dx = self._shift(box, _xs, _free_gaps_x) if along_x else 0.0
        dy = self._shift(box, _ys, _free_gaps_y) if along_y else 0.0
        rested = box.translated(dx, dy)
        return Snap(dx, dy, self.guides(rested, along_x, along_y))

    def _shift(
        self,
        box: QRectF,
        lines: Callable[[QRectF], tuple[float, float, float]],
        gaps: Callable[[QRectF, Sequence[QRectF]], Iterable[float]],
    ) -> float:
        own = lines(box)
        wanted = [line - mine for other in self.neighbours for line in lines(other) for mine in own]
        near = [shift for shift in wanted if abs(shift) <= self.reach]
        if not near:
            near = [s for s in gaps(box, self.neighbours) if abs(s) <= self.reach]
        if near:
            return min(near, key=abs)
        return self._to_grid(own[0]) - own[0] if self.grid else 0.0

    def edge_x(self, x: float) -> float:
        """Where a vertical edge at `x` comes to rest."""
        return self._edge(x, _xs)

    def edge_y(self, y: float) -> float:
        """Where a horizontal edge at `y` comes to rest."""
        return self._edge(y, _ys)

    def point(self, at: QPointF) -> QPointF:
        """Where a single point comes to rest."""
        return QPointF(self.edge_x(at.x()), self.edge_y(at.y()))

    def _edge(self, value: float, lines: Callable[[QRectF], tuple[float, float, float]]) -> float:
        near = [n for other in self.neighbours for n in lines(other) if abs(n - value) <= self.reach]
        if near:
            return min(near, key=lambda n: abs(n - value))
        return self._to_grid(value) if self.grid else value

    def _to_grid(self, value: float) -> float:
        return round(value / self.grid) * self.grid

    def guides(self, box: QRectF, along_x: bool = True, along_y: bool = True) -> tuple[Guide, ...]:
        """What a box that lies still lines up with."""
        found: list[Guide] = []
        if along_x:
            found += _aligned(box, self.neighbours, _xs, _vertical)
            found += _equal_gaps_x(box, self.neighbours)
        if along_y:
            found += _aligned(box, self.neighbours, _ys, _horizontal)
            found += _equal_gaps_y(box, self.neighbours)
        return tuple(found)


def _xs(box: QRectF) -> tuple[float, float, float]:
    return box.left(), box.center().x(), box.right()


def _ys(box: QRectF) -> tuple[float, float, float]:
    return box.top(), box.center().y(), box.bottom()


def _vertical(at: float, boxes: Sequence[QRectF]) -> QLineF:
    return QLineF(at, min(b.top() for b in boxes), at, max(b.bottom() for b in boxes))


def _horizontal(at: float, boxes: Sequence[QRectF]) -> QLineF:
    return QLineF(min(b.left() for b in boxes), at, max(b.right() for b in boxes), at)


def _aligned(
    box: QRectF,
    neighbours: Sequence[QRectF],
    lines: Callable[[QRectF], tuple[float, float, float]],
    drawn: Callable[[float, Sequence[QRectF]], QLineF],
) -> list[Guide]:
    found = []
    for own in dict.fromkeys(round(value, 2) for value in lines(box)):
        level = [n for n in neighbours if any(abs(line - own) < 0.02 for line in lines(n))]
        if level:
            found.append(Guide(drawn(own, [box, *level])))
    return found


def _beside(box: QRectF, neighbours: Sequence[QRectF]) -> tuple[QRectF | None, QRectF | None]:
    """The nearest neighbours to the left and to the right on the same level."""
    level = [n for n in neighbours if n.top() < box.bottom() and n.bottom() > box.top()]
    left = [n for n in level if n.right() <= box.left()]
    right = [n for n in level if n.left() >= box.right()]
    return (
        max(left, key=lambda n: n.right(), default=None),
        min(right, key=lambda n: n.left(), default=None),
    )


def _turned(box: QRectF) -> QRectF:
    return QRectF(box.y(), box.x(), box.height(), box.width())


def _free_gaps_x(box: QRectF, neighbours: Sequence[QRectF]) -> list[float]:
    """The shift that puts a box in the middle between its neighbours."""
    left, right = _beside(box, neighbours)
    if left is None or right is None:
        return []
    return [(left.right() + right.left() - box.left() - box.right()) / 2]


def _free_gaps_y(box: QRectF, neighbours: Sequence[QRectF]) -> list[float]:
    return _free_gaps_x(_turned(box), [_turned(n) for n in neighbours])


def _equal_gaps_x(box: QRectF, neighbours: Sequence[QRectF]) -> list[Guide]:
    left, right = _beside(box, neighbours)
    if left is None or right is None:
        return []
    before, after = box.left() - left.right(), right.left() - box.right()
    if abs(before - after) > 0.05 or before < 1:
        return []
    y, text = box.center().y(), f"{before:g}"
    return [
        Guide(QLineF(left.right(), y, box.left(), y), text),
        Guide(QLineF(box.right(), y, right.left(), y), text),
    ]


def _equal_gaps_y(box: QRectF, neighbours: Sequence[QRectF]) -> list[Guide]:
    found = []
    for guide in _equal_gaps_x(_turned(box), [_turned(n) for n in neighbours]):
        line = guide.line
        found.append(Guide(QLineF(line.y1(), line.x1(), line.y2(), line.x2()), guide.text))
    return found
