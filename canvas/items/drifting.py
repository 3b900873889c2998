"""What shows very many cells on the move: their items stay put and silent, others paint in their stead."""

from collections.abc import Iterable
from typing import Final, TypeAlias

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from canvas.extent import Edges
from canvas.items.base import CellItem
from canvas.items.label import LabelItem
from canvas.items.line import LineItem
from canvas.items.node import NodeItem

LAYERS: Final = 4
SQUARE: Final = 512.0
MOST_SQUARES: Final = 64
_SMOOTH: Final = QPainter.RenderHint.Antialiasing
# Where a thread is tied before the move, and whether that place moves.
Knot: TypeAlias = tuple[float, float, bool]


class DriftLayer(CellItem):
    """Paints the silent items of one layer, as far from their places as this item is from the origin."""

    def __init__(self, layer: int, silent: "SilentItems", bounds: QRectF, z: float) -> None:
        super().__init__("")
        self._layer, self._silent = layer, silent
        self.bounds = bounds
        self.setZValue(z)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint what is exposed."""
        zoom = painter.worldTransform().m11()
        for item in self._silent.within(option.exposedRect)[self._layer]:
            place = item.pos()
            painter.translate(place)
            item.paint_at(painter, zoom)
            painter.translate(-place)


class SilentItems:
    """Finds the silent items in a part of the scene, once for all layers of a frame.

    Has a grid of its own: while a scene paints, its index leaves out what has been painted already.
    """

    def __init__(self, placed: Iterable[tuple[Edges, list[CellItem]]]) -> None:
        self._squares: dict[tuple[int, int], list[CellItem]] = {}
        self._anywhere: list[CellItem] = []
        for (left, top, right, bottom), items in placed:
            first, last = int(left // SQUARE), int(right // SQUARE)
            high, low = int(top // SQUARE), int(bottom // SQUARE)
            if (last - first + 1) * (low - high + 1) > MOST_SQUARES:
                self._anywhere += items
                continue
            for x in range(first, last + 1):
                for y in range(high, low + 1):
                    self._squares.setdefault((x, y), []).extend(items)
        self._area = QRectF()
        self._found: tuple[list[CellItem], ...] = ()

    def within(self, area: QRectF) -> tuple[list[CellItem], ...]:
        """The silent items by layer, from back to front; `area` is where they are, not where they show."""
        if self._area != area or not self._found:
            self._area = QRectF(area)
            self._found = tuple([] for _ in range(LAYERS))
            for item in self._near(area):
                if item.bounds.translated(item.pos()).intersects(area):
                    self._found[_layer_of(item)].append(item)
            for items in self._found:
                items.sort(key=CellItem.zValue)
        return self._found

    def _near(self, area: QRectF) -> set[CellItem]:
        found = set(self._anywhere)
        columns = int(area.left() // SQUARE), int(area.right() // SQUARE)
        rows = int(area.top() // SQUARE), int(area.bottom() // SQUARE)
        if (columns[1] - columns[0]) * (rows[1] - rows[0]) > len(self._squares):
            return found.union(*self._squares.values())
        for x in range(columns[0], columns[1] + 1):
            for y in range(rows[0], rows[1] + 1):
                found.update(self._squares.get((x, y), ()))
        return found


def _layer_of(item: CellItem) -> int:
    if isinstance(item, LineItem):
        return 1
    if isinstance(item, LabelItem):
        return 3
    return 0 if isinstance(item, NodeItem) and item.cell.is_boundary else 2


class Threads(CellItem):
    """Very many stretched lines, straight from middle to middle below the elements."""

    def __init__(self, threads: Iterable[tuple[QPen, list[Knot]]]) -> None:
        super().__init__("")
        by_pen: dict[int, tuple[QPen, list[tuple[Knot, Knot]]]] = {}
        for pen, knots in threads:
            stretches = by_pen.setdefault(id(pen), (pen, []))[1]
            stretches += [(knots[i], knots[i + 1]) for i in range(len(knots) - 1)]
        self._stretches = list(by_pen.values())
        self._lines: list[tuple[QPen, list[QLineF]]] = []

    def move(self, dx: float, dy: float) -> None:
        """Follow the ends that moved by so much from where they were at first."""
        self._lines = []
        xs: list[float] = []
        ys: list[float] = []
        for pen, stretches in self._stretches:
            lines = []
            for (ax, ay, a), (bx, by, b) in stretches:
                if a:
                    ax, ay = ax + dx, ay + dy
                if b:
                    bx, by = bx + dx, by + dy
                lines.append(QLineF(ax, ay, bx, by))
                xs += (ax, bx)
                ys += (ay, by)
            self._lines.append((pen, lines))
        if xs:
            left, top = min(xs) - 2.0, min(ys) - 2.0
            self.set_bounds(QRectF(left, top, max(xs) + 2.0 - left, max(ys) + 2.0 - top))
        self.update()

    def draw(self, painter: QPainter, zoom: float) -> None:
        """See CellItem."""
        smooth = bool(painter.renderHints() & _SMOOTH)
        painter.setRenderHint(_SMOOTH, False)
        for pen, lines in self._lines:
            painter.setPen(pen)
            painter.drawLines(lines)
        painter.setRenderHint(_SMOOTH, smooth)
