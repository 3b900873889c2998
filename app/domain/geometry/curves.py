"""A route: the way of a line as straight and cubic pieces, with its length and the points on it."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from math import hypot
from typing import Final

from app.domain.geometry.shapes import XY
from app.domain.rect import Rect

_STEPS: Final = 14
_KAPPA: Final = 0.5523
Segment = tuple[float, ...]


class Route:
    """Where a line runs: `start`, then segments of 2 numbers (line to) or 6 (cubic curve to).

    Immutable by agreement; what is worked out from it is kept.
    """

    __slots__ = ("_flat", "_shares", "segments", "start")

    def __init__(self, start: XY, segments: tuple[Segment, ...]) -> None:
        self.start = start
        self.segments = segments
        self._flat: tuple[XY, ...] | None = None
        self._shares: list[float] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Route) and (self.start, self.segments) == (other.start, other.segments)

    def __hash__(self) -> int:
        return hash((self.start, self.segments))

    def moved(self, dx: float, dy: float) -> "Route":
        """The same way elsewhere."""
        if dx == 0 and dy == 0:
            return self
        segments = tuple(
            (s[0] + dx, s[1] + dy) if len(s) == 2
            else (s[0] + dx, s[1] + dy, s[2] + dx, s[3] + dy, s[4] + dx, s[5] + dy)
            for s in self.segments
        )  # fmt: skip
        twin = Route((self.start[0] + dx, self.start[1] + dy), segments)
        twin._shares = self._shares
        return twin

    @property
    def end(self) -> XY:
        """The last point."""
        if not self.segments:
            return self.start
        return (self.segments[-1][-2], self.segments[-1][-1])

    @property
    def polyline(self) -> tuple[XY, ...]:
        """The route as points, close enough together to stand for the curve."""
        if self._flat is None:
            points = [self.start]
            for segment in self.segments:
                if len(segment) == 2:
                    points.append((segment[0], segment[1]))
                else:
                    points += _flattened(points[-1], segment)
            self._flat = tuple(points)
        return self._flat

    @property
    def length(self) -> float:
        """How long the way is, in scene units."""
        return self._lengths()[-1]

    @property
    def bounds(self) -> Rect:
        """The box around the way."""
        xs = [x for x, _ in self.polyline]
        ys = [y for _, y in self.polyline]
        return Rect(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))

    def _lengths(self) -> list[float]:
        if self._shares is None:
            points, total, found = self.polyline, 0.0, [0.0]
            for (ax, ay), (bx, by) in pairwise(points):
                total += hypot(bx - ax, by - ay)
                found.append(total)
            self._shares = found
        return self._shares

    def point_at(self, share: float) -> XY:
        """The point at a share (0 to 1) of the length from the start."""
        points, lengths = self.polyline, self._lengths()
        wanted = min(max(share, 0.0), 1.0) * lengths[-1]
        place = min(max(bisect_left(lengths, wanted), 1), len(points) - 1) if len(points) > 1 else 0
        if place == 0:
            return points[0]
        (ax, ay), (bx, by) = points[place - 1], points[place]
        step = lengths[place] - lengths[place - 1]
        part = (wanted - lengths[place - 1]) / step if step > 0 else 0.0
        return (ax + (bx - ax) * part, ay + (by - ay) * part)

    def nearest(self, point: XY) -> tuple[float, float]:
        """The share of the length at the place nearest to a point, and the distance to it."""
        points, lengths = self.polyline, self._lengths()
        best, best_length = float("inf"), 0.0
        for place, ((ax, ay), (bx, by)) in enumerate(pairwise(points)):
            part, distance = _to_segment(point, ax, ay, bx, by)
            if distance < best:
                best = distance
                best_length = lengths[place] + part * (lengths[place + 1] - lengths[place])
        if best == float("inf"):
            return 0.0, hypot(point[0] - self.start[0], point[1] - self.start[1])
        return (best_length / lengths[-1] if lengths[-1] > 0 else 0.0), best

    def touches(self, rect: Rect) -> bool:
        """Whether any part of the way lies in a rectangle."""
        points = self.polyline
        if len(points) == 1:
            return rect.x <= points[0][0] <= rect.right and rect.y <= points[0][1] <= rect.bottom
        return any(_segment_meets(rect, *a, *b) for a, b in pairwise(points))

    def direction_at_end(self) -> XY:
        """The unit vector in which the line arrives at its end."""
        return _unit_into(self.polyline)

    def direction_at_start(self) -> XY:
        """The unit vector that points at the start from within the line."""
        return _unit_into(self.polyline[::-1])


def _unit_into(points: Sequence[XY]) -> XY:
    x, y = points[-1]
    for px, py in reversed(points[:-1]):
        length = hypot(x - px, y - py)
        if length > 0.5:
            return ((x - px) / length, (y - py) / length)
    return (1.0, 0.0)


def _flattened(start: XY, curve: Segment) -> list[XY]:
    ax, ay = start
    bx, by, cx, cy, dx, dy = curve
    points = []
    for step in range(1, _STEPS + 1):
        t = step / _STEPS
        u = 1 - t
        a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
        points.append((a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy))
    return points


def _to_segment(point: XY, ax: float, ay: float, bx: float, by: float) -> tuple[float, float]:
    """The share of a straight piece nearest to a point, and the distance."""
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    part = 0.0
    if square > 0:
        part = min(max(((point[0] - ax) * dx + (point[1] - ay) * dy) / square, 0.0), 1.0)
    return part, hypot(point[0] - ax - dx * part, point[1] - ay - dy * part)


def _segment_meets(rect: Rect, ax: float, ay: float, bx: float, by: float) -> bool:
    """Whether a straight piece meets a rectangle (Liang and Barsky's clipping)."""
    low, high = 0.0, 1.0
    for p, q in (
        (ax - bx, ax - rect.x),
        (bx - ax, rect.right - ax),
        (ay - by, ay - rect.y),
        (by - ay, rect.bottom - ay),
    ):
        if p == 0:
            if q < 0:
                return False
        elif p < 0:
            low = max(low, q / p)
        else:
            high = min(high, q / p)
    return low <= high


def straight(points: Sequence[XY]) -> Route:
    """The route along straight pieces."""
    return Route(points[0], tuple(points[1:]))


def smooth(points: Sequence[XY], leave: XY | None = None, arrive: XY | None = None) -> Route:
    """A curve through all points; `leave` and `arrive` are unit vectors out of the ends' elements."""
    if len(points) == 2 and leave is None and arrive is None:
        return straight(points)
    segments: list[Segment] = []
    for i in range(len(points) - 1):
        (ax, ay), (bx, by) = points[i], points[i + 1]
        reach = hypot(bx - ax, by - ay) / 3
        if i == 0:
            ox, oy = _scaled(leave, max(reach, 20.0)) if leave else ((bx - ax) / 3, (by - ay) / 3)
        else:
            ox, oy = _scaled(_tangent(points, i), reach)
        if i == len(points) - 2:
            ix, iy = _scaled(arrive, max(reach, 20.0)) if arrive else ((ax - bx) / 3, (ay - by) / 3)
        else:
            tx, ty = _scaled(_tangent(points, i + 1), reach)
            ix, iy = -tx, -ty
        segments.append((ax + ox, ay + oy, bx + ix, by + iy, bx, by))
    return Route(points[0], tuple(segments))


def _scaled(vector: XY, length: float) -> XY:
    return (vector[0] * length, vector[1] * length)


def _tangent(points: Sequence[XY], i: int) -> XY:
    (ax, ay), (bx, by) = points[i - 1], points[i + 1]
    length = hypot(bx - ax, by - ay)
    return ((bx - ax) / length, (by - ay) / length) if length > 1e-6 else (0.0, 0.0)


def rounded(points: Sequence[XY], radius: float = 10.0) -> Route:
    """Straight pieces with rounded corners."""
    points = _without_repeats(points)
    segments: list[Segment] = []
    for i in range(1, len(points) - 1):
        (ax, ay), (bx, by), (cx, cy) = points[i - 1], points[i], points[i + 1]
        before, after = hypot(bx - ax, by - ay), hypot(cx - bx, cy - by)
        r = min(radius, before / 2, after / 2)
        ix, iy = bx - (bx - ax) / before * r, by - (by - ay) / before * r
        ox, oy = bx + (cx - bx) / after * r, by + (cy - by) / after * r
        segments.append((ix, iy))
        k = _KAPPA
        segments.append(
            (ix + (bx - ix) * k, iy + (by - iy) * k, ox + (bx - ox) * k, oy + (by - oy) * k, ox, oy)
        )
    segments.append(points[-1])
    return Route(points[0], tuple(segments))


def _without_repeats(points: Sequence[XY]) -> list[XY]:
    """The points without neighbours in one place and without points amid a straight run."""
    found: list[XY] = [points[0]]
    for x, y in points[1:]:
        if hypot(x - found[-1][0], y - found[-1][1]) < 0.01:
            continue
        if len(found) > 1:
            (ax, ay), (bx, by) = found[-2], found[-1]
            cross = (bx - ax) * (y - by) - (by - ay) * (x - bx)
            if abs(cross) < 0.01 and (bx - ax) * (x - bx) + (by - ay) * (y - by) > 0:
                found.pop()
        found.append((x, y))
    return found if len(found) > 1 else [points[0], points[-1]]
