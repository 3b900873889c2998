"""How one stands in a session, as a plain value: what panel, bar and actions show, and what may be wished."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from app.domain.presence import Company, Person
from app.ports_live import LinkStatus
from app.ports_network import RoleName


class What(StrEnum):
    """What people wish for in a session."""

    SHARE = "share"
    INVITE = "invite"
    RETRY = "retry"
    ASK = "ask"
    WITHDRAW = "withdraw"
    LET = "let"
    DENY = "deny"
    TAKE_BACK = "take back"
    STOP = "stop"
    MUTE = "mute"
    UNMUTE = "unmute"
    ROLE = "role"
    REMOVE = "remove"
    END = "end"
    FOLLOW = "follow"
    LOOK_AROUND = "look around"
    SHOW = "show"
    LASER = "laser"


class Wish(msgspec.Struct, frozen=True):
    """Something that somebody wants done. `whom` is a participant id."""

    what: What
    whom: str = ""
    role: RoleName = "reader"
    reason: str = ""


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """The people, the connection, and one's own part. No `link`: the model is this computer's alone.

    `waiting` own changes have not reached the server, which was last followed at `seen_at`. `places` are the
    names of diagrams by the participants who are in them. `held`: one follows, but is in the midst of
    something that must not be disturbed.
    """

    company: Company = Company()
    link: LinkStatus | None = None
    waiting: int = 0
    seen_at: str = ""
    following: bool = False
    held: bool = False
    laser: bool = False
    places: Mapping[str, str] = msgspec.field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether there is a session, and one is in it."""
        return self.link is not None and self.link.state == "live" and self.me is not None

    @property
    def me(self) -> Person | None:
        """Oneself."""
        return self.company.person(self.company.me)

    @property
    def presenter(self) -> Person | None:
        """Who presents, oneself included."""
        return self.company.person(self.company.presenter)

    @property
    def host(self) -> Person | None:
        """Who hosts, oneself included."""
        return self.company.person(self.company.host)

    @property
    def others(self) -> tuple[Person, ...]:
        """Everybody but oneself; one's own other windows are among them."""
        return tuple(one for one in self.company.people if one.participant_id != self.company.me)

    @property
    def led(self) -> Person | None:
        """Who presents to oneself: somebody else, or one's own other window."""
        return None if self.company.i_present else self.presenter

    @property
    def asked(self) -> bool:
        """Whether one has asked to present, and has no answer yet."""
        return bool(self.company.me) and self.company.me in self.company.asking

    @property
    def asking(self) -> tuple[Person, ...]:
        """Those who ask to present, for the host to answer, the first one first."""
        if not self.company.i_host:
            return ()
        found = map(self.company.person, self.company.asking)
        return tuple(one for one in found if one is not None)

    @property
    def i_am_muted(self) -> bool:
        """Whether one's edits are not taken, though one might edit otherwise. Windows of a user are alike."""
        me = self.me
        if me is None or not self.company.muted or me.role == "reader":
            return False
        return all(one is None or one.user_id != me.user_id for one in (self.host, self.presenter))


def why_not(now: Situation, what: What, whom: str = "") -> str:
    """The reason why something cannot be had now, "" when it can."""
    if what in (What.SHARE, What.LASER):
        return ""
    if now.link is None:
        return "This model is not shared"
    if what is What.INVITE:
        return "" if now.link.state == "live" else "You are not connected"
    if what is What.RETRY:
        return "You are connected" if now.link.state == "live" else ""
    if not now.is_live:
        return "You are not connected"
    if what in _ABOUT_SOMEBODY:
        person = now.company.person(whom)
        return "That person has left" if person is None else _ABOUT_SOMEBODY[what](now, person)
    return _ABOUT_ALL[what](now)


def _only_host(now: Situation) -> str:
    return "" if now.company.i_host else "Only the host may do that"


def _cannot_ask(now: Situation) -> str:
    if now.company.i_present:
        return "You present already"
    return "You have asked already: the host has to answer" if now.asked else ""


def _cannot_take_back(now: Situation) -> str:
    return _only_host(now) or ("You present already" if now.company.i_present else "")


def _cannot_stop(now: Situation) -> str:
    if now.presenter is None:
        return "Nobody presents"
    return "" if now.company.i_present else _only_host(now)


def _cannot_end(now: Situation) -> str:
    if now.company.i_host or (now.me is not None and now.me.role == "owner"):
        return ""
    return "Only the host and owners of the model may do that"


def _cannot_follow(now: Situation) -> str:
    if now.company.i_present:
        return "You present"
    return "" if now.presenter is not None else "Nobody presents"


def _cannot_let(now: Situation, person: Person) -> str:
    if person.is_presenter:
        return f"{person.name} presents already"
    if person.away:
        return f"{person.name} is away"
    if now.company.i_host or now.company.i_present:
        return ""
    return "Only the host and the presenter may do that"


def _cannot_deny(now: Situation, person: Person) -> str:
    asks = person.participant_id in now.company.asking
    return _only_host(now) or ("" if asks else f"{person.name} has not asked to present")


def _is_mine(now: Situation, person: Person) -> bool:
    return now.me is not None and now.me.user_id == person.user_id


def _cannot_change_role(now: Situation, person: Person) -> str:
    if now.me is None or now.me.role != "owner":
        return "Only owners of the model may do that"
    return "Another owner has to do that for you" if _is_mine(now, person) else ""


def _cannot_remove(now: Situation, person: Person) -> str:
    if _is_mine(now, person):
        return "That is you: close the window to leave"
    if person.role == "owner":
        return "Owners of the model cannot be removed"
    return _cannot_end(now)


def _cannot_show(now: Situation, person: Person) -> str:
    return "" if person.participant_id in now.places else f"It is not known where {person.name} is"


_ABOUT_ALL: Final[Mapping[What, Callable[[Situation], str]]] = {
    What.ASK: _cannot_ask,
    What.WITHDRAW: lambda now: "" if now.asked else "You have not asked",
    What.TAKE_BACK: _cannot_take_back,
    What.STOP: _cannot_stop,
    What.MUTE: lambda now: _only_host(now) or ("Edits are off already" if now.company.muted else ""),
    What.UNMUTE: lambda now: _only_host(now) or ("" if now.company.muted else "Edits are on already"),
    What.END: _cannot_end,
    What.FOLLOW: _cannot_follow,
    What.LOOK_AROUND: lambda now: "" if now.following else "You follow nobody",
}
_ABOUT_SOMEBODY: Final[Mapping[What, Callable[[Situation, Person], str]]] = {
    What.LET: _cannot_let,
    What.DENY: _cannot_deny,
    What.ROLE: _cannot_change_role,
    What.REMOVE: _cannot_remove,
    What.SHOW: _cannot_show,
}
