"""The diagram on screen: one item a cell, kept in step with the model, with selection and hit tests."""

from collections.abc import Collection, Iterable, Mapping
from math import ceil, floor
from typing import Final

from PySide6.QtCore import QObject, QPointF, QRectF, QTimer, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.changes import ChangeSet
from app.domain.patch import Origin
from app.domain.records import Cell, Threat, title_of
from canvas import hits
from canvas.contents import Contents, without_collection
from canvas.editor import Editor
from canvas.items.label import boundary_label, flow_label
from canvas.items.look import Look, Marks
from canvas.items.marks import marks_of
from canvas.theme import CanvasTheme

STEP: Final = 2000.0
OVERVIEW_ZOOM: Final = 0.15
OVERVIEW_CELLS: Final = 400
MOST_ITEMS: Final = 3000
DRIFTING: Final = 60
_FAR: Final = 1e9
IDLE_MS: Final = 20
IDLE_CELLS: Final = 400


class DiagramScene(QGraphicsScene):
    """Shows one diagram. Nothing here writes to the model; tools do, through `editor.apply`.

    Points, rectangles and tolerances are in scene units: a tool passes 6 px / zoom as tolerance.
    Call `close` when done, and `set_view` whenever a view's zoom or visible part has changed.
    """

    selection_changed = Signal()
    hover_changed = Signal()
    cells_changed = Signal(object)  # frozenset[str]: cells that an operation added, changed, removed
    remotely_changed = Signal(object)  # frozenset[str]: the same, only for operations of others
    content_empty_changed = Signal(bool)
    theme_changed = Signal()
    preview_changed = Signal()
    content_changed = Signal()  # anything shown is elsewhere now: for overlays and minimaps

    def __init__(
        self, editor: Editor, diagram_id: str, theme: CanvasTheme, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.editor = editor
        self.diagram_id = diagram_id
        self.theme = theme
        self._previewed: dict[str, Cell] = {}
        self._drifting: tuple[str, ...] = ()
        self._reach = ((0.0, 0.0), (0.0, 0.0))
        self._selected: frozenset[str] = frozenset()
        self._hovered: str | None = None
        self._label_editing: str | None = None
        self._frame = QRectF()
        self.setBackgroundBrush(QColor(theme.background))
        self._contents = Contents(Look(theme), self._marks_of, self)
        with without_collection():
            self._contents.put(editor.state.cells(diagram_id))
            self._contents.settle()
        self._was_empty = self.is_empty
        self._grow()
        self._unlisten = editor.listen(self._on_change)
        self._closed = False
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(IDLE_MS)
        self._idle.timeout.connect(self._prepare)
        self._idle.start()

    def close(self) -> None:
        """Stop listening to the model and drop all items. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._idle.stop()
        self._unlisten()
        self._selected = frozenset()
        self._contents.land()
        for item in list(self._contents.items()):
            self.removeItem(item)
        if self._contents.overview is not None:
            self.removeItem(self._contents.overview)
        self._contents = Contents(self._contents.look, self._marks_of)

    # --- cells --------------------------------------------------------------------------------------
    def item(self, cell_id: str) -> QGraphicsItem | None:
        """The item of a cell (stored or previewed), or None. Do not keep it beyond this turn."""
        self._land()
        return self._contents.nodes.get(cell_id) or self._contents.lines.get(cell_id)

    def shown(self, cell_id: str | None) -> Cell | None:
        """The cell as it is on screen: its preview, or else as stored."""
        return self._contents.shown(cell_id) if cell_id is not None else None

    def shown_cells(self) -> list[Cell]:
        """All cells on screen, from back to front."""
        return self._contents.in_order()

    def bounds_of(self, cell_ids: Iterable[str]) -> QRectF:
        """The rectangle around what these cells show (without labels and marks); null for none."""
        bounds = QRectF()
        for cell_id in cell_ids:
            cell, route = self._contents.shown(cell_id), self._contents.route_of(cell_id)
            if cell is not None and not cell.is_line:
                bounds = bounds.united(_box(cell))
            elif route is not None:
                box = route.bounds
                # Qt leaves flat rectangles out of a union.
                flat = QRectF(box.x, box.y, max(box.width, 0.01), max(box.height, 0.01))
                bounds = bounds.united(flat)
        return bounds

    def route_points(self, cell_id: str) -> list[QPointF]:
        """A line as drawn, as a polyline from source to target; empty for nodes."""
        route = self._contents.route_of(cell_id)
        return [QPointF(x, y) for x, y in route.polyline] if route is not None else []

    def nearest_on(self, cell_id: str, point: QPointF) -> tuple[float, float]:
        """The share (0 to 1) of a line's length nearest to a point, and the distance; (0, inf) for nodes."""
        route = self._contents.route_of(cell_id)
        return route.nearest((point.x(), point.y())) if route is not None else (0.0, float("inf"))

    def lines_at(self, cell_id: str) -> frozenset[str]:
        """The lines on screen that start or end at a cell."""
        return self._contents.router.lines_at(cell_id)

    def label_rect(self, cell_id: str) -> QRectF:
        """Where the label is (or would be) painted, in scene units: the place for a text editor."""
        cell = self.shown(cell_id)
        if cell is None:
            return QRectF()
        if cell.is_boundary or cell.is_line:
            return self._label_box(cell)
        return _box(cell)

    def _label_box(self, cell: Cell) -> QRectF:
        style = self._contents.look.style(cell)
        route = self._contents.route_of(cell.id)
        if route is not None:
            fan = self._contents.router.fan(cell)
            spot, marks = self._contents.spot_of(cell), self._marks_of(cell)
            box = flow_label(cell, route, fan, style, marks, spot=spot, always=True)
        else:
            box = boundary_label(cell, style, self._marks_of(cell), always=True)
        if box is None:
            return QRectF()
        return box.rect if not box.block.lines else box.text.united(box.rect)

    def content_rect(self) -> QRectF:
        """The rectangle around everything painted; null when the diagram is empty."""
        return self._contents.ink()

    @property
    def is_empty(self) -> bool:
        """Whether the diagram has no cells."""
        return not self._contents.cells

    # --- selection and hover --------------------------------------------------------------------------
    @property
    def selected(self) -> frozenset[str]:
        """The ids of the selected cells."""
        return self._selected

    def select(self, ids: Iterable[str], *, toggle: bool = False, extend: bool = False) -> None:
        """Select exactly these cells, or flip (`toggle`) or add (`extend`) them. One signal."""
        wanted = frozenset(cell_id for cell_id in ids if cell_id in self._contents.cells)
        if toggle:
            wanted = self._selected ^ wanted
        elif extend:
            wanted = self._selected | wanted
        if wanted != self._selected:
            self._selected = wanted
            self.selection_changed.emit()

    def clear_selection(self) -> None:
        """Select nothing."""
        self.select(())

    @property
    def hovered(self) -> str | None:
        """The cell under the pointer, as `set_hovered` said."""
        return self._hovered

    def set_hovered(self, cell_id: str | None) -> None:
        """Say which cell is under the pointer."""
        if cell_id != self._hovered:
            self._hovered = cell_id
            self.hover_changed.emit()

    # --- hit tests ------------------------------------------------------------------------------------
    def cell_at(self, point: QPointF, tolerance: float = 0.0) -> str | None:
        """The topmost cell at a point. Boundary boxes are hit at border and label only."""
        found = self.cells_at(point, tolerance)
        return found[0] if found else None

    def cells_at(self, point: QPointF, tolerance: float = 0.0) -> list[str]:
        """All cells at a point, topmost first."""
        self._land()
        return hits.cells_at(self._contents, self, point, tolerance, self._selected)

    def container_at(self, point: QPointF, ignore: Iterable[str] = ()) -> str | None:
        """The smallest boundary box around a point, whatever lies on top; None for none."""
        return hits.container_at(self._contents, point, ignore)

    def cells_in(self, rect: QRectF, enclose_boundaries: bool = True) -> frozenset[str]:
        """Nodes and lines that touch a rectangle, and boundary boxes wholly inside (or touching)."""
        self._land()
        return hits.cells_in(self._contents, self, rect, enclose_boundaries)

    # --- previews -------------------------------------------------------------------------------------
    def preview(self, cells: Mapping[str, Cell]) -> None:
        """Show exactly these unwritten records in place of, or besides, the stored ones.

        Lines at previewed nodes are routed anew. A further call replaces the last one.
        """
        state = self.editor.state
        landed = self._contents.drift is not None
        if landed:
            self._contents.land()
            self._previewed = {}
        ended = [cell_id for cell_id in self._previewed if cell_id not in cells]
        restored = [cell for cell in map(state.cell, ended) if cell and self._is_here(cell)]
        known = {cell.id for cell in restored}
        self._previewed = dict(cells)
        self._drop(cell_id for cell_id in ended if cell_id not in known)
        before = self._contents.cells
        changed = [cell for cell in cells.values() if before.get(cell.id) is not cell]
        if restored or changed or ended or landed:
            self._contents.put([*restored, *changed], hasty=bool(cells))
            self._after_showing()
            self.preview_changed.emit()

    def preview_move(self, cell_ids: Collection[str], dx: float, dy: float) -> None:
        """Show what `edits.move_cells` would come to, parents aside; quick for thousands of cells.

        Of very many, the moving ones lie above the others while it lasts.
        """
        drift = self._contents.drift
        if drift is None or self._drifting != tuple(cell_ids):
            moving = edits.moving_cells(self.editor.state, cell_ids)
            if self._is_light(moving):
                dx, dy = edits.reach(moving.values(), dx, dy)
                self.preview({i: edits.moved_cell(cell, dx, dy) for i, cell in moving.items()})
                return
            self.clear_preview()
            self._drifting = tuple(cell_ids)
            self._reach = (
                edits.reach(moving.values(), -_FAR, -_FAR),
                edits.reach(moving.values(), _FAR, _FAR),
            )
            self._contents.take_off(moving)
            self._previewed = moving
            drift = self._contents.drift
        if drift is not None:
            (left, top), (right, bottom) = self._reach
            drift.move(round(min(max(dx, left), right), 2), round(min(max(dy, top), bottom), 2))
            self._after_showing()
            self.preview_changed.emit()

    def _is_light(self, moving: Mapping[str, Cell]) -> bool:
        """Whether so few cells move that each of them can be shown anew at every step."""
        if len(moving) > DRIFTING:
            return False
        return sum(1 + len(self._contents.router.lines_at(i)) for i in moving) <= 2 * DRIFTING

    def _land(self) -> None:
        """Go over to showing each moving cell by itself: somebody needs the items where they show."""
        drift = self._contents.drift
        if drift is not None:
            moved = {cell_id: drift.cell(cell_id) for cell_id in drift.cells}
            self._contents.land()
            self._previewed = moved
            self._contents.put(moved.values(), hasty=True)

    def clear_preview(self) -> None:
        """Show what is stored again."""
        hub = self._contents.hasty_lines()
        self.preview({})
        if hub:
            self._contents.refresh(hub)
            self._contents.settle()

    @property
    def previewed(self) -> frozenset[str]:
        """The ids of the cells shown from a preview."""
        return frozenset(self._previewed)

    def set_label_editing(self, cell_id: str | None) -> None:
        """Hide the painted label of one cell while a text editor lies over it; None ends it."""
        old, self._label_editing = self._label_editing, cell_id
        for one, hidden in ((old, False), (cell_id, True)):
            if one is not None and (hidden or one != cell_id):
                for items in (self._contents.nodes, self._contents.labels):
                    item = items.get(one)
                    if item is not None:
                        item.hide_text(hidden)

    @property
    def cell_count(self) -> int:
        """How many cells there are on screen."""
        return len(self._contents.cells)

    def paint_overview(self, painter: QPainter, zoom: float) -> None:
        """Paint everything as plain boxes and lines, in scene units: for a map beside the diagram."""
        self._contents.prepare_overview(len(self._contents.cells))
        if self._contents.overview is not None:
            self._contents.overview.draw(painter, zoom)

    # --- look -----------------------------------------------------------------------------------------
    def set_theme(self, theme: CanvasTheme) -> None:
        """Repaint everything in another theme."""
        if theme == self.theme:
            return
        self.theme = theme
        self._land()
        self.setBackgroundBrush(QColor(theme.background))
        self._contents.set_look(Look(theme))
        self._after_showing()
        self.theme_changed.emit()
        self.update()

    def set_view(self, zoom: float, visible: QRectF) -> None:
        """The view calls this whenever its zoom or visible part (scene units) has changed.

        Switches between single items and the overview, with room between on and off.
        """
        ease = 1.2 if self._contents.is_overview else 1.0
        count = len(self._contents.cells)
        few = zoom >= OVERVIEW_ZOOM * ease or count < OVERVIEW_CELLS / ease
        if few and count > MOST_ITEMS / ease:
            few = count * self._share_of(visible) < MOST_ITEMS / ease
        if few == self._contents.is_overview:
            self._land()
            self._contents.show_overview(not few)

    def _share_of(self, visible: QRectF) -> float:
        whole = self.content_rect()
        area = whole.width() * whole.height()
        seen = whole.intersected(visible)
        return seen.width() * seen.height() / area if area > 0 else 1.0

    def hint(self, cell_id: str) -> str:
        """What a tool tip should say: name, kind, open threats, locked, out of scope. One line each."""
        cell = self.shown(cell_id)
        if cell is None:
            return ""
        kind = v.CELL_TYPE_NAMES.get(cell.type, cell.type)
        lines = [title_of(cell) or kind]
        if title_of(cell):
            lines.append(kind)
        marks = self._marks_of(cell)
        if marks.count:
            worst = f", worst: {marks.severity}" if marks.severity != "none" else ""
            plural = "s" if marks.count != 1 else ""
            lines.append(f"{marks.count} open threat{plural}{worst}")
        if cell.locked:
            lines.append("Locked")
        if cell.out_of_scope:
            reason = " ".join(cell.out_of_scope_reason.split())
            lines.append("Out of scope" + (f": {reason}" if reason else ""))
        return "\n".join(lines)

    # --- following the model ----------------------------------------------------------------------------
    def _on_change(self, changes: ChangeSet, origin: Origin) -> None:
        stored: list[Cell] = []
        gone: list[str] = []
        marked: set[str] = set()
        self._land_before(changes)
        for change in changes.changes:
            for record in (change.before, change.after):
                if isinstance(record, Threat) and record.cell_id is not None:
                    marked.add(record.cell_id)
            if isinstance(change.after, Cell) and self._is_here(change.after):
                if change.id not in self._previewed:
                    stored.append(change.after)
            elif change.id in self._contents.cells and change.id not in self._previewed:
                gone.append(change.id)
        ids = frozenset(
            change.id
            for change in changes.changes
            if any(isinstance(r, Cell) and self._is_here(r) for r in (change.before, change.after))
        )
        self._drop(gone)
        if stored:
            with without_collection():
                self._contents.put(stored)
        self._contents.refresh(marked & self._contents.cells.keys())
        if not (ids or marked):
            return
        self._after_showing()
        if ids:
            self.cells_changed.emit(ids)
            if origin is Origin.REMOTE:
                self.remotely_changed.emit(ids)

    def _land_before(self, changes: ChangeSet) -> None:
        """End a drift that what has changed would take part in."""
        drift = self._contents.drift
        if drift is None:
            return
        for change in changes.changes:
            for record in (change.before, change.after):
                if isinstance(record, Threat) and record.cell_id is not None:
                    record = self.editor.state.cell(record.cell_id)
                if isinstance(record, Cell) and drift.concerns(record):
                    self._land()
                    return

    def _is_here(self, cell: Cell) -> bool:
        return cell.diagram_id == self.diagram_id

    def _drop(self, cell_ids: Iterable[str]) -> None:
        gone = frozenset(cell_ids)
        if not gone:
            return
        self._contents.drop(gone)
        if self._hovered in gone:
            self.set_hovered(None)
        if self._selected & gone:
            self._selected -= gone
            self.selection_changed.emit()

    def _after_showing(self) -> None:
        """What follows from cells being shown anew, after any of the ways in which that happens."""
        if not self._previewed:
            self._contents.settle()
        self._grow()
        if self._label_editing is not None:
            self.set_label_editing(self._label_editing)
        self._idle.start()
        self.content_changed.emit()
        if self.is_empty != self._was_empty:
            self._was_empty = self.is_empty
            self.content_empty_changed.emit(self._was_empty)

    @property
    def is_prepared(self) -> bool:
        """Whether all that idle time is used for is done."""
        return not self._idle.isActive()

    def _prepare(self) -> None:
        """Bring the overview up to date bit by bit while nothing else is going on."""
        if not self._previewed and self._contents.prepare_overview(IDLE_CELLS):
            self._idle.start()

    def _grow(self) -> None:
        """Widen the scene around its content, in big steps: every step shifts the scroll bars."""
        content = self.content_rect()
        if not self._frame.isEmpty() and self._frame.contains(content):
            return
        left = floor(content.left() / STEP - 0.5) * STEP
        top = floor(content.top() / STEP - 0.5) * STEP
        right = ceil(content.right() / STEP + 0.5) * STEP
        bottom = ceil(content.bottom() / STEP + 0.5) * STEP
        self._frame = self._frame.united(QRectF(left, top, right - left, bottom - top))
        self.setSceneRect(self._frame)
        if self._contents.overview is not None:
            self._contents.overview.set_bounds(self._frame)

    def _marks_of(self, cell: Cell) -> Marks:
        return marks_of(self.editor.state, cell)


def _box(cell: Cell) -> QRectF:
    return QRectF(cell.position.x, cell.position.y, cell.size.width, cell.size.height)
