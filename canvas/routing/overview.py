"""The whole diagram as one item of plain boxes and lines, for low zoom and very many cells."""

from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.domain.geometry import Route
from app.domain.records import Cell
from canvas.items.base import CellItem
from canvas.items.look import Style

_NOTHING: Final = QRectF()
_NO_LINE: Final = QLineF()
_BOUNDARIES, _LINES, _NODES = range(3)


def _around(lines: list[QLineF]) -> QRectF:
    """The box around lines."""
    if not lines:
        return QRectF()
    xs = [x for line in lines for x in (line.x1(), line.x2())]
    ys = [y for line in lines for y in (line.y1(), line.y2())]
    return QRectF(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


class _Batch:
    """Boxes or lines that are painted alike, changed in place."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.rects: list[QRectF] = []
        self.lines: list[QLineF] = []


class OverviewItem(CellItem):
    """Paints all cells in a few calls. Kept up to date even while it is hidden: that costs little."""

    def __init__(self) -> None:
        super().__init__("")
        self._batches: tuple[dict[Style, _Batch], ...] = ({}, {}, {})
        self._places: dict[str, tuple[_Batch, int, int]] = {}
        self._wasted = 0
        self._moving: OverviewItem | None = None
        self._way = QPointF()

    def put_node(self, cell: Cell, style: Style) -> None:
        """Take in a node as it is now."""
        batch = self._batch(_BOUNDARIES if cell.is_boundary else _NODES, style)
        box = QRectF(cell.position.x, cell.position.y, cell.size.width, cell.size.height)
        shows = self.isVisible()
        place = self._places.get(cell.id)
        if place is not None and place[0] is batch and place[2] == 0:
            if shows:
                self._repaint(batch.rects[place[1]])
            batch.rects[place[1]] = box
        else:
            if place is not None:
                self.drop(cell.id)
            self._places[cell.id] = (batch, len(batch.rects), 0)
            batch.rects.append(box)
        if shows:
            self._repaint(box)

    def put_line(self, cell: Cell, style: Style, route: Route) -> None:
        """Take in a line as it runs now."""
        batch = self._batch(_LINES, style)
        shows = self.isVisible()
        if shows:
            self._repaint(_around(self._lines_of(cell.id)))
        points = [route.start, *[(s[-2], s[-1]) for s in route.segments]]
        lines = [QLineF(*points[i], *points[i + 1]) for i in range(len(points) - 1)]
        place = self._places.get(cell.id)
        if place is not None and place[0] is batch and place[2] == len(lines):
            batch.lines[place[1] : place[1] + place[2]] = lines
        else:
            if place is not None:
                self.drop(cell.id)
            self._places[cell.id] = (batch, len(batch.lines), len(lines))
            batch.lines += lines
        if shows:
            self._repaint(_around(lines))

    def _lines_of(self, cell_id: str) -> list[QLineF]:
        batch, index, count = self._places.get(cell_id, (None, 0, 0))
        return batch.lines[index : index + count] if batch is not None else []

    def _repaint(self, box: QRectF) -> None:
        self.update(box.adjusted(-9.0, -9.0, 9.0, 9.0))

    def drop(self, cell_id: str) -> None:
        """Take out a cell; its place stays empty."""
        place = self._places.pop(cell_id, None)
        if place is None:
            return
        batch, index, count = place
        self._wasted += 1
        shows = self.isVisible()
        if count:
            if shows:
                self._repaint(_around(batch.lines[index : index + count]))
            batch.lines[index : index + count] = [_NO_LINE] * count
        else:
            if shows:
                self._repaint(batch.rects[index])
            batch.rects[index] = _NOTHING

    def clear(self) -> None:
        """Forget everything."""
        self._batches = ({}, {}, {})
        self._places = {}
        self._wasted = 0

    @property
    def is_wasteful(self) -> bool:
        """Whether so many places are empty that it should be filled anew."""
        return self._wasted > 500 and self._wasted > len(self._places)

    def _batch(self, layer: int, style: Style) -> _Batch:
        batches = self._batches[layer]
        batch = batches.get(style)
        if batch is None:
            batch = batches[style] = _Batch(style)
        return batch

    def draw(self, painter: QPainter, zoom: float) -> None:
        """Boundaries, lines, nodes; no words, no smooth edges."""
        smooth = bool(painter.renderHints() & QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        moving = self._moving
        for place, layer in enumerate(self._batches):
            _draw_layer(painter, layer)
            if moving is not None:
                painter.translate(self._way)
                _draw_layer(painter, moving._batches[place])
                painter.translate(-self._way)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)

    def carry(self, moving: "OverviewItem | None") -> None:
        """Paint what is in another overview, not in the scene, along with this one."""
        self._moving, self._way = moving, QPointF()
        self.update()

    def move(self, dx: float, dy: float) -> None:
        """Paint what is carried this far from its place."""
        self._way = QPointF(dx, dy)
        self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint; the painter's brush is left empty."""
        super().paint(painter, option, widget)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _draw_layer(painter: QPainter, layer: dict[Style, _Batch]) -> None:
    for batch in layer.values():
        painter.setPen(batch.style.thin)
        painter.setBrush(batch.style.brush)
        if batch.rects:
            painter.drawRects(batch.rects)
        if batch.lines:
            painter.drawLines(batch.lines)
