"""Ways through a diagram by keyboard: reading order, and along flows."""

import math
from collections.abc import Callable, Iterable
from typing import Final

from PySide6.QtCore import QPointF, QRectF

from app.domain.records import Cell
from app.domain.state import ModelState
from canvas.tools.places import Side

ROW: Final = 60.0


def reading_order(cells: Iterable[Cell], bounds: Callable[[Cell], QRectF]) -> list[str]:
    """The ids row by row from the top, each row from the left; rows are ROW units high."""
    places = [(bounds(c).center(), c.id) for c in cells]
    places.sort(key=lambda found: (math.floor(found[0].y() / ROW), found[0].x(), found[1]))
    return [cell_id for _, cell_id in places]


def after(order: list[str], current: str | None, step: int) -> str | None:
    """The next id (step 1) or the one before (step -1); None beyond the last."""
    if not order:
        return None
    if current not in order:
        return order[0] if step > 0 else order[-1]
    place = order.index(current) + step
    return order[place] if 0 <= place < len(order) else None


def neighbours(state: ModelState, cell: Cell) -> list[Cell]:
    """The nodes at the other ends of a node's flows; for a line, the nodes at its ends."""
    if cell.is_line:
        ends = [e.cell for e in (cell.source, cell.target) if e is not None]
    else:
        ends = [
            end.cell
            for flow in state.flows_at(cell.id)
            for end in (flow.source, flow.target)
            if end is not None and end.cell != cell.id
        ]
    found = (state.cell(i) for i in dict.fromkeys(ends))
    return [c for c in found if c is not None]


def towards(state: ModelState, cell: Cell, side: Side, bounds: Callable[[Cell], QRectF]) -> str | None:
    """The neighbour along a flow that lies most in that direction, or None."""
    origin = bounds(cell).center()
    best: tuple[float, str] | None = None
    for other in neighbours(state, cell):
        way = bounds(other).center() - origin
        ahead = QPointF.dotProduct(way, QPointF(*side))
        if ahead <= 0:
            continue
        aside = abs(way.x() * side[1] - way.y() * side[0])
        if aside > ahead * 2.5:
            continue
        score = (ahead + 2 * aside, other.id)
        best = min(best, score) if best is not None else score
    return best[1] if best is not None else None
