"""Where somebody's cursor is between two messages, and the trail of a laser. Times are in seconds."""

from dataclasses import dataclass, field
from typing import Final

from app.domain.values import Point

STILL: Final = 2.5  # after this the flag shows initials only
SILENT: Final = 30.0  # after this a cursor is gone
TRAIL: Final = 1.2
_SOONEST: Final = 1 / 60
_LATEST: Final = 0.1


@dataclass(slots=True)
class Track:
    """One cursor on its way from where it shows to where it was last said to be."""

    start: Point
    stop: Point
    since: float
    moved: float
    heard: float
    takes: float = 0.0
    trail: list[tuple[float, Point]] = field(default_factory=list)

    @classmethod
    def at(cls, place: Point, now: float) -> "Track":
        """A cursor that has just appeared."""
        return cls(place, place, now, now, now)

    def hear(self, place: Point, now: float, *, laser: bool) -> None:
        """The cursor is said to be somewhere; it gets there in about the time between two messages."""
        if place != self.stop:
            self.start = self.place(now)
            self.takes = min(max(now - self.heard, _SOONEST), _LATEST)
            self.stop, self.since, self.moved = place, now, now
        self.heard = now
        if laser:
            self.trail.append((now, place))

    def place(self, now: float) -> Point:
        """Where it shows."""
        share = (now - self.since) / self.takes if self.takes else 1.0
        if share >= 1:
            return self.stop
        share = max(share, 0.0)
        return Point(
            self.start.x + (self.stop.x - self.start.x) * share,
            self.start.y + (self.stop.y - self.start.y) * share,
        )

    def arrived(self, now: float) -> bool:
        """Whether it stands where it was last said to be."""
        return now - self.since >= self.takes

    def is_still(self, now: float) -> bool:
        """Whether it has not moved for a while."""
        return now - self.moved >= STILL

    def is_silent(self, now: float) -> bool:
        """Whether nothing was heard for so long that it must be gone."""
        return now - self.heard >= SILENT

    def fading(self, now: float) -> tuple[tuple[float, Point], ...]:
        """The points of the trail that still glow, each with its strength from 0 to 1; drops the rest."""
        self.trail = [(then, place) for then, place in self.trail if now - then < TRAIL]
        return tuple((1 - (now - then) / TRAIL, place) for then, place in self.trail)
