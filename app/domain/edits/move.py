"""Moving and resizing: what a boundary holds goes with it, parents follow the place."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from app.domain.checks import FARTHEST, to_json
from app.domain.edits.containers import settle, touched_by
from app.domain.patch import Patch, update
from app.domain.records import Cell
from app.domain.rect import Rect, rect_of
from app.domain.state import ModelState
from app.domain.values import End, Point, Size


def with_contents(state: ModelState, cell_ids: Collection[str]) -> dict[str, Cell]:
    """The cells and, for boundaries, everything inside them, by id."""
    found: dict[str, Cell] = {}
    for cell_id in cell_ids:
        cell = state.cell(cell_id)
        if cell is not None:
            found[cell_id] = cell
            if cell.can_contain:
                found.update((c.id, c) for c in state.descendants(cell_id))
    return found


def _clamp(value: float) -> float:
    return max(-FARTHEST, min(FARTHEST, value))


def _shift(point: Point, dx: float, dy: float) -> Point:
    # Adding nought makes -0 into 0, as writing it does.
    return Point(_clamp(round(point.x + dx, 2)) + 0.0, _clamp(round(point.y + dy, 2)) + 0.0)


def _moved_end(end: End | None, dx: float, dy: float) -> End | None:
    if end is None or end.cell is not None:
        return end
    place = _shift(end.point, dx, dy)
    return End(x=place.x, y=place.y)


def _moved_line(line: Cell, dx: float, dy: float) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if line.vertices:
        data["vertices"] = [to_json(_shift(p, dx, dy)) for p in line.vertices]
    for name, end in (("source", line.source), ("target", line.target)):
        if end is not None and end.cell is None:
            data[name] = to_json(_moved_end(end, dx, dy))
    return data


def _lines_along(state: ModelState, moving: Mapping[str, Cell]) -> dict[str, Cell]:
    """The lines that move with the cells: chosen ones, and those with both ends on moving cells."""
    lines = {i: c for i, c in moving.items() if c.is_line}
    for cell_id, cell in moving.items():
        if cell.is_line:
            continue
        for line in state.flows_at(cell_id):
            ends = [e.cell for e in (line.source, line.target) if e is not None]
            if line.vertices and all(e in moving for e in ends):
                lines[line.id] = line
    return lines


def moving_cells(state: ModelState, cell_ids: Collection[str]) -> dict[str, Cell]:
    """All cells that `move_cells` gives another place, by id: contents of boundaries and lines included.

    Lines that only hang on moving elements are not among them, since nothing is written to them.
    """
    chosen = [i for i in cell_ids if (c := state.cell(i)) is not None and not c.locked]
    moving = with_contents(state, chosen)
    found = {i: c for i, c in moving.items() if not c.is_line}
    found.update((i, c) for i, c in _lines_along(state, moving).items() if _has_places(c))
    return found


def _has_places(line: Cell) -> bool:
    ends = (line.source, line.target)
    return bool(line.vertices) or any(end is not None and end.cell is None for end in ends)


def reach(cells: Iterable[Cell], dx: float, dy: float) -> tuple[float, float]:
    """How far cells can really be moved: rounded to 1/100, and none beyond the edge of the world.

    All of them go equally far, so that what is moved keeps its shape.
    """
    places = [place for cell in cells for place in _places(cell)]
    if not places:
        return dx, dy
    xs, ys = [p.x for p in places], [p.y for p in places]
    return _within(dx, min(xs), max(xs)), _within(dy, min(ys), max(ys))


def _places(cell: Cell) -> list[Point]:
    if not cell.is_line:
        return [cell.position]
    ends = (cell.source, cell.target)
    return [*cell.vertices, *(end.point for end in ends if end is not None and end.cell is None)]


def _within(shift: float, least: float, most: float) -> float:
    return round(min(max(shift, -FARTHEST - least), FARTHEST - most), 2) + 0.0


def moved_cell(cell: Cell, dx: float, dy: float) -> Cell:
    """The cell as it is after a move by (dx, dy) scene units: what staging `move_cells` comes to."""
    if not cell.is_line:
        return msgspec.structs.replace(cell, position=_shift(cell.position, dx, dy))
    return msgspec.structs.replace(
        cell,
        vertices=tuple(_shift(point, dx, dy) for point in cell.vertices),
        source=_moved_end(cell.source, dx, dy),
        target=_moved_end(cell.target, dx, dy),
    )


def move_cells(
    state: ModelState, cell_ids: Collection[str], dx: float, dy: float, *, reparent: bool = True
) -> Patch:
    """The patch that moves cells of one diagram by (dx, dy) scene units; locked ones stay.

    With `reparent` each of them gets the innermost boundary at its new place as its parent.
    """
    chosen = [i for i in cell_ids if (c := state.cell(i)) is not None and not c.locked]
    moving = with_contents(state, chosen)
    lines = _lines_along(state, moving)
    dx, dy = reach({**moving, **lines}.values(), dx, dy)
    if not moving or (dx == 0 and dy == 0):
        return ()
    patch = []
    for cell_id, cell in moving.items():
        if not cell.is_line:
            patch.append(update("cell", cell_id, position=to_json(_shift(cell.position, dx, dy))))
    for line_id, line in lines.items():
        data = _moved_line(line, dx, dy)
        if data:
            patch.append(update("cell", line_id, **data))
    if reparent:
        patch.extend(_new_parents(state, chosen, moving, dx, dy))
    return tuple(patch)


def _new_parents(
    state: ModelState, chosen: Collection[str], moving: Mapping[str, Cell], dx: float, dy: float
) -> Patch:
    tops = [i for i in chosen if moving[i].parent not in moving]
    if not tops:
        return ()
    rects = {i: rect_of(c).moved(dx, dy) for i, c in moving.items() if not c.is_line}
    return settle(state, moving[tops[0]].diagram_id, tops, rects, without=moving.keys())


def resize_cell(state: ModelState, cell_id: str, rect: Rect, *, settle_contents: bool = True) -> Patch:
    """The patch that gives a node another box; what it holds stays where it is.

    With `settle_contents` a boundary takes in what lies inside it now, and lets go of what does not.
    """
    return resize_cells(state, {cell_id: rect}, settle_contents=settle_contents)


def resize_cells(state: ModelState, rects: Mapping[str, Rect], *, settle_contents: bool = True) -> Patch:
    """The patch that gives nodes of one diagram other boxes, in one go."""
    patch: Patch = ()
    touched: dict[str, None] = {}
    diagram_id = ""
    for cell_id, rect in rects.items():
        cell = state.cell(cell_id)
        if cell is None or cell.is_line or cell.locked:
            continue
        diagram_id = cell.diagram_id
        place, size = Point(rect.x, rect.y), Size(max(1.0, rect.width), max(1.0, rect.height))
        data = {}
        if place != cell.position:
            data["position"] = to_json(place)
        if size != cell.size:
            data["size"] = to_json(size)
        if not data:
            continue
        patch += (update("cell", cell_id, **data),)
        touched[cell_id] = None
        if cell.can_contain:
            inside = touched_by(state, cell.diagram_id, rect_of(cell), rect)
            touched.update(dict.fromkeys(i for i in inside if i != cell_id))
    if settle_contents and diagram_id:
        patch += settle(state, diagram_id, tuple(touched), rects)
    return patch
