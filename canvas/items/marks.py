"""The small marks at a cell: how many open threats it has, and whether it is locked."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from app.domain import vocabulary as v
from app.domain.records import Cell, Threat
from app.domain.state import ModelState
from canvas.items.look import Look, Marks

RADIUS: Final = 9.0
_SEVERE: Final = ("critical", "high", "medium", "low")


def marks_of(state: ModelState, cell: Cell) -> Marks:
    """The marks of a cell: threats that are open and not mitigated, and the worst severity among them."""
    count, worst = 0, len(_SEVERE)
    for record in state.pointing_at(cell.id):
        if isinstance(record, Threat) and not record.mitigated and v.is_open(record.status):
            count += 1
            word = record.severity.strip().lower()
            if word in _SEVERE:
                worst = min(worst, _SEVERE.index(word))
    severity = _SEVERE[worst] if worst < len(_SEVERE) else "none"
    return Marks(count, severity, cell.locked)


def badge_size(marks: Marks) -> tuple[float, float]:
    """Width and height of a threat badge: wider for numbers of two digits and more."""
    digits = len(badge_text(marks))
    return (RADIUS * 2 + max(0, digits - 1) * 6.0, RADIUS * 2)


def badge_text(marks: Marks) -> str:
    """What stands in the badge; severe threats carry an exclamation mark, not only a colour."""
    number = str(marks.count) if marks.count < 100 else "99+"
    return number + ("!" if marks.severity in ("critical", "high") else "")


def draw_badge(painter: QPainter, look: Look, marks: Marks, centre: QPointF) -> None:
    """Paint the number of open threats around a point."""
    width, height = badge_size(marks)
    box = QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)
    painter.setPen(look.badge_pen)
    painter.setBrush(look.badge_brushes[marks.severity])
    painter.drawRoundedRect(box, RADIUS, RADIUS)
    painter.setPen(look.badge_text)
    painter.setFont(look.badge_face.font)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, badge_text(marks))


def draw_lock(painter: QPainter, look: Look, centre: QPointF) -> None:
    """Paint a small padlock around a point."""
    x, y = centre.x(), centre.y()
    painter.setPen(look.lock_pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(x - 3.2, y - 7.0, 6.4, 8.0), 0, 180 * 16)
    painter.setBrush(look.lock_brush)
    painter.drawRoundedRect(QRectF(x - 5.0, y - 3.0, 10.0, 8.0), 1.5, 1.5)
    painter.drawLine(QPointF(x, y - 0.5), QPointF(x, y + 2.0))
