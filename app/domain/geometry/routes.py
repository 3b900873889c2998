"""How a line runs between its ends: straight, smooth or along the axes, fanned out, or in a loop."""

from collections.abc import Iterable, Mapping
from math import hypot
from typing import Final

import msgspec

from app.domain.geometry import orthogonal
from app.domain.geometry.curves import Route, rounded, smooth, straight
from app.domain.geometry.shapes import XY, exit_point, outline_point, port_normal, port_point
from app.domain.records import Cell
from app.domain.rect import Rect, rect_of, united
from app.domain.values import End

SPACING: Final = 26.0
LOOP: Final = 30.0


class Fan(msgspec.Struct, frozen=True, gc=False):
    """A line's place among the `count` lines that join the same two elements.

    `flipped` tells that the line runs against the direction in which the fan is laid out.
    """

    index: int = 0
    count: int = 1
    flipped: bool = False

    def offset(self, spacing: float) -> float:
        """How far to the left of the straight way, seen along the line."""
        place = (self.index - (self.count - 1) / 2) * spacing
        return -place if self.flipped else place


ALONE: Final = Fan()


def fan_of(line: Cell) -> tuple[str, str] | None:
    """The two elements between which a line fans out; None for lines that go their own way."""
    source, target = line.source, line.target
    if line.vertices or source is None or target is None:
        return None
    if source.cell is None or target.cell is None:
        return None
    return (source.cell, target.cell) if source.cell <= target.cell else (target.cell, source.cell)


def fan_members(lines: Iterable[Cell]) -> dict[str, Fan]:
    """The fan place of each of the lines of one pair of elements, by line id."""
    members = sorted(lines, key=lambda line: line.id)
    return {line.id: Fan(index, len(members), _is_flipped(line)) for index, line in enumerate(members)}


def _is_flipped(line: Cell) -> bool:
    source, target = line.source, line.target
    return bool(source and target and source.cell and target.cell and source.cell > target.cell)


def route_line(line: Cell, source: Cell | None, target: Cell | None, fan: Fan = ALONE) -> Route:
    """The way of a line. `source` and `target` are the cells that its ends are attached to.

    An end without its cell lies at its free point; one that is missing lies at the other end.
    """
    start, end = _box(line.source, line.target, source), _box(line.target, line.source, target)
    via = [(p.x, p.y) for p in line.vertices]
    if source is not None and target is not None and source.id == target.id and not via:
        return _loop(source, fan.index)
    if line.routing == "orthogonal":
        return _orthogonal(line, start, end, via, fan)
    if via or fan.count == 1:
        first = via[0] if via else _aim(line.target, target, end)
        last = via[-1] if via else _aim(line.source, source, start)
        points = [
            _meet(line.source, source, start, first),
            *via,
            _meet(line.target, target, end, last),
        ]
    else:
        points = _fanned(line, source, target, (start, end), fan)
    if line.routing == "straight" and not (fan.count > 1 and len(points) > 2 and not via):
        return straight(points)
    return smooth(points, _normal(line.source, source), _normal(line.target, target))


def _box(end: End | None, other: End | None, cell: Cell | None) -> Rect:
    if cell is not None:
        return rect_of(cell)
    free = end if end is not None else other
    return Rect(free.x, free.y, 0.0, 0.0) if free is not None else Rect(0.0, 0.0, 0.0, 0.0)


def _centre(rect: Rect) -> XY:
    return (rect.x + rect.width / 2, rect.y + rect.height / 2)


def _aim(end: End | None, cell: Cell | None, box: Rect) -> XY:
    """What the other end looks at: the port when it is pinned, else the middle."""
    if cell is not None and end is not None and end.port:
        return port_point(box, end.port)
    return _centre(box)


def _meet(end: End | None, cell: Cell | None, box: Rect, toward: XY) -> XY:
    """Where a line touches the element at one of its ends."""
    if cell is None:
        return (box.x, box.y)
    if end is not None and end.port:
        return port_point(box, end.port)
    return outline_point(cell.type, box, toward)


def _normal(end: End | None, cell: Cell | None) -> XY | None:
    if cell is None or end is None or not end.port:
        return None
    return port_normal(end.port)


def _fanned(
    line: Cell, source: Cell | None, target: Cell | None, boxes: tuple[Rect, Rect], fan: Fan
) -> list[XY]:
    """Points of one of several lines between two elements, side by side."""
    (ax, ay), (bx, by) = _centre(boxes[0]), _centre(boxes[1])
    length = hypot(bx - ax, by - ay)
    if length < 1e-6 or source is None or target is None:
        return [
            _meet(line.source, source, boxes[0], (bx, by)),
            _meet(line.target, target, boxes[1], (ax, ay)),
        ]
    nx, ny = (ay - by) / length, (bx - ax) / length
    room = 0.7 * min(*(abs(nx) * b.width + abs(ny) * b.height for b in boxes),
                     *(max(b.width, b.height) for b in boxes))  # fmt: skip
    near = fan.offset(min(SPACING, room / (fan.count - 1)))
    wide = fan.offset(SPACING)
    a, b = (ax + nx * near, ay + ny * near), (bx + nx * near, by + ny * near)
    middle = ((ax + bx) / 2 + nx * wide, (ay + by) / 2 + ny * wide)
    bowed = abs(wide - near) > 1.0 or bool(
        line.source and line.target and (line.source.port or line.target.port)
    )
    first = middle if bowed else b
    last = middle if bowed else a
    start = _normal(line.source, source) and _meet(line.source, source, boxes[0], first)
    end = _normal(line.target, target) and _meet(line.target, target, boxes[1], last)
    return [
        start or exit_point(source.type, boxes[0], a, first),
        *([middle] if bowed else []),
        end or exit_point(target.type, boxes[1], b, last),
    ]


def _loop(cell: Cell, index: int) -> Route:
    """A loop at a corner of an element: one corner after the other, then wider ones."""
    box = rect_of(cell)
    cx, cy = _centre(box)
    # The first at the top left: threats are counted at the top right.
    sx = -1 if index % 4 in (0, 3) else 1
    sy = -1 if index % 4 in (0, 2) else 1
    size = LOOP + 16.0 * (index // 4)
    start = _corner(cell, box, (cx + sx * box.width / 2, cy + sy * box.height * 0.18), (sx, 0))
    end = _corner(cell, box, (cx + sx * box.width * 0.22, cy + sy * box.height / 2), (0, sy))
    curve = (
        start[0] + sx * size * 1.7, start[1] + sy * size * 0.35,
        end[0] + sx * size * 0.35, end[1] + sy * size * 1.7,
        end[0], end[1],
    )  # fmt: skip
    return Route(start, (curve,))


def _corner(cell: Cell, box: Rect, wish: XY, out: tuple[int, int]) -> XY:
    """The outline at the height (or breadth) of `wish`, looking outwards along an axis."""
    cx, cy = _centre(box)
    base = (cx, wish[1]) if out[0] else (wish[0], cy)
    far = (base[0] + out[0] * box.width, base[1] + out[1] * box.height)
    return exit_point(cell.type, box, base, far)


def _orthogonal(line: Cell, start: Rect, end: Rect, via: list[XY], fan: Fan) -> Route:
    if via:
        return _orthogonal_via(line, start, end, via)
    out = _port(line.source) or orthogonal.facing_sides(start, end)[0]
    into = _port(line.target) or orthogonal.facing_sides(end, start)[0]
    axis_out, axis_in = out in ("left", "right"), into in ("left", "right")
    wishes = orthogonal.wishes(start, end, axis_out)
    wish_in = wishes[1] if axis_out == axis_in else _centre(end)[1 if axis_in else 0]
    # Along the axes, places count from the top left, whichever way the line runs.
    sides = start.height if axis_out else start.width, end.height if axis_in else end.width
    room = min(side - 2 * orthogonal.side_margin(side) for side in sides)
    step = min(SPACING * 0.8, room / (fan.count - 1)) if fan.count > 1 else 0.0
    offset, spread = (fan.index - (fan.count - 1) / 2) * step, (fan.count - 1) * step
    first = _side_place(line.source, start, out, wishes[0], offset, spread)
    last = _side_place(line.target, end, into, wish_in, offset, spread)
    return rounded(orthogonal.connected(first, out, last, into, offset))


def _orthogonal_via(line: Cell, start: Rect, end: Rect, via: list[XY]) -> Route:
    out = _port(line.source) or orthogonal.side_towards(start, via[0])
    axis_out = out in ("left", "right")
    first = _side_place(line.source, start, out, via[0][1 if axis_out else 0])
    body = orthogonal.through([first, *via], horizontal=axis_out)
    arrived = orthogonal.runs_horizontally(body, axis_out)
    into = _port(line.target) or orthogonal.side_after_corner(end, via[-1], horizontal=arrived)
    axis_in = into in ("left", "right")
    last = _side_place(line.target, end, into, via[-1][1 if axis_in else 0])
    tail = orthogonal.through([last, via[-1]], horizontal=axis_in)
    return rounded([*body, *reversed(tail[:-1])])


def _port(end: End | None) -> str | None:
    return end.port if end is not None and end.cell is not None else None


def _side_place(
    end: End | None, box: Rect, port: str, wish: float, shift: float = 0.0, spread: float = 0.0
) -> XY:
    if box.width == 0 and box.height == 0:
        return (box.x, box.y)
    if _port(end):
        return port_point(box, port)
    return orthogonal.side_point(box, port, wish, shift, spread)


def routes_of(cells: Iterable[Cell]) -> dict[str, Route]:
    """The routes of all lines among the cells of one diagram, by line id."""
    by_id: Mapping[str, Cell] = {cell.id: cell for cell in cells}
    pairs: dict[tuple[str, str], list[Cell]] = {}
    lines = [cell for cell in by_id.values() if cell.is_line]
    for line in lines:
        pair = fan_of(line)
        if pair is not None:
            pairs.setdefault(pair, []).append(line)
    fans: dict[str, Fan] = {}
    for members in pairs.values():
        fans.update(fan_members(members))
    return {
        line.id: route_line(
            line,
            by_id.get(line.source.cell or "") if line.source else None,
            by_id.get(line.target.cell or "") if line.target else None,
            fans.get(line.id, ALONE),
        )
        for line in lines
    }


def diagram_bounds(cells: Iterable[Cell]) -> Rect | None:
    """The box around all nodes and routes of a diagram, without labels; None when it is empty."""
    found = list(cells)
    boxes = [rect_of(cell) for cell in found if not cell.is_line]
    boxes += [route.bounds for route in routes_of(found).values()]
    return united(boxes)
