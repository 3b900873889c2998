"""What may be wished in a session, and the words about it: plain values, no window."""

import itertools

import pytest

from app.domain.presence import Company
from app.ports_live import LinkStatus
from tests.ui.sessions import ADA, GRACE, LIN, LIVE, ME, company, person
from ui.panels.people import words
from ui.panels.people.rows import rows_of
from ui.panels.people.situation import Situation, What, why_not


def live(there: Company, **more: object) -> Situation:
    """Oneself in the midst of these."""
    return Situation(company=there, link=LIVE, **more)  # type: ignore[arg-type]


def can(now: Situation, whom: str = "") -> set[What]:
    """Everything that may be wished, about somebody where it is about somebody."""
    return {what for what in What if not why_not(now, what, whom)}


ALWAYS = {What.SHARE, What.LASER}


def test_without_a_session_only_sharing_can_be_wished() -> None:
    assert can(Situation()) == ALWAYS
    assert why_not(Situation(), What.ASK) == "This model is not shared"
    offline = Situation(link=LinkStatus("waiting", "no route"))
    assert can(offline) == ALWAYS | {What.RETRY}
    assert why_not(offline, What.MUTE) == "You are not connected"


def test_a_guest_may_ask_and_follow() -> None:
    now = live(company(ADA, GRACE, presenter=ADA, role="reader"))
    assert can(now, GRACE) == ALWAYS | {What.INVITE, What.ASK, What.FOLLOW}
    assert why_not(now, What.LET, GRACE) == "Only the host and the presenter may do that"
    asked = live(company(ADA, GRACE, presenter=ADA, role="reader", asking=(ME,)))
    assert What.WITHDRAW in can(asked)
    assert What.ASK not in can(asked)


def test_a_presenter_may_hand_over_and_stop() -> None:
    now = live(company(ADA, GRACE, presenter=ME))
    assert can(now, GRACE) == ALWAYS | {What.INVITE, What.LET, What.STOP}
    assert why_not(now, What.FOLLOW) == "You present"


def test_a_host_leads() -> None:
    now = live(company(ADA, person(GRACE, role="owner"), presenter=ADA, host=ME, asking=(GRACE,)))
    assert can(now, GRACE) == ALWAYS | {
        What.INVITE, What.ASK, What.FOLLOW, What.LET, What.DENY, What.TAKE_BACK, What.STOP, What.MUTE,
        What.END,
    }  # fmt: skip
    assert why_not(now, What.REMOVE, GRACE) == "Owners of the model cannot be removed"
    assert not why_not(now, What.REMOVE, ADA)
    assert why_not(now, What.DENY, ADA) == "Ada Lovelace has not asked to present"
    assert why_not(now, What.LET, "nobody") == "That person has left"
    muted = live(company(ADA, host=ME, muted=True))
    assert What.UNMUTE in can(muted)
    assert What.MUTE not in can(muted)


def test_owners_give_roles_and_never_to_themselves() -> None:
    other_window = person("me2", name="Tess Tester", user_id="me-user")
    now = live(company(ADA, other_window, role="owner"))
    assert not why_not(now, What.ROLE, ADA)
    assert not why_not(now, What.REMOVE, ADA)
    assert why_not(now, What.ROLE, "me2") == "Another owner has to do that for you"
    assert why_not(now, What.REMOVE, "me2") == "That is you: close the window to leave"
    assert why_not(live(company(ADA)), What.ROLE, ADA) == "Only owners of the model may do that"


def test_who_is_away_cannot_present_and_who_was_not_seen_cannot_be_shown() -> None:
    now = live(company(person(ADA, away=True), GRACE, host=ME), places={GRACE: "Front"})
    assert why_not(now, What.LET, ADA) == "Ada Lovelace is away"
    assert why_not(now, What.SHOW, ADA) == "It is not known where Ada Lovelace is"
    assert not why_not(now, What.SHOW, GRACE)


def test_every_reason_is_a_line_for_people() -> None:
    theres = [
        company(ADA, GRACE, presenter=presenter, host=host, asking=asking, muted=muted, role=role)
        for presenter, host, asking, muted, role in itertools.product(
            ("", ME, ADA), (ME, ADA), ((), (GRACE,)), (False, True), ("owner", "writer", "reader")
        )
    ]
    links = (None, LIVE, LinkStatus("waiting"), LinkStatus("connecting"), LinkStatus("stopped", "removed"))
    for there, link, what, whom in itertools.product(theres, links, What, (ME, ADA, GRACE, "gone")):
        reason = why_not(Situation(company=there, link=link), what, whom)
        assert reason == reason.strip()
        assert not reason or reason[0].isupper()
        assert "\n" not in reason


# --- words ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("now", "line"),
    [
        (live(company(ADA)), ""),
        (live(company(ADA, presenter=ADA), following=True), "Ada Lovelace presents"),
        (live(company(ADA, presenter=ADA)), "Ada Lovelace presents. You look around on your own"),
        (live(company(ADA, presenter=ADA), following=True, held=True, places={ADA: "Back"}),
         "Ada Lovelace has gone on to “Back”"),
        (live(company(person(ADA, away=True), presenter=ADA), following=True),
         "Ada Lovelace presents, but is away"),
        (live(company(ADA, presenter=ME)), "You present to 1 person"),
        (live(company(ADA, person(GRACE, away=True), LIN, presenter=ME)), "You present to 2 people"),
        (live(company(presenter=ME, host=ME)), ""),
        (live(company(person("me2", user_id="me-user"), presenter="me2"), following=True),
         "Your other window presents"),
        (Situation(company=company(ADA, presenter=ADA), link=LinkStatus("waiting")), ""),
    ],
)  # fmt: skip
def test_the_bar_says_who_presents(now: Situation, line: str) -> None:
    assert words.leading_line(now) == line


@pytest.mark.parametrize(
    ("there", "line"),
    [
        (company(ADA, muted=True), "Edits are off: the host, Ada Lovelace, has muted them"),
        (company(ADA, muted=True, role="reader"), ""),
        (company(ADA, muted=True, presenter=ME), ""),
        (company(ADA, person("me2", user_id="me-user"), muted=True, presenter="me2"), ""),
        (company(ADA, muted=True, host=ME), "Edits are off for everybody but you and the presenter"),
        (company(ADA, muted=False), ""),
        (company(GRACE, muted=True, host="gone"), "Edits are off: the host has muted them"),
    ],
)
def test_whose_edits_are_off_is_told_and_nobody_else(there: Company, line: str) -> None:
    assert words.muted_line(live(there)) == line


def test_those_who_ask_are_told_to_the_host_alone() -> None:
    assert words.asking_line(live(company(ADA, GRACE, host=ADA, asking=(GRACE,)))) == ""
    hosting = company(ADA, GRACE, LIN, host=ME, asking=(GRACE, "gone", LIN))
    assert words.asking_line(live(hosting)) == "Grace Hopper asks to present, and 1 more"


def test_long_names_are_cut_in_lines() -> None:
    long = person(ADA, name="x" * 60)
    assert len(words.leading_line(live(company(long, presenter=ADA)))) < 80
    assert words.title(live(company(long)), long) == "x" * 60


def test_the_panel_says_how_the_connection_is() -> None:
    assert "only on this computer" in words.empty_text(Situation())
    offline = Situation(
        link=LinkStatus("waiting", "no route to host"), waiting=1, seen_at="2020-01-01T00:00:00Z"
    )
    text = words.empty_text(offline)
    assert "1 change waits" in text
    assert "No route to host." in text
    assert "Last connected 2020-01-01" in text
    assert "2 changes wait" in words.empty_text(Situation(link=LinkStatus("waiting"), waiting=2))
    assert words.state_line(offline) == "You work offline"
    assert words.state_line(Situation(link=LinkStatus("stopped", "removed"))) == "Not connected"
    assert words.state_line(Situation(link=LinkStatus("connecting"))) == "Connecting…"
    assert words.state_line(Situation(link=LIVE)) == "Connecting…", "live, and nobody is known yet"
    assert words.state_line(live(company())) == "1 person"
    assert "Nobody else" in words.empty_text(live(company()))
    assert words.empty_text(live(company(ADA))) == ""


# --- rows ----------------------------------------------------------------------------------------
def test_rows_begin_with_oneself_and_those_who_matter() -> None:
    there = company(
        "zoe", "adam", person("eve", away=True), LIN, GRACE, ADA, presenter=LIN, host=ADA,
        asking=("zoe", GRACE),
    )  # fmt: skip
    keys = [row.person.participant_id for row in rows_of(live(there))]
    assert keys == [ME, LIN, ADA, "zoe", GRACE, "adam", "eve"]


def test_a_row_says_everything_of_somebody() -> None:
    there = company(person(ADA, role="owner", away=True), presenter=ADA, asking=(ME,))
    now = live(there, places={ADA: "Front"})
    me, ada = rows_of(now)
    assert ada.spoken == "Ada Lovelace, away, presents, host, owner, in “Front”"
    assert me.spoken == "Tess Tester (you), you have asked to present, writer"
    two = rows_of(live(company(person("me2", user_id="me-user", name="Tess Tester"))))
    assert two[1].title == "Tess Tester (you, another window)"
