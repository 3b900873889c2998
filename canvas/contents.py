"""The items of one diagram, in a scene or, for pictures, without one, kept in step with its cells."""

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QGraphicsScene

from app.domain.geometry import Route
from app.domain.records import Cell
from canvas.drift import Drift
from canvas.extent import Edges, Extent
from canvas.items.base import CellItem
from canvas.items.label import LabelBox, LabelItem, boundary_label, flow_label
from canvas.items.line import LineItem
from canvas.items.look import Look, Marks
from canvas.items.node import NodeItem
from canvas.routing.overview import OverviewItem
from canvas.routing.router import Router
from canvas.routing.settling import Settling
from canvas.routing.ways import Way, way_along, way_between

LAYER: Final = 10_000_000.0
BOXES, LINES, NODES, LABELS = 0.0, LAYER, 2 * LAYER, 3 * LAYER
HUB: Final = 60


@contextmanager
def without_collection() -> Iterator[None]:
    """Hold off garbage collection: it would walk thousands of new items again and again in vain."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Contents:
    """Cells as they are shown, and the items that show them."""

    def __init__(
        self, look: Look, marks_of: Callable[[Cell], Marks], scene: QGraphicsScene | None = None
    ) -> None:
        self.look = look
        self.cells: dict[str, Cell] = {}
        self.boxes: dict[str, None] = {}
        self.nodes: dict[str, NodeItem] = {}
        self.lines: dict[str, LineItem] = {}
        self.labels: dict[str, LabelItem] = {}
        self.drift: Drift | None = None
        self.router = Router(self.shown)
        self.overview: OverviewItem | None = None
        self._marks_of = marks_of
        self._scene = scene
        self._ranks: dict[str, float] = {}
        self._top: tuple[str, str] = ("", "")
        self._highest = 0.0
        self._hidden = False
        self._hasty: set[str] = set()
        self._extent = Extent()
        self._marks: dict[str, Marks] = {}
        self._overview_stale: dict[str, None] = {}
        self._settling = Settling(self)
        if scene is not None:
            self.overview = OverviewItem()
            self.overview.setVisible(False)
            scene.addItem(self.overview)

    # --- cells in and out -------------------------------------------------------------------------
    def put(self, cells: Iterable[Cell], *, hasty: bool = False) -> set[str]:
        """Show these cells, new or changed, and route what hangs on them. Returns all ids touched.

        With `hasty`, lines are drawn plainly if there are very many of them.
        """
        touched: set[str] = set()
        rerouted: set[str] = set()
        restack = False
        ways: dict[str, Way] = {}
        before: dict[str, Cell] = {}
        for cell in cells:
            old = self.cells.get(cell.id)
            if old is not None and old.is_line != cell.is_line:
                rerouted |= self._take_out(old)
                old = None
            self.cells[cell.id] = cell
            if cell.can_contain:
                self.boxes[cell.id] = None
            elif cell.id in self.boxes:
                del self.boxes[cell.id]
            touched.add(cell.id)
            rerouted |= self.router.put(cell, old)
            if old is None or (old.order != cell.order):
                restack |= not self._rank(cell)
            way = way_between(old, cell) if old is not None else None
            if way is not None:
                ways[cell.id] = way
            if old is not None:
                before[cell.id] = old
            if not cell.is_line:
                self._show_node(cell, hasty or way is not None)
        stretched = [line_id for line_id in rerouted if not self._carry(line_id, ways, before)]
        plain = hasty and len(stretched) > HUB
        for line_id in stretched:
            line = self.cells.get(line_id)
            if line is not None:
                self._show_line(line, plain)
        if restack:
            self._restack()
        return touched | rerouted

    def _carry(self, line_id: str, ways: Mapping[str, Way], before: Mapping[str, Cell]) -> bool:
        """Let a line go along as it is when both its ends went the same way. False when it did not."""
        line, item = self.cells.get(line_id), self.lines.get(line_id)
        if not ways or line is None or item is None or line_id in self._hasty:
            return False
        way = way_along(line, ways, before.get(line_id))
        if way is None:
            return False
        item.carry(line, *way)
        label = self.labels.get(line_id)
        if label is not None:
            label.carry(*way)
            self._settling.note(line_id)
        self._note(line)
        return True

    def drop(self, cell_ids: Iterable[str]) -> set[str]:
        """Take cells out. Returns all ids touched."""
        gone: set[str] = set()
        rerouted: set[str] = set()
        for cell_id in cell_ids:
            cell = self.cells.get(cell_id)
            if cell is not None:
                rerouted |= self._take_out(cell)
                gone.add(cell_id)
        for line_id in rerouted - gone:
            line = self.cells.get(line_id)
            if line is not None:
                self._show_line(line, False)
        return gone | rerouted

    def _take_out(self, cell: Cell) -> set[str]:
        del self.cells[cell.id]
        self.boxes.pop(cell.id, None)
        touched = self.router.drop(cell)
        self._ranks.pop(cell.id, None)
        self._hasty.discard(cell.id)
        self._marks.pop(cell.id, None)
        self._overview_stale.pop(cell.id, None)
        self._extent.drop(cell.id)
        self._settling.drop(cell.id)
        for items in (self.nodes, self.lines, self.labels):
            item = items.pop(cell.id, None)
            if item is not None and self._scene is not None:
                self._scene.removeItem(item)
        if self.overview is not None:
            self.overview.drop(cell.id)
        return touched

    def refresh(self, cell_ids: Iterable[str]) -> None:
        """Paint cells anew whose marks may have changed."""
        for cell_id in cell_ids:
            cell = self.cells.get(cell_id)
            if cell is None:
                continue
            if cell.is_line:
                self._show_line(cell, False)
            else:
                self._show_node(cell)

    def set_look(self, look: Look) -> None:
        """Show everything in another look."""
        self.look = look
        if self.overview is not None:
            self.overview.clear()
        self.refresh(list(self.cells))

    # --- single items -----------------------------------------------------------------------------
    def _add(self, item: CellItem, layer: float) -> None:
        item.setZValue(layer + self._ranks.get(item.cell_id, 0.0))
        if self._scene is not None:
            if self._hidden:
                item.setVisible(False)
            self._scene.addItem(item)

    def _marks_now(self, cell: Cell, hasty: bool) -> Marks:
        """A cell's marks; while it is only being moved (`hasty`), those it had."""
        known = self._marks.get(cell.id) if hasty else None
        if known is None or known.locked != cell.locked:
            known = self._marks[cell.id] = self._marks_of(cell)
        return known

    def _show_node(self, cell: Cell, hasty: bool = False) -> None:
        marks = self._marks_now(cell, hasty)
        own = Marks() if cell.is_boundary else marks
        item = self.nodes.get(cell.id)
        if item is None:
            item = self.nodes[cell.id] = NodeItem(cell, self.look, own)
            self._add(item, BOXES if cell.is_boundary else NODES)
        else:
            item.show_cell(cell, self.look, own)
        if cell.is_boundary:
            self._show_label(cell, boundary_label(cell, item.style, marks), marks)
        elif cell.id in self.labels:
            self._show_label(cell, None, marks)
        self._settling.note(cell.id)
        self._note(cell)

    def _show_line(self, cell: Cell, hasty: bool) -> None:
        route = self.router.route(cell)
        item = self.lines.get(cell.id)
        if item is None:
            item = self.lines[cell.id] = LineItem(cell, self.look, route)
            self._add(item, LINES)
        else:
            item.show_line(cell, self.look, route)
        item.hasty = hasty
        if hasty:
            self._hasty.add(cell.id)
            label = self.labels.get(cell.id)
            if label is not None:
                label.setVisible(False)
            self._note(cell)
            return
        if cell.id in self._hasty:
            self._hasty.discard(cell.id)
            if cell.id in self.labels and not self._hidden:
                self.labels[cell.id].setVisible(True)
        marks = self._marks_now(cell, False)
        spot = self.spot_of(cell)
        box = flow_label(cell, route, self.router.fan(cell), item.style, marks, spot=spot)
        self._show_label(cell, box, marks)
        self._settling.note(cell.id)
        self._note(cell)

    def _note(self, cell: Cell) -> None:
        """Keep the extent and the overview up to date with a cell that has been shown anew."""
        self._extent.put(cell.id, self.ink_of(cell.id))
        if self.overview is None:
            return
        if self._hidden:
            self.to_overview(cell.id)
        else:
            self._overview_stale[cell.id] = None

    def to_overview(self, cell_id: str, overview: OverviewItem | None = None) -> None:
        """Put a cell, as its item shows it, into the overview or another one."""
        into = overview or self.overview
        if into is None:
            return
        line = self.lines.get(cell_id)
        if line is not None:
            into.put_line(line.cell, line.style, line.route)
        else:
            into.put_node(self.nodes[cell_id].cell, self.nodes[cell_id].style)

    def _show_label(self, cell: Cell, box: LabelBox | None, marks: Marks) -> None:
        item = self.labels.get(cell.id)
        if box is None:
            if item is not None:
                del self.labels[cell.id]
                if self._scene is not None:
                    self._scene.removeItem(item)
        elif item is None:
            style = self.look.style(cell)
            self.labels[cell.id] = LabelItem(cell.id, box, style, self.look, marks)
            self._add(self.labels[cell.id], LABELS)
        else:
            item.show_box(box, self.look.style(cell), self.look, marks)

    def hasty_lines(self) -> list[str]:
        """The lines that are drawn plainly for now."""
        return list(self._hasty)

    # --- where labels go ------------------------------------------------------------------------------
    def settle(self) -> None:
        """Let labels that nobody placed get out of the way. Only while all is shown as it is stored."""
        for cell_id in self._settling.settle():
            self._extent.put(cell_id, self.ink_of(cell_id))

    def spot_of(self, line: Cell) -> int:
        """Which spot along its line a label has taken; it keeps to it until labels are settled again."""
        return self._settling.spot_of(line)

    # --- order ----------------------------------------------------------------------------------------
    def _rank(self, cell: Cell) -> bool:
        """Give a new cell its place in the order at once if it lies on top of all; False if not."""
        key = (cell.order, cell.id)
        if cell.id not in self._ranks and key > self._top:
            self._top = key
            self._highest += 1.0
            self._ranks[cell.id] = self._highest
            return True
        return False

    def _restack(self) -> None:
        ordered = self.in_order()
        self._top = (ordered[-1].order, ordered[-1].id) if ordered else ("", "")
        self._highest = float(len(ordered))
        for place, cell in enumerate(ordered, 1):
            if self._ranks.get(cell.id) == place:
                continue
            self._ranks[cell.id] = float(place)
            if cell.id in self.nodes:
                self.nodes[cell.id].setZValue((BOXES if cell.is_boundary else NODES) + place)
            if cell.id in self.lines:
                self.lines[cell.id].setZValue(LINES + place)
            if cell.id in self.labels:
                self.labels[cell.id].setZValue(LABELS + place)

    def in_order(self) -> list[Cell]:
        """The cells from back to front."""
        found = sorted(self.cells.values(), key=lambda cell: (cell.order, cell.id))
        drift = self.drift
        return found if drift is None else [drift.cell(c.id) if c.id in drift.cells else c for c in found]

    # --- all together -------------------------------------------------------------------------------
    def items(self) -> Iterable[CellItem]:
        """Every item but the overview, in no order."""
        yield from self.nodes.values()
        yield from self.lines.values()
        yield from self.labels.values()

    def painted(self) -> list[CellItem]:
        """Every item but the overview, from back to front."""
        return sorted(self.items(), key=lambda item: item.zValue())

    def show_overview(self, on: bool) -> None:
        """Show the overview instead of single items, or them instead of it."""
        if self.overview is None or on == self._hidden:
            return
        self._hidden = on
        if on:
            if self.overview.is_wasteful:
                self.overview.clear()
                self._overview_stale.update(dict.fromkeys(self.cells))
            with without_collection():
                self.prepare_overview(len(self._overview_stale))
        for item in self.items():
            item.setVisible(not on)
        self.overview.setVisible(on)

    def prepare_overview(self, most: int) -> bool:
        """Bring the overview up to date by so many cells. Tells whether there is more to do."""
        stale = self._overview_stale
        for cell_id in list(islice(stale, most)):
            del stale[cell_id]
            self.to_overview(cell_id)
        return bool(stale)

    @property
    def is_overview(self) -> bool:
        """Whether single items are hidden behind the overview."""
        return self._hidden

    def ink_of(self, cell_id: str) -> QRectF:
        """What a cell paints, label and marks included, in scene units."""
        ink = QRectF()
        if cell_id in self.nodes:
            ink = self.nodes[cell_id].ink()
        elif cell_id in self.lines:
            ink = self.lines[cell_id].bounds
        if cell_id in self.labels:
            ink = ink.united(self.labels[cell_id].bounds)
        return ink

    def ink(self) -> QRectF:
        """The rectangle around everything painted; null when there is nothing."""
        return self._extent.rect() if self.drift is None else self.drift.ink()

    def parted(self, cell_ids: Collection[str]) -> tuple[QRectF, QRectF]:
        """The rectangle around what these cells paint, and the one around the others."""
        return self._extent.parted(cell_ids)

    def placed(self, cell_ids: Iterable[str]) -> Iterator[tuple[Edges, list[CellItem]]]:
        """What each of these cells covers, and its items."""
        for cell_id in cell_ids:
            items = (found.get(cell_id) for found in (self.nodes, self.lines, self.labels))
            yield self._extent.edges(cell_id), [item for item in items if item is not None]

    # --- very many on the move ----------------------------------------------------------------------
    def shown(self, cell_id: str) -> Cell | None:
        """A cell as it is on screen."""
        if self.drift is not None and cell_id in self.drift.cells:
            return self.drift.cell(cell_id)
        return self.cells.get(cell_id)

    def route_of(self, cell_id: str) -> Route | None:
        """The way of a line as it is on screen; None for nodes."""
        line = self.lines.get(cell_id)
        if line is None:
            return None
        return (self.drift.route(cell_id) if self.drift is not None else None) or line.route

    def take_off(self, cells: Mapping[str, Cell]) -> None:
        """Let these stored cells move together from now on, by `drift.move`."""
        if self._scene is not None:
            self.drift = Drift(self, self._scene, cells, [base + LAYER - 1.0 for base in
                                                          (BOXES, LINES, NODES, LABELS)])  # fmt: skip

    def land(self) -> None:
        """Show what moved where it is stored."""
        drift, self.drift = self.drift, None
        if drift is not None:
            drift.land()
            drift.land_lines()

    def show_again(self, line_ids: Iterable[str]) -> None:
        """Route lines anew."""
        for line_id in line_ids:
            line = self.shown(line_id)
            if line is not None:
                self._show_line(line, False)
