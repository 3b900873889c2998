"""What people do, to messages and back."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.presence import CursorAt, SelectionOf, Sight, TypingOf, ViewportOf
from app.domain.values import Point
from sync.client.sights import Sightings, message_of, sight_of
from sync.protocol import ProtocolError, decode_client, encode
from sync.protocol import messages as m
from tests.strategies import an_id, texts

D, ANN, BEN = an_id(50), an_id(1), an_id(2)
NUMBERS = st.floats(-1e12, 1e12)
POINTS = st.builds(Point, NUMBERS, NUMBERS)
ANY = {"participant_id": st.just(""), "diagram_id": st.just(D)}
SIGHTS: st.SearchStrategy[Sight] = st.one_of(
    st.builds(CursorAt, **ANY, position=POINTS | st.none(), laser=st.booleans()),
    st.builds(SelectionOf, **ANY, cells=st.lists(st.just(an_id(3)), max_size=1200).map(tuple)),
    st.builds(ViewportOf, **ANY, centre=POINTS, zoom=st.floats(0, 1e9), width=NUMBERS, height=NUMBERS),
    st.builds(TypingOf, **ANY, record_id=st.just(an_id(3)), property=texts(0, 200), text=texts(0, 5000)),
)


@given(SIGHTS, st.booleans())
def test_every_server_takes_what_is_shown(sight: Sight, presenting: bool) -> None:
    """CODEC-1: whatever is too much for a message is cut, not refused."""
    message = message_of(sight, presenting=presenting)
    assert decode_client(encode(message)) == message
    again = message_of(sight_of(message), presenting=presenting)
    assert again == message


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.booleans())
def test_what_fits_comes_as_it_went(x: float, y: float, presenting: bool) -> None:
    """CODEC-1."""
    cursor = CursorAt(participant_id="", diagram_id=D, position=Point(x, y), laser=True)
    view = ViewportOf(participant_id="", diagram_id=D, centre=Point(x, y), zoom=2, width=3, height=4)
    for sight in (cursor, view):
        assert sight_of(message_of(sight, presenting=presenting)) == sight


def test_a_message_that_is_not_cut_would_be_refused() -> None:
    """CODEC-2: the bounds are those of the messages."""
    far = m.Cursor(diagram_id=D, position=m.Place(math.nextafter(m.FARTHEST, math.inf), 0))
    with pytest.raises(ProtocolError):
        decode_client(encode(far))


def typing(record: int, text: str, who: str = ANN) -> m.Typing:
    return m.Typing(participant_id=who, diagram_id=D, record_id=an_id(record), text=text)


def test_one_unfinished_text_ends_the_one_before() -> None:
    """PRES-2: the word that it was finished may have been dropped for the next one."""
    sightings, there = Sightings(), frozenset({ANN, BEN})
    sightings.of([typing(3, "Sho"), typing(3, "Y", BEN)], there)
    found = sightings.of([typing(4, "P"), typing(3, "Yz", BEN)], there)
    assert [(one.participant_id, one.record_id, one.text) for one in found if isinstance(one, TypingOf)] == [
        (ANN, an_id(3), ""), (ANN, an_id(4), "P"), (BEN, an_id(3), "Yz"),
    ]  # fmt: skip
    sightings.keep(frozenset())
    assert len(sightings.of([typing(5, "Q")], there)) == 1


def test_who_has_gone_is_not_seen() -> None:
    """PRES-2."""
    assert Sightings().of([typing(3, "x")], frozenset({BEN})) == ()
