"""The view with its paper, grid, marks, hints and focus ring."""

from collections.abc import Iterable
from typing import Final, Protocol

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QCursor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGraphicsView, QPushButton, QWidget

from app.domain.presence import ViewportOf
from canvas import camera
from canvas.company.backdrop import Backdrop
from canvas.company.company import Company
from canvas.company.following import Following
from canvas.company.laser import Laser
from canvas.company.layer import CompanyLayer
from canvas.company.sharing import Sharing
from canvas.overlays.grid import LINES, paint_grid
from canvas.overlays.hints import EmptyHint, FocusRing
from canvas.overlays.inks import inks_of
from canvas.overlays.layer import OverlayLayer
from canvas.overlays.marks import Mark
from canvas.overlays.overview_map import FEW, OverviewMap
from canvas.pan_zoom import PanZoomView
from canvas.scene import DiagramScene

RIM: Final = 2


class Layer(Protocol):
    """Something painted over the diagram, below the marks of the tools."""

    def paint(self, painter: QPainter, exposed: QRectF) -> None: ...


class DressedView(PanZoomView):
    """Paints what is not part of the diagram: behind it, over it and around it."""

    grid_changed = Signal()
    overview_toggled = Signal(bool)  # by the user, who wants to find it so again
    pointer_moved = Signal(QPointF)

    def __init__(self, scene: DiagramScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.grid_shown: bool = True
        self.grid_look: str = LINES
        inks = inks_of(scene.theme)
        self._overlay = OverlayLayer(self, inks)
        self.layers: list[Layer] = []
        self._below_only = self._is_bare = False
        self._rim = RIM
        self._backdrop = Backdrop(self, self._paint_below)
        self._company_layer = CompanyLayer(self, inks, self._backdrop.ask)
        self.company = Company(scene, self)
        self.laser = Laser(self)
        self._ring = FocusRing(self, inks)
        self._hint = EmptyHint(self, inks)
        self._back = QPushButton("Back to content", self)
        self._back.setObjectName("back-to-content")
        self._back.clicked.connect(self.fit_all)
        self._back.hide()
        self._overview_wanted: bool | None = None
        self._map = OverviewMap(self, scene, inks)
        self._map.moved_to.connect(self.look_at)
        self._map.zoomed_by.connect(self._zoom_from_map)
        self._ring.lower()
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setViewportMargins(RIM, RIM, RIM, RIM)
        scene.theme_changed.connect(self._follow_theme)
        scene.content_changed.connect(self._follow_content)
        self.looks_elsewhere.connect(self._follow_look)
        self.company.changed.connect(self.show_company)

    def keep_company(self) -> None:
        """Tell others of this view and be able to follow them, once it hears of its own selection."""
        self.sharing = Sharing(self)
        self.following = Following(self)

    def show_marks(self, marks: Iterable[Mark]) -> None:
        """Paint these marks over the diagram."""
        self._overlay.show(marks)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks on show."""
        return self._overlay.marks

    @property
    def company_marks(self) -> tuple[Mark, ...]:
        """What is on show of other people."""
        return self._company_layer.marks

    def chosen(self) -> tuple[str, ...]:
        """What is selected, as others are told."""
        return tuple(sorted(self.diagram_scene.selected))

    def pointer_scene_place(self) -> QPointF | None:
        """Where in the diagram the pointer is, None when it is elsewhere."""
        viewport = self.viewport()
        if not viewport.underMouse():
            return None
        return self.scene_point(viewport.mapFromGlobal(QPointF(QCursor.pos())))

    def follow(self, viewport: ViewportOf) -> None:
        """Look where somebody else looks, until `following.ended`."""
        self.following.follow(viewport)

    def show_company(self) -> None:
        """Paint other people, and one's own laser, as they are at this moment."""
        self._company_layer.show([*self.company.marks(), *self.laser.marks()])
        self._backdrop.turn(bool(self.company_marks))

    def set_grid(self, shown: bool, look: str | None = None) -> None:
        """Show or hide the grid, as "lines" or "dots"."""
        self.grid_shown, self.grid_look = shown, look or self.grid_look
        self._backdrop.outdate()
        self.viewport().update()
        self.grid_changed.emit()

    @property
    def overview_shown(self) -> bool:
        """Whether the overview is in its corner."""
        return self._map.isVisibleTo(self)

    def set_overview(self, wanted: bool | None) -> None:
        """Show the overview or not; None shows it in diagrams that are not quite small."""
        self._overview_wanted = wanted
        self._follow_overview()

    def toggle_overview(self) -> None:
        """Show or hide the overview from now on."""
        self.set_overview(not self.overview_shown)
        self.overview_toggled.emit(self.overview_shown)

    def _follow_overview(self) -> None:
        wanted = self._overview_wanted
        shown = self.diagram_scene.cell_count >= FEW if wanted is None else wanted
        if shown != self.overview_shown:
            self._map.show_part(self.visible_area())
            self._map.setVisible(shown)

    def _zoom_from_map(self, delta: float) -> None:
        self.zoom_to(camera.wheeled(self.zoom, delta))

    # --- keeping up -----------------------------------------------------------------------------
    def _follow_theme(self) -> None:
        inks = inks_of(self.diagram_scene.theme)
        self._overlay.inks = self._company_layer.inks = inks
        self._ring.inks = self._hint.inks = self._map.inks = inks
        self._map.redraw()
        for widget in (self.viewport(), self._ring, self._hint):
            widget.update()

    def set_bare(self, bare: bool) -> None:
        """Leave out what is for those who edit: hints, the way back to the content, the rim."""
        self._is_bare = bare
        self._rim = 0 if bare else RIM
        self.setViewportMargins(self._rim, self._rim, self._rim, self._rim)
        self._follow_content()

    def _follow_content(self) -> None:
        self._hint.setVisible(self.diagram_scene.is_empty and not self._is_bare)
        self._follow_overview()
        self._map.outdated()
        if not self.diagram_scene.previewed:
            self._follow_look()
        elif self.company_marks:
            self.show_company()

    def _follow_look(self) -> None:
        if self.company_marks:
            self.show_company()
        self._map.show_part(self.visible_area())
        content = self.diagram_scene.content_rect()
        away = not self._is_bare and not content.isNull() and not content.intersects(self.visible_area())
        if away != self._back.isVisibleTo(self):
            self._back.setVisible(away)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What lies over the viewport keeps its place."""
        super().resizeEvent(event)
        self._ring.setGeometry(
            self.viewport().geometry().adjusted(-self._rim, -self._rim, self._rim, self._rim)
        )
        self._hint.place(QRectF(self.viewport().geometry()))
        self._back.adjustSize()
        below = self.viewport().geometry()
        self._back.move(below.center().x() - self._back.width() // 2, below.bottom() - 48)
        self._map.move(below.right() - self._map.width() - 11, below.bottom() - self._map.height() - 11)
        self._fit_area(self.visible_area())
        self._moved()

    # --- painting -------------------------------------------------------------------------------
    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Paper and grid, for the exposed part."""
        rect = QRectF(rect)
        painter.fillRect(rect, QColor(self.diagram_scene.theme.background))
        if self.grid_shown:
            paint_grid(painter, rect, self.zoom, self._overlay.inks, self.grid_look)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Where only other people have moved, the diagram is not painted anew."""
        region = event.region()
        if self._backdrop.serves(region):
            painter = QPainter(self.viewport())
            painter.setRenderHints(self.renderHints())
            self._backdrop.paint(painter, region)
            to_view = self.viewportTransform()
            painter.setTransform(to_view)
            self.drawForeground(painter, to_view.inverted()[0].mapRect(QRectF(region.boundingRect())))
            painter.end()
        else:
            super().paintEvent(event)
        self._backdrop.painted(region)

    def _paint_below(self, painter: QPainter, area: QRect) -> None:
        painter.setRenderHints(self.renderHints())
        self._below_only = True
        try:
            self.render(painter, QRectF(area), area, Qt.AspectRatioMode.IgnoreAspectRatio)
        finally:
            self._below_only = False

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """The layers, over them other people, and over these the marks of the tools."""
        if self._below_only:
            return
        for layer in self.layers:
            layer.paint(painter, QRectF(rect))
        self._company_layer.paint(painter, QRectF(rect))
        self._overlay.paint(painter, QRectF(rect))
