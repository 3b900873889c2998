"""The description of the channel, made from the messages: `python -m sync.protocol.asyncapi` prints it."""

import inspect
import sys
from collections.abc import Iterable
from typing import Any, Final, get_args

import msgspec
import yaml

from app.domain.patch import Operation
from sync.protocol import messages as m
from sync.protocol import seed
from sync.protocol.codec import MAX_DEPTH, MAX_FRAME_BYTES, MAX_MESSAGE_BYTES

_REF: Final = "#/components/schemas/{name}"
_SEED_IN: Final = (seed.SeedOperation, seed.SeedCursor, seed.SeedPresenter, seed.SeedEvent)
_SEED_OUT: Final = (*_SEED_IN, seed.SeedRejected)
_ABOUT: Final = f"""\
Live editing of a threat model. The session, its presenter and its events belong to the model; the diagram
in the address is the first one in view.

With the subprotocol `{m.SUBPROTOCOL}` both sides send the messages of the channel `live`; without one, those
of the channel `plain`. A client fetches the state with its sequence number, then sends `resume` and gets
what follows in `events`. An operation is on disk when its `ack` has come; it may be sent again under the
same `operation_id` as often as need be. Frames hold at most {MAX_FRAME_BYTES} bytes and {MAX_DEPTH} levels;
larger messages go in `part`s, at most {MAX_MESSAGE_BYTES} bytes together.
"""


def document() -> dict[str, Any]:
    """The AsyncAPI 3 document as plain data."""
    ours_in, ours_out = get_args(m.ClientMessage), get_args(m.ServerMessage)
    every = list(dict.fromkeys([*ours_in, *ours_out, *_SEED_OUT]))
    _, schemas = msgspec.json.schema_components([*every, Operation], ref_template=_REF)
    # On the wire these are bytes that must not be written anew; they hold an operation all the same.
    schemas["PlacedOperation"]["properties"]["operation"] = {"$ref": _REF.format(name="Operation")}
    channels = {
        "live": _channel(f"Subprotocol {m.SUBPROTOCOL}", [*ours_in, *ours_out]),
        "plain": _channel("No subprotocol: one diagram, its cells and its presenter", _SEED_OUT),
    }
    operations: dict[str, Any] = {}
    for name, action, classes in (
        ("live", "receive", ours_in), ("live", "send", ours_out),
        ("plain", "receive", _SEED_IN), ("plain", "send", _SEED_OUT),
    ):  # fmt: skip
        operations[f"{name}_{action}"] = {
            "action": action,
            "channel": {"$ref": f"#/channels/{name}"},
            "messages": [{"$ref": f"#/channels/{name}/messages/{c.__name__}"} for c in classes],
        }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "TMI live channel", "version": "1.0.0", "description": _ABOUT},
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {c.__name__: _message(c) for c in every},
            "schemas": schemas,
        },
    }


def _channel(summary: str, classes: Iterable[type]) -> dict[str, Any]:
    names = dict.fromkeys(c.__name__ for c in classes)
    identifier = {"description": "A UUID in lower case."}
    return {
        "address": "/threat_models/{threat_model_id}/diagrams/{diagram_id}/ws",
        "summary": summary,
        "parameters": {"threat_model_id": identifier.copy(), "diagram_id": identifier.copy()},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _message(message: type) -> dict[str, Any]:
    name = getattr(message, "__struct_config__").tag or message.__name__  # noqa: B009
    return {
        "name": name,
        "summary": (inspect.getdoc(message) or "").split("\n")[0],
        "payload": {"$ref": _REF.format(name=message.__name__)},
    }


def text() -> str:
    """The document as it lies in `sync/asyncapi.yaml`."""
    head = "# Made by `python -m sync.protocol.asyncapi`; a test compares.\n"
    body: str = yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=100)
    return head + body


if __name__ == "__main__":
    sys.stdout.write(text())
