"""The diagram below other people as a picture, so that their cursors move without it being painted anew."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPixmap, QRegion

if TYPE_CHECKING:
    from canvas.pan_zoom import PanZoomView


class Backdrop:
    """Knows what was asked for on behalf of other people alone, and what lies there.

    Only while there is somebody: the picture takes memory, and hearing of each change takes time.
    `paint_below(painter, area)` paints background and items of an area of the viewport.
    """

    def __init__(self, view: "PanZoomView", paint_below: Callable[[QPainter, QRect], None]) -> None:
        self._view = view
        self._paint_below = paint_below
        self._picture = QPixmap()
        self._stale = QRegion()
        self._asked = QRegion()
        self._on = False
        view.looks_elsewhere.connect(self.outdate)
        view.diagram_scene.theme_changed.connect(self.outdate)
        view.diagram_scene.preview_changed.connect(self.outdate)

    def turn(self, on: bool) -> None:
        """Somebody is there, or nobody any longer."""
        if on is self._on:
            return
        self._on = on
        if on:
            self._view.diagram_scene.changed.connect(self._heard)
            self.outdate()
        else:
            self._view.diagram_scene.changed.disconnect(self._heard)
            self._picture, self._asked = QPixmap(), QRegion()

    def ask(self, region: QRegion) -> None:
        """Let a region be painted anew where only other people have changed."""
        self._asked += region
        self._view.viewport().update(region)

    def outdate(self) -> None:
        """The picture is no longer what is there."""
        self._stale = QRegion(self._view.viewport().rect())

    def _heard(self, areas: Iterable[QRectF]) -> None:
        """Something in the diagram changes; areas are in scene units."""
        to_view = self._view.viewportTransform()
        for area in areas:
            self._stale += to_view.mapRect(area).toAlignedRect().adjusted(-2, -2, 2, 2)

    def serves(self, region: QRegion) -> bool:
        """Whether nothing else has to be painted, with what is being dragged out of the way."""
        if not self._on or self._view.diagram_scene.previewed:
            return False
        return region == self._asked or region.subtracted(self._asked).isEmpty()

    def painted(self, region: QRegion) -> None:
        """All that was asked for in a region is done."""
        if region == self._asked:
            self._asked = QRegion()
        elif not self._asked.isEmpty():
            self._asked -= region

    def paint(self, painter: QPainter, region: QRegion) -> None:
        """Lay the picture under a region, brought up to date there."""
        viewport = self._view.viewport()
        ratio, size = viewport.devicePixelRatioF(), viewport.size()
        if self._picture.size() != size * ratio or self._picture.devicePixelRatio() != ratio:
            self._picture = QPixmap(size * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self.outdate()
        late = self._stale & region
        if not late.isEmpty():
            # What is stale is renewed in one go: every pass looks through the diagram.
            area = self._stale.boundingRect() & viewport.rect()
            below = QPainter(self._picture)
            below.setClipRect(area)
            self._paint_below(below, area)
            below.end()
            self._stale = QRegion()
        painter.drawPixmap(0, 0, self._picture)
