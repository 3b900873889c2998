"""Processes, stores, external entities, texts and boundary boxes."""

from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from app.domain import vocabulary as v
from app.domain.geometry import inside, outline_point, rect_of
from app.domain.records import Cell
from canvas.items.base import BADGE_ZOOM, TEXT_ZOOM, CellItem
from canvas.items.look import Look, Marks, Style
from canvas.items.marks import RADIUS, draw_badge, draw_lock
from canvas.text import (
    EMPTY,
    PADDING,
    Face,
    PaintedText,
    TextBlock,
    lay_out,
    lay_out_in,
    longest_word,
    stadium_width,
)

SMALLEST: Final = 9.0
_NO_PEN: Final = Qt.PenStyle.NoPen
TEXT_ALIGN: Final = {v.TEXT: Qt.AlignmentFlag.AlignLeft}


def node_text(cell: Cell, style: Style, look: Look) -> tuple[TextBlock, Face]:
    """A node's label broken into lines inside its shape; boundaries have theirs elsewhere.

    What has no room is set a little smaller before anything is left out.
    """
    face = style.face
    if cell.is_boundary or not cell.label:
        return EMPTY, face
    block = _fitted(cell, face)
    for size in (face.size - 2, face.size - 4):
        torn = style.scale > 1 and size > style.face.size / style.scale and _tears(cell, face)
        if not (block.cut or torn) or size < SMALLEST:
            break
        face = look.face(size, style.face.bold)
        block = _fitted(cell, face)
    return block, face


def _tears(cell: Cell, face: Face) -> bool:
    """Whether a word is too long for a line: only letters made larger are taken back for it."""
    width, height = cell.size.width, cell.size.height
    round_shape = cell.type == v.PROCESS
    room = stadium_width(width, height, 2 * face.line_height) if round_shape else width - PADDING * 2
    return longest_word(cell.label, face) > room


def _fitted(cell: Cell, face: Face) -> TextBlock:
    width, height = cell.size.width, cell.size.height
    if cell.type == v.PROCESS:
        # Towards its top and bottom a round shape is too narrow for words.
        room = min(height - 6, height * 0.8)
        return lay_out_in(cell.label, face, lambda lines: stadium_width(width, height, lines), room)
    return lay_out(cell.label, face, width - PADDING * 2, height - 4)


def badge_place(cell: Cell) -> QPointF:
    """The middle of a node's badge, in item coordinates: on the outline, up and to the right."""
    box = rect_of(cell)
    x, y = outline_point(cell.type, box, (box.right, box.y))
    inset = 0.0 if cell.type == v.PROCESS else 4.0
    return QPointF(x - box.x - inset, y - box.y + inset)


def lock_place(cell: Cell) -> QPointF:
    """The middle of a node's padlock, in item coordinates: on the outline, up and to the left."""
    box = rect_of(cell)
    x, y = outline_point(cell.type, box, (box.x, box.y))
    return QPointF(x - box.x, y - box.y)


class NodeItem(CellItem):
    """A cell that has a box; its position is the item's."""

    def __init__(self, cell: Cell, look: Look, marks: Marks) -> None:
        super().__init__(cell.id)
        self.cell = cell
        self.look = look
        self.marks = marks
        self.rect = QRectF()
        self.text: PaintedText | None = None
        self.text_stale = True
        self.text_hidden = False
        self.style = look.style(cell)
        self.show_cell(cell, look, marks, first=True)

    def show_cell(self, cell: Cell, look: Look, marks: Marks, *, first: bool = False) -> None:
        """Take over another version of the cell; only what changed is worked out anew."""
        old, self.cell, self.marks = self.cell, cell, marks
        style = look.style(cell)
        if first or style is not self.style or cell.size != old.size or cell.label != old.label:
            self.text_stale = True
        if first or style is not self.style or cell.size != old.size:
            self.look, self.style = look, style
            self.rect = QRectF(0.0, 0.0, cell.size.width, cell.size.height)
            # Always with room for the marks, so that their coming does not move the index.
            edge = max(RADIUS + 8.0, style.width)
            self.set_bounds(self.rect.adjusted(-edge, -edge, edge, edge))
        self.setPos(cell.position.x, cell.position.y)
        self.update()

    def hide_text(self, hidden: bool) -> None:
        """Leave the label out while it is being edited."""
        if hidden != self.text_hidden:
            self.text_hidden = hidden
            self.update()

    def draw(self, painter: QPainter, zoom: float) -> None:
        """Shape, label and marks, in item coordinates."""
        cell, style = self.cell, self.style
        painter.setPen(style.pen)
        painter.setBrush(style.brush)
        draw_shape(painter, cell.type, self.rect, style)
        if zoom >= TEXT_ZOOM and cell.label and not self.text_hidden and cell.type != v.TRUST_BOUNDARY:
            if self.text_stale:
                self._lay_out()
            if self.text is not None:
                painter.setPen(style.text_pen)
                gap = self.rect.height() - self.text.block.height
                self.text.draw(painter, self.rect.x() + self._inset(), self.rect.y() + gap / 2)
        if self.marks and zoom >= BADGE_ZOOM:
            if self.marks.locked:
                draw_lock(painter, self.look, lock_place(cell))
            if self.marks.count:
                draw_badge(painter, self.look, self.marks, badge_place(cell))

    def ink(self) -> QRectF:
        """What is painted, in scene coordinates, without the room kept for marks it does not have."""
        edge = RADIUS + 8.0 if self.marks else self.style.width / 2 + 1.0
        return self.rect.adjusted(-edge, -edge, edge, edge).translated(self.pos())

    def is_hit(self, point: QPointF, tolerance: float) -> bool:
        """Whether a point (scene units) lies on the node; of boundaries only the border counts."""
        x, y = point.x() - self.cell.position.x, point.y() - self.cell.position.y
        if self.cell.is_boundary:
            reach = tolerance + self.style.width / 2
            near = self.rect.adjusted(-reach, -reach, reach, reach).contains(x, y)
            return near and not self.rect.adjusted(reach, reach, -reach, -reach).contains(x, y)
        if min(self.rect.width(), self.rect.height()) < 2 * tolerance:
            return self.rect.adjusted(-tolerance, -tolerance, tolerance, tolerance).contains(x, y)
        return inside(self.cell.type, rect_of(self.cell), (point.x(), point.y()))

    def _inset(self) -> float:
        return PADDING if self.cell.type == v.TEXT else 0.0

    def _lay_out(self) -> None:
        self.text_stale = False
        block, face = node_text(self.cell, self.style, self.look)
        align = TEXT_ALIGN.get(self.cell.type, Qt.AlignmentFlag.AlignHCenter)
        width = self.rect.width() - 2 * self._inset()
        self.text = PaintedText(block, face, width, align) if block.lines else None


def draw_shape(painter: QPainter, cell_type: str, rect: QRectF, style: Style) -> None:
    """Paint a node's shape with the pen and brush of its style set."""
    if cell_type == v.PROCESS:
        radius = min(rect.width(), rect.height()) / 2
        painter.drawRoundedRect(rect, radius, radius)
        if style.hatch is not None:
            painter.setBrush(style.hatch)
            painter.drawRoundedRect(rect, radius, radius)
    elif cell_type == v.DATASTORE:
        painter.fillRect(rect, style.brush)
        if style.hatch is not None:
            painter.fillRect(rect, style.hatch)
        painter.drawLines(
            [QLineF(rect.topLeft(), rect.topRight()), QLineF(rect.bottomLeft(), rect.bottomRight())]
        )
    elif cell_type == v.TEXT:
        if style.fill:
            painter.fillRect(rect, style.brush)
    else:
        painter.drawRect(rect)
        if style.hatch is not None:
            painter.setPen(_NO_PEN)
            painter.setBrush(style.hatch)
            painter.drawRect(rect)
