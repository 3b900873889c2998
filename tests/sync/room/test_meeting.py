"""People: coming, going, presenting, presence, and what time does to them."""

from typing import Any

import pytest

from sync.protocol import messages as m
from sync.protocol.messages import Role
from sync.room import Announce, Answer, Arrival, Close, Meeting, Output, Patience, Show
from sync.room.colours import PALETTE
from tests.strategies import an_id

DIAGRAM = an_id(50)
PATIENCE = Patience(idle_warning=100, idle_close=200, heartbeat=5, silence=20, grace=10)


def pid(name: str) -> str:
    """The participant id of a name."""
    return an_id(sum(map(ord, name)))


def arrival(name: str, role: Role = Role.WRITER, *, user: str = "", client: str = "") -> Arrival:
    return Arrival(
        participant_id=pid(name), user_id=user or f"u-{name}", name=name, role=role, client_id=client
    )


class Party:
    """A meeting, with names for ids."""

    def __init__(self, *names: str) -> None:
        self.meeting = Meeting("s", PATIENCE)
        for name in names:
            self.join(name)

    def join(self, name: str, role: Role = Role.WRITER, now: float = 0, **more: Any) -> tuple[Output, ...]:
        return self.meeting.join(arrival(name, role, **more), now, epoch="e", sequence_number=7)

    def says(self, name: str, message: m.ClientMessage, now: float = 1) -> tuple[Output, ...]:
        return self.meeting.receive(pid(name), message, now)

    @property
    def roles(self) -> tuple[str, str]:
        """Host and presenter."""
        return self.meeting.host, self.meeting.presenter


def presenters(outputs: tuple[Output, ...]) -> list[str]:
    """What is announced of the presenter."""
    told = [o.message for o in outputs if isinstance(o, Announce)]
    return [one.current_presenter for one in told if isinstance(one, m.CurrentPresenter)]


def errors(outputs: tuple[Output, ...]) -> list[str]:
    return [o.message.code for o in outputs if isinstance(o, Answer) and isinstance(o.message, m.Error)]


def ended(outputs: tuple[Output, ...]) -> list[tuple[str, str]]:
    """Who is told that it is over, and why; each is closed right after."""
    found: list[tuple[str, str]] = []
    for one, after in zip(outputs, [*outputs[1:], None], strict=True):
        if isinstance(one, Answer) and isinstance(one.message, m.SessionEnded):
            assert after == Close(one.to)
            found.append((one.to, one.message.reason))
    return found


def test_welcome() -> None:
    """PEOPLE-1."""
    party = Party("ann")
    welcome, told = party.join("ben", Role.READER)
    assert isinstance(welcome, Answer)
    assert isinstance(welcome.message, m.Welcome)
    assert [p.name for p in welcome.message.participants] == ["ann", "ben"]
    said = welcome.message
    assert (said.host, said.current_presenter, said.sequence_number, said.role) == (
        pid("ann"), pid("ann"), 7, Role.READER,
    )  # fmt: skip
    assert isinstance(told, Announce)
    assert told == Announce(m.Join(participant=said.participants[1]), but=pid("ben"))


def test_colours() -> None:
    """PEOPLE-2."""
    party = Party()
    for number in range(len(PALETTE)):
        party.join(f"n{number}")
    colours = [p.colour for p in party.meeting.participants]
    assert len(set(colours)) == len(PALETTE)
    party.join("second window", user="u-n3")
    assert party.meeting.participants[-1].colour == colours[3]


def test_the_same_client_again() -> None:
    """PEOPLE-3: place, roles and colour stay; the old connection is ended and no longer heard."""
    party = Party()
    party.join("ann", client="c")
    party.join("ben")
    colour = party.meeting.participants[0].colour
    told = party.join("ann2", user="u-ann", client="c")
    assert ended(told) == [(pid("ann"), "superseded")]
    assert party.roles == (pid("ann2"), pid("ann2"))
    assert [p.participant_id for p in party.meeting.participants] == [pid("ann2"), pid("ben")]
    assert party.meeting.participants[0].colour == colour
    assert presenters(told) == [pid("ann2")]
    assert party.says("ann", m.PresenterTakeBack()) == ()


def test_a_broken_connection_keeps_its_place() -> None:
    """PEOPLE-4: the host's network blinks and nothing is lost; later it is."""
    party = Party()
    party.join("ann", client="c")
    party.join("ben")
    (told,) = party.meeting.lost(pid("ann"), 10)
    assert isinstance(told, Announce)
    assert isinstance(told.message, m.Participants)
    assert told.message.participants[0].away
    assert party.meeting.tick(19) == ()
    party.join("ann2", user="u-ann", client="c", now=19)
    assert party.roles == (pid("ann2"), pid("ann2"))
    party.meeting.lost(pid("ann2"), 20)
    assert presenters(party.meeting.tick(30)) == [pid("ben")]
    assert party.roles == (pid("ben"), pid("ben"))


@pytest.mark.parametrize(
    ("others", "heir"),
    [
        ([("ben", Role.READER), ("cid", Role.WRITER), ("dan", Role.OWNER)], "dan"),
        ([("ben", Role.READER), ("cid", Role.WRITER), ("dan", Role.WRITER)], "cid"),
        ([("ben", Role.READER)], "ben"),
    ],
)
def test_the_host_goes(others: list[tuple[str, Role]], heir: str) -> None:
    """PRESENTER-1, PRESENTER-4: the session goes on with another host, who presents."""
    party = Party()
    party.join("ann", Role.OWNER)
    for name, role in others:
        party.join(name, role)
    told = party.says("ann", m.Leave())
    assert party.roles == (pid(heir), pid(heir))
    assert presenters(told) == [pid(heir)]
    assert not ended(told)


def test_somebody_absent_is_no_heir() -> None:
    """PRESENTER-1."""
    party = Party("ann", "ben", "cid")
    party.meeting.lost(pid("ben"), 1)
    party.says("ann", m.Leave())
    assert party.meeting.host == pid("cid")


def test_the_last_one_goes() -> None:
    """PRESENTER-1: whoever comes next hosts."""
    party = Party("ann")
    party.says("ann", m.Leave())
    assert party.roles == ("", "")
    party.join("ben")
    assert party.roles == (pid("ben"), pid("ben"))


def test_request_and_grant() -> None:
    """PRESENTER-2, PRESENTER-3, PRESENTER-4: a reader may present."""
    party = Party("ann")
    party.join("ben", Role.READER)
    (told,) = party.says("ben", m.PresenterRequest())
    assert told == Answer(pid("ann"), m.PresenterRequest(participant_id=pid("ben")))
    assert party.says("ben", m.PresenterRequest()) == ()
    assert presenters(party.says("ann", m.PresenterGrant(participant_id=pid("ben")))) == [pid("ben")]
    assert party.meeting.asking == ()
    assert party.says("ben", m.PresenterRequest()) == ()
    assert presenters(party.says("ann", m.PresenterRequest())) == [pid("ann")]


def test_two_requests_at_once() -> None:
    """PRESENTER-2: one is granted, the other still waits and is denied."""
    party = Party("ann", "ben", "cid")
    for name in ("ben", "cid"):
        party.says(name, m.PresenterRequest())
    party.says("ann", m.PresenterGrant(participant_id=pid("cid")))
    assert [*party.meeting.asking] == [pid("ben")]
    deny = m.PresenterDeny(participant_id=pid("ben"))
    assert party.says("ann", deny) == (Answer(pid("ben"), deny),)
    assert not party.meeting.asking
    assert errors(party.says("ann", m.PresenterGrant(participant_id=pid("ben")))) == ["not_allowed"]


def test_a_request_is_taken_back() -> None:
    """PRESENTER-2: only the host hears of it, and nobody takes back what others ask."""
    party = Party("ann", "ben", "cid")
    party.says("ben", m.PresenterRequest())
    deny = m.PresenterDeny(participant_id=pid("ben"))
    assert errors(party.says("cid", deny)) == ["not_allowed"]
    assert party.says("ben", deny) == (Answer(pid("ann"), deny),)
    assert party.meeting.asking == ()
    assert errors(party.says("ben", deny)) == ["not_allowed"]
    (told,) = party.says("ben", m.PresenterRequest())
    assert told == Answer(pid("ann"), m.PresenterRequest(participant_id=pid("ben")))


def test_hand_over_and_take_back() -> None:
    """PRESENTER-3, PRESENTER-4."""
    party = Party("ann", "ben", "cid")
    assert presenters(party.says("ann", m.PresenterHandOver(participant_id=pid("ben")))) == [pid("ben")]
    assert presenters(party.says("ben", m.PresenterHandOver(participant_id=pid("cid")))) == [pid("cid")]
    assert presenters(party.says("ann", m.PresenterTakeBack())) == [pid("ann")]
    assert party.says("ann", m.PresenterTakeBack()) == ()
    assert errors(party.says("ann", m.PresenterHandOver(participant_id=an_id(999)))) == ["not_allowed"]


@pytest.mark.parametrize(
    "message",
    [
        m.PresenterGrant(participant_id=pid("cid")),
        m.PresenterDeny(participant_id=pid("cid")),
        m.PresenterHandOver(participant_id=pid("cid")),
        m.PresenterTakeBack(),
    ],
)
def test_what_only_the_host_may(message: m.ClientMessage) -> None:
    """PRESENTER-2, PRESENTER-3: refused, and nothing changes."""
    party = Party("ann", "ben", "cid")
    party.says("cid", m.PresenterRequest())
    assert errors(party.says("ben", message)) == ["not_allowed"]
    assert party.roles == (pid("ann"), pid("ann"))
    assert party.meeting.asking == (pid("cid"),)


def test_the_presenter_goes() -> None:
    """PRESENTER-4."""
    party = Party("ann", "ben")
    party.says("ann", m.PresenterHandOver(participant_id=pid("ben")))
    assert presenters(party.says("ben", m.Leave())) == [pid("ann")]


def test_somebody_is_removed() -> None:
    """PEOPLE-5: with all windows, and for good."""
    party = Party("ann", "ben")
    party.join("ben2", user="u-ben")
    told = party.says("ann", m.RemoveParticipant(participant_id=pid("ben")))
    assert ended(told) == [(pid("ben"), "removed"), (pid("ben2"), "removed")]
    assert ended(party.join("ben3", user="u-ben")) == [(pid("ben3"), "removed")]
    assert [p.name for p in party.meeting.participants] == ["ann"]


def test_who_may_remove_whom() -> None:
    """PEOPLE-5, AUTH-1."""
    party = Party("ann", "ben")
    assert errors(party.says("ben", m.RemoveParticipant(participant_id=pid("ann")))) == ["forbidden"]
    assert errors(party.says("ann", m.RemoveParticipant(participant_id=pid("ann")))) == ["not_allowed"]
    party.join("olga", Role.OWNER)
    party.join("otto", Role.OWNER)
    assert errors(party.says("ann", m.RemoveParticipant(participant_id=pid("olga")))) == ["forbidden"]
    assert errors(party.says("otto", m.RemoveParticipant(participant_id=pid("olga")))) == ["not_allowed"]
    assert ended(party.says("otto", m.RemoveParticipant(participant_id=pid("ann"))))
    assert party.meeting.host == pid("olga")


def test_the_presenter_is_removed() -> None:
    """PRESENTER-4: told once."""
    party = Party("ann", "ben")
    party.says("ann", m.PresenterHandOver(participant_id=pid("ben")))
    assert presenters(party.says("ann", m.RemoveParticipant(participant_id=pid("ben")))) == [pid("ann")]


def test_roles_change() -> None:
    """AUTH-3: told to everybody, and in force at once."""
    party = Party("ann", "ben")
    typing = m.Typing(diagram_id=DIAGRAM, record_id=an_id(1), text="x")
    assert isinstance(party.says("ben", typing)[0], Show)
    party.meeting.set_role("u-ben", Role.READER)
    assert party.meeting.role_of(pid("ben")) is Role.READER
    assert errors(party.says("ben", typing)) == ["forbidden"]
    assert ended(party.meeting.set_role("u-ben", None)) == [(pid("ben"), "revoked")]
    assert party.meeting.role_of(pid("ben")) is None
    assert party.meeting.set_role("u-nobody", None) == ()


def test_presence_carries_the_sender() -> None:
    """AUTH-2, PRES-1."""
    party = Party("ann", "ben")
    claimed = m.Cursor(participant_id=pid("ann"), diagram_id=DIAGRAM, position=m.Place(1, 2))
    (told,) = party.says("ben", claimed)
    assert told == Show(m.Cursor(participant_id=pid("ben"), diagram_id=DIAGRAM, position=m.Place(1, 2)))


@pytest.mark.parametrize(
    "message",
    [
        m.PresenterCursor(diagram_id=DIAGRAM, cursor_position=m.Place(1, 2)),
        m.PresenterSelection(diagram_id=DIAGRAM),
        m.PresenterViewport(diagram_id=DIAGRAM, centre=m.Place(0, 0), zoom=1),
    ],
)
def test_only_the_presenter_presents(message: m.PresenceMessage) -> None:
    """PRESENTER-5."""
    party = Party("ann", "ben")
    assert party.says("ben", message) == ()
    assert isinstance(party.says("ann", message)[0], Show)


def test_heartbeats() -> None:
    """LIVE-4: answered, and no activity."""
    party = Party("ann")
    beat = party.says("ann", m.Heartbeat(number=3), 90)
    assert beat == (Answer(pid("ann"), m.Heartbeat(number=3, answer=True)),)
    assert party.says("ann", m.Heartbeat(number=3, answer=True), 95) == ()
    assert [type(o) for o in party.meeting.tick(100)] == [Announce]


def test_silence() -> None:
    """LIVE-4: closed, away, and after the time of grace gone."""
    party = Party("ann")
    told = party.meeting.tick(20)
    assert told[0] == Close(pid("ann"))
    assert party.meeting.participants[0].away
    party.meeting.tick(30)
    assert party.meeting.participants == ()


def test_idle() -> None:
    """LIVE-5: warned once, closed later, never while something is unwritten; an edit starts it anew."""
    party = Party("ann")

    def tick(now: float, unwritten: int = 0) -> tuple[Output, ...]:
        party.says("ann", m.Heartbeat(answer=True), now)
        return party.meeting.tick(now, unwritten)

    assert tick(99) == ()
    (warning,) = tick(100)
    assert isinstance(warning, Announce)
    assert isinstance(warning.message, m.Notice)
    assert tick(150) == ()
    assert tick(200, unwritten=1) == ()
    party.meeting.active(201)
    assert tick(250) == ()
    tick(301)
    assert ended(tick(401)) == [(pid("ann"), "idle")]
    assert party.meeting.participants == ()


def test_the_end() -> None:
    """LIVE-5: everybody is told, and closed."""
    party = Party("ann", "ben")
    assert ended(party.meeting.end("shutdown", "restarting")) == [
        (pid("ann"), "shutdown"), (pid("ben"), "shutdown"),
    ]  # fmt: skip
