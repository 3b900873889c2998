"""What others are told of one's own doings in a view: pointer, selection, and what is in sight."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPointF, Signal

from app.domain.values import Point
from canvas.company.throttle import Throttle

if TYPE_CHECKING:
    from canvas.dressed_view import DressedView

POINTER_MS: Final = 34  # at most 30 a second
VIEWPORT_MS: Final = 100


class Sharing(QObject):
    """Tells what a view's user does; nobody listens, nothing is lost. Places are scene units."""

    pointer = Signal(object, bool)  # Point, None when it left the diagram; whether it is a laser now
    selection = Signal(object)  # tuple[str, ...], in the order of selecting
    viewport = Signal(object, float, object)  # Point: the centre; zoom; Point: width and height seen

    def __init__(self, view: "DressedView") -> None:
        super().__init__(view)
        self._view = view
        self._watching = False
        self._pointer = Throttle(POINTER_MS, self._tell_pointer, self)
        self._at: Point | None = None
        self._viewport = Throttle(VIEWPORT_MS, self._tell_viewport, self)
        view.pointer_moved.connect(self._moved)
        view.laser.turned.connect(self._put_pointer)
        view.diagram_scene.selection_changed.connect(self._selected)
        view.looks_elsewhere.connect(self._looked)
        view.viewport().installEventFilter(self)

    def watch_viewport(self, wanted: bool) -> None:
        """Tell what is in sight, beginning with now, or no longer."""
        self._watching = wanted
        self._looked()

    def _moved(self, at: QPointF) -> None:
        self._at = Point(round(at.x(), 2), round(at.y(), 2))
        self._put_pointer()

    def _put_pointer(self) -> None:
        self._pointer.put((self._at, self._view.laser.is_on))

    def _tell_pointer(self, told: object) -> None:
        if isinstance(told, tuple):
            self.pointer.emit(*told)

    def _selected(self) -> None:
        self.selection.emit(self._view.chosen())

    def _looked(self) -> None:
        if self._watching:
            self._viewport.put(None)

    def _tell_viewport(self, _: object) -> None:
        seen = self._view.visible_area()
        middle = seen.center()
        self.viewport.emit(
            Point(round(middle.x(), 2), round(middle.y(), 2)),
            self._view.zoom,
            Point(round(seen.width(), 2), round(seen.height(), 2)),
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The pointer leaves the diagram."""
        if event.type() is QEvent.Type.Leave:
            self._at = None
            self._put_pointer()
        return False
