"""Large messages in parts, put together within bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol import Assembler, ProtocolError, decode_client, frames
from sync.protocol.messages import Part


def parts_of(raw: bytes, name: str, limit: int = 400) -> list[Part]:
    """The parts as the other side decodes them."""
    found = [decode_client(frame, limit=limit) for frame in frames(raw, name, limit=limit)]
    return [part for part in found if isinstance(part, Part)]


def take_all(assembler: Assembler, parts: list[Part]) -> None:
    """Hand over parts one after the other."""
    for part in parts:
        assembler.take(part)


@given(st.binary(min_size=1, max_size=3000), st.integers(300, 800))
def test_what_is_cut_is_whole_again(raw: bytes, limit: int) -> None:
    """PART-1: each frame within the limit, and nothing before the last part."""
    sent = list(frames(raw, "a", limit=limit))
    if len(raw) <= limit:
        assert sent == [raw]
        return
    assert max(map(len, sent)) <= limit
    assembler = Assembler()
    got = [assembler.take(part) for part in parts_of(raw, "a", limit)]
    assert got[:-1] == [None] * (len(got) - 1)
    assert got[-1] == raw
    assert assembler.held == 0


def test_messages_may_interleave() -> None:
    """PART-1."""
    assembler = Assembler()
    one, two = parts_of(b"1" * 1000, "one"), parts_of(b"2" * 1000, "two")
    got = [assembler.take(part) for pair in zip(one, two, strict=True) for part in pair]
    assert [g for g in got if g] == [b"1" * 1000, b"2" * 1000]


def test_bytes_held_are_bounded() -> None:
    """PART-2."""
    assembler = Assembler(limit=500)
    with pytest.raises(ProtocolError, match="more than 500 bytes"):
        take_all(assembler, parts_of(b"x" * 1000, "a"))
    assert assembler.held == 0


def test_unfinished_messages_are_bounded() -> None:
    """PART-2."""
    assembler = Assembler(unfinished=2)
    for name in "ab":
        assembler.take(parts_of(b"x" * 1000, name)[0])
    with pytest.raises(ProtocolError, match="more than 2 messages"):
        assembler.take(parts_of(b"x" * 1000, "c")[0])


@pytest.mark.parametrize("order", [[0, 2], [1], [0, 0], [0, 1, 3]])
def test_a_part_out_of_place_drops_its_message(order: list[int]) -> None:
    """PART-2."""
    assembler = Assembler()
    parts = parts_of(b"x" * 1000, "a")
    with pytest.raises(ProtocolError, match="was due"):
        take_all(assembler, [parts[number] for number in order])
    assert assembler.held == 0


@pytest.mark.parametrize(
    "bad",
    [
        Part(part_of="a", number=1, count=3, data=b""),
        Part(part_of="a", number=1, count=4, data=b"x"),
        Part(part_of="a", number=5, count=3, data=b"x"),
    ],
)
def test_parts_that_do_not_fit(bad: Part) -> None:
    """PART-2."""
    assembler = Assembler()
    assembler.take(Part(part_of="a", number=0, count=3, data=b"x"))
    with pytest.raises(ProtocolError):
        assembler.take(bad)
    assert assembler.held == 0
