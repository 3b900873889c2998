"""Data flows and boundary lines."""

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF

from app.domain.geometry import Route
from app.domain.records import Cell
from canvas.items.base import TEXT_ZOOM, CellItem
from canvas.items.look import Look
from canvas.routing.paths import ARROW_LENGTH, arrow, from_qt, path_of, shaft, to_qt

_NO_BRUSH = Qt.BrushStyle.NoBrush
_SMOOTH = QPainter.RenderHint.Antialiasing
FREE_END = 3.0


class LineItem(CellItem):
    """A cell that runs along a route, in scene coordinates; the item itself stays at the origin."""

    def __init__(self, cell: Cell, look: Look, route: Route) -> None:
        super().__init__(cell.id)
        self.cell = cell
        self.style = look.style(cell)
        self.look = look
        self.route = route
        self.hasty = False
        self._path: QPainterPath | None = None
        self._line: QLineF | None = None
        self._heads: list[QPolygonF] = []
        self._first = (route, self.bounds)
        self._way = (0.0, 0.0)
        self.show_line(cell, look, route)

    def show_line(self, cell: Cell, look: Look, route: Route) -> None:
        """Take over another version of the cell, or another route."""
        self.cell, self.look, self.route = cell, look, route
        self.style = look.style(cell)
        self._path, self._line = None, None
        edge = ARROW_LENGTH * 0.6 + self.style.width
        self.set_bounds(to_qt(route.bounds).adjusted(-edge, -edge, edge, edge))
        self._first, self._way = (route, self.bounds), (0.0, 0.0)
        self.update()

    def carry(self, cell: Cell, dx: float, dy: float) -> None:
        """Go along with both ends: the same route, this much farther on."""
        # Counted from the first place, so that the way back ends there to the last digit.
        way = round(self._way[0] + dx, 2), round(self._way[1] + dy, 2)
        self.cell, self._way = cell, way
        route, bounds = self._first
        self.route = route.moved(*way)
        self._path, self._line = None, None
        self.set_bounds(bounds.translated(*way))

    def draw(self, painter: QPainter, zoom: float) -> None:
        """The line with its arrow heads."""
        if self.hasty:
            smooth = bool(painter.renderHints() & _SMOOTH)
            painter.setRenderHint(_SMOOTH, False)
            painter.setPen(self.style.thin)
            painter.drawLine(QPointF(*self.route.start), QPointF(*self.route.end))
            painter.setRenderHint(_SMOOTH, smooth)
            return
        if self._path is None and self._line is None:
            self._prepare()
        painter.setPen(self.style.pen if zoom >= TEXT_ZOOM or self.style.dash else self.style.thin)
        painter.setBrush(_NO_BRUSH)
        if self._line is not None:
            painter.drawLine(self._line)
        elif self._path is not None:
            painter.drawPath(self._path)
        if self.cell.is_flow and zoom >= 0.15:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.style.solid)
            for head in self._heads:
                painter.drawPolygon(head)
            source = self.cell.source
            if zoom >= TEXT_ZOOM and not self.cell.is_bidirectional and source and source.cell is None:
                painter.drawEllipse(QPointF(*self.route.start), FREE_END, FREE_END)

    def _prepare(self) -> None:
        flow, width = self.cell.is_flow, self.style.width
        both = flow and self.cell.is_bidirectional
        cut = shaft(self.route, both, flow, width)
        if len(cut.segments) == 1 and len(cut.segments[0]) == 2:
            self._line = QLineF(QPointF(*cut.start), QPointF(*cut.end))
        else:
            self._path = path_of(cut)
        self._heads = []
        if flow:
            self._heads.append(arrow(self.route.end, self.route.direction_at_end(), width))
        if both:
            self._heads.append(arrow(self.route.start, self.route.direction_at_start(), width))

    def is_hit(self, point: QPointF, tolerance: float) -> bool:
        """Whether a point lies on the line, give or take a tolerance in scene units."""
        reach = tolerance + self.style.width / 2
        return self.route.nearest((point.x(), point.y()))[1] <= reach

    def touches(self, rect: QRectF) -> bool:
        """Whether any part of the line lies in a rectangle."""
        return self.route.touches(from_qt(rect))
