"""Plain clients: cells in, cells out, and nothing that they have no word for."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.patch import GENESIS, Operation, add, place, remove, update
from app.domain.records import Cell
from app.domain.stage import apply
from app.domain.state import ModelState
from sync.protocol import ProtocolError, decode_seed, encode_seed, operation_to_seed
from sync.protocol import messages as m
from sync.protocol.seed_cells import cell_from_seed, cell_to_seed
from tests.strategies import MODEL_ID, an_id, states
from tests.sync.protocol.strategies import server_messages

DIAGRAM, OTHER, CELL = an_id(1), an_id(2), an_id(3)
USERS = {"u-ann": an_id(8)}


def message(cells: list[dict[str, Any]], name: str = "diagram_operation") -> bytes:
    """What a plain client sends."""
    content = {
        "message_type": name,
        "user_internal_uuid": "somebody else",
        "operation_id": an_id(7),
        "sequence_number": 3,
        "operation": {"type": "patch", "cells": cells},
        "timestamp": "2026-01-01T00:00:00Z",
    }
    return json.dumps(content).encode()


@pytest.mark.parametrize("name", ["diagram_operation", "diagram_operation_request"])
def test_cells_become_a_patch(name: str) -> None:
    """COMPAT-2, AUTH-2: the diagram is the socket's, and who it claims to be is not looked at."""
    size = {"width": 100, "height": 50}
    cells: list[dict[str, Any]] = [
        {"id": CELL, "operation": "add", "data": {
            "id": CELL, "type": "process", "position": {"x": 1, "y": 2}, "size": size, "later": 1,
            "properties": {"label": "A", "description": "B"}}},
        {"id": CELL, "operation": "update", "data": {"properties": {"label": "C"}}},
        {"id": CELL, "operation": "remove", "data": None},
    ]  # fmt: skip
    found = decode_seed(message(cells, name), DIAGRAM, USERS)
    assert found == m.DiagramOperation(
        operation_id=an_id(7),
        patch=(
            add("cell", CELL, {
                "type": "process", "position": {"x": 1, "y": 2}, "size": size, "later": 1,
                "label": "A", "description": "B", "diagram_id": DIAGRAM}),
            update("cell", CELL, label="C"),
            remove("cell", CELL),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ({"message_type": "presenter_cursor", "cursor_position": {"x": 1, "y": 2}},
         m.PresenterCursor(diagram_id=DIAGRAM, cursor_position=m.Place(1.0, 2.0))),
        ({"message_type": "current_presenter", "current_presenter": "u-ann"},
         m.PresenterHandOver(participant_id=an_id(8))),
        ({"message_type": "current_presenter", "current_presenter": ""}, m.PresenterStop()),
        ({"event": "leave", "user_internal_uuid": "u-ann"}, m.Leave()),
    ],
)  # fmt: skip
def test_the_other_words(raw: dict[str, Any], found: m.ClientMessage) -> None:
    """COMPAT-2."""
    assert decode_seed(json.dumps(raw), DIAGRAM, USERS) == found


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[]", b"{}", b'{"event":"join"}', b'{"message_type":"diagram_operation"}',
        b'{"message_type":"current_presenter","current_presenter":"nobody"}',
        message([{"id": CELL, "operation": "replace"}]),
        message([{"id": CELL, "operation": "add", "data": {"properties": 5}}]),
    ],
)  # fmt: skip
def test_refusals(raw: bytes) -> None:
    """CODEC-2."""
    with pytest.raises(ProtocolError):
        decode_seed(raw, DIAGRAM, USERS)


@given(st.binary(max_size=100))
def test_any_bytes_are_decoded_or_refused(raw: bytes) -> None:
    """CODEC-2."""
    with contextlib.suppress(ProtocolError):
        decode_seed(raw, DIAGRAM, USERS)


@given(states())
def test_cells_survive(state: ModelState) -> None:
    """COMPAT-1, COMPAT-2: a whole cell, sent back, is the same cell."""
    for cell in state.all(Cell):
        raw = json.loads(json.dumps(cell_to_seed(cell)))
        assert raw["id"] == cell.id
        held = apply(state.copy(), (update("cell", cell.id, **cell_from_seed(raw)),))
        assert not held.changes


def test_events_show_whole_cells_of_one_diagram() -> None:
    """COMPAT-2: an update of one property comes as the whole cell; other diagrams stay unseen."""
    state = ModelState(MODEL_ID)
    begin = [add("threat_model", MODEL_ID, {"name": "m"})]
    begin += [add("diagram", one, {"name": "d"}) for one in (DIAGRAM, OTHER)]
    begin.append(add("cell", CELL, {"diagram_id": DIAGRAM, "type": "process", "label": "A"}))
    apply(state, tuple(begin))
    patch = (update("cell", CELL, position={"x": 5, "y": 6}),)
    changes = apply(state, patch)
    event = place(Operation(operation_id=an_id(7), model_id=MODEL_ID, author="ann", patch=patch), 4, GENESIS)
    assert operation_to_seed(event, changes, OTHER) == b""
    shown = json.loads(operation_to_seed(event, changes, DIAGRAM))
    assert shown["message_type"] == "diagram_operation"
    assert (shown["sequence_number"], shown["user_internal_uuid"]) == (4, "ann")
    (cell,) = shown["operation"]["cells"]
    assert (cell["operation"], cell["data"]["type"]) == ("update", "process")
    assert cell["data"]["position"] == {"x": 5, "y": 6}
    assert cell["data"]["properties"] == {"label": "A", "description": ""}


@given(server_messages())
def test_no_word_no_message(found: m.ServerMessage) -> None:
    """COMPAT-3."""
    words = {"current_presenter", "presenter_cursor", "operation_rejected", "join", "leave", "session_ended"}
    for raw in encode_seed(found, {}, "2026-01-01T00:00:00Z", DIAGRAM):
        spelled = json.loads(raw)
        assert spelled.get("message_type", spelled.get("event")) in words
        assert spelled["timestamp"] == "2026-01-01T00:00:00Z"


def test_an_acknowledgement_has_no_word() -> None:
    """COMPAT-3."""
    assert list(encode_seed(m.Ack(operation_id=an_id(7), sequence_number=1), {}, "")) == []
