"""Who is there and what they point at, as plain values: never stored, never part of the log.

Colours are `#rrggbb`, places are scene units. A person is one connection of one user.
"""

import msgspec

from app.domain.values import Point


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in the session."""

    participant_id: str
    user_id: str
    name: str
    colour: str
    role: str = "writer"
    is_presenter: bool = False
    is_host: bool = False
    is_me: bool = False
    away: bool = False

    @property
    def initials(self) -> str:
        """One or two letters that stand for the name."""
        words = self.name.replace("@", " ").replace(".", " ").split()
        letters = [word[0] for word in (words[:1] + words[1:][-1:])]
        return "".join(letters).upper() or "?"


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody in a session. `me`, `host` and `presenter` are participant ids, empty for nobody.

    `asking` are those who would like to present, as the host is told; `muted`: only the host's edits, and
    the presenter's, are taken.
    """

    people: tuple[Person, ...] = ()
    me: str = ""
    host: str = ""
    presenter: str = ""
    asking: tuple[str, ...] = ()
    muted: bool = False

    def person(self, participant_id: str) -> Person | None:
        """Somebody who is there, None when nobody of that id is."""
        return next((one for one in self.people if one.participant_id == participant_id), None)

    @property
    def count(self) -> int:
        """How many people are there: nobody twice, and nobody who is away."""
        return len({one.user_id for one in self.people if not one.away})

    @property
    def i_host(self) -> bool:
        """Whether the session is one's own to lead."""
        return bool(self.me) and self.me == self.host

    @property
    def i_present(self) -> bool:
        """Whether everybody looks at what one shows."""
        return bool(self.me) and self.me == self.presenter

    @property
    def i_am_muted(self) -> bool:
        """Whether one's edits are not taken now; all windows of a user are alike."""
        speakers = {one.user_id for one in self.people if one.is_host or one.is_presenter}
        mine = self.person(self.me)
        return self.muted and mine is not None and mine.user_id not in speakers


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of somebody's doings in one diagram at one moment."""

    participant_id: str
    diagram_id: str


class CursorAt(Sight, frozen=True, kw_only=True):
    """Where somebody's pointer is; None when it left the diagram. `laser` while it draws a trail."""

    position: Point | None
    laser: bool = False


class SelectionOf(Sight, frozen=True, kw_only=True):
    """What somebody has selected."""

    cells: tuple[str, ...] = ()


class ViewportOf(Sight, frozen=True, kw_only=True):
    """What somebody sees: the centre, pixels per scene unit, and the size seen, if that is known."""

    centre: Point
    zoom: float
    width: float = 0.0
    height: float = 0.0


class TypingOf(Sight, frozen=True, kw_only=True):
    """Unfinished text of a property of a record; empty when it is finished or dropped."""

    record_id: str
    property: str = "label"
    text: str = ""
