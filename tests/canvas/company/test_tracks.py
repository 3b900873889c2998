"""Where a cursor shows between two messages."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.values import Point
from canvas.company.tracks import SILENT, STILL, TRAIL, Track

places = st.builds(Point, st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
pauses = st.floats(0.001, 2.0)


@given(places, st.lists(st.tuples(pauses, places), min_size=1, max_size=20))
def test_a_cursor_arrives_and_never_leaves_the_way(first: Point, heard: list[tuple[float, Point]]) -> None:
    now, track = 0.0, Track.at(first, 0.0)
    for pause, place in heard:
        now += pause
        before = track.place(now)
        track.hear(place, now, laser=False)
        for share in (0.0, 0.3, 0.9):
            shown = track.place(now + share * track.takes)
            for value, one, other in ((shown.x, before.x, place.x), (shown.y, before.y, place.y)):
                assert min(one, other) - 1e-6 <= value <= max(one, other) + 1e-6
    assert track.place(now + 0.11) == heard[-1][1]


def test_it_does_not_jump_when_the_next_message_comes_early() -> None:
    track = Track.at(Point(0, 0), 0.0)
    track.hear(Point(100, 0), 0.1, laser=False)
    half = track.place(0.15)
    assert 40 < half.x < 60
    track.hear(Point(200, 0), 0.15, laser=False)
    assert track.place(0.15) == half


def test_still_and_silent() -> None:
    track = Track.at(Point(0, 0), 0.0)
    track.hear(Point(0, 0), STILL, laser=False)
    assert track.is_still(STILL)
    assert not track.is_silent(SILENT)
    assert track.is_silent(STILL + SILENT)


def test_a_trail_fades_from_its_beginning() -> None:
    track = Track.at(Point(0, 0), 0.0)
    for step in range(5):
        track.hear(Point(step, 0), step * 0.1, laser=True)
    glow = [strength for strength, _ in track.fading(0.5)]
    assert glow == sorted(glow)
    assert len(glow) == 5
    assert len(track.fading(TRAIL + 0.15)) == 3
    assert track.fading(5.0) == ()
