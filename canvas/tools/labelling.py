"""Dragging the label of a flow along it and beside it."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from app.domain import edits
from app.domain.patch import Patch
from app.domain.records import Cell
from app.domain.values import LabelPosition
from canvas.tools import naming, places
from canvas.tools.pointer import Pointer
from canvas.tools.state import PatchGesture

if TYPE_CHECKING:
    from canvas.tools.desk import Desk

ON_LINE_PIXELS = 8.0


class DraggingLabel(PatchGesture):
    """The label keeps to its share of the length, so that it follows when the line is routed anew."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, desk: "Desk", start: Pointer, cell_id: str) -> None:
        super().__init__(desk, start)
        self.cell_id = cell_id
        self._route = desk.scene.route_points(cell_id)
        self._grab = desk.scene.label_rect(cell_id).center() - start.at

    @property
    def _cell(self) -> Cell:
        return self.desk.stored(self.cell_id)

    def holds(self) -> Collection[str]:
        """See State."""
        return (self.cell_id,)

    def title(self) -> str:
        """See PatchGesture."""
        return f"Move the label of {naming.of(self._cell)}"

    def patch(self, pointer: Pointer) -> Patch:
        """See PatchGesture."""
        middle = pointer.at + self._grab
        spot, length = places.nearest(self._route, middle)
        whole = places.lengths(self._route)[-1]
        beside = middle - spot
        if places.distance(spot, middle) < self.desk.px(ON_LINE_PIXELS) and not pointer.ctrl:
            beside = QPointF()
        position = LabelPosition(
            round(length / whole, 4) if whole else 0.5, round(beside.x(), 2), round(beside.y(), 2)
        )
        return edits.set_label_position(self._cell, position)
