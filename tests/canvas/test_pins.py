"""Pins stand where their threads are, share a spot, and know what is new."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas.pins.spots import PinThread, gathered, initials

threads = st.lists(
    st.builds(
        PinThread,
        st.uuids().map(str),
        st.sampled_from([None, "a", "b"]),
        st.sampled_from([0.0, 10.0]),
        st.sampled_from([0.0, 10.0]),
        st.sampled_from(["ann", "bob"]),
        st.just("text"),
        unread=st.booleans(),
        resolved=st.booleans(),
    )
)


@given(threads)
def test_every_thread_has_one_pin_and_those_at_one_spot_share_it(found: list[PinThread]) -> None:
    pins = gathered(found)
    assert sorted(t.root_id for p in pins for t in p.threads) == sorted(t.root_id for t in found)
    spots = [(p.cell_id, p.threads[0].x, p.threads[0].y) if p.cell_id is None else p.cell_id for p in pins]
    assert len(spots) == len(set(spots))
    for pin in pins:
        assert pin.is_unread == any(t.unread for t in pin.threads)
        assert pin.mark == (
            str(len(pin.threads)) if len(pin.threads) > 1 else pin.threads[0].author[0].upper()
        )


@pytest.mark.parametrize(
    ("name", "letters"), [("Ada Lovelace", "AL"), ("carol.smith", "CS"), ("bob", "B"), ("", "?"), ("  ", "?")]
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters
