"""Who is there, from what the server says, and what of it people should be told in words."""

from typing import Final, TypeAlias

import msgspec

from app.domain.presence import Company, Person
from sync.client.channel import REASONS
from sync.protocol import messages as m

Notices: TypeAlias = list[tuple[str, str]]
ROLES: Final = {
    "reader": "You may only read this model now.",
    "writer": "You may edit this model now.",
    "owner": "You own this model now.",
}
SOMEBODY: Final = "Somebody"


class _Standing(msgspec.Struct, frozen=True):
    """How one stood when last heard of; it outlasts connections, unlike participant ids.

    `presenter` is a user.
    """

    role: str
    presenter: str
    i_host: bool
    i_present: bool
    muted: bool


class Gathering:
    """The people of one session. `hears` takes in a message; `company` is what is so then."""

    def __init__(self) -> None:
        self.company = Company()
        self._people: dict[str, m.Participant] = {}
        self._me = self._host = self._presenter = ""
        self._asking: tuple[str, ...] = ()
        self._muted = False
        self._asks = False
        self._stood: _Standing | None = None

    @property
    def asks(self) -> bool:
        """Whether one has asked to present, and has no answer yet."""
        return self._asks

    @property
    def there(self) -> frozenset[str]:
        """The others' participant ids."""
        return frozenset(self._people) - {self._me}

    def hears(self, message: m.ServerMessage) -> Notices:
        """Take in what the server says; returns what people should be told: codes, and words."""
        notices = self._take(message)
        self._settle()
        return notices + self._changed()

    def asked(self) -> None:
        """One has asked to present."""
        if not (self.company.i_host or self.company.i_present):
            self._asks = True
            self._settle()

    def answered(self, participant_id: str) -> None:
        """A request to present was turned down, or one's own is taken back."""
        self._asks = self._asks and participant_id != self._me
        self._asking = tuple(one for one in self._asking if one != participant_id)
        self._settle()

    def gone(self) -> None:
        """The connection is gone, and with it everybody."""
        self._people, self._asking = {}, ()
        self._me = self._host = self._presenter = ""
        self._muted = False
        self.company = Company()

    # What the server says

    def _take(self, message: m.ServerMessage) -> Notices:
        match message:
            case m.Welcome():
                self._people = {one.participant_id: one for one in message.participants}
                self._me, self._host = message.participant_id, message.host
                self._presenter, self._muted = message.current_presenter, message.muted
                self._asking = ()
            case m.Join(participant=who):
                self._people[who.participant_id] = who
            case m.Leave(participant_id=who_id):
                self._people.pop(who_id, None)
            case m.Participants():
                self._people = {one.participant_id: one for one in message.participants}
                self._host, self._muted = message.host, message.muted
            case m.CurrentPresenter(current_presenter=who_id):
                self._presenter = who_id
            case m.PresenterRequest(participant_id=who_id):
                if who_id in self._people and who_id not in self._asking:
                    self._asking = (*self._asking, who_id)
                    return [("asked", f"{self._name(who_id)} would like to present.")]
            case m.PresenterDeny(participant_id=who_id) if who_id == self._me:
                self._asks = False
                return [("denied", "The host would rather not have you present now.")]
            case m.PresenterDeny(participant_id=who_id):
                self._asking = tuple(one for one in self._asking if one != who_id)
            case m.SessionEnded(reason=reason, message=text):
                return [(reason, _why_ended(reason, text))]
            case m.Notice(code=code, message=text) | m.Error(code=code, message=text):
                return [(code, _sentence(text))]
        return []

    def _settle(self) -> None:
        """Make the company of what is known."""
        me = self._people.get(self._me)
        if me is None:
            self.company = Company()
            return
        if not {self._host, self._presenter} <= {*self._people, ""}:
            return  # who takes their place, or who they are now, is told next
        self._asks = self._asks and self._me not in (self._host, self._presenter)
        asking = [one for one in self._asking if one in self._people and one != self._presenter]
        # Only the host is told who asks; who asks knows it of oneself.
        self._asking = tuple(asking) if self._me == self._host else ()
        own = (self._me,) if self._asks else ()
        self.company = Company(
            people=tuple(map(self._person, self._people.values())), me=self._me, host=self._host,
            presenter=self._presenter, asking=self._asking + own, muted=self._muted,
        )  # fmt: skip

    def _person(self, one: m.Participant) -> Person:
        i = one.participant_id
        return Person(
            participant_id=i, user_id=one.user_id, name=one.name, colour=one.colour, role=one.role.value,
            is_presenter=i == self._presenter, is_host=i == self._host, is_me=i == self._me, away=one.away,
        )  # fmt: skip

    def _name(self, participant_id: str) -> str:
        one = self._people.get(participant_id)
        return one.name if one is not None and one.name else SOMEBODY

    # What has changed for oneself

    def _changed(self) -> Notices:
        company = self.company
        mine = company.person(company.me)
        if mine is None:
            return []
        presenter = company.person(company.presenter)
        now = _Standing(
            role=mine.role, presenter=presenter.user_id if presenter is not None else "",
            i_host=company.i_host, i_present=company.i_present, muted=company.muted,
        )  # fmt: skip
        # Of how it is at the beginning only what stops one is worth a word.
        before = self._stood or msgspec.structs.replace(now, muted=False)
        self._stood = now
        notices: Notices = []
        if now.role != before.role:
            notices.append(("role", ROLES[now.role]))
        if now.i_host != before.i_host:
            notices.append(self._new_host(now))
        if (now.presenter, now.i_present) != (before.presenter, before.i_present):
            notices.append(self._new_presenter(before, now))
        if now.muted != before.muted:
            notices.append(self._new_muting(now))
        return notices

    def _new_host(self, now: _Standing) -> tuple[str, str]:
        if now.i_host:
            return "host", "You host this session now."
        return "host_taken", f"{self._name(self._host)} hosts this session now."

    def _new_presenter(self, before: _Standing, now: _Standing) -> tuple[str, str]:
        if now.i_present:
            return "presenting", "You present now."
        if not now.presenter:
            return "presenting_ended", "Nobody presents any more."
        code = "presenter_taken" if before.i_present else "presenter"
        return code, f"{self._name(self._presenter)} presents now."

    def _new_muting(self, now: _Standing) -> tuple[str, str]:
        if not now.muted:
            return "unmuted", "Everybody's edits are taken again."
        if now.i_host:
            return "muted", "Only your edits are taken now, and the presenter's."
        return "muted", f"{self._name(self._host)} takes only the presenter's edits for now."


def _why_ended(reason: m.EndReason, text: str) -> str:
    said = REASONS[reason]
    if reason == "removed" and text and "removed" not in text:
        return _sentence(f"{said}: {text}")
    return _sentence(text or said)


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
