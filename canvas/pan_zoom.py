"""A graphics view that scrolls without end, zooms about the pointer and fits what it is asked to."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QNativeGestureEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QGraphicsView, QPinchGesture, QWidget

from canvas import camera
from canvas.scene import DiagramScene


class PanZoomView(QGraphicsView):
    """Wheel, pinch and scroll bars; where it looks is nobody's edit and never undone."""

    zoom_changed = Signal(float)
    looks_elsewhere = Signal()

    def __init__(self, scene: DiagramScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.diagram_scene = scene
        self.wheel_zooms = False
        self._zoom = 1.0
        self._looking = False
        self._area = QRectF()
        self._scrolled = QPointF()  # parts of a pixel that were scrolled and do not show yet
        self._swipe_zooms = False
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)

    # --- where it looks -------------------------------------------------------------------------
    @property
    def zoom(self) -> float:
        """Pixels per scene unit."""
        return self._zoom

    def visible_area(self) -> QRectF:
        """The part of the diagram on show, in scene units."""
        size = self.viewport().size()
        box = QRectF(0, 0, size.width(), size.height())
        return self.viewportTransform().inverted()[0].mapRect(box)

    def scene_point(self, at: QPointF) -> QPointF:
        """A place of the viewport, to parts of a pixel, in scene units."""
        return self.viewportTransform().inverted()[0].map(at)

    @property
    def view_middle(self) -> QPointF:
        """The middle of the viewport, in its pixels."""
        size = self.viewport().size()
        return QPointF(size.width() / 2, size.height() / 2)

    def zoom_to(self, zoom: float, about: QPointF | None = None) -> None:
        """Zoom while the place `about` (pixels of the viewport, else its middle) stays where it is."""
        about = self.view_middle if about is None else about
        fixed = self.scene_point(about)
        self._set_zoom(zoom)
        self._look(fixed, about)

    def _set_zoom(self, zoom: float) -> None:
        wanted = camera.bounded(zoom)
        if wanted == self._zoom:
            return
        self._zoom = wanted
        self._fit_area(self.visible_area())
        self.setTransform(QTransform.fromScale(wanted, wanted))
        self.zoom_changed.emit(wanted)

    def look_at(self, middle: QPointF, zoom: float | None = None) -> None:
        """Put a place of the diagram in the middle."""
        if zoom is not None:
            self._set_zoom(zoom)
        self._look(middle, self.view_middle)

    def _look(self, place: QPointF, at: QPointF) -> None:
        """Scroll so that a place of the diagram comes to lie at a place of the viewport."""
        size = self.viewport().size()
        corner = place - at / self._zoom
        seen = QRectF(corner, QSizeF(size.width() / self._zoom, size.height() / self._zoom))
        self._fit_area(seen)
        self._looking = True
        self.horizontalScrollBar().setValue(round(corner.x() * self._zoom))
        self.verticalScrollBar().setValue(round(corner.y() * self._zoom))
        self._looking = False
        self._moved()

    def scroll_pixels(self, dx: float, dy: float) -> None:
        """Scroll by pixels, growing the ground where it ends."""
        self._look(self.scene_point(QPointF(dx, dy)), QPointF(0, 0))

    def _fit_area(self, seen: QRectF) -> None:
        """The ground that the scroll bars span: what is there and what is seen, with some room."""
        room = QRectF(seen)
        content = self.diagram_scene.content_rect()
        if not content.isNull():
            room = room.united(content)
        keep = self._area.united(room)
        if self._area.contains(room) and keep.width() < 6 * room.width() + 4000:
            return
        self._area = room.adjusted(-seen.width(), -seen.height(), seen.width(), seen.height())
        self.setSceneRect(self._area)

    def _moved(self) -> None:
        self.diagram_scene.set_view(self._zoom, self.visible_area())
        self.looks_elsewhere.emit()

    # --- what it is asked for -------------------------------------------------------------------
    def zoom_in(self) -> None:
        """The next round step closer."""
        self.zoom_to(camera.stepped(self._zoom, 1))

    def zoom_out(self) -> None:
        """The next round step away."""
        self.zoom_to(camera.stepped(self._zoom, -1))

    def fit(self, area: QRectF) -> None:
        """Show an area of the diagram whole."""
        if area.isNull():
            self.look_at(QPointF(0, 0), 1.0)
            return
        size = self.viewport().size()
        self.look_at(area.center(), camera.fitted(area, QSizeF(size.width(), size.height())))

    def fit_all(self) -> None:
        """Show everything."""
        self.fit(self.diagram_scene.content_rect())

    def fit_selection(self) -> None:
        """Show what is selected whole; everything when nothing is."""
        selected = self.diagram_scene.selected
        self.fit(self.diagram_scene.bounds_of(selected)) if selected else self.fit_all()

    def reveal(self, cell_ids: list[str]) -> None:
        """Scroll just so far that these cells are in sight."""
        box = self.diagram_scene.bounds_of(cell_ids)
        if box.isNull():
            return
        margin = 40 / self._zoom
        seen = self.visible_area().adjusted(margin, margin, -margin, -margin)
        dx = _shortest(box.left(), box.right(), seen.left(), seen.right())
        dy = _shortest(box.top(), box.bottom(), seen.top(), seen.bottom())
        if dx or dy:
            self.scroll_pixels(dx * self._zoom, dy * self._zoom)

    # --- wheel and fingers ----------------------------------------------------------------------
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl or Alt zoom about the pointer. Parts of a notch count as they come."""
        held = event.modifiers()
        angle, pixels = event.angleDelta(), event.pixelDelta()
        if event.phase() is not Qt.ScrollPhase.ScrollMomentum:
            # What a swipe began as it stays while it runs out, whatever key goes down meanwhile.
            keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
            self._swipe_zooms = bool(held & keys) != self.wheel_zooms
        if self._swipe_zooms:
            # Alt turns the wheel sideways on some platforms.
            delta = angle.y() or angle.x()
            self.zoom_to(camera.wheeled(self._zoom, delta), event.position())
        else:
            way = QPointF(pixels) if not pixels.isNull() else QPointF(angle) * 0.5
            if held & Qt.KeyboardModifier.ShiftModifier and way.x() == 0:
                way = QPointF(way.y(), 0.0)
            way += self._scrolled
            whole = QPointF(round(way.x()), round(way.y()))
            self._scrolled = way - whole
            self.scroll_pixels(-whole.x(), -whole.y())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Pinching, as touch screens and touch pads report it."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_to(self._zoom * (1 + event.value()), event.position())
                return True
        elif event.type() is QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                about = self.viewport().mapFromGlobal(pinch.centerPoint())
                self.zoom_to(self._zoom * pinch.scaleFactor(), about)
                return True
        return super().viewportEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """The scroll bars were moved."""
        super().scrollContentsBy(dx, dy)
        if not self._looking:
            self._moved()


def _shortest(low: float, high: float, least: float, most: float) -> float:
    """How far a window from least to most must go to show low to high, or else its beginning."""
    if low < least or high - low > most - least:
        return low - least
    return max(0.0, high - most)
