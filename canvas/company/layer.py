"""The layer of other people. Cursors move all the time: each is painted once and stamped from then on."""

from collections.abc import Callable, Iterable
from math import ceil
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap, QRegion, QTransform
from PySide6.QtWidgets import QGraphicsView

from canvas.company.marks import CursorMark
from canvas.overlays.inks import Inks
from canvas.overlays.layer import OverlayLayer
from canvas.overlays.marks import Mark

MOST_STAMPS: Final = 400  # a person has two or three: with the name, with initials, as presenter
_TIP: Final = 4  # where the tip of the arrow is in its stamp, clear of the edge
_STEP: Final = 32


class CompanyLayer(OverlayLayer):
    """The marks of other people in one view, cursors on top.

    With fifty cursors, what is asked of Qt for each of them at each step is what counts; so places are
    reckoned here, in whole pixels, which nobody sees in something that moves.
    """

    def __init__(self, view: QGraphicsView, inks: Inks, refresh: Callable[[QRegion], object]) -> None:
        super().__init__(view, inks, refresh)
        self._cursors: tuple[CursorMark, ...] = ()
        self._placed: list[tuple[int, int, QPixmap]] = []
        self._areas: list[tuple[int, int, int, int]] = []
        self._stamps: dict[tuple[str, str, bool], tuple[QPixmap, int, int]] = {}
        self._stamped_for: tuple[Inks, float] = (inks, 0.0)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """See OverlayLayer."""
        return (*super().marks, *self._cursors)

    def show(self, marks: Iterable[Mark]) -> None:
        """See OverlayLayer."""
        wanted = tuple(marks)
        cursors = tuple(mark for mark in wanted if isinstance(mark, CursorMark))
        if cursors or self._cursors:
            self._move(cursors)
        super().show(mark for mark in wanted if not isinstance(mark, CursorMark))

    def _move(self, cursors: tuple[CursorMark, ...]) -> None:
        to_view = self._view.viewportTransform()
        scale, dx, dy = to_view.m11(), to_view.dx() - _TIP, to_view.dy() - _TIP
        self._forget_stamps()
        placed, areas, region = [], [], QRegion()
        for mark in cursors:
            stamp, width, height = self._stamp(mark)
            left, top = round(mark.at.x() * scale + dx), round(mark.at.y() * scale + dy)
            placed.append((left, top, stamp))
            # In steps: of rectangles at any height Qt would make a region of hundreds of pieces.
            areas.append(
                (left // _STEP, top // _STEP, (left + width) // _STEP + 1, (top + height) // _STEP + 1)
            )
        for x, y, right, bottom in {*self._areas, *areas}:
            region += QRect(x * _STEP, y * _STEP, (right - x) * _STEP, (bottom - y) * _STEP)
        self._cursors, self._placed, self._areas = cursors, placed, areas
        self._repaint(region)

    def paint(self, painter: QPainter, exposed: QRectF) -> None:
        """See OverlayLayer."""
        super().paint(painter, exposed)
        if self._placed:
            painter.save()
            painter.resetTransform()
            for left, top, stamp in self._placed:
                painter.drawPixmap(left, top, stamp)
            painter.restore()

    def _forget_stamps(self) -> None:
        look = (self.inks, self._view.devicePixelRatioF())
        if self._stamped_for != look or len(self._stamps) > MOST_STAMPS:
            self._stamps, self._stamped_for = {}, look

    def _stamp(self, mark: CursorMark) -> tuple[QPixmap, int, int]:
        key = (mark.flag, mark.colour, mark.large)
        found = self._stamps.get(key)
        if found is None:
            found = self._stamps[key] = self._made(mark)
        return found

    def _made(self, mark: CursorMark) -> tuple[QPixmap, int, int]:
        """The picture of a cursor, and its width and height in pixels of the viewport."""
        ratio = self._stamped_for[1]
        alone = CursorMark(QPointF(_TIP, _TIP), mark.flag, mark.colour, mark.large)
        whole = alone.bounds(QTransform()).bottomRight()
        stamp = QPixmap(ceil(whole.x() * ratio), ceil(whole.y() * ratio))
        stamp.setDevicePixelRatio(ratio)
        stamp.fill(Qt.GlobalColor.transparent)
        painter = QPainter(stamp)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        alone.paint(painter, QTransform(), self.inks)
        painter.end()
        return stamp, ceil(whole.x()) + 1, ceil(whole.y()) + 1
