"""One's own laser pointer: drawn here without any network, and told to others with the pointer."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPointF, QTimer, Signal

from canvas.company.marks import TrailMark
from canvas.company.tracks import TRAIL
from canvas.overlays.marks import Mark

if TYPE_CHECKING:
    from canvas.dressed_view import DressedView

FRAME_MS: Final = 16
TAP: Final = 0.3  # a key that is down for less than this leaves the laser on
COLOUR: Final = "#e5283f"


class Laser(QObject):
    """On while its key is held, or from one tap to the next. Nothing it draws is written anywhere.

    `turned` tells that it went on or off. `colour` is one's own where people have colours.
    """

    turned = Signal(bool)

    def __init__(self, view: "DressedView", clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(view)
        self.colour = COLOUR
        self._view = view
        self._clock = clock
        self._on = False
        self._pressed: float | None = None
        self._here: QPointF | None = None
        self._trail: list[tuple[float, QPointF]] = []
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def is_on(self) -> bool:
        """Whether the pointer draws."""
        return self._on

    def turn(self, on: bool) -> None:
        """Switch it on or off; what glows fades by itself."""
        self._pressed = None
        if on is self._on:
            return
        self._on = on
        if on:
            self._here = self._view.pointer_scene_place()
            if self._here is not None:
                self._trail.append((self._clock(), self._here))
        self._run()
        self.turned.emit(on)

    def key_down(self) -> None:
        """Its key went down: on, or off when it was left on."""
        if self._on:
            self.turn(False)
        else:
            self.turn(True)
            self._pressed = self._clock()

    def key_up(self) -> None:
        """Its key went up: off, unless it was but a tap."""
        if self._pressed is not None and self._clock() - self._pressed >= TAP:
            self.turn(False)
        self._pressed = None

    def move(self, at: QPointF | None) -> None:
        """The pointer is somewhere in the diagram, or has left it. Scene units."""
        self._here = at
        if self._on and at is not None:
            self._trail.append((self._clock(), at))
        if self._on:
            self._run()

    def marks(self) -> list[Mark]:
        """The trail as it glows at this moment, with the dot at the pointer while it is on."""
        now = self._clock()
        lasting = 0.0 if self._view.company.reduced_motion else TRAIL
        self._trail = [(then, at) for then, at in self._trail if now - then < lasting]
        points = [(1 - (now - then) / lasting, at) for then, at in self._trail]
        if self._on and self._here is not None:
            points.append((1.0, self._here))
        return [TrailMark(tuple(points), self.colour, dot=self._on)] if points else []

    def _run(self) -> None:
        self._view.show_company()
        if self._trail and not self._timer.isActive():
            self._timer.start()

    def _tick(self) -> None:
        self._view.show_company()
        if not self._trail:
            self._timer.stop()
