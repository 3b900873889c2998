"""Who hosts, who presents no more, and whose edits are taken."""

import pytest

from sync.protocol import messages as m
from sync.protocol.messages import Role
from sync.room import Announce, Answer, Output
from tests.sync.room.test_meeting import Party, arrival, errors, pid, presenters


def everybody(outputs: tuple[Output, ...]) -> list[m.Participants]:
    """What is announced of who is there."""
    told = [o.message for o in outputs if isinstance(o, Announce)]
    return [one for one in told if isinstance(one, m.Participants)]


def gone(party: Party, name: str, now: float = 5) -> tuple[Output, ...]:
    """Somebody's connection breaks, and for longer than the time of grace."""
    party.meeting.lost(pid(name), now)
    return party.meeting.tick(now + 10)


def test_an_owner_hosts_instead_of_a_guest_who_came_first() -> None:
    """HOST-1: and presents, since the guest only did for being first."""
    party = Party("guest")
    told = party.join("olga", Role.OWNER)
    assert party.roles == (pid("olga"), pid("olga"))
    (welcome, *_) = told
    assert isinstance(welcome, Answer)
    assert isinstance(welcome.message, m.Welcome)
    assert (welcome.message.host, welcome.message.current_presenter) == party.roles
    assert [one.host for one in everybody(told)] == [pid("olga")]
    assert presenters(told) == [pid("olga")]


def test_an_owner_who_comes_does_not_interrupt_who_was_let_present() -> None:
    """HOST-1."""
    party = Party("guest", "ben")
    party.says("guest", m.PresenterHandOver(participant_id=pid("ben")))
    assert presenters(party.join("olga", Role.OWNER)) == []
    assert party.roles == (pid("olga"), pid("ben"))


def test_of_several_owners_the_first_hosts() -> None:
    """HOST-1."""
    party = Party()
    party.join("olga", Role.OWNER)
    party.join("otto", Role.OWNER)
    assert party.meeting.host == pid("olga")


def test_roles_that_change_move_the_host() -> None:
    """HOST-1: a host who is an owner no more makes room for one who is."""
    party = Party("ann", "ben")
    assert [one.host for one in everybody(party.meeting.set_role("u-ben", Role.OWNER))] == [pid("ben")]
    party.meeting.set_role("u-ann", Role.OWNER)
    assert party.meeting.host == pid("ben")
    party.meeting.set_role("u-ben", Role.READER)
    assert party.meeting.host == pid("ann")


@pytest.mark.parametrize("stand_in", [Role.WRITER, Role.OWNER])
def test_a_facilitator_whose_connection_was_lost_hosts_again(stand_in: Role) -> None:
    """HOST-2: with another program too; and presents again if only the stand-in did meanwhile."""
    party = Party()
    party.join("olga", Role.OWNER)
    party.join("ben", stand_in)
    assert presenters(gone(party, "olga")) == [pid("ben")]
    assert party.roles == (pid("ben"), pid("ben"))
    told = party.join("olga2", Role.OWNER, user="u-olga", now=900)
    assert party.roles == (pid("olga2"), pid("olga2"))
    assert presenters(told) == [pid("olga2")]
    assert everybody(told)[-1].host == pid("olga2")


def test_who_has_left_does_not_take_the_place_of_an_owner() -> None:
    """HOST-2: only a lost connection keeps the place."""
    party = Party()
    party.join("olga", Role.OWNER)
    party.join("otto", Role.OWNER)
    party.says("olga", m.Leave())
    party.join("olga2", Role.OWNER, user="u-olga")
    assert party.meeting.host == pid("otto")


def test_another_window_of_the_host_comes_first() -> None:
    """PRESENTER-1."""
    party = Party()
    party.join("olga", Role.OWNER)
    party.join("otto", Role.OWNER)
    party.join("olga2", Role.OWNER, user="u-olga")
    party.says("olga", m.Leave())
    assert party.meeting.host == pid("olga2")


def test_whoever_hosts_is_told_who_asks() -> None:
    """PRESENTER-2: also who hosts later, and again after a connection."""
    party = Party()
    party.join("ann", client="a")
    party.join("ben", client="b")
    party.says("ben", m.PresenterRequest())
    asks = m.PresenterRequest(participant_id=pid("ben"))
    assert Answer(pid("ann2"), asks) in party.join("ann2", user="u-ann", client="a")
    assert Answer(pid("olga"), asks) in party.join("olga", Role.OWNER)
    told = party.join("ben2", user="u-ben", client="b")
    assert Answer(pid("olga"), m.PresenterRequest(participant_id=pid("ben2"))) in told


@pytest.mark.parametrize("by", ["ann", "ben"])
def test_presenting_ends(by: str) -> None:
    """PRESENTER-6: by the presenter or the host; then nobody presents, also when the host goes."""
    party = Party("ann", "ben", "cid")
    party.says("ann", m.PresenterHandOver(participant_id=pid("ben")))
    assert errors(party.says("cid", m.PresenterStop())) == ["not_allowed"]
    assert presenters(party.says(by, m.PresenterStop())) == [""]
    assert party.says("ann", m.PresenterStop()) == ()
    assert errors(party.says("ben", m.PresenterStop())) == ["not_allowed"]
    party.says("ann", m.Leave())
    assert party.roles == (pid("ben"), "")
    assert presenters(party.says("ben", m.PresenterTakeBack())) == [pid("ben")]


def test_edits_are_muted() -> None:
    """MUTE-1: but the host's and the presenter's, whatever their window; late comers are told."""
    party = Party("ann", "ben", "cid")
    assert errors(party.says("ben", m.MuteEdits(muted=True))) == ["forbidden"]
    (told,) = party.says("ann", m.MuteEdits(muted=True))
    assert isinstance(told, Announce)
    assert everybody((told,))[0].muted
    assert party.says("ann", m.MuteEdits(muted=True)) == ()
    welcome = party.meeting.join(arrival("dan"), 2, epoch="e", sequence_number=0)[0]
    assert isinstance(welcome, Answer)
    assert isinstance(welcome.message, m.Welcome)
    assert welcome.message.muted
    party.says("ann", m.PresenterHandOver(participant_id=pid("ben")))
    party.join("ben2", user="u-ben")
    muted = {name for name in ("ann", "ben", "ben2", "cid", "dan") if party.meeting.is_muted(pid(name))}
    assert muted == {"cid", "dan"}
    party.says("ann", m.MuteEdits(muted=False))
    assert not party.meeting.is_muted(pid("cid"))


def test_what_a_host_has_muted_ends_with_the_hosts_leave() -> None:
    """MUTE-2."""
    party = Party("ann", "ben", "cid")
    party.says("ann", m.MuteEdits(muted=True))
    told = party.says("ann", m.Leave())
    assert not everybody(told)[-1].muted
    assert not party.meeting.is_muted(pid("cid"))


def test_a_lost_connection_unmutes_nobody() -> None:
    """MUTE-2: who stands in may lift it; who comes back finds it as it was."""
    party = Party()
    party.join("olga", Role.OWNER)
    party.join("ben")
    party.join("cid")
    party.says("olga", m.MuteEdits(muted=True))
    gone(party, "olga")
    assert party.meeting.host == pid("ben")
    assert (party.meeting.is_muted(pid("ben")), party.meeting.is_muted(pid("cid"))) == (False, True)
    party.join("olga2", Role.OWNER, user="u-olga", now=100)
    assert party.meeting.is_muted(pid("ben"))
