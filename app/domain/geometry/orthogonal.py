"""Ways that run along the axes only, from one element to another."""

from typing import Final

from app.domain.geometry.shapes import XY, port_normal, port_point
from app.domain.rect import Rect

STUB: Final = 20.0


def facing_sides(source: Rect, target: Rect) -> tuple[str, str]:
    """The ports at which a way between two boxes leaves and arrives when nobody chose them."""
    right, left = target.x - source.right, source.x - target.right
    below, above = target.y - source.bottom, source.y - target.bottom
    if max(right, left) >= max(below, above):
        return ("right", "left") if right >= left else ("left", "right")
    return ("bottom", "top") if below >= above else ("top", "bottom")


def side_towards(rect: Rect, point: XY) -> str:
    """The port that faces a point."""
    return facing_sides(rect, Rect(point[0], point[1], 0.0, 0.0))[0]


def side_margin(size: float) -> float:
    """How far from the corners lines stay on a side of this length."""
    return min(size * 0.2, 14.0)


def side_point(rect: Rect, port: str, wish: float, shift: float = 0.0, spread: float = 0.0) -> XY:
    """A point on a side, as near as may be to the coordinate `wish` along it, plus `shift`.

    With `spread`, the middle keeps so far from the corners that all of a fan that wide has room.
    """
    along_y = port in ("left", "right")
    low, size = (rect.y, rect.height) if along_y else (rect.x, rect.width)
    margin = min(side_margin(size) + spread / 2, size / 2)
    place = min(max(wish, low + margin), low + size - margin) + shift
    x, y = port_point(rect, port)
    return (x, place) if along_y else (place, y)


def overlap_middle(low_a: float, high_a: float, low_b: float, high_b: float) -> float | None:
    """The middle of what two intervals have in common, if that is enough for a straight line."""
    low, high = max(low_a, low_b), min(high_a, high_b)
    return (low + high) / 2 if high - low >= 12.0 else None


def wishes(source: Rect, target: Rect, horizontal: bool) -> tuple[float, float]:
    """Where along their sides a way should leave and arrive: in line with each other if possible."""
    if horizontal:
        common = overlap_middle(source.y, source.bottom, target.y, target.bottom)
        own = (source.y + source.height / 2, target.y + target.height / 2)
    else:
        common = overlap_middle(source.x, source.right, target.x, target.right)
        own = (source.x + source.width / 2, target.x + target.width / 2)
    return own if common is None else (common, common)


def connected(start: XY, out: str, end: XY, into: str, shift: float = 0.0) -> list[XY]:
    """The corners from a point on a side `out` to a point on a side `into`."""
    ox, oy = port_normal(out)
    ix, iy = port_normal(into)
    first = (start[0] + ox * STUB, start[1] + oy * STUB)
    last = (end[0] + ix * STUB, end[1] + iy * STUB)
    if (ox == 0) == (ix == 0):
        return [start, *_same_axis(first, last, horizontal=ox != 0, away=ox or oy, shift=shift,
                                   facing=(ox, oy) == (-ix, -iy)), end]  # fmt: skip
    if ox != 0:
        clear = (last[0] - first[0]) * ox >= 0 and (first[1] - last[1]) * iy >= 0
        corner = (last[0], first[1]) if clear else (first[0], last[1])
    else:
        clear = (last[1] - first[1]) * oy >= 0 and (first[0] - last[0]) * ix >= 0
        corner = (first[0], last[1]) if clear else (last[0], first[1])
    return [start, first, corner, last, end]


def _same_axis(first: XY, last: XY, *, horizontal: bool, away: float, shift: float, facing: bool) -> list[XY]:
    """The corners between two stubs that both run along one axis."""
    ax, ay = first if horizontal else (first[1], first[0])
    bx, by = last if horizontal else (last[1], last[0])
    if not facing:
        edge = max(ax * away, bx * away) * away
        corners = [(edge, ay), (edge, by)]
    elif (bx - ax) * away >= -STUB * 2:
        middle = (ax + bx) / 2 + shift
        corners = [(middle, ay), (middle, by)]
    else:
        middle = (ay + by) / 2 + shift
        corners = [(ax, ay), (ax, middle), (bx, middle), (bx, by)]
    return corners if horizontal else [(y, x) for x, y in corners]


def through(points: list[XY], *, horizontal: bool) -> list[XY]:
    """Corners through all points, the first piece along the given axis where there is a choice."""
    found = [points[0]]
    for x, y in points[1:]:
        px, py = found[-1]
        if abs(px - x) > 0.01 and abs(py - y) > 0.01:
            found.append((x, py) if horizontal else (px, y))
            horizontal = not horizontal
        elif abs(px - x) > 0.01 or abs(py - y) > 0.01:
            horizontal = abs(px - x) > 0.01
        found.append((x, y))
    return found


def runs_horizontally(points: list[XY], otherwise: bool) -> bool:
    """Whether the last piece of a way lies along the x axis."""
    for i in range(len(points) - 1, 0, -1):
        dx, dy = abs(points[i][0] - points[i - 1][0]), abs(points[i][1] - points[i - 1][1])
        if max(dx, dy) > 0.01:
            return dx > dy
    return otherwise


def side_after_corner(rect: Rect, corner: XY, *, horizontal: bool) -> str:
    """The port for a way that turns at its last waypoint, which it reached along the given axis.

    A straight last piece comes before everything else.
    """
    x, y = corner
    beside, over = rect.y <= y <= rect.bottom, rect.x <= x <= rect.right
    if beside and not over:
        return "left" if x < rect.x else "right"
    if over and not beside:
        return "top" if y < rect.y else "bottom"
    if horizontal:
        return "left" if x < rect.x + rect.width / 2 else "right"
    return "top" if y < rect.y + rect.height / 2 else "bottom"
