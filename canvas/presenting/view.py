"""The view that an audience sees: it shows, points and dims, and changes nothing."""

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.domain.presence import ViewportOf
from app.domain.values import Point
from canvas.dressed_view import DressedView
from canvas.presenting.legible import presented
from canvas.presenting.spotlight import Spotlight
from canvas.scene import DiagramScene
from canvas.theme import CanvasTheme
from canvas.tools import walking

REACH: Final = 10.0
STILL_MS: Final = 2000
DRAG: Final = 6


class PresentedView(DressedView):
    """One diagram on a large screen. A click lights an element up, a drag moves the diagram."""

    spotlight_changed = Signal(object)  # cell id or None

    def __init__(self, scene: DiagramScene, theme: CanvasTheme, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self._theme = theme
        self._pressed: QPointF | None = None
        self._dragged: QPointF | None = None
        self.spotlight = Spotlight(scene)
        self.layers.append(self.spotlight)
        self.setObjectName("presented-view")
        self.setAccessibleName("Presented diagram")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for bars in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            bars(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.keep_company()
        self.set_grid(False)
        self.set_overview(False)
        self.set_bare(True)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(STILL_MS)
        self._rest.timeout.connect(self._hide_pointer)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(120)
        self.zoom_changed.connect(lambda _zoom: self._settle.start())
        self._settle.timeout.connect(self.suit_letters)
        self.laser.turned.connect(lambda _on: self._show_pointer())

    def close_down(self) -> None:
        """No timer outlives the presentation."""
        self._rest.stop()
        self._settle.stop()
        self.laser.turn(False)
        self.following.stop()
        self.company.clear()

    # --- what is shown ---------------------------------------------------------------------------
    def set_theme(self, theme: CanvasTheme) -> None:
        """Take over other colours."""
        self._theme = theme
        self.suit_letters()

    def suit_letters(self) -> None:
        """Letters and lines as large as this zoom needs them."""
        self._settle.stop()
        self.diagram_scene.set_theme(presented(self._theme, self.zoom, self.viewport().height()))

    def show_whole(self, *, at_once: bool = False) -> None:
        """Show all of the diagram."""
        box = self.diagram_scene.content_rect()
        if box.isNull():
            box = QRectF(-400, -300, 800, 600)
        self.show_part(box.center(), 0.0, box.width() * 1.06, box.height() * 1.06, at_once=at_once)

    def show_part(
        self, centre: QPointF, zoom: float, width: float = 0.0, height: float = 0.0, *, at_once: bool = False
    ) -> None:
        """Show a place so that at least `width` x `height` is in sight, or at a zoom when they are 0."""
        about = ViewportOf(
            participant_id="", diagram_id=self.diagram_scene.diagram_id, zoom=zoom or 1.0,
            centre=Point(centre.x(), centre.y()), width=width, height=height,
        )  # fmt: skip
        self.following.follow(about, at_once=at_once)

    def light(self, cell_id: str | None) -> None:
        """Put the spotlight on an element, or take it away."""
        if cell_id != self.spotlight.cell_id:
            self.spotlight.cell_id = cell_id
            self.viewport().update()
            self.spotlight_changed.emit(cell_id)

    def walk(self, step: int) -> None:
        """Put the spotlight on the next element in reading order, or the one before."""
        scene = self.diagram_scene
        order = walking.reading_order(scene.shown_cells(), lambda cell: scene.bounds_of([cell.id]))
        found = walking.after(order, self.spotlight.cell_id, step)
        self.light(found)
        if found is not None:
            self.reveal([found])

    def light_here(self) -> None:
        """Put the spotlight on what is under the pointer; take it away where there is nothing."""
        at = self.pointer_scene_place()
        found = self.diagram_scene.cell_at(at, REACH / self.zoom) if at is not None else None
        self.light(None if found == self.spotlight.cell_id else found)

    # --- the pointer -----------------------------------------------------------------------------
    def _show_pointer(self) -> None:
        blank = self.laser.is_on
        self.viewport().setCursor(Qt.CursorShape.BlankCursor if blank else Qt.CursorShape.ArrowCursor)
        self._rest.start()

    def _hide_pointer(self) -> None:
        self.viewport().setCursor(Qt.CursorShape.BlankCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """See the class."""
        event.accept()
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the diagram along, or point."""
        event.accept()
        self._show_pointer()
        if event.buttons() & Qt.MouseButton.LeftButton and not self.laser.is_on:
            self._drag(event.position())
        place = self.scene_point(event.position())
        self.laser.move(place)
        self.pointer_moved.emit(place)

    def _drag(self, at: QPointF) -> None:
        start = self._dragged or self._pressed
        if start is None or (self._dragged is None and (at - start).manhattanLength() < DRAG):
            return
        whole = QPointF(round(at.x() - start.x()), round(at.y() - start.y()))
        self._dragged = start + whole
        self.scroll_pixels(-whole.x(), -whole.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click lights up what it hits; a second one takes the light away."""
        event.accept()
        pressed, self._pressed = self._pressed, None
        if event.button() is not Qt.MouseButton.LeftButton or pressed is None or self._dragged is not None:
            return
        if not self.laser.is_on:
            found = self.diagram_scene.cell_at(self.scene_point(event.position()), REACH / self.zoom)
            self.light(None if found == self.spotlight.cell_id else found)

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is gone."""
        super().leaveEvent(event)
        self._rest.stop()
        self.laser.move(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys are the window's."""
        event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """See keyPressEvent."""
        event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Letters suit the height of the picture."""
        super().resizeEvent(event)
        self._settle.start()
