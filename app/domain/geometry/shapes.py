"""Outlines: where a line meets the edge of an element of each type."""

from math import hypot, sqrt
from typing import Final, TypeAlias

from app.domain.rect import Rect
from app.domain.vocabulary import PROCESS

XY: TypeAlias = tuple[float, float]
_NORMALS: Final[dict[str, XY]] = {
    "top": (0.0, -1.0),
    "right": (1.0, 0.0),
    "bottom": (0.0, 1.0),
    "left": (-1.0, 0.0),
}
_TINY: Final = 1e-9


def port_normal(port: str) -> XY:
    """The unit vector that points out of an element at a port."""
    return _NORMALS[port]


def port_point(rect: Rect, port: str) -> XY:
    """The middle of a side; it lies on the outline of every type of element."""
    nx, ny = _NORMALS[port]
    return (rect.x + rect.width * (0.5 + nx / 2), rect.y + rect.height * (0.5 + ny / 2))


def inside(cell_type: str, rect: Rect, point: XY) -> bool:
    """Whether a point lies inside an element or on its outline; processes have round ends."""
    x, y = point
    if not (rect.x <= x <= rect.right and rect.y <= y <= rect.bottom):
        return False
    if cell_type != PROCESS:
        return True
    radius = min(rect.width, rect.height) / 2
    core_x = min(max(x, rect.x + radius), rect.right - radius)
    core_y = min(max(y, rect.y + radius), rect.bottom - radius)
    return hypot(x - core_x, y - core_y) <= radius + _TINY


def outline_point(cell_type: str, rect: Rect, toward: XY) -> XY:
    """Where the ray from an element's middle towards a point leaves it.

    When `toward` is the middle itself, the middle of the top side.
    """
    cx, cy = rect.x + rect.width / 2, rect.y + rect.height / 2
    dx, dy = toward[0] - cx, toward[1] - cy
    length = hypot(dx, dy)
    if length < 1e-6:
        return (cx, rect.y)
    dx, dy = dx / length, dy / length
    if cell_type == PROCESS:
        reach = _stadium_reach(rect.width / 2, rect.height / 2, dx, dy)
    else:
        reach = min(
            rect.width / 2 / abs(dx) if abs(dx) > _TINY else float("inf"),
            rect.height / 2 / abs(dy) if abs(dy) > _TINY else float("inf"),
        )
    return (cx + dx * reach, cy + dy * reach)


def _stadium_reach(half_width: float, half_height: float, dx: float, dy: float) -> float:
    """How far the ray (dx, dy), a unit vector, runs from the middle of a stadium to its edge."""
    if half_width < half_height:
        half_width, half_height, dx, dy = half_height, half_width, dy, dx
    radius, core = half_height, half_width - half_height
    if abs(dy) > _TINY:
        flat = radius / abs(dy)
        if abs(dx) * flat <= core:
            return flat
    along = core * abs(dx)
    return along + sqrt(max(0.0, along * along - core * core + radius * radius))


def exit_point(cell_type: str, rect: Rect, start: XY, toward: XY) -> XY:
    """Where the way from `start`, inside an element, to `toward` leaves it, to 1/1000 of its size.

    Falls back to `outline_point` when `start` is not inside, or `toward` is.
    """
    if not inside(cell_type, rect, start):
        return outline_point(cell_type, rect, toward)
    dx, dy = toward[0] - start[0], toward[1] - start[1]
    length = hypot(dx, dy)
    if length < 1e-6:
        return outline_point(cell_type, rect, toward)
    far = (rect.width + rect.height) / length
    low, high = 0.0, far
    for _ in range(18):
        middle = (low + high) / 2
        if inside(cell_type, rect, (start[0] + dx * middle, start[1] + dy * middle)):
            low = middle
        else:
            high = middle
    return (start[0] + dx * low, start[1] + dy * low)
