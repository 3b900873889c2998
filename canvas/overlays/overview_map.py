"""The whole diagram in a corner of the view, with the part on show, which can be dragged."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from canvas.overlays.inks import Inks
from canvas.scene import DiagramScene

SIZE: Final = QSize(210, 150)
FEW: Final = 50
MARGIN: Final = 6.0
LEAST_SPAN: Final = 400.0
REDRAW_MS: Final = 120
LEAST_RECT: Final = 8.0


class OverviewMap(QWidget):
    """Draws the diagram into a picture when it has changed, and only that picture in each frame."""

    moved_to = Signal(QPointF)  # the place of the diagram that should be in the middle
    zoomed_by = Signal(float)  # eighths of a degree of the wheel

    def __init__(self, parent: QWidget, scene: DiagramScene, inks: Inks) -> None:
        super().__init__(parent)
        self.setObjectName("overview-map")
        self.setAccessibleName("Overview")
        self.setAccessibleDescription("The whole diagram; drag the frame to look elsewhere. M hides it")
        self.setToolTip("Drag the frame to look elsewhere")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.resize(SIZE)
        self._scene, self.inks = scene, inks
        self._seen = QRectF()
        self._picture: QPixmap | None = None
        self._to_map = QTransform()
        self._grab: QPointF | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_MS)
        self._timer.timeout.connect(self.redraw)
        self.hide()

    def show_part(self, seen: QRectF) -> None:
        """Mark the part of the diagram that is on show, in scene units."""
        if seen != self._seen:
            self._seen = seen
            self.update()

    def outdated(self) -> None:
        """The diagram has changed: draw it anew soon, once for many changes."""
        if self._picture is not None and self.isVisible() and not self._timer.isActive():
            self._timer.start()
        elif not self.isVisible():
            self._picture = None

    def redraw(self) -> None:
        """Draw the diagram anew with the next frame."""
        self._picture = None
        self.update()

    def part_rect(self) -> QRectF:
        """Where the frame of the part on show is, in pixels of this widget, never quite out of it."""
        box = self._to_map.mapRect(self._seen).intersected(QRectF(self.rect()).adjusted(2, 2, -2, -2))
        if box.width() >= LEAST_RECT and box.height() >= LEAST_RECT:
            return box
        middle = self._to_map.map(self._seen.center())
        x = max(LEAST_RECT, min(middle.x(), self.width() - LEAST_RECT))
        y = max(LEAST_RECT, min(middle.y(), self.height() - LEAST_RECT))
        width, height = max(LEAST_RECT, box.width()), max(LEAST_RECT, box.height())
        return QRectF(x - width / 2, y - height / 2, width, height)

    def _drawn(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(self.inks.background)
        area = self._scene.content_rect()
        if area.isNull():
            area = QRectF(self._seen)
        span_x, span_y = max(LEAST_SPAN, area.width()), max(LEAST_SPAN, area.height())
        room = QSize(self.width() - round(2 * MARGIN), self.height() - round(2 * MARGIN))
        scale = min(room.width() / span_x, room.height() / span_y)
        middle = QPointF(self.width() / 2, self.height() / 2) - area.center() * scale
        self._to_map = QTransform(scale, 0, 0, scale, middle.x(), middle.y())
        painter = QPainter(picture)
        painter.setTransform(self._to_map, True)
        self._scene.paint_overview(painter, scale)
        painter.end()
        return picture

    def paintEvent(self, event: QPaintEvent) -> None:
        """See the class."""
        if self._picture is None:
            self._picture = self._drawn()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        veil = QColor(self.inks.muted)
        veil.setAlpha(38)
        part, whole = self.part_rect(), QRectF(self.rect())
        for box in (
            QRectF(0, 0, whole.width(), part.top()),
            QRectF(0, part.bottom(), whole.width(), whole.height() - part.bottom()),
            QRectF(0, part.top(), part.left(), part.height()),
            QRectF(part.right(), part.top(), whole.width() - part.right(), part.height()),
        ):
            painter.fillRect(box, veil)
        painter.setPen(QPen(self.inks.accent, 2.2))
        painter.drawRect(part)
        painter.setPen(QPen(self.inks.muted, 1))
        painter.drawRect(whole.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size needs another picture."""
        self._picture = None

    # --- hands --------------------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the frame, or bring it here first."""
        event.accept()
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        part = self.part_rect()
        inside = part.contains(event.position())
        self._grab = part.center() - event.position() if inside else QPointF()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if not inside:
            self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The view follows the frame."""
        event.accept()
        if self._grab is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position() + self._grab)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """See mousePressEvent."""
        event.accept()
        self._grab = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick presses are two presses."""
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom the view."""
        event.accept()
        self.zoomed_by.emit(float(event.angleDelta().y()))

    def _go(self, middle: QPointF) -> None:
        self.moved_to.emit(self._to_map.inverted()[0].map(middle))
