"""The layer of marks over a diagram: repaints only what changed."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QRegion, QTransform
from PySide6.QtWidgets import QGraphicsView

from canvas.overlays.inks import Inks
from canvas.overlays.marks import Mark


class OverlayLayer:
    """The marks on show in one view."""

    def __init__(
        self, view: QGraphicsView, inks: Inks, refresh: Callable[[QRegion], object] | None = None
    ) -> None:
        self._view = view
        self._repaint = refresh or view.viewport().update
        self.inks = inks
        self._marks: tuple[Mark, ...] = ()
        self._covered: tuple[QRectF, ...] = ()
        self._to_view = QTransform()

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What is on show."""
        return self._marks

    def show(self, marks: Iterable[Mark]) -> None:
        """Show exactly these marks."""
        wanted = tuple(marks)
        to_view = self._view.viewportTransform()
        same_place = to_view == self._to_view
        if same_place and wanted == self._marks:
            return
        # Most marks stay from one call to the next: their bounds are known.
        known = {id(m): b for m, b in zip(self._marks, self._covered, strict=True)} if same_place else {}
        covered = tuple(known.get(id(mark)) or mark.bounds(to_view) for mark in wanted)
        self._to_view = to_view
        kept = set(map(id, self._marks)) & set(map(id, wanted)) if same_place else set()
        before = [b for m, b in zip(self._marks, self._covered, strict=True) if id(m) not in kept]
        after = [b for m, b in zip(wanted, covered, strict=True) if id(m) not in kept]
        self._marks, self._covered = wanted, covered
        self._refresh(before, after)

    def _refresh(self, before: list[QRectF], after: list[QRectF]) -> None:
        region = QRegion()
        if len(before) == len(after):
            # Mostly the same marks a little further on: one area for each is enough.
            steps = list(zip(before, after, strict=True))
            before = [one for one, other in steps if not one.intersects(other)]
            after = [other.united(one) if one.intersects(other) else other for one, other in steps]
        for area in (*before, *after):
            region += area.toAlignedRect().adjusted(-1, -1, 1, 1)
        self._repaint(region)

    def paint(self, painter: QPainter, exposed: QRectF) -> None:
        """Paint what is on show; `exposed` is in scene units."""
        if not self._marks:
            return
        to_view = self._view.viewportTransform()
        area = to_view.mapRect(exposed).adjusted(-1, -1, 1, 1)
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        known = to_view == self._to_view
        for mark, covered in zip(self._marks, self._covered, strict=True):
            if (covered if known else mark.bounds(to_view)).intersects(area):
                mark.paint(painter, to_view, self.inks)
        painter.restore()
