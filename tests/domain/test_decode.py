"""Bytes from outside and the hash chain over bytes of our own."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidData
from app.domain.patch import (
    GENESIS,
    MAX_OPERATIONS,
    Event,
    Operation,
    Patch,
    chain,
    decode_json,
    decode_operation,
    decode_patch,
    encode,
    place,
    remove,
)
from tests.strategies import MODEL_ID, an_id, states, valid_patches

BAD: dict[str, bytes | str] = {
    "lists": b"[" * 100_000,
    "objects": b'{"a":' * 100_000,
    "closed lists": b"[" * 100_000 + b"]" * 100_000,
    "deep in a patch": b'[{"kind":"a","id":"b","operation":"add","data":{"x":' + b"[" * 100_000,
    "digits": b"9" * 100_000,
    "exponent": b"1e999999",
    "nan": b"NaN",
    "utf-8": b'["\xff\xfe"]',
    "utf-16": '"text"'.encode("utf-16"),
    "surrogate escape": rb'["\ud800"]',
    "surrogate text": '["\ud800"]',
    "cut off": b'[{"kind":',
    "nothing": b"",
    "zeros": bytes(100),
}


DECODERS: tuple[Callable[[bytes | str], Any], ...] = (decode_json, decode_patch, decode_operation)


@pytest.mark.parametrize("decode", DECODERS)
@pytest.mark.parametrize("raw", BAD.values(), ids=list(BAD))
def test_bad_bytes_are_refused_in_one_line(raw: bytes | str, decode: Callable[[bytes | str], Any]) -> None:
    with pytest.raises(InvalidData, match="cannot be read") as caught:
        decode(raw)
    assert len(str(caught.value).splitlines()) == 1
    str(caught.value).encode()


@given(st.binary(max_size=60) | st.text(max_size=60) | st.from_regex(r'[\[\]{}":,0-9eE.\-a-z]{0,40}'))
def test_any_bytes_decode_or_are_refused(raw: bytes | str) -> None:
    for decode in DECODERS:
        try:
            value = decode(raw)
        except InvalidData as error:
            str(error).encode()
        else:
            encode(value)


def test_limits() -> None:
    with pytest.raises(InvalidData, match="larger than 1 MB"):
        decode_json(b" " * 1_000_001, limit=1_000_000)
    one = encode(remove("cell", an_id(1)))
    with pytest.raises(InvalidData, match=f"more than {MAX_OPERATIONS} operations"):
        decode_patch(b"[" + b",".join([one] * (MAX_OPERATIONS + 1)) + b"]")
    with pytest.raises(InvalidData, match="cannot be read"):
        decode_patch(b'[{"kind":"cell","id":"x","operation":"move"}]')


def operation(patch: Patch) -> Operation:
    """An operation as a document makes it."""
    return Operation(operation_id=an_id(1), model_id=MODEL_ID, author="me", patch=patch, timestamp="2026")


@given(st.data())
def test_operations_come_through_as_they_are(data: st.DataObject) -> None:
    state = data.draw(states(max_cells=3, max_others=2))
    one = operation(data.draw(valid_patches(state)))
    event = place(one, 1, GENESIS)
    assert decode_operation(event.body) == one
    assert encode(decode_operation(event.body)) == event.body
    assert json.loads(event.body)["model_id"] == MODEL_ID
    assert decode_json(encode(one.patch)) == json.loads(encode(one.patch))


def first_broken(bodies: list[bytes], hashes: list[bytes]) -> int:
    """The sequence number of the first event whose hash does not fit; 0 when all do."""
    previous = GENESIS
    for number, (body, stored) in enumerate(zip(bodies, hashes, strict=True), 1):
        if chain(number, previous, body) != stored:
            return number
        previous = stored
    return 0


def log(length: int) -> list[Event]:
    """A short chain."""
    events: list[Event] = []
    for number in range(length):
        previous = events[-1].hash if events else GENESIS
        events.append(place(operation((remove("cell", an_id(number)),)), number + 1, previous))
    return events


@given(st.data())
def test_any_change_to_a_chain_is_found(data: st.DataObject) -> None:
    events = log(4)
    bodies, hashes = [e.body for e in events], [e.hash for e in events]
    assert first_broken(bodies, hashes) == 0
    which = data.draw(st.integers(0, 3))
    where = data.draw(st.integers(0, len(bodies[which]) - 1))
    flipped = bytearray(bodies[which])
    flipped[where] ^= 1 << data.draw(st.integers(0, 7))
    assert first_broken([*bodies[:which], bytes(flipped), *bodies[which + 1 :]], hashes) == which + 1


def test_order_and_gaps_are_part_of_the_chain() -> None:
    events = log(4)
    bodies, hashes = [e.body for e in events], [e.hash for e in events]
    assert first_broken([bodies[1], bodies[0], *bodies[2:]], [hashes[1], hashes[0], *hashes[2:]]) == 1
    assert first_broken(bodies[1:], hashes[1:]) == 1
    assert first_broken([bodies[0], *bodies[2:]], [hashes[0], *hashes[2:]]) == 2
    assert chain(1, GENESIS, b"x") != chain(2, GENESIS, b"x")
