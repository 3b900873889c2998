"""Which boundary holds which cell, by geometry: nodes by their middle, boundaries wholly."""

from collections.abc import Collection, Iterable, Mapping

from app.domain.patch import Patch, update
from app.domain.records import Cell
from app.domain.rect import Rect, rect_of
from app.domain.state import ModelState


def _inside(rect: Rect, is_boundary: bool, boundary: Rect) -> bool:
    if is_boundary:
        return boundary.holds(rect) and boundary != rect
    return boundary.holds_point(rect.centre)


def container_for(
    state: ModelState,
    diagram_id: str,
    rect: Rect,
    *,
    is_boundary: bool = False,
    without: Collection[str] = (),
    moved: Mapping[str, Rect] | None = None,
) -> str | None:
    """The id of the innermost boundary that would hold a box, or None.

    `without` are boundaries that may not (the box's own, what is dragged along); `moved` gives the
    boxes of boundaries that are elsewhere than the state says.
    """
    boundaries = [c for c in state.cells(diagram_id) if c.can_contain and c.id not in without]
    return _innermost(boundaries, rect, is_boundary, moved or {})


def _innermost(
    boundaries: Iterable[Cell], rect: Rect, is_boundary: bool, moved: Mapping[str, Rect]
) -> str | None:
    best: tuple[float, str] | None = None
    for boundary in boundaries:
        box = moved.get(boundary.id) or rect_of(boundary)
        if _inside(rect, is_boundary, box) and (best is None or (box.area, boundary.id) < best):
            best = (box.area, boundary.id)
    return best[1] if best else None


def settle(
    state: ModelState,
    diagram_id: str,
    cell_ids: Collection[str],
    moved: Mapping[str, Rect],
    *,
    without: Collection[str] = (),
    added: Iterable[Cell] = (),
) -> Patch:
    """The patch that gives each of the cells the parent that its place asks for.

    `moved` gives the boxes of cells that are elsewhere than the state says, `without` boundaries that
    may not become a parent, `added` boundaries that are about to be there.
    """
    boundaries = [c for c in state.cells(diagram_id) if c.can_contain and c.id not in without]
    boundaries += [c for c in added if c.can_contain]
    patch = []
    for cell_id in cell_ids:
        cell = state.cell(cell_id)
        if cell is None or cell.is_line:
            continue
        rect = moved.get(cell_id) or rect_of(cell)
        own = {cell_id, *(c.id for c in state.descendants(cell_id))} if cell.can_contain else {cell_id}
        candidates = [b for b in boundaries if b.id not in own]
        parent = _innermost(candidates, rect, cell.can_contain, moved)
        if parent != cell.parent:
            patch.append(update("cell", cell_id, parent=parent))
    return tuple(patch)


def touched_by(state: ModelState, diagram_id: str, *areas: Rect) -> list[str]:
    """The nodes of a diagram whose middle lies in one of the areas."""
    return [
        c.id
        for c in state.cells(diagram_id)
        if not c.is_line and any(a.holds_point(rect_of(c).centre) for a in areas)
    ]
