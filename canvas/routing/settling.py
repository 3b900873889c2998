"""Moving the labels of lines that nobody has placed to where they cover nothing."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF

from app.domain.records import Cell
from canvas.items.label import spot_count, spot_way
from canvas.routing.spots import Box, Key, Spots, box_of

if TYPE_CHECKING:
    from canvas.contents import Contents

# A label that leaves its first spot comes nearer to nodes, where the arrow heads are: it keeps clear of them.
CLEAR: Final = 4.0
# In its first spot, edges that touch are no reason to go: the words are farther in.
SLACK: Final = (1.0, 2.0)


class Settling:
    """Notes what is shown anew, and settles where labels go once everything is shown as it is stored."""

    def __init__(self, contents: "Contents") -> None:
        self._contents = contents
        self._stale: dict[str, None] = {}
        self._taken: dict[str, int] = {}
        self._spots = Spots(self._box_at, self._count_of)

    def note(self, cell_id: str) -> None:
        """A cell or its label may be elsewhere now."""
        self._stale[cell_id] = None

    def drop(self, cell_id: str) -> None:
        """A cell is gone."""
        self._stale[cell_id] = None
        self._taken.pop(cell_id, None)

    def spot_of(self, line: Cell) -> int:
        """The spot that a line's label has taken, as `flow_label` counts them."""
        spot = self._taken.get(line.id, 0)
        return spot if spot and spot < spot_count(line) else 0

    def settle(self) -> list[str]:
        """Move labels. Returns the lines whose labels are elsewhere now."""
        if not self._stale:
            return []
        contents = self._contents
        stale: Collection[str] = self._stale
        self._stale = {}
        if len(stale) * 2 > len(contents.cells):
            # All anew comes to the same, and is quicker.
            stale, self._spots = contents.cells, Spots(self._box_at, self._count_of)
        fixed: list[tuple[str, Box]] = []
        floating: list[tuple[str, Key]] = []
        gone: list[str] = []
        for cell_id in stale:
            cell, label = contents.cells.get(cell_id), contents.labels.get(cell_id)
            if cell is not None and not cell.is_line and not cell.is_boundary:
                place, size = cell.position, cell.size
                fixed.append((cell_id, box_of(place.x, place.y, size.width, size.height)))
            elif cell is None or label is None:
                gone.append(cell_id)
                self._taken.pop(cell_id, None)
            elif cell.is_line and spot_count(cell):
                floating.append((cell_id, (cell.order, cell_id)))
            else:
                fixed.append((cell_id, _around(label.box.rect)))
        taken = self._taken
        chosen = self._spots.settle(fixed, floating, gone).items()
        return [i for i, spot in chosen if (spot or i in taken) and self._move(i, spot)]

    def _count_of(self, line_id: str) -> int:
        return spot_count(self._contents.cells[line_id])

    def _box_at(self, line_id: str, spot: int) -> Box:
        """The box of a label at one of its spots."""
        rect = self._contents.labels[line_id].box.rect
        if spot == 0:
            if line_id in self._taken:
                rect = rect.translated(*(self._way(line_id, spot) or (0.0, 0.0)))
            x, y = SLACK
            return box_of(rect.x() + x, rect.y() + y, rect.width() - 2 * x, rect.height() - 2 * y)
        way = self._way(line_id, spot) or (0.0, 0.0)
        return _around(rect.translated(*way).adjusted(-CLEAR, -CLEAR, CLEAR, CLEAR))

    def _way(self, line_id: str, spot: int) -> tuple[float, float] | None:
        """How far a spot is from the one where the label is; None when it is there."""
        contents = self._contents
        cell = contents.cells[line_id]
        taken = self.spot_of(cell)
        if spot == taken:
            return None
        route, fan = contents.lines[line_id].route, contents.router.fan(cell)
        (x, y), (now_x, now_y) = spot_way(cell, route, fan, spot), spot_way(cell, route, fan, taken)
        return x - now_x, y - now_y

    def _move(self, line_id: str, spot: int) -> bool:
        way = self._way(line_id, spot)
        if way is None:
            return False
        self._contents.labels[line_id].go(*way)
        if spot:
            self._taken[line_id] = spot
        else:
            self._taken.pop(line_id, None)
        return True


def _around(rect: QRectF) -> Box:
    return box_of(rect.x(), rect.y(), rect.width(), rect.height())
