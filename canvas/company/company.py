"""The people in a diagram besides oneself, as one view shows them."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QPointF, QTimer, Signal

from app.domain.presence import CursorAt, Person, SelectionOf, TypingOf
from app.domain.values import Point
from canvas.company.marks import CursorMark, OutlineMark, RouteMark, TrailMark, TypingMark, shortened
from canvas.company.tracks import TRAIL, Track
from canvas.overlays.marks import Mark
from canvas.scene import DiagramScene

FRAME_MS: Final = 33
LAPSE_MS: Final = 500
FLASH: Final = 1.5
MOST_FLASHES: Final = 80  # the latest; more at a time say nothing more
MOST_OUTLINED: Final = 60  # of one person; more of them say nothing more


@dataclass(frozen=True, slots=True)
class _Flash:
    person: Person
    since: float


class Company(QObject):
    """Keeps what is known of others and turns it into marks; the latest word of each counts.

    `changed` asks the view to show `marks()` anew. `reduced_motion`: nothing glides or glows.
    """

    changed = Signal()

    def __init__(
        self, scene: DiagramScene, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self.reduced_motion = False
        self._scene = scene
        self._clock = clock
        self._people: dict[str, Person] = {}
        self._tracks: dict[str, Track] = {}
        self._selections: dict[str, tuple[str, ...]] = {}
        self._typing: dict[tuple[str, str], str] = {}
        self._flashes: dict[str, _Flash] = {}
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)

    # --- what is heard ---------------------------------------------------------------------------
    def set_people(self, people: Iterable[Person]) -> None:
        """Who is there now. Nothing is shown of anybody else, of oneself, or of who is away."""
        self._people = {p.participant_id: p for p in people if not p.is_me and not p.away}
        for kept in (self._tracks, self._selections):
            for gone in kept.keys() - self._people.keys():
                del kept[gone]
        self._typing = {key: text for key, text in self._typing.items() if key[0] in self._people}
        self._show()

    def hear_cursor(self, cursor: CursorAt) -> None:
        """Somebody's pointer moved, or left."""
        if not self._concerns(cursor.participant_id, cursor.diagram_id) or cursor.position is None:
            left = self._tracks.pop(cursor.participant_id, None)
            if left is not None:
                self._show()
            return
        now, track = self._clock(), self._tracks.get(cursor.participant_id)
        if track is None:
            track = self._tracks[cursor.participant_id] = Track.at(cursor.position, now)
        track.hear(cursor.position, now, laser=cursor.laser)
        self._pace(FRAME_MS)

    def hear_selection(self, selection: SelectionOf) -> None:
        """Somebody selected something else."""
        if self._concerns(selection.participant_id, selection.diagram_id) and selection.cells:
            self._selections[selection.participant_id] = selection.cells
        else:
            self._selections.pop(selection.participant_id, None)
        self._show()

    def hear_typing(self, typing: TypingOf) -> None:
        """Somebody types, or is done with it."""
        key = (typing.participant_id, typing.record_id)
        if self._concerns(typing.participant_id, typing.diagram_id) and typing.text:
            self._typing[key] = typing.text
        else:
            self._typing.pop(key, None)
        self._show()

    def mark_changed(self, cell_ids: Iterable[str], person: Person) -> None:
        """Somebody changed these cells just now."""
        now = self._clock()
        for cell_id in cell_ids:
            self._flashes.pop(cell_id, None)
            self._flashes[cell_id] = _Flash(person, now)
        # While something moves, the next frame shows it.
        if not (self._timer.isActive() and self._timer.interval() == FRAME_MS):
            self._show()

    def author_of(self, cell_id: str) -> str:
        """Who changed a cell a moment ago; empty when nobody is known to have."""
        flash = self._flashes.get(cell_id)
        return flash.person.name if flash is not None else ""

    def clear(self) -> None:
        """The session is over."""
        self._flashes.clear()
        self.set_people(())

    def _concerns(self, participant_id: str, diagram_id: str) -> bool:
        return participant_id in self._people and diagram_id == self._scene.diagram_id

    # --- what is shown ---------------------------------------------------------------------------
    def marks(self) -> list[Mark]:
        """All there is to paint at this moment: what changed below, cursors on top."""
        now = self._clock()
        return [*self._flashing(now), *self._outlines(), *self._words(), *self._cursors(now)]

    def _flashing(self, now: float) -> Iterable[Mark]:
        self._flashes = {i: f for i, f in self._flashes.items() if now - f.since < FLASH}
        named: set[str] = set()
        for cell_id, flash in list(self._flashes.items())[-MOST_FLASHES:]:
            if self._scene.shown(cell_id) is None:
                continue
            name = "" if flash.person.name in named else shortened(flash.person.name)
            named.add(flash.person.name)
            strength = 1.0 if self.reduced_motion else max(0.01, 1 - (now - flash.since) / FLASH)
            yield self._around(cell_id, flash.person.colour, name, strength)

    def _outlines(self) -> Iterable[Mark]:
        for participant_id, cells in self._selections.items():
            person = self._people[participant_id]
            name = shortened(person.name)
            for cell_id in cells[:MOST_OUTLINED]:
                if self._scene.shown(cell_id) is not None:
                    yield self._around(cell_id, person.colour, name)
                    name = ""

    def _around(self, cell_id: str, colour: str, name: str, strength: float = 0.0) -> Mark:
        route = tuple(self._scene.route_points(cell_id))
        if len(route) > 1:
            return RouteMark(route, self._scene.label_rect(cell_id), colour, name, strength)
        return OutlineMark(self._scene.bounds_of([cell_id]), colour, name, strength)

    def _words(self) -> Iterable[Mark]:
        for (participant_id, record_id), text in self._typing.items():
            box = self._scene.bounds_of([record_id])
            if not box.isNull():
                person = self._people[participant_id]
                words = f"{shortened(person.name, 16)}: {shortened(text, 40)}…"
                yield TypingMark(box, words, person.colour)

    def _cursors(self, now: float) -> Iterable[Mark]:
        self._tracks = {i: t for i, t in self._tracks.items() if not t.is_silent(now)}
        for participant_id, track in self._tracks.items():
            person = self._people[participant_id]
            trail = tuple((glow, _point(at)) for glow, at in track.fading(now))
            if trail:
                yield TrailMark(trail, person.colour)
            place = track.stop if self.reduced_motion else track.place(now)
            words = person.initials if track.is_still(now) else shortened(person.name)
            yield CursorMark(_point(place), words, person.colour, person.is_presenter)

    def _show(self) -> None:
        self.changed.emit()
        self._run()

    def _tick(self) -> None:
        self.changed.emit()
        self._run()

    def _run(self) -> None:
        """Look again at the next frame while something moves, now and then while somebody is there."""
        now = self._clock()
        lively = any(not t.arrived(now) or (now - t.moved < TRAIL and t.trail) for t in self._tracks.values())
        if lively or self._flashes or any(now - t.heard < 0.1 for t in self._tracks.values()):
            self._pace(FRAME_MS)
        elif self._tracks:
            self._pace(LAPSE_MS)
        else:
            self._timer.stop()

    def _pace(self, interval: int) -> None:
        if not self._timer.isActive() or self._timer.interval() != interval:
            self._timer.start(interval)


def _point(at: Point) -> QPointF:
    return QPointF(at.x, at.y)
