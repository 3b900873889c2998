"""The spotlight: one element in full light, everything else dimmed."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen, QPolygonF

from canvas.scene import DiagramScene

MARGIN: Final = 12.0
DIM: Final = 205


class Spotlight:
    """A layer over a diagram. An element that is gone leaves the whole diagram in the light."""

    def __init__(self, scene: DiagramScene) -> None:
        self._scene = scene
        self.cell_id: str | None = None

    def paint(self, painter: QPainter, exposed: QRectF) -> None:
        """Dim what is exposed, the element aside. Scene units."""
        lit = self.lit()
        if lit.isEmpty():
            return
        theme = self._scene.theme
        veil = QColor(theme.background)
        veil.setAlpha(DIM)
        dark = QPainterPath()
        dark.addRect(exposed.adjusted(-2, -2, 2, 2))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(dark.subtracted(lit), veil)
        rim = QPen(QColor(theme.selection_outline), 3.0)
        rim.setCosmetic(True)
        painter.setPen(rim)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(lit)
        painter.restore()

    def lit(self) -> QPainterPath:
        """The area in the light; empty when nothing is dimmed."""
        path = QPainterPath()
        cell = self._scene.shown(self.cell_id)
        if cell is None:
            return path
        route = self._scene.route_points(cell.id)
        label = self._scene.label_rect(cell.id)
        if len(route) > 1:
            line = QPainterPath(QPointF(route[0]))
            line.addPolygon(QPolygonF(route))
            pen = QPainterPathStroker()
            pen.setWidth(2 * MARGIN)
            path = pen.createStroke(line).simplified()
        else:
            box = self._scene.bounds_of([cell.id]).adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
            path.addRoundedRect(box, MARGIN, MARGIN)
        if not label.isEmpty() and not path.contains(label):
            around = QPainterPath()
            around.addRoundedRect(label.adjusted(-6, -6, 6, 6), 6, 6)
            path = path.united(around)
        return path.simplified()
