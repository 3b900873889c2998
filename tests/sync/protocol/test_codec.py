"""Messages survive the wire; nothing else gets in."""

import contextlib
import json
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.patch import GENESIS, Operation, place, update
from sync.protocol import ProtocolError, decode_client, decode_server, encode, event_of, placed
from sync.protocol import messages as m
from sync.protocol.codec import MAX_DEPTH, is_too_deep
from tests.manners import count
from tests.strategies import an_id
from tests.sync.protocol.strategies import client_messages, server_messages, structs


@given(client_messages())
def test_client_messages_survive(message: m.ClientMessage) -> None:
    """CODEC-1."""
    assert decode_client(encode(message)) == message


@given(server_messages())
def test_server_messages_survive(message: m.ServerMessage) -> None:
    """CODEC-1."""
    assert decode_server(encode(message)) == message


@pytest.mark.parametrize(
    "kind",
    sorted({*get_args(m.ClientMessage), *get_args(m.ServerMessage)}, key=str),
)
@settings(max_examples=count(10, 50))
@given(data=st.data())
def test_every_class_has_its_own_name(kind: type, data: st.DataObject) -> None:
    """CODEC-1: the message says which it is."""
    message = data.draw(structs(kind))
    assert json.loads(encode(message))["message_type"] == m.tag_of(kind.__name__)


def taken(raw: bytes) -> bool:
    """Whether either side takes the bytes; ProtocolError is the only way to refuse them."""
    found = 0
    for decode in (decode_client, decode_server):
        with contextlib.suppress(ProtocolError):
            decode(raw)
            found += 1
    return found > 0


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(raw: bytes) -> None:
    """CODEC-2."""
    taken(raw)


@given(client_messages() | server_messages(), st.data())
def test_damaged_messages_are_decoded_or_refused(message: m.Message, data: st.DataObject) -> None:
    """CODEC-2: bytes changed, lost or doubled."""
    raw = bytearray(encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        place_of = data.draw(st.integers(0, len(raw) - 1))
        raw[place_of : place_of + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        if not raw:
            break
    taken(bytes(raw))


HEARTBEAT = b'{"message_type":"heartbeat","number":1}'


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not_understood"),
        (b"\xff\xfe", "not_understood"),
        (b"[]", "not_understood"),
        (b"null", "not_understood"),
        (b'{"message_type":"nonsense"}', "not_understood"),
        (b'{"message_type":"heartbeat","number":-1}', "not_understood"),
        (b'{"message_type":"heartbeat","number":1e400}', "not_understood"),
        (b'{"message_type":"cursor","diagram_id":"x","position":null}', "not_understood"),
        (b'{"a":' * 100_000, "too_large"),
        (b'{"a":' * 20_000, "not_understood"),
        (HEARTBEAT + b" " * 300_000, "too_large"),
        (b'{"message_type":"heartbeat","x":' + b"[" * 40 + b"]" * 40 + b"}", "too_deep"),
    ],
)
def test_refusals(raw: bytes, code: str) -> None:
    """CODEC-2."""
    with pytest.raises(ProtocolError) as caught:
        decode_client(raw)
    assert caught.value.code == code


@pytest.mark.parametrize("spare", [-1, 0, 1])
def test_depth_is_bounded_exactly(spare: int) -> None:
    """CODEC-2: brackets in texts do not count."""
    text = json.dumps('"]}[{\\').encode()
    levels = MAX_DEPTH - spare
    raw = b'{"a":' + text + b',"b":' + b"[" * (levels - 1) + text + b"]" * (levels - 1) + b"}"
    json.loads(raw)
    assert is_too_deep(raw) == (spare < 0)


def test_fields_of_later_versions_are_passed_over() -> None:
    """COMPAT-1."""
    assert decode_client(HEARTBEAT[:-1] + b',"later":{"a":[1]}}') == m.Heartbeat(number=1)


def event(number: int = 1) -> m.PlacedOperation:
    patch = (update("cell", an_id(1), label="ä\u2028", position={"x": 1, "y": 2.5}),)
    operation = Operation(operation_id=an_id(2), model_id=an_id(0), author="ann", patch=patch)
    return placed(place(operation, number, GENESIS))


def test_events_travel_as_the_bytes_that_were_hashed() -> None:
    """CODEC-3."""
    sent = m.Events(events=(event(),))
    received = decode_server(encode(sent))
    assert isinstance(received, m.Events)
    again = event_of(received.events[0])
    assert again.body == bytes(sent.events[0].operation)
    assert placed(again) == sent.events[0]


def test_a_changed_event_is_noticed() -> None:
    """CODEC-3."""
    raw = encode(m.Events(events=(event(),))).replace(b'"ann"', b'"bob"')
    received = decode_server(raw)
    assert isinstance(received, m.Events)
    with pytest.raises(ProtocolError, match="is not what was written"):
        event_of(received.events[0])
