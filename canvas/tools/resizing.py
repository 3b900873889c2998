"""Dragging one of the eight grips of a node."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.patch import Patch
from app.domain.records import Cell
from app.domain.rect import Rect
from canvas.overlays.marks import GuideLine, Mark, Tag
from canvas.tools import naming, places, targets
from canvas.tools.places import Side, side_point
from canvas.tools.pointer import Pointer
from canvas.tools.snapping import Guide, Snapping
from canvas.tools.state import PatchGesture

if TYPE_CHECKING:
    from canvas.tools.desk import Desk

LEAST: Final = {v.TRUST_BOUNDARY: (80.0, 60.0), v.TEXT: (30.0, 20.0)}
LEAST_NODE: Final = (50.0, 30.0)


def least_size(cell: Cell) -> tuple[float, float]:
    """The smallest width and height that a drag gives a node, in scene units."""
    width, height = LEAST.get(cell.type, LEAST_NODE)
    return min(width, cell.size.width), min(height, cell.size.height)


class Resizing(PatchGesture):
    """Shift keeps the ratio, Alt keeps the middle, Ctrl suspends snapping."""

    def __init__(self, desk: "Desk", start: Pointer, cell_id: str, side: Side) -> None:
        super().__init__(desk, start)
        self.cell_id, self.side = cell_id, side
        self.cursor = targets.RESIZE_CURSORS[side]
        self._ground = desk.snapping((cell_id,))
        self._free = False

    def holds(self) -> Collection[str]:
        """See State."""
        return (self.cell_id,)

    @property
    def _cell(self) -> Cell:
        return self.desk.stored(self.cell_id)

    def title(self) -> str:
        """See PatchGesture."""
        return f"Resize {naming.of(self._cell)}"

    def patch(self, pointer: Pointer) -> Patch:
        """See PatchGesture."""
        self._free = pointer.ctrl
        cell = self._cell
        box = resized(
            places.box_of(cell),
            self.side,
            pointer.at - self.start.at,
            Snapping() if pointer.ctrl else self._ground,
            least_size(cell),
            ratio=pointer.shift,
            centred=pointer.alt,
        )
        rect = Rect(round(box.x(), 2), round(box.y(), 2), round(box.width(), 2), round(box.height(), 2))
        return edits.resize_cell(self.desk.scene.editor.state, self.cell_id, rect)

    def _tells(self, guide: Guide, box: QRectF) -> bool:
        """Whether a guide is about the edges in hand; gaps and the other edges are not."""
        edge = side_point(box, self.side)
        upright = guide.line.x1() == guide.line.x2()
        if guide.text or not self.side[0 if upright else 1]:
            return False
        away = guide.line.x1() - edge.x() if upright else guide.line.y1() - edge.y()
        return abs(away) < 0.05

    def marks(self) -> Iterable[Mark]:
        """See State."""
        cell = self.desk.scene.shown(self.cell_id)
        if cell is None:
            return []
        box = places.box_of(cell)
        found = targets.selection_marks(self.desk)
        if not self._free:
            found += (GuideLine(g.line) for g in self._ground.guides(box) if self._tells(g, box))
        hot = targets.Target(targets.Part.RESIZE, cell.id, side=self.side)
        found += targets.marks_of(targets.node_grips(self.desk, cell), hot)
        text = f"{box.width():g} × {box.height():g}"
        found.append(Tag(QPointF(box.center().x(), box.bottom()), text))
        return found


def resized(
    box: QRectF,
    side: Side,
    way: QPointF,
    ground: Snapping,
    least: tuple[float, float],
    *,
    ratio: bool = False,
    centred: bool = False,
) -> QRectF:
    """The box after its side went `way`; never smaller than `least`, never turned inside out."""
    sx, sy = side
    width, height = box.width(), box.height()
    if sx:
        edge = box.right() if sx > 0 else box.left()
        width += sx * (ground.edge_x(edge + way.x()) - edge) * (2 if centred else 1)
    if sy:
        edge = box.bottom() if sy > 0 else box.top()
        height += sy * (ground.edge_y(edge + way.y()) - edge) * (2 if centred else 1)
    if ratio and box.width() > 0 and box.height() > 0:
        grown_x, grown_y = width / box.width(), height / box.height()
        scale = grown_y if not sx else grown_x if not sy else max(grown_x, grown_y)
        scale = max(scale, least[0] / box.width(), least[1] / box.height())
        width, height = box.width() * scale, box.height() * scale
    width, height = max(width, least[0]), max(height, least[1])
    x = _placed(box.left(), box.right(), width, 0 if centred or (ratio and not sx) else sx)
    y = _placed(box.top(), box.bottom(), height, 0 if centred or (ratio and not sy) else sy)
    return QRectF(x, y, width, height)


def _placed(low: float, high: float, length: float, side: int) -> float:
    """Where a stretch of a new length begins: the other end stays, or the middle."""
    if side > 0 or (side == 0 and length == high - low):
        return low
    return high - length if side < 0 else (low + high - length) / 2
