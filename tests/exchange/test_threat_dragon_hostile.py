"""Whatever a damaged or hostile file holds: a model, or one refusal."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.domain.errors import UnreadableFile
from app.domain.records import Cell, Threat
from app.exchange import native, native_read, threat_dragon, threat_dragon_write
from app.exchange.formats import FORMATS
from app.exchange.imported import Imported
from tests.manners import count

FILES = Path(__file__).parent / "files"
BODIES = [json.loads(path.read_bytes()) for path in sorted(FILES.glob("threat_dragon_v*.json"))]
ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, 1e308, -1e400, 10**30, "", "x", "\x00", "\ud800", "a" * 70_000,
    [], {}, [None], [[]], {"x": "1", "y": []}, {"cell": {}}, {"id": 3}, [1, "a", {}],
    {"": {"": None}},
    "trust-boundary-curve", "flow", {"text": {"text": 5}}, "3f1c2a04-7b1e-4c55-9d20-0a6b5e000004",
]  # fmt: skip


def places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Every container and key in it."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        found.append((value, key))
        if isinstance(value[key], dict | list):
            places(value[key], found)
    return found


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """One of our files with some values gone, swapped or repeated."""
    body = copy.deepcopy(draw(st.sampled_from(BODIES)))
    for _ in range(draw(st.integers(1, 12))):
        spots = places(body, [])
        if not spots:
            break
        holder, key = draw(st.sampled_from(spots))
        action = draw(st.sampled_from(["odd", "odd", "delete", "swap", "deep"]))
        if action == "delete":
            del holder[key]
        elif action == "odd":
            holder[key] = copy.deepcopy(draw(st.sampled_from(ODD)))
        elif action == "swap":
            other, place = draw(st.sampled_from(spots))
            holder[key] = copy.deepcopy(other[place]) if _has(other, place) else None
        else:
            for _ in range(30):
                holder[key] = {"more": holder[key]}
    return body


def read_or_refuse(read: Callable[[bytes, str], Imported], data: bytes) -> Imported | None:
    """What was read, None when it was refused as it should be; other errors come through."""
    try:
        return read(data, "hostile.json")
    except UnreadableFile as error:
        line = str(error)
    assert line.startswith("hostile.json: ")
    assert "\n" not in line
    return None


def _has(holder: Any, place: Any) -> bool:
    return place < len(holder) if isinstance(holder, list) else place in holder


@given(mutated())
@settings(max_examples=count(150, 3000))
def test_a_mutated_file_is_read_or_refused(body: Any) -> None:
    found = read_or_refuse(threat_dragon.read, json.dumps(body).encode())
    if found is None:
        return
    state = found.state()
    assert state.model is not None
    found.report.markdown()
    found.report.json()
    assert native_read.read(native.write(state), "x").state() == state
    again = threat_dragon.read(threat_dragon_write.write(state), "y").state()
    assert len(again.all(Cell)) == len(state.all(Cell))
    assert len(again.all(Threat)) == len(state.all(Threat))


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")))
@example(b'{"summary": {}, "detail": {"diagrams": [' + b"[" * 5000)
@example(b'{"format": "tmi", "version": 1, "threat_model": {"id": "\xff"}}')
@settings(max_examples=count(100, 2000))
def test_bytes_of_any_kind_are_refused_by_every_reader(data: bytes) -> None:
    for one in FORMATS:
        one.looks_like(data)
        if one.read is not None:
            read_or_refuse(one.read, data)


def test_size_has_a_bound() -> None:
    cells = [{"shape": "actor"}] * (threat_dragon.MAX_CELLS + 1)
    body = {"summary": {"title": "M"}, "detail": {"diagrams": [{"cells": cells}]}}
    with pytest.raises(UnreadableFile, match="more than 100000 cells"):
        threat_dragon.read(json.dumps(body).encode(), "huge.json")
