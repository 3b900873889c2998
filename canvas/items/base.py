"""What all items of a diagram have in common."""

import logging
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

log = logging.getLogger(__name__)
# Below this zoom a label's letters are under five pixels high: shapes only.
TEXT_ZOOM: Final = 0.4
BADGE_ZOOM: Final = 0.25


class CellItem(QGraphicsItem):
    """Paints one cell, or its label. Bounds are kept ready, since Qt asks for them all the time.

    While it is `silent` it paints nothing by itself: another item does it for it, elsewhere.
    """

    def __init__(self, cell_id: str) -> None:
        super().__init__()
        self.cell_id = cell_id
        self.bounds = QRectF()
        self.silent = False
        self._failed = False

    def boundingRect(self) -> QRectF:
        """The painted area in item coordinates."""
        return self.bounds

    def set_bounds(self, bounds: QRectF) -> None:
        """Say that the painted area becomes another one."""
        if bounds != self.bounds:
            self.prepareGeometryChange()
            self.bounds = bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint at the painter's zoom."""
        if not self.silent:
            self.paint_at(painter, painter.worldTransform().m11())

    def paint_at(self, painter: QPainter, zoom: float) -> None:
        """Paint at a zoom. An error is logged once: raised here, it would end the program."""
        try:
            self.draw(painter, zoom)
        except Exception:
            if not self._failed:
                self._failed = True
                log.exception("cell %s cannot be painted", self.cell_id)

    def draw(self, painter: QPainter, zoom: float) -> None:
        """Paint in item coordinates; sets every pen and brush it uses."""
        raise NotImplementedError
