"""The people of one model's session: who is there, who hosts and presents, and their presence.

Pure like the room, and apart from it: nothing here touches the model. Times are seconds of any clock
that does not go back; they are arguments.
"""

from typing import get_args

import msgspec

from sync.protocol import MAX_FRAME_BYTES, MAX_MESSAGE_BYTES
from sync.protocol import messages as m
from sync.room import presenter
from sync.room.colours import next_colour
from sync.room.outputs import Announce, Answer, Close, Output, Show
from sync.room.policy import Idle, Patience, idle, is_gone, is_silent
from sync.room.presenter import NotAllowed, Stage
from sync.room.roles import may

LOST = "lost"
_PRESENCE = get_args(m.PresenceMessage)
_PRESENTERS_OWN = (m.PresenterCursor, m.PresenterSelection, m.PresenterViewport)


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at the door. `participant_id` is fresh; `client_id` stays the same over reconnections.

    The sign-in is good for `sign_in_seconds` more, 0 for ever. A message may hold `max_message_bytes`.
    """

    participant_id: str
    user_id: str
    name: str
    role: m.Role
    client_id: str = ""
    sign_in_seconds: float = 0.0
    max_message_bytes: int = MAX_MESSAGE_BYTES


class _Here(msgspec.Struct):
    arrival: Arrival
    shown: m.Participant
    heard: float
    away_since: float | None = None


class Meeting:
    """One session. Every method returns what to tell whom, in order."""

    def __init__(self, session_id: str, patience: Patience | None = None) -> None:
        self.session_id = session_id
        self.patience = patience or Patience()
        self._here: dict[str, _Here] = {}
        self._barred: set[str] = set()
        # The user who hosted as an owner, until a connection was lost for longer than the grace.
        self._lost_host = ""
        self._stage = Stage()
        self._active: float | None = None
        self._warned = False

    @property
    def participants(self) -> tuple[m.Participant, ...]:
        """Everybody, in the order in which they came."""
        return tuple(one.shown for one in self._here.values())

    @property
    def host(self) -> str:
        """The host's participant id, "" when nobody is there."""
        return self._stage.host

    @property
    def presenter(self) -> str:
        """The presenter's participant id, "" when nobody presents."""
        return self._stage.presenter

    @property
    def asking(self) -> tuple[str, ...]:
        """Who has asked to present and has no answer yet."""
        return self._stage.asking

    @property
    def muted(self) -> bool:
        """Whether only the host and the presenter may edit."""
        return self._stage.muted

    def is_muted(self, participant_id: str) -> bool:
        """Whether somebody's edits are not taken now; all windows of a user are alike."""
        if not self.muted:
            return False
        speakers = {one.shown.user_id for i, one in self._here.items() if i in (self.host, self.presenter)}
        here = self._here.get(participant_id)
        return here is None or here.shown.user_id not in speakers

    def role_of(self, participant_id: str) -> m.Role | None:
        """The role of somebody who is here, None of anybody else."""
        here = self._here.get(participant_id)
        return here.shown.role if here is not None else None

    # Coming and going

    def join(self, arrival: Arrival, now: float, *, epoch: str, sequence_number: int) -> tuple[Output, ...]:
        """Let somebody in; a client that was here before takes the place of its old connection."""
        if arrival.user_id in self._barred:
            return _ended(arrival.participant_id, "removed", "you were removed from this session")
        self._active = now if self._active is None else self._active
        before, me = self._stage, arrival.participant_id
        old = self._old_connection(arrival)
        told: list[Output] = []
        if old is not None:
            told += self._replace(old, arrival, now)
        else:
            self._here[me] = _Here(arrival, self._shown(arrival), now)
            self._stage = presenter.joined(self._stage, me)
            told.append(Announce(m.Join(participant=self._here[me].shown), but=me))
        self._seat()
        welcome = m.Welcome(
            session_id=self.session_id,
            participant_id=me,
            role=arrival.role,
            epoch=epoch,
            sequence_number=sequence_number,
            participants=self.participants,
            host=self.host,
            current_presenter=self.presenter,
            muted=self.muted,
            max_frame_bytes=MAX_FRAME_BYTES,
            max_message_bytes=arrival.max_message_bytes,
            heartbeat_seconds=self.patience.heartbeat,
            sign_in_seconds=arrival.sign_in_seconds,
        )
        return (Answer(me, welcome), *told, *self._since(before, but=me, everybody=old is not None))

    def _shown(self, arrival: Arrival) -> m.Participant:
        same = [one.shown.colour for one in self._here.values() if one.shown.user_id == arrival.user_id]
        colour = same[0] if same else next_colour([one.shown.colour for one in self._here.values()])
        return m.Participant(
            participant_id=arrival.participant_id,
            user_id=arrival.user_id,
            name=arrival.name,
            role=arrival.role,
            colour=colour,
        )

    def _old_connection(self, arrival: Arrival) -> _Here | None:
        for here in self._here.values():
            if here.arrival.participant_id == arrival.participant_id:
                return here
            same = (here.arrival.user_id, here.arrival.client_id) == (arrival.user_id, arrival.client_id)
            if arrival.client_id and same:
                return here
        return None

    def _replace(self, old: _Here, arrival: Arrival, now: float) -> list[Output]:
        old_id, new_id = old.arrival.participant_id, arrival.participant_id
        fresh = _Here(arrival, msgspec.structs.replace(self._shown(arrival), colour=old.shown.colour), now)
        self._here = {
            (new_id if i == old_id else i): (fresh if i == old_id else one) for i, one in self._here.items()
        }
        self._stage = presenter.came_back(self._stage, old_id, new_id)
        if old.away_since is None and old_id != new_id:
            return [*_ended(old_id, "superseded", "this client has connected again")]
        return []

    def everybody(self) -> m.Participants:
        """Who is there, as it is told."""
        return m.Participants(participants=self.participants, host=self.host, muted=self.muted)

    def _seat(self) -> None:
        """Have host who is to host, after somebody came or has another role."""
        host = presenter.rightful(self.host, self.participants, self._lost_host)
        if host != self.host:
            self._stage = presenter.seated(self._stage, host)
        if host and self._here[host].shown.user_id == self._lost_host:
            self._lost_host = ""

    def _since(self, before: Stage, *, but: str = "", everybody: bool = False) -> tuple[Output, ...]:
        """What has changed, for all who are there but `but`; and requests to present, for who hosts."""
        if not self._here:
            return ()
        told: list[Output] = []
        if everybody or (self.host, self.muted) != (before.host, before.muted):
            told.append(Announce(self.everybody(), but=but))
        if self.presenter != before.presenter:
            told.append(Announce(m.CurrentPresenter(current_presenter=self.presenter), but=but))
        known = before.asking if self.host == before.host else ()
        told += [
            Answer(self.host, m.PresenterRequest(participant_id=one))
            for one in self.asking if one not in known
        ]  # fmt: skip
        return tuple(told)

    def lost(self, participant_id: str, now: float) -> tuple[Output, ...]:
        """A connection broke: for the time of grace its participant keeps everything."""
        here = self._here.get(participant_id)
        if here is None or here.away_since is not None:
            return ()
        here.away_since = now
        here.shown = msgspec.structs.replace(here.shown, away=True)
        return (Announce(self.everybody()),)

    def leave(self, participant_id: str, reason: str = "") -> tuple[Output, ...]:
        """Somebody is gone for good; the host's and the presenter's place pass on."""
        gone = self._here.pop(participant_id, None)
        if gone is None:
            return ()
        before, lost = self._stage, reason == LOST
        present = [one for one in self.participants if not one.away]
        self._stage = presenter.left(before, gone.shown, present or self.participants, lost=lost)
        if lost and participant_id == before.host and gone.shown.role is m.Role.OWNER:
            user_id, heir = gone.shown.user_id, self._here.get(self.host)
            if heir is not None and heir.shown.user_id != user_id:
                self._lost_host = self._lost_host or user_id
        self._seat()
        return (Announce(m.Leave(participant_id=participant_id, reason=reason)), *self._since(before))

    def dismiss(self, participant_id: str, reason: m.EndReason, message: str) -> tuple[Output, ...]:
        """End one connection; its participant may come back into its place within the time of grace."""
        return _ended(participant_id, reason, message) if participant_id in self._here else ()

    def set_role(self, user_id: str, role: m.Role | None) -> tuple[Output, ...]:
        """A user's role has changed; without one (None) the user is shown out."""
        mine, before = [i for i, one in self._here.items() if one.shown.user_id == user_id], self._stage
        told: list[Output] = []
        if role is None:
            for participant_id in mine:
                told += _ended(participant_id, "revoked", "you have no access to this model any more")
                told += self.leave(participant_id, "revoked")
            return tuple(told)
        for participant_id in mine:
            here = self._here[participant_id]
            here.shown = msgspec.structs.replace(here.shown, role=role)
        self._seat()
        return self._since(before, everybody=True) if mine else ()

    # Messages

    def receive(self, participant_id: str, message: m.ClientMessage, now: float) -> tuple[Output, ...]:
        """A message that is not about the model. Strangers and late messages are passed over."""
        here = self._here.get(participant_id)
        if here is None:
            return ()
        here.heard = now
        kind = m.tag_of(type(message).__name__)
        if not may(here.shown.role, kind, is_host=participant_id == self.host):
            text = f"{kind} is not for a {here.shown.role} to send"
            return (Answer(participant_id, m.Error(code="forbidden", message=text)),)
        if isinstance(message, m.Heartbeat):
            reply = m.Heartbeat(number=message.number, answer=True)
            return () if message.answer else (Answer(participant_id, reply),)
        self.active(now)
        if isinstance(message, m.Leave):
            return self.leave(participant_id)
        if isinstance(message, _PRESENCE):
            return self._show(participant_id, message)
        return self._present(participant_id, message)

    def active(self, now: float) -> None:
        """Something happened: an edit, or presence."""
        self._active = now
        self._warned = False

    def _show(self, by: str, message: m.PresenceMessage) -> tuple[Output, ...]:
        if isinstance(message, _PRESENTERS_OWN) and by != self.presenter:
            return ()
        return (Show(msgspec.structs.replace(message, participant_id=by)),)

    def _present(self, by: str, message: m.ClientMessage) -> tuple[Output, ...]:
        before = self._stage
        try:
            if isinstance(message, m.RemoveParticipant):
                return self._remove(by, message.participant_id, message.reason)
            after = presenter.changed(before, by, message, self._here)
        except NotAllowed as error:
            return (Answer(by, m.Error(code="not_allowed", message=str(error))),)
        if after is None:
            text = f"{m.tag_of(type(message).__name__)} is not for here"
            return (Answer(by, m.Error(code="unsupported", message=text)),)
        self._stage = after
        return (*self._denied(by, message), *self._since(before))

    def _denied(self, by: str, message: m.ClientMessage) -> tuple[Output, ...]:
        """That a request is over, for who asked; for the host where who asked has taken it back."""
        if not isinstance(message, m.PresenterDeny):
            return ()
        return (Answer(self.host if by == message.participant_id else message.participant_id, message),)

    def _remove(self, by: str, who: str, reason: str) -> tuple[Output, ...]:
        here = self._here.get(who)
        if here is None:
            raise NotAllowed("nobody of that id is in the session")
        if here.shown.user_id == self._here[by].shown.user_id:
            raise NotAllowed("you cannot remove yourself; leave instead")
        if here.shown.role is m.Role.OWNER:
            raise NotAllowed("an owner of the model cannot be removed")
        self._barred.add(here.shown.user_id)
        told: list[Output] = []
        for mine in [i for i, one in self._here.items() if one.shown.user_id == here.shown.user_id]:
            told += _ended(mine, "removed", reason or "you were removed from this session")
            told += self.leave(mine, "removed")
        return tuple(told)

    # Time

    def tick(self, now: float, unwritten: int = 0) -> tuple[Output, ...]:
        """What the passing of time brings: dead connections, the end of grace, the end of an idle session."""
        told: list[Output] = []
        for participant_id, here in list(self._here.items()):
            if here.away_since is not None:
                if is_gone(self.patience, now - here.away_since):
                    told += self.leave(participant_id, LOST)
            elif is_silent(self.patience, now - here.heard):
                told += [Close(participant_id), *self.lost(participant_id, now)]
        quiet = now - self._active if self._active is not None else 0.0
        match idle(self.patience, quiet, warned=self._warned, unwritten=unwritten):
            case Idle.WARN:
                self._warned = True
                text = "nothing has happened for a while; the session will be closed"
                told.append(Announce(m.Notice(code="idle", message=text)))
            case Idle.CLOSE:
                told += self.end("idle", "nothing has happened for a while")
            case Idle.KEEP:
                pass
        return tuple(told)

    def end(self, reason: m.EndReason, message: str) -> tuple[Output, ...]:
        """Close the session for everybody; what was acknowledged is on disk."""
        told = [output for i in self._here for output in _ended(i, reason, message)]
        self._here.clear()
        self._stage = Stage()
        self._lost_host = ""
        self._active = None
        self._warned = False
        return tuple(told)


def _ended(participant_id: str, reason: m.EndReason, message: str) -> tuple[Output, ...]:
    ended = m.SessionEnded(reason=reason, message=message)
    return (Answer(participant_id, ended), Close(participant_id))
