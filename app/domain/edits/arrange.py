"""Aligning, distributing, equal sizes and the order from back to front."""

from collections.abc import Collection, Sequence
from typing import Final, Literal

from app.domain import order
from app.domain.edits.move import move_cells, resize_cells
from app.domain.patch import Patch, update
from app.domain.records import Cell
from app.domain.rect import Rect, rect_of, united
from app.domain.state import ModelState

Edge = Literal["left", "center", "right", "top", "middle", "bottom"]
Step = Literal["front", "back", "forward", "backward"]
_HORIZONTAL: Final = ("left", "center", "right")


def _boxes(state: ModelState, cell_ids: Collection[str]) -> list[Cell]:
    cells = [c for c in map(state.cell, cell_ids) if c is not None and not c.is_line]
    chosen = {c.id for c in cells}
    return [c for c in cells if not _above(state, c) & chosen]


def _above(state: ModelState, cell: Cell) -> set[str]:
    found: set[str] = set()
    parent = state.cell(cell.parent)
    while parent is not None and parent.id not in found:
        found.add(parent.id)
        parent = state.cell(parent.parent)
    return found


def _offset(edge: Edge, rect: Rect, whole: Rect) -> tuple[float, float]:
    places = {
        "left": (whole.x - rect.x, 0.0),
        "center": (whole.centre.x - rect.centre.x, 0.0),
        "right": (whole.right - rect.right, 0.0),
        "top": (0.0, whole.y - rect.y),
        "middle": (0.0, whole.centre.y - rect.centre.y),
        "bottom": (0.0, whole.bottom - rect.bottom),
    }
    return places[edge]


def align(state: ModelState, cell_ids: Collection[str], edge: Edge) -> Patch:
    """The patch that lines nodes up on one edge or middle of the box around them."""
    cells = _boxes(state, cell_ids)
    whole = united(rect_of(c) for c in cells)
    if whole is None or len(cells) < 2:
        return ()
    patch: Patch = ()
    for cell in cells:
        patch += move_cells(state, [cell.id], *_offset(edge, rect_of(cell), whole))
    return patch


def distribute(
    state: ModelState, cell_ids: Collection[str], direction: Literal["horizontal", "vertical"]
) -> Patch:
    """The patch that makes the gaps between three or more nodes equal; the outermost stay."""
    flat = direction == "horizontal"
    cells = _boxes(state, cell_ids)
    cells.sort(key=lambda c: rect_of(c).centre.x if flat else rect_of(c).centre.y)
    if len(cells) < 3:
        return ()
    rects = [rect_of(c) for c in cells]
    lengths = [r.width if flat else r.height for r in rects]
    start = rects[0].x if flat else rects[0].y
    stop = rects[-1].right if flat else rects[-1].bottom
    gap = (stop - start - sum(lengths)) / (len(cells) - 1)
    patch: Patch = ()
    place = start
    for cell, rect, length in zip(cells, rects, lengths, strict=True):
        shift = place - (rect.x if flat else rect.y)
        patch += move_cells(state, [cell.id], shift if flat else 0.0, 0.0 if flat else shift)
        place += length + gap
    return patch


def same_size(
    state: ModelState, cell_ids: Sequence[str], *, width: bool = True, height: bool = True
) -> Patch:
    """The patch that gives nodes the size of the first one, around their own middles."""
    cells = [c for c in map(state.cell, cell_ids) if c is not None and not c.is_line]
    if len(cells) < 2:
        return ()
    model = cells[0].size
    rects = {}
    for cell in cells[1:]:
        rect = rect_of(cell)
        w = model.width if width else rect.width
        h = model.height if height else rect.height
        rects[cell.id] = Rect(rect.centre.x - w / 2, rect.centre.y - h / 2, w, h)
    return resize_cells(state, rects)


def restack(state: ModelState, cell_ids: Collection[str], step: Step) -> Patch:
    """The patch that moves cells of one diagram within the order from back to front."""
    cells = [c for c in map(state.cell, cell_ids) if c is not None]
    if not cells:
        return ()
    chosen = {c.id for c in cells}
    stack = state.cells(cells[0].diagram_id)
    wanted = _restacked(stack, chosen, step)
    if [c.id for c in wanted] == [c.id for c in stack]:
        return ()
    return _renumbered(wanted, chosen)


def _restacked(stack: Sequence[Cell], chosen: set[str], step: Step) -> list[Cell]:
    mine = [c for c in stack if c.id in chosen]
    rest = [c for c in stack if c.id not in chosen]
    if step == "front":
        return rest + mine
    if step == "back":
        return mine + rest
    forward = step == "forward"
    found = list(stack) if not forward else list(reversed(stack))
    for place in range(1, len(found)):
        if found[place].id in chosen and found[place - 1].id not in chosen:
            found[place - 1], found[place] = found[place], found[place - 1]
    return found if not forward else list(reversed(found))


def _renumbered(wanted: Sequence[Cell], chosen: set[str]) -> Patch:
    """New keys for the chosen only; for the whole stack where equal keys leave no room."""
    patch = []
    low = ""
    for place, cell in enumerate(wanted):
        if cell.id not in chosen:
            low = cell.order
            continue
        high = next((c.order for c in wanted[place + 1 :] if c.id not in chosen), "")
        if high and low >= high:
            keys = order.spread(len(wanted))
            return tuple(
                update("cell", c.id, order=key) for c, key in zip(wanted, keys, strict=True) if c.order != key
            )
        low = order.between(low, high) if high else (order.after(low) if low else order.between("", ""))
        patch.append(update("cell", cell.id, order=low))
    return tuple(patch)
