"""What people do, between the domain's words and the messages of the channel."""

from collections.abc import Iterable
from typing import Final

from app.domain.presence import CursorAt, SelectionOf, Sight, TypingOf, ViewportOf
from app.domain.values import Point
from sync.protocol import messages as m

# What a message holds at most; more would be refused as a whole.
MOST_CELLS: Final = 1000
MOST_TEXT: Final = 4000
LEAST_ZOOM: Final = 0.001
MOST_ZOOM: Final = 1000.0


def message_of(sight: Sight, *, presenting: bool = False) -> m.PresenceMessage:
    """What one does as a message, cut to what a message holds; `presenting`: for those who follow."""
    diagram_id = sight.diagram_id
    match sight:
        case CursorAt(position=position, laser=laser):
            where = None if position is None else _place(position)
            if presenting:
                return m.PresenterCursor(diagram_id=diagram_id, cursor_position=where, laser=laser)
            return m.Cursor(diagram_id=diagram_id, position=where, laser=laser)
        case SelectionOf(cells=cells):
            kind = m.PresenterSelection if presenting else m.Selection
            return kind(diagram_id=diagram_id, cells=cells[:MOST_CELLS])
        case ViewportOf():
            seen = m.PresenterViewport if presenting else m.Viewport
            return seen(
                diagram_id=diagram_id, centre=_place(sight.centre),
                zoom=max(LEAST_ZOOM, min(MOST_ZOOM, sight.zoom)),
                width=_extent(sight.width), height=_extent(sight.height),
            )  # fmt: skip
        case TypingOf(record_id=record_id, property=prop, text=text):
            return m.Typing(
                diagram_id=diagram_id, record_id=record_id, property=prop[:128], text=text[:MOST_TEXT]
            )
    raise TypeError(f"no message for {type(sight).__name__}")


def _place(point: Point) -> m.Place:
    return m.Place(_within(point.x), _within(point.y))


def _within(value: float) -> float:
    return max(-m.FARTHEST, min(m.FARTHEST, value))


def _extent(value: float) -> float:
    return max(0.0, min(m.FARTHEST, value))


def is_blank(sight: Sight) -> bool:
    """Whether it says that there is nothing: of no interest to who knew of nothing."""
    match sight:
        case CursorAt(position=None) | SelectionOf(cells=()) | TypingOf(text=""):
            return True
    return False


def sight_of(message: m.PresenceMessage) -> Sight:
    """A message about what somebody does in the domain's words."""
    who, where = message.participant_id, message.diagram_id
    match message:
        case m.Cursor(position=at, laser=laser) | m.PresenterCursor(cursor_position=at, laser=laser):
            position = None if at is None else Point(at.x, at.y)
            return CursorAt(participant_id=who, diagram_id=where, position=position, laser=laser)
        case m.Selection(cells=cells) | m.PresenterSelection(cells=cells):
            return SelectionOf(participant_id=who, diagram_id=where, cells=cells)
        case m.Viewport() | m.PresenterViewport():
            return ViewportOf(
                participant_id=who, diagram_id=where, centre=Point(message.centre.x, message.centre.y),
                zoom=message.zoom, width=message.width, height=message.height,
            )  # fmt: skip
        case m.Typing(record_id=record_id, property=prop, text=text):
            return TypingOf(
                participant_id=who, diagram_id=where, record_id=record_id, property=prop, text=text
            )


class Sightings:
    """What is seen of others. Each has one unfinished text: another one ends the one before."""

    def __init__(self) -> None:
        self._typing: dict[str, TypingOf] = {}

    def of(self, entries: Iterable[m.PresenceMessage], there: frozenset[str]) -> tuple[Sight, ...]:
        """What these messages say of those who are there."""
        found: list[Sight] = []
        for entry in entries:
            if entry.participant_id not in there:
                continue
            sight = sight_of(entry)
            if isinstance(sight, TypingOf):
                found += self._finished(sight)
            found.append(sight)
        return tuple(found)

    def _finished(self, sight: TypingOf) -> Iterable[TypingOf]:
        """The text that was being typed before: of its end only the latest word, this one, may have come."""
        before = self._typing.pop(sight.participant_id, None)
        if sight.text:
            self._typing[sight.participant_id] = sight
        if before is None or (before.record_id, before.property) == (sight.record_id, sight.property):
            return ()
        return (TypingOf(
            participant_id=before.participant_id, diagram_id=before.diagram_id,
            record_id=before.record_id, property=before.property,
        ),)  # fmt: skip

    def keep(self, there: frozenset[str]) -> None:
        """Forget those who are not there."""
        self._typing = {one: sight for one, sight in self._typing.items() if one in there}
