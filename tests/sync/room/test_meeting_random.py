"""A meeting at random: whoever follows what is announced knows what is so."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.protocol import messages as m
from sync.protocol.messages import Role
from sync.room import Announce, Answer, Arrival, Close, Meeting, Output, Patience
from tests.manners import count
from tests.strategies import an_id

DIAGRAM = an_id(50)
STEPS = st.tuples(
    st.sampled_from(
        ["join", "again", "again", "again", "leave", "lost", "role", "tick", "remove", "request", "grant",
         "deny", "hand over", "take back", "stop", "mute", "unmute", "cursor"]
    ),
    st.integers(0, 3),
    st.integers(0, 3),
)  # fmt: skip


class Guest:
    """A participant's own idea of the session, from what the participant is told alone."""

    def __init__(self, welcome: m.Welcome) -> None:
        self.there = {p.participant_id: p for p in welcome.participants}
        self.host = welcome.host
        self.presenter = welcome.current_presenter
        self.muted = welcome.muted
        self.asked: set[str] = set()

    def hears(self, message: m.ServerMessage) -> None:
        match message:
            case m.Join(participant=who):
                self.there[who.participant_id] = who
            case m.Leave(participant_id=who_id):
                self.there.pop(who_id)
            case m.Participants(participants=everybody, host=host, muted=muted):
                self.there = {p.participant_id: p for p in everybody}
                self.host, self.muted = host, muted
            case m.PresenterRequest(participant_id=who_id):
                self.asked.add(who_id)
            case m.CurrentPresenter(current_presenter=who_id):
                assert who_id != self.presenter
                self.presenter = who_id


class Scene:
    """A meeting, its guests, and users 0 to 3 with the connection that each has."""

    def __init__(self) -> None:
        self.meeting = Meeting("s", Patience(idle_warning=1e9, idle_close=1e9, silence=1e9, grace=3))
        self.guests: dict[str, Guest] = {}
        self.connection: dict[int, str] = {}
        self.now = 0.0
        self.made = 0
        self.lost = ""

    def step(self, what: str, who: int, whom: int) -> None:
        self.now += 1
        by, to = self.connection.get(who, an_id(999)), self.connection.get(whom, an_id(998))
        says: dict[str, m.ClientMessage] = {
            "leave": m.Leave(),
            "remove": m.RemoveParticipant(participant_id=to),
            "request": m.PresenterRequest(),
            "grant": m.PresenterGrant(participant_id=to),
            "deny": m.PresenterDeny(participant_id=to),
            "hand over": m.PresenterHandOver(participant_id=to),
            "take back": m.PresenterTakeBack(),
            "stop": m.PresenterStop(),
            "mute": m.MuteEdits(muted=True),
            "unmute": m.MuteEdits(muted=False),
            "cursor": m.PresenterCursor(diagram_id=DIAGRAM, cursor_position=None),
        }
        if what in ("join", "again"):
            self.hear(self.join(who, what == "again"))
        elif what == "lost":
            self.guests.pop(by, None)
            self.hear(self.meeting.lost(by, self.now))
        elif what == "role":
            self.hear(
                self.meeting.set_role(f"u{who}", [Role.READER, Role.WRITER, Role.OWNER, None][whom % 4])
            )
        elif what == "tick":
            self.hear(self.meeting.tick(self.now))
        else:
            self.hear(self.meeting.receive(by, says[what], self.now))

    def host(self) -> m.Participant | None:
        """Who hosts now."""
        return next((p for p in self.meeting.participants if p.participant_id == self.meeting.host), None)

    def hosts_again(self, before: m.Participant | None, what: str) -> None:
        """An owner whose connection was lost, and who has not hosted since, hosts on coming back."""
        host, there = self.host(), self.meeting.participants
        if host is None or host.user_id == self.lost:
            self.lost = ""
        elif before is not None and what == "tick" and before.participant_id not in {
            p.participant_id for p in there
        } and before.role is Role.OWNER and host.user_id != before.user_id:  # fmt: skip
            self.lost = self.lost or before.user_id
        assert not [p for p in there if p.user_id == self.lost and p.role is Role.OWNER and not p.away]

    def join(self, who: int, again: bool) -> tuple[Output, ...]:
        self.made += 1
        self.connection[who] = an_id(100 + self.made)
        arrival = Arrival(
            participant_id=self.connection[who],
            user_id=f"u{who}",
            name=f"n{who}",
            role=list(Role)[min(who, 2)],
            client_id=f"c{who}" if again else f"c{self.made}",
        )
        return self.meeting.join(arrival, self.now, epoch="e", sequence_number=0)

    def hear(self, outputs: tuple[Output, ...]) -> None:
        for output in outputs:
            if isinstance(output, Answer) and isinstance(output.message, m.Welcome):
                self.guests[output.to] = Guest(output.message)
            elif isinstance(output, Announce):
                for name, guest in self.guests.items():
                    if name != output.but:
                        guest.hears(output.message)
            elif isinstance(output, Close):
                self.guests.pop(output.participant_id, None)
            elif isinstance(output, Answer) and isinstance(output.message, m.Leave):
                raise AssertionError("leaving is announced, not answered")
            elif isinstance(output, Answer) and output.to in self.guests:
                self.guests[output.to].hears(output.message)
        for name in [name for name in self.guests if self.meeting.role_of(name) is None]:
            del self.guests[name]

    def check(self) -> None:
        meeting = self.meeting
        there = {p.participant_id: p for p in meeting.participants}
        assert bool(meeting.host) == bool(there)
        assert {meeting.host, meeting.presenter} - {""} <= set(there)
        assert set(meeting.asking) <= set(there) - {meeting.host, meeting.presenter}
        assert len({p.colour for p in there.values()}) == len({p.user_id for p in there.values()})
        for guest in self.guests.values():
            assert guest.there == there
            known = (guest.host, guest.presenter, guest.muted)
            assert known == (meeting.host, meeting.presenter, meeting.muted)
        if meeting.host in self.guests:
            assert set(meeting.asking) <= self.guests[meeting.host].asked
        owners = {i for i, p in there.items() if p.role is Role.OWNER}
        if any(not there[i].away for i in owners):
            assert meeting.host in owners
        speakers = {there[i].user_id for i in (meeting.host, meeting.presenter) if i}
        taken = {i for i in there if not meeting.is_muted(i)}
        assert taken == {i for i, p in there.items() if not meeting.muted or p.user_id in speakers}


@settings(max_examples=count(250, 5000), deadline=None)
@given(st.lists(STEPS, min_size=20, max_size=60))
def test_whoever_follows_knows(steps: list[tuple[str, int, int]]) -> None:
    """PEOPLE-1 to PEOPLE-5, HOST-1, HOST-2, PRESENTER-1 to PRESENTER-4, PRESENTER-6, MUTE-1."""
    scene = Scene()
    for what, who, whom in steps:
        host = scene.host()
        scene.step(what, who, whom)
        scene.check()
        scene.hosts_again(host, what)
