"""Labels are broken into lines that stay inside their shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from canvas.text import ELLIPSIS, Face, lay_out, lay_out_in, shown_text, stadium_width

TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=st.sampled_from("ab 漢é🚀م\n-_/"), max_size=80),
)


@pytest.fixture
def face(qapp: object) -> Face:
    return Face(["DejaVu Sans", "sans-serif"], 13.0)


@given(text=TEXTS, width=st.floats(20, 300), height=st.floats(16, 200))
def test_no_line_is_wider_and_all_lines_are_within_the_height(
    face: Face, text: str, width: float, height: float
) -> None:
    block = lay_out(text, face, width, height)
    assert block.height <= max(height + 0.5, face.line_height)
    for line in block.lines:
        # A single letter has to go somewhere, however narrow the shape.
        assert face.metrics.horizontalAdvance(line) <= width + 1 or len(line) <= 3


@given(text=TEXTS, size=st.floats(30, 200))
def test_round_shapes_hold_their_text(face: Face, text: str, size: float) -> None:
    block = lay_out_in(text, face, lambda lines: stadium_width(size, size, lines), size - 6)
    assert block.height <= max(size, face.line_height)


@given(text=TEXTS)
def test_with_room_enough_every_letter_is_shown(face: Face, text: str) -> None:
    block = lay_out(text, face, 5000, 5000)
    assert "".join(block.text.split()) == "".join(shown_text(text).split())


def test_what_does_not_fit_ends_with_an_ellipsis(face: Face) -> None:
    block = lay_out("many words that cannot possibly fit in here", face, 60, 40)
    assert block.lines[-1].endswith(ELLIPSIS)
    assert len(block.lines) == 2


def test_own_line_breaks_stay(face: Face) -> None:
    assert lay_out("one\ntwo\n\nfour", face, 200, 200).lines == ("one", "two", "", "four")


def test_characters_outside_the_basic_plane_are_not_cut_in_two(face: Face, qtbot: QtBot) -> None:
    block = lay_out("🚀🚀🚀🚀🚀🚀🚀🚀", face, 40, 300)
    assert "".join(block.lines) == "🚀" * 8
    assert len(block.lines) > 1
