"""Where everybody is, by the latest that was heard: the diagram, the place in it, what is selected."""

from collections.abc import Collection, Iterator

from app.domain.presence import CursorAt, SelectionOf, Sight, TypingOf, ViewportOf
from app.domain.values import Point


class Whereabouts:
    """Plain memory; nothing in it grows beyond the people who are there."""

    def __init__(self) -> None:
        self._latest: dict[str, dict[type[Sight], Sight]] = {}
        self._diagrams: dict[str, str] = {}

    def hear(self, sight: Sight) -> bool:
        """Remember something; tells whether somebody is in another diagram now."""
        who = sight.participant_id
        if not isinstance(sight, TypingOf):  # several at a time, and soon over
            self._latest.setdefault(who, {})[type(sight)] = sight
        was = self._diagrams.get(who)
        self._diagrams[who] = sight.diagram_id
        return was != sight.diagram_id

    def keep(self, participant_ids: Collection[str]) -> None:
        """Forget everybody else."""
        for gone in self._diagrams.keys() - set(participant_ids):
            self._diagrams.pop(gone)
            self._latest.pop(gone, None)

    def diagram_of(self, participant_id: str) -> str:
        """The diagram that somebody is in; empty when that is not known."""
        return self._diagrams.get(participant_id, "")

    def place_of(self, participant_id: str) -> Point | None:
        """Where somebody points, else the middle of what somebody sees; None when neither is known."""
        found = self._latest.get(participant_id, {})
        here = self._diagrams.get(participant_id)
        cursor, seen = found.get(CursorAt), found.get(ViewportOf)
        if isinstance(cursor, CursorAt) and cursor.diagram_id == here and cursor.position is not None:
            return cursor.position
        return seen.centre if isinstance(seen, ViewportOf) and seen.diagram_id == here else None

    def selection_of(self, participant_id: str) -> tuple[str, ...]:
        """What somebody has selected where he is."""
        found = self._latest.get(participant_id, {}).get(SelectionOf)
        here = self._diagrams.get(participant_id)
        return found.cells if isinstance(found, SelectionOf) and found.diagram_id == here else ()

    def in_diagram(self, diagram_id: str) -> Iterator[Sight]:
        """The latest that was heard about a diagram: for a view of it that has just been opened."""
        for sights in self._latest.values():
            yield from (one for one in sights.values() if one.diagram_id == diagram_id)
