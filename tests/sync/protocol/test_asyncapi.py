"""The description of the channel is true."""

from typing import Any, get_args

import msgspec
import pytest
import yaml
from hypothesis import given

from sync.protocol import asyncapi, encode
from sync.protocol import messages as m
from tests.manners import ROOT
from tests.sync.protocol.strategies import client_messages, server_messages

DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "sync" / "asyncapi.yaml").read_text("utf-8"))
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]


def test_the_file_is_what_the_messages_say() -> None:
    """CODEC-4: `python -m sync.protocol.asyncapi > sync/asyncapi.yaml` mends it."""
    assert (ROOT / "sync" / "asyncapi.yaml").read_text("utf-8") == asyncapi.text()


def test_every_reference_leads_somewhere() -> None:
    """CODEC-4."""

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for key, one in value.items():
                if key == "$ref":
                    here: Any = DOCUMENT
                    for part in str(one).removeprefix("#/").split("/"):
                        here = here[part]
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(DOCUMENT)


@pytest.mark.parametrize("direction", ["receive", "send"])
def test_every_message_is_described(direction: str) -> None:
    """CODEC-4."""
    said = DOCUMENT["operations"][f"live_{direction}"]["messages"]
    names = {one["$ref"].rsplit("/", 1)[1] for one in said}
    assert names == {
        c.__name__ for c in get_args(m.ClientMessage if direction == "receive" else m.ServerMessage)
    }
    assert all(DOCUMENT["components"]["messages"][name]["summary"] for name in names)


@given(client_messages() | server_messages())
def test_messages_are_as_described(message: m.Message) -> None:
    """CODEC-4: no field that the description does not know, none missing that it asks for."""
    raw = msgspec.json.decode(encode(message))
    schema = SCHEMAS[type(message).__name__]
    assert set(raw) <= set(schema["properties"])
    assert set(schema["required"]) <= set(raw)
    assert raw["message_type"] in schema["properties"]["message_type"]["enum"]
