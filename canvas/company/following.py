"""Looking where a presenter looks, until one looks elsewhere oneself."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEasingCurve, QObject, QPointF, QSize, QVariantAnimation, Signal

from app.domain.presence import ViewportOf
from canvas import camera

if TYPE_CHECKING:
    from canvas.dressed_view import DressedView

GLIDE_MS: Final = 220
_SAME_PIXELS: Final = 2.0


class Following(QObject):
    """Glides to each viewport it is given. `ended`: the user has navigated and is on his own."""

    ended = Signal()

    def __init__(self, view: "DressedView") -> None:
        super().__init__(view)
        self._view = view
        self._goal: ViewportOf | None = None
        self._start = (QPointF(), 1.0)
        self._expected = (QPointF(), 1.0, QSize())
        self._moving = False
        self._glide = QVariantAnimation(self)
        self._glide.setDuration(GLIDE_MS)
        self._glide.setStartValue(0.0)
        self._glide.setEndValue(1.0)
        self._glide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._glide.valueChanged.connect(self._step)
        view.looks_elsewhere.connect(self._looked)

    @property
    def is_on(self) -> bool:
        """Whether the view follows."""
        return self._goal is not None

    def follow(self, viewport: ViewportOf, *, at_once: bool = False) -> None:
        """Glide to what somebody sees, at once where motion is not wanted."""
        if viewport.diagram_id != self._view.diagram_scene.diagram_id:
            return
        self._goal = viewport
        self._start = (self._view.visible_area().center(), self._view.zoom)
        self._expect()
        self._glide.stop()
        if at_once or self._view.company.reduced_motion:
            self._step(1.0)
        else:
            self._glide.start()

    def stop(self) -> None:
        """Follow no longer; the view stays where it is."""
        self._goal = None
        self._glide.stop()

    def zoom_for(self, viewport: ViewportOf) -> float:
        """The zoom at which at least that is in sight; the other's own when its size is unknown."""
        if not (viewport.width > 0 and viewport.height > 0):
            return camera.bounded(viewport.zoom)
        size = self._view.viewport().size()
        fits = min(size.width() / viewport.width, size.height() / viewport.height)
        return camera.bounded(fits)

    def _step(self, share: float) -> None:
        goal = self._goal
        if goal is None:
            return
        (middle, zoom), wanted = self._start, self.zoom_for(goal)
        way = QPointF(goal.centre.x, goal.centre.y) - middle
        self._moving = True
        try:
            self._view.look_at(middle + way * share, zoom * (wanted / zoom) ** share)
        finally:
            self._moving = False
        self._expect()

    def _expect(self) -> None:
        view = self._view
        self._expected = (view.visible_area().center(), view.zoom, view.viewport().size())

    def _looked(self) -> None:
        """Somebody moved the view: oneself on the way, another size of the window, or the user."""
        if self._goal is None or self._moving:
            return
        middle, zoom, size = self._expected
        if self._view.viewport().size() != size:
            self._glide.stop()
            self._step(1.0)
            return
        way = self._view.visible_area().center() - middle
        if zoom == self._view.zoom and way.manhattanLength() * zoom < _SAME_PIXELS:
            return
        self.stop()
        self.ended.emit()
