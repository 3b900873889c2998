"""Who is there, and what of it is said in words, from messages alone."""

import pytest

from sync.client.gathering import Gathering
from sync.protocol import messages as m
from sync.protocol.messages import Role
from tests.strategies import an_id

ANN, BEN, CID = an_id(1), an_id(2), an_id(3)
NAMES = {ANN: "Ann", BEN: "Ben", CID: "Cid"}


def participant(i: str, role: Role = Role.WRITER) -> m.Participant:
    return m.Participant(participant_id=i, user_id=f"u-{NAMES[i]}", name=NAMES[i], role=role)


def asking(one: Gathering) -> list[str]:
    return list(one.company.asking)


def welcome(*there: str, host: str = ANN, presenter: str = ANN, muted: bool = False) -> m.Welcome:
    """Ben comes in."""
    return m.Welcome(
        session_id="s", participant_id=BEN, role=Role.WRITER, epoch="e", sequence_number=1, host=host,
        participants=tuple(map(participant, there)), current_presenter=presenter, muted=muted,
    )  # fmt: skip


@pytest.fixture
def ben() -> Gathering:
    """Ben among Ann, who hosts and presents, and Cid."""
    gathering = Gathering()
    assert gathering.hears(welcome(ANN, BEN, CID)) == []
    return gathering


def test_late_comers_are_told_what_stops_them() -> None:
    """MUTE-1."""
    gathering = Gathering()
    told = gathering.hears(welcome(ANN, BEN, muted=True))
    assert told == [("muted", "Ann takes only the presenter's edits for now.")]
    assert gathering.company.i_am_muted


def test_who_is_not_known_yet_is_waited_for(ben: Gathering) -> None:
    """PRESENTER-4: nobody sees a moment in which the host and the presenter are nobody."""
    before = ben.company
    assert ben.hears(m.Leave(participant_id=ANN)) == []
    assert ben.company == before
    assert ben.hears(m.Participants(participants=(participant(BEN), participant(CID)), host=CID)) == []
    assert ben.company == before
    told = ben.hears(m.CurrentPresenter(current_presenter=CID))
    assert told == [("presenter", "Cid presents now.")]
    assert (ben.company.host, ben.company.presenter, len(ben.company.people)) == (CID, CID, 2)


def test_the_host_passes_to_oneself_and_away(ben: Gathering) -> None:
    """PRESENTER-1, HOST-1."""
    everybody = tuple(map(participant, (ANN, BEN, CID)))
    assert ben.hears(m.Participants(participants=everybody, host=BEN)) == [
        ("host", "You host this session now.")
    ]
    ben.hears(m.PresenterRequest(participant_id=CID))
    assert asking(ben) == [CID]
    assert ben.hears(m.Participants(participants=everybody, host=ANN)) == [
        ("host_taken", "Ann hosts this session now.")
    ]
    assert asking(ben) == []


def test_requests_are_kept_until_answered(ben: Gathering) -> None:
    """PRESENTER-2: granted, turned down, or gone."""
    everybody = tuple(map(participant, (ANN, BEN, CID)))
    ben.hears(m.Participants(participants=everybody, host=BEN))
    for _ in range(2):
        ben.hears(m.PresenterRequest(participant_id=ANN))
        ben.hears(m.PresenterRequest(participant_id=CID))
    assert ben.hears(m.PresenterRequest(participant_id=CID)) == []
    assert asking(ben) == [CID], "who presents does not ask"
    ben.answered(CID)
    assert asking(ben) == []
    ben.hears(m.PresenterRequest(participant_id=CID))
    assert ben.hears(m.PresenterDeny(participant_id=CID)) == [], "taken back by who asked"
    assert asking(ben) == []
    ben.hears(m.PresenterRequest(participant_id=CID))
    ben.hears(m.Leave(participant_id=CID))
    assert asking(ben) == []


def test_a_request_of_ones_own(ben: Gathering) -> None:
    """PRESENTER-2."""
    ben.asked()
    ben.gone()
    assert not ben.company.people
    ben.hears(welcome(ANN, BEN))
    assert (ben.asks, asking(ben)) == (True, [BEN])
    ben.answered(BEN)
    assert (ben.asks, asking(ben)) == (False, []), "taken back"
    ben.asked()
    assert ben.hears(m.CurrentPresenter(current_presenter=BEN)) == [("presenting", "You present now.")]
    assert (ben.asks, asking(ben)) == (False, [])
    assert ben.hears(m.CurrentPresenter(current_presenter=ANN)) == [("presenter_taken", "Ann presents now.")]
    assert ben.hears(m.CurrentPresenter()) == [("presenting_ended", "Nobody presents any more.")]


def test_another_role(ben: Gathering) -> None:
    """AUTH-3: also when it was given while the connection was broken."""
    for role, word in ((Role.READER, "read"), (Role.OWNER, "own")):
        everybody = (participant(ANN), participant(BEN, role), participant(CID))
        ((code, text),) = ben.hears(m.Participants(participants=everybody, host=ANN))
        assert code == "role"
        assert word in text
        assert not ben.hears(m.Participants(participants=everybody, host=ANN))
    ben.gone()
    assert [code for code, _ in ben.hears(welcome(ANN, BEN))] == ["role"]


@pytest.mark.parametrize(
    ("reason", "text", "said"),
    [
        ("removed", "", "You were removed from the session."),
        ("removed", "you were removed from this session", "You were removed from this session."),
        ("removed", "noise!", "You were removed from the session: noise!"),
        ("ended", "the session was ended by Ann", "The session was ended by Ann."),
        ("revoked", "", "Your access to this model was taken away."),
    ],
)
def test_the_end(ben: Gathering, reason: m.EndReason, text: str, said: str) -> None:
    """PEOPLE-5."""
    assert ben.hears(m.SessionEnded(reason=reason, message=text)) == [(reason, said)]
