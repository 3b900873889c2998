"""Labels of lines and of boundary boxes: painted above all shapes, on a backplate."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from app.domain.geometry import XY, Fan, Route
from app.domain.records import Cell
from app.domain.values import LabelPosition
from canvas.items.base import BADGE_ZOOM, TEXT_ZOOM, CellItem
from canvas.items.look import Look, Marks, Style
from canvas.items.marks import RADIUS, badge_size, draw_badge, draw_lock
from canvas.text import PaintedText, TextBlock, lay_out, longest_word

PAD_X: Final = 4.0
PAD_Y: Final = 1.5
GAP: Final = 4.0
MOST_LINES: Final = 6
WIDEST: Final = 220.0
UNPLACED: Final = LabelPosition()
# Where along its line a label may go that nobody has placed, besides its first spot.
SHARES: Final = (0.5, 0.35, 0.65, 0.25, 0.75)


@dataclass(frozen=True, slots=True)
class LabelBox:
    """Where a label with its marks goes, in scene units; `text` is the box of the words alone."""

    rect: QRectF
    text: QRectF
    block: TextBlock
    badge: QPointF | None
    lock: QPointF | None
    centred: bool

    def moved(self, dx: float, dy: float) -> "LabelBox":
        """The same elsewhere."""
        badge = self.badge + QPointF(dx, dy) if self.badge is not None else None
        lock = self.lock + QPointF(dx, dy) if self.lock is not None else None
        rect, text = self.rect.translated(dx, dy), self.text.translated(dx, dy)
        return LabelBox(rect, text, self.block, badge, lock, self.centred)


def flow_label(
    cell: Cell, route: Route, fan: Fan, style: Style, marks: Marks, *, spot: int = 0, always: bool = False
) -> LabelBox | None:
    """The label of a line: on the line, where its `label_position` says. None if there is nothing.

    Labels of lines side by side that nobody placed are staggered where they would lie on each other.
    `spot` is the one of `spot_way` that a label has taken that nobody placed.
    """
    # Larger letters take the room in height: in width, labels side by side have none to spare.
    room = _room(route) / style.scale
    if len(cell.label) * style.face.size > room:
        room = min(max(room, longest_word(cell.label, style.face) + 1.0), WIDEST)
    block = lay_out(cell.label, style.face, room, MOST_LINES * style.face.line_height)
    if not (block.lines or marks or always):
        return None
    x, y = _place(cell, route, fan)
    width, height = _extent(block, style, marks)
    if cell.label_position == UNPLACED and width > abs(route.end[0] - route.start[0]) - 16.0:
        dy = abs(route.end[1] - route.start[1])
        if dy < height:
            # On a line this short the label would hide it, so it goes above.
            y -= height / 2 + dy / 2 + 5.0
    if cell.source and cell.target and cell.source.cell and cell.source.cell == cell.target.cell:
        x, y = _beside_loop(cell, route, (x, y), width, height)
    dx, dy = spot_way(cell, route, fan, spot) if spot else (cell.label_position.dx, cell.label_position.dy)
    left, top = x - width / 2 + dx, y - height / 2 + dy
    return _box(left, top, block, style, marks, centred=True)


def boundary_label(cell: Cell, style: Style, marks: Marks, *, always: bool = False) -> LabelBox | None:
    """The label of a boundary box: inside its top left corner. None if there is nothing to show."""
    inset = style.width / 2 + 3.0
    room = cell.size.width - 2 * inset - 2 * PAD_X - _marks_width(marks)
    height = min(cell.size.height - 2 * inset, 3 * style.face.line_height)
    block = lay_out(cell.label, style.face, room, height)
    if not (block.lines or marks or always):
        return None
    left, top = cell.position.x + inset, cell.position.y + inset
    return _box(left, top, block, style, marks, centred=False)


def _room(route: Route) -> float:
    """How wide a line's label may be, in steps, so that it does not flow anew at every move."""
    dx, dy = abs(route.end[0] - route.start[0]), abs(route.end[1] - route.start[1])
    if dx <= dy:
        return 160.0
    return min(max(round((dx - 28.0) / 20.0) * 20.0, 60.0), WIDEST)


def _place(cell: Cell, route: Route, fan: Fan) -> XY:
    if cell.label_position != UNPLACED or fan.count == 1:
        return route.point_at(cell.label_position.at)
    dx, dy = abs(route.end[0] - route.start[0]), abs(route.end[1] - route.start[1])
    if dx > dy * 2.0:
        return route.point_at(0.5)
    share = 0.5 + (fan.index - (fan.count - 1) / 2) * min(0.24, 0.6 / fan.count)
    return route.point_at(1.0 - share if fan.flipped else share)


def spot_count(cell: Cell) -> int:
    """How many spots the label of a line has to choose from; 0 when somebody has placed it."""
    if cell.label_position != UNPLACED:
        return 0
    source, target = cell.source, cell.target
    loops = source is not None and target is not None and source.cell and source.cell == target.cell
    return 1 if loops else len(SHARES)


def spot_way(cell: Cell, route: Route, fan: Fan, spot: int) -> XY:
    """How far a spot along the line is from the first one, in scene units."""
    if not spot:
        return (0.0, 0.0)
    (x, y), (first_x, first_y) = route.point_at(SHARES[spot]), _place(cell, route, fan)
    return x - first_x, y - first_y


def _beside_loop(cell: Cell, route: Route, apex: XY, width: float, height: float) -> XY:
    if cell.label_position != UNPLACED or cell.vertices:
        return apex
    foot_x = (route.start[0] + route.end[0]) / 2
    foot_y = (route.start[1] + route.end[1]) / 2
    side = 1.0 if apex[0] >= foot_x else -1.0
    rise = 1.0 if apex[1] >= foot_y else -1.0
    return apex[0] + side * (width / 2 - 4.0), apex[1] + rise * (height / 2 + 3.0)


def _marks_width(marks: Marks) -> float:
    width = badge_size(marks)[0] + GAP if marks.count else 0.0
    return width + (12.0 + GAP if marks.locked else 0.0)


def _extent(block: TextBlock, style: Style, marks: Marks) -> tuple[float, float]:
    tall = block.height or (0.0 if marks else style.face.line_height)
    height = max(tall, RADIUS * 2 if marks else 0.0) + 2 * PAD_Y
    width = block.width + _marks_width(marks) + 2 * PAD_X
    return (width if block.lines or marks else 40.0), height


def _box(left: float, top: float, block: TextBlock, style: Style, marks: Marks, *, centred: bool) -> LabelBox:
    width, height = _extent(block, style, marks)
    x, middle = left + PAD_X, top + height / 2
    badge = lock = None
    if marks.count:
        badge = QPointF(x + badge_size(marks)[0] / 2, middle)
        x += badge_size(marks)[0] + GAP
    if marks.locked:
        lock = QPointF(x + 6.0, middle + 1.0)
        x += 12.0 + GAP
    text = QRectF(x, middle - block.height / 2, block.width, block.height)
    return LabelBox(QRectF(left, top, width, height), text, block, badge, lock, centred)


class LabelItem(CellItem):
    """Paints the label box of one cell, in scene coordinates."""

    def __init__(self, cell_id: str, box: LabelBox, style: Style, look: Look, marks: Marks) -> None:
        super().__init__(cell_id)
        self.text: PaintedText | None = None
        self.text_hidden = False
        self.box = self._first = box
        self._way = (0.0, 0.0)
        self.show_box(box, style, look, marks)

    def show_box(self, box: LabelBox, style: Style, look: Look, marks: Marks) -> None:
        """Take over another place or another label."""
        stale = self.text is None or self.text.block != box.block or self.text.face is not style.face
        if stale:
            self.text = None
        self.box, self.style, self.look, self.marks = box, style, look, marks
        self._first, self._way = box, (0.0, 0.0)
        self.set_bounds(box.rect.adjusted(-2.0, -2.0, 2.0, 2.0))
        self.update()

    def carry(self, dx: float, dy: float) -> None:
        """Go along with what it belongs to."""
        self._way = round(self._way[0] + dx, 2), round(self._way[1] + dy, 2)
        self.box = self._first.moved(*self._way)
        self.set_bounds(self.box.rect.adjusted(-2.0, -2.0, 2.0, 2.0))

    def go(self, dx: float, dy: float) -> None:
        """Take another spot beside the same line."""
        self.box = self._first = self.box.moved(dx, dy)
        self._way = (0.0, 0.0)
        self.set_bounds(self.box.rect.adjusted(-2.0, -2.0, 2.0, 2.0))

    def hide_text(self, hidden: bool) -> None:
        """Leave the label out while it is being edited."""
        if hidden != self.text_hidden:
            self.text_hidden = hidden
            self.update()

    def draw(self, painter: QPainter, zoom: float) -> None:
        """Backplate, marks and words."""
        if zoom < BADGE_ZOOM:
            return
        box = self.box
        words = bool(box.block.lines) and not self.text_hidden and zoom >= TEXT_ZOOM
        if words:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.look.backplate)
            painter.drawRoundedRect(box.rect, 3.0, 3.0)
            if self.text is None:
                align = Qt.AlignmentFlag.AlignHCenter if box.centred else Qt.AlignmentFlag.AlignLeft
                self.text = PaintedText(box.block, self.style.face, box.text.width() + 0.5, align)
            painter.setPen(self.style.text_pen)
            self.text.draw(painter, box.text.x(), box.text.y())
        if box.lock is not None:
            draw_lock(painter, self.look, box.lock)
        if box.badge is not None:
            draw_badge(painter, self.look, self.marks, box.badge)

    def is_hit(self, point: QPointF) -> bool:
        """Whether a point lies on the label."""
        return self.box.rect.contains(point)
