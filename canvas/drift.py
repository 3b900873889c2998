"""Very many cells on the move together, shown by one offset while their items stay where they are.

Moving thousands of items at every step of a drag takes too long. So they fall silent, and one item a
layer paints those in view at the offset. Lines that stretch are routed anew, or very many drawn plainly.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QGraphicsScene

from app.domain import edits
from app.domain.geometry import Route
from app.domain.records import Cell
from app.domain.values import End
from canvas.items.base import CellItem
from canvas.items.drifting import DriftLayer, Knot, SilentItems, Threads
from canvas.routing.overview import OverviewItem

if TYPE_CHECKING:
    from canvas.contents import Contents

MOST_ROUTED: Final = 60


class Drift:
    """One drag of very many cells. The contents keep the stored cells until it has landed."""

    def __init__(
        self,
        contents: "Contents",
        scene: QGraphicsScene,
        cells: Mapping[str, Cell],
        layers: Sequence[float],
    ) -> None:
        self.cells = dict(cells)
        self.dx = self.dy = 0.0
        self._contents, self._scene = contents, scene
        self._shifted: dict[str, Cell] = {}
        self._along: set[str] = set()
        self._stretched: set[str] = set()
        self._still: set[str] = set()
        self._sort_lines()
        self._routed = len(self._stretched) <= MOST_ROUTED
        moving = self.cells.keys() | self._along
        self._silent = moving - self._stretched if self._routed else moving | self._stretched
        self._bounds, self._rest = contents.parted(self._silent)
        self._items: list[CellItem] = []
        self._threads: Threads | None = None
        self._overview = contents.overview if contents.is_overview else None
        if self._overview is not None:
            self._take_from_overview(self._overview)
        else:
            self._hush(True)
            silent = SilentItems(contents.placed(self._silent - self._threaded()))
            self._items = [DriftLayer(place, silent, self._bounds, z) for place, z in enumerate(layers)]
        if not self._routed:
            self._threads = Threads(self._thread(line_id) for line_id in sorted(self._stretched))
            self._threads.setZValue(layers[1])
        for item in (*self._items, *([self._threads] if self._threads else ())):
            scene.addItem(item)
        scene.update(self._bounds)

    def _sort_lines(self) -> None:
        """Which lines go along as they are, which ones stretch, and what holds those at the other end."""
        contents, cells = self._contents, self.cells
        found = {line_id for cell_id in cells for line_id in contents.router.lines_at(cell_id)}
        found.update(cell_id for cell_id, cell in cells.items() if cell.is_line)
        for line_id in found:
            line = contents.cells[line_id]
            ends = [end.cell for end in (line.source, line.target) if end is not None]
            held = {end for end in ends if end is not None and end not in cells}
            if held or (line_id not in cells and (line.vertices or None in ends)):
                self._stretched.add(line_id)
                self._still |= held
            else:
                self._along.add(line_id)

    def move(self, dx: float, dy: float) -> None:
        """Show everything this far from its stored place, in scene units."""
        self.dx, self.dy = dx, dy
        self._shifted = {}
        for item in self._items:
            item.setPos(dx, dy)
        if self._overview is not None:
            self._overview.move(dx, dy)
        if self._threads is not None:
            self._threads.move(dx, dy)
        else:
            self._contents.show_again(self._stretched)

    def land(self) -> None:
        """Show everything where it is stored again."""
        if self._overview is not None:
            self._give_to_overview(self._overview)
        else:
            self._hush(False)
        for item in (*self._items, *([self._threads] if self._threads else ())):
            self._scene.removeItem(item)
        self._scene.update(self._bounds)

    def land_lines(self) -> None:
        """Once the contents show the stored cells: route what was stretched as it was."""
        if self._threads is None:
            self._contents.show_again(self._stretched)

    # --- what is asked meanwhile --------------------------------------------------------------------
    def cell(self, cell_id: str) -> Cell:
        """One of the moving cells as it is now."""
        found = self._shifted.get(cell_id)
        if found is None:
            found = self._shifted[cell_id] = edits.moved_cell(self.cells[cell_id], self.dx, self.dy)
        return found

    def route(self, line_id: str) -> Route | None:
        """The way of a line that is not shown by its own item; None for others."""
        if line_id not in self._silent:
            return None
        line = self._contents.shown(line_id)
        return self._contents.router.route(line) if line is not None else None

    def ink(self) -> QRectF:
        """The rectangle around everything painted."""
        return self._rest.united(self._bounds.translated(self.dx, self.dy))

    def concerns(self, cell: Cell) -> bool:
        """Whether a change of this cell changes what moves and how."""
        known = (self.cells, self._along, self._stretched, self._still)
        return any(cell.id in some for some in known) or any(
            end is not None and end.cell in self.cells for end in (cell.source, cell.target)
        )

    # --- items ----------------------------------------------------------------------------------------
    def _threaded(self) -> set[str]:
        return set() if self._routed else self._stretched

    def _hush(self, silent: bool) -> None:
        contents = self._contents
        for items in (contents.nodes, contents.lines, contents.labels):
            for cell_id in self._silent & items.keys():
                items[cell_id].silent = silent

    def _take_from_overview(self, overview: OverviewItem) -> None:
        moving = OverviewItem()
        for cell_id in self._silent - self._threaded():
            self._contents.to_overview(cell_id, moving)
        for cell_id in self._silent:
            overview.drop(cell_id)
        overview.carry(moving)

    def _give_to_overview(self, overview: OverviewItem) -> None:
        overview.carry(None)
        for cell_id in self._silent:
            self._contents.to_overview(cell_id, overview)

    def _thread(self, line_id: str) -> tuple[QPen, list[Knot]]:
        line = self._contents.cells[line_id]
        whole = line_id in self.cells
        knots = [self._knot(line.source, whole)]
        knots += [(point.x, point.y, whole) for point in line.vertices]
        return self._contents.lines[line_id].style.thin, [*knots, self._knot(line.target, whole)]

    def _knot(self, end: End | None, whole: bool) -> Knot:
        cell = self._contents.cells.get(end.cell) if end is not None and end.cell is not None else None
        if cell is not None:
            place, size = cell.position, cell.size
            return place.x + size.width / 2, place.y + size.height / 2, cell.id in self.cells
        return (end.x, end.y, whole) if end is not None else (0.0, 0.0, whole)
