"""The view with its paper, grid, marks, hints and focus ring."""

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QRect, QRectF, Signal
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import QGraphicsView, QPushButton, QWidget

from canvas.overlays.grid import LINES, paint_grid
from canvas.overlays.hints import EmptyHint, FocusRing
from canvas.overlays.inks import inks_of
from canvas.overlays.layer import OverlayLayer
from canvas.overlays.marks import Mark
from canvas.pan_zoom import PanZoomView
from canvas.scene import DiagramScene

RIM: Final = 2


class DressedView(PanZoomView):
    """Paints what is not part of the diagram: behind it, over it and around it."""

    grid_changed = Signal()

    def __init__(self, scene: DiagramScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.grid_shown: bool = True
        self.grid_look: str = LINES
        inks = inks_of(scene.theme)
        self._overlay = OverlayLayer(self, inks)
        self._ring = FocusRing(self, inks)
        self._hint = EmptyHint(self, inks)
        self._back = QPushButton("Back to content", self)
        self._back.setObjectName("back-to-content")
        self._back.clicked.connect(self.fit_all)
        self._back.hide()
        self._ring.lower()
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setViewportMargins(RIM, RIM, RIM, RIM)
        scene.theme_changed.connect(self._follow_theme)
        scene.content_changed.connect(self._follow_content)
        self.looks_elsewhere.connect(self._follow_look)

    def show_marks(self, marks: Iterable[Mark]) -> None:
        """Paint these marks over the diagram."""
        self._overlay.show(marks)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks on show."""
        return self._overlay.marks

    def set_grid(self, shown: bool, look: str | None = None) -> None:
        """Show or hide the grid, as "lines" or "dots"."""
        self.grid_shown, self.grid_look = shown, look or self.grid_look
        self.viewport().update()
        self.grid_changed.emit()

    # --- keeping up -----------------------------------------------------------------------------
    def _follow_theme(self) -> None:
        inks = inks_of(self.diagram_scene.theme)
        self._overlay.inks = self._ring.inks = self._hint.inks = inks
        for widget in (self.viewport(), self._ring, self._hint):
            widget.update()

    def _follow_content(self) -> None:
        self._hint.setVisible(self.diagram_scene.is_empty)
        if not self.diagram_scene.previewed:
            self._follow_look()

    def _follow_look(self) -> None:
        content = self.diagram_scene.content_rect()
        away = not content.isNull() and not content.intersects(self.visible_area())
        if away != self._back.isVisibleTo(self):
            self._back.setVisible(away)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What lies over the viewport keeps its place."""
        super().resizeEvent(event)
        self._ring.setGeometry(self.viewport().geometry().adjusted(-RIM, -RIM, RIM, RIM))
        self._hint.place(QRectF(self.viewport().geometry()))
        self._back.adjustSize()
        below = self.viewport().geometry()
        self._back.move(below.center().x() - self._back.width() // 2, below.bottom() - 48)
        self._fit_area(self.visible_area())
        self._moved()

    # --- painting -------------------------------------------------------------------------------
    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Paper and grid, for the exposed part."""
        rect = QRectF(rect)
        painter.fillRect(rect, QColor(self.diagram_scene.theme.background))
        if self.grid_shown:
            paint_grid(painter, rect, self.zoom, self._overlay.inks, self.grid_look)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """The marks of the tools."""
        self._overlay.paint(painter, QRectF(rect))
