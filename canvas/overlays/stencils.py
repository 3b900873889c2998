"""Small pictures of the kinds of element, in the colours of the diagram's theme."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from app.domain import vocabulary as v
from canvas.theme import CanvasTheme

_SIZE = (22, 16)
_SHARPNESS = 2.0


def stencil_icon(cell_type: str, theme: CanvasTheme) -> QIcon:
    """A kind of node, 22 x 16 pixels."""
    picture = QPixmap(int(_SIZE[0] * _SHARPNESS), int(_SIZE[1] * _SHARPNESS))
    picture.setDevicePixelRatio(_SHARPNESS)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint(painter, cell_type, theme)
    painter.end()
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)  # not tinted in the current row
    return icon


def _paint(painter: QPainter, cell_type: str, theme: CanvasTheme) -> None:
    box = QRectF(1.5, 2, _SIZE[0] - 3, _SIZE[1] - 4)
    painter.setPen(QPen(QColor(theme.node_stroke), 1.3))
    if cell_type == v.PROCESS:
        painter.setBrush(QColor(theme.process_fill))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    elif cell_type == v.DATASTORE:
        painter.fillRect(box, QColor(theme.store_fill))
        painter.drawLine(box.topLeft(), box.topRight())
        painter.drawLine(box.bottomLeft(), box.bottomRight())
    elif cell_type == v.TRUST_BOUNDARY:
        painter.setPen(QPen(QColor(theme.boundary_stroke), 1.3, Qt.PenStyle.DashLine))
        painter.drawRect(box)
    elif cell_type == v.TEXT:
        painter.fillRect(box, QColor(theme.background))
        for row, end in enumerate((box.right(), box.right() - 3, box.right() - 8)):
            y = box.top() + 2 + row * 4
            painter.drawLine(QPointF(box.left() + 1, y), QPointF(end, y))
    else:
        painter.setBrush(QColor(theme.external_fill))
        painter.drawRect(box)
