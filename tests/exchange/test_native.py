"""The native file: what goes out comes back equal, edits are small diffs, damage is named."""

import difflib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import InvalidData, UnreadableFile
from app.domain.patch import add, update
from app.domain.records import Cell
from app.domain.stage import apply
from app.domain.state import ModelState
from app.exchange import native, native_read
from tests.manners import count
from tests.strategies import MODEL_ID, an_id, plain_values, states

DIAGRAM, WEB, STORE, FLOW, THREAT = (an_id(n) for n in range(1, 6))


def sample() -> ModelState:
    """A small model with something of everything that the layout treats in its own way."""
    state = ModelState(MODEL_ID)
    patch = (
        add("threat_model", MODEL_ID, {"name": "Shöp", "tags": ["b", "a"], "later": {"b": 1}}),
        add("diagram", DIAGRAM, {"name": "Main", "cells": [3]}),
        add("cell", WEB, {"diagram_id": DIAGRAM, "type": "process", "label": "Web\nshop"}),
        add("cell", STORE, {"diagram_id": DIAGRAM, "type": "datastore", "label": "Orders"}),
        add(
            "cell",
            FLOW,
            {
                "diagram_id": DIAGRAM,
                "type": "data_flow",
                "label": "order",
                "source": {"cell": WEB, "port": "right"},
                "target": {"x": 5, "y": 6},
                "vertices": [{"x": 1, "y": 2.5}],
            },
        ),
        add("threat", THREAT, {"name": "Theft", "cell_id": STORE, "diagram_id": DIAGRAM}),
        add("milestone", an_id(9), {"zoom": 2}),
    )
    apply(state, patch)
    return state


def read(body: Any, source: str = "some.tmi.json") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return native_read.read(data, source)


def body_of(state: ModelState) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(native.write(state))
    return found


@given(states())
@settings(max_examples=count(40, 600))
def test_what_is_written_comes_back_equal(state: ModelState) -> None:
    data = native.write(state)
    found = read(data)
    assert found.state() == state
    assert native.write(found.state()) == data
    assert not found.report.needs_a_look


def test_the_bytes_do_not_depend_on_the_order_of_making() -> None:
    state = sample()
    turned = ModelState.of(MODEL_ID, reversed(list(state.records.values())))
    assert native.write(turned) == native.write(state)


def test_the_layout_is_what_git_likes() -> None:
    data = native.write(sample())
    text = data.decode("utf-8")
    assert text.endswith("}\n")
    assert "\r" not in text
    assert "Shöp" in text
    assert '"source": {"cell": "' + WEB + '", "port": "right"},\n' in text
    assert '          "vertices": [\n            {"x": 1, "y": 2.5}\n          ]' in text
    assert '"routing"' not in text


EDITS = [
    (WEB, "cell", {"label": "Web\nstore"}, 1),
    (WEB, "cell", {"description": "New"}, 1),
    (WEB, "cell", {"position": {"x": 7, "y": 8}}, 1),
    (THREAT, "threat", {"name": "Robbery"}, 1),
    (MODEL_ID, "threat_model", {"tags": {"add": ["c"]}}, 1),
    (FLOW, "cell", {"vertices": [{"x": 1, "y": 2.5}, {"x": 4, "y": 4}]}, 1),
]


@pytest.mark.parametrize(("record_id", "kind", "change", "lines"), EDITS)
def test_an_edit_changes_its_own_line(record_id: str, kind: str, change: dict[str, Any], lines: int) -> None:
    state = sample()
    before = native.write(state).decode().split("\n")
    apply(state, (update(kind, record_id, **change),))
    after = native.write(state).decode().split("\n")
    # A line before an addition may gain the comma that JSON asks for.
    edits = [
        line
        for line in difflib.ndiff([one.rstrip(",") for one in before], [o.rstrip(",") for o in after])
        if line.startswith("+ ")
    ]
    assert len(edits) == lines


@given(states(max_others=2), st.data())
@settings(max_examples=count(20, 200))
def test_any_renamed_cell_is_one_line(state: ModelState, data: st.DataObject) -> None:
    named = [cell for cell in state.all(Cell) if cell.label]
    if not named:
        return
    cell = data.draw(st.sampled_from(named))
    before = native.write(state).decode().split("\n")
    apply(state, (update("cell", cell.id, label=f"{cell.label}x"),))
    after = native.write(state).decode().split("\n")
    assert len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_a_state_without_its_model_is_refused() -> None:
    with pytest.raises(InvalidData, match="is missing"):
        native.write(ModelState(MODEL_ID))


NEWER = {
    "format": "tmi",
    "version": 3,
    "threat_model": {"id": MODEL_ID, "name": "Later", "mood": {"good": True}},
    "diagrams": [
        {
            "id": DIAGRAM,
            "name": "Main",
            "type": "DFD-9",
            "cells": [
                {"id": WEB, "type": "process", "form": "cloud", "label": "Web"},
                {"id": STORE, "type": "queue", "label": "Q"},
            ],
        }
    ],
    "records": [{"kind": "milestone", "id": an_id(9), "zoom": 2}],
    "views": [{"name": "mine"}],
}


def test_a_newer_file_is_read_as_far_as_known_and_written_back_whole() -> None:
    found = read(NEWER)
    kept = [entry.what for entry in found.report.of("kept")]
    assert any("version" in what for what in kept)
    assert any("views" in what for what in kept)
    assert any("cells[1]" in what for what in kept)
    state = found.state()
    assert [cell.label for cell in state.cells(DIAGRAM)] == ["Web"]
    written = native.write(state)
    body = json.loads(written)
    assert body["version"] == 3
    assert body["views"] == NEWER["views"]
    assert body["threat_model"]["mood"] == {"good": True}
    assert body["diagrams"][0]["type"] == "DFD-9"
    assert body["diagrams"][0]["cells"][0]["form"] == "cloud"
    assert body["native_records"][0]["type"] == "queue"
    again = read(written)
    assert again.state() == state
    assert native.write(again.state()) == written


@given(st.dictionaries(st.sampled_from(["views", "x", "später"]), plain_values(), min_size=1))
@settings(max_examples=count(20, 200))
def test_unknown_top_level_keys_survive(keys: dict[str, Any]) -> None:
    written = native.write(read(body_of(sample()) | keys).state())
    assert {name: json.loads(written)[name] for name in keys} == keys
    assert native.write(read(written).state()) == written


def broken(change: Any) -> dict[str, Any]:
    body = body_of(sample())
    change(body)
    return body


REFUSED = [
    (lambda b: b.update(version="1"), "version"),
    (lambda b: b.update(version=True), "version"),
    (lambda b: b.update(format="x"), "is not a TMI Desktop file"),
    (lambda b: b.update(threat_model=[]), "threat_model"),
    (lambda b: b["threat_model"].pop("name"), "threat_model.name"),
    (lambda b: b.update(diagrams={}), "(at diagrams)"),
    (lambda b: b["diagrams"].append(5), "(at diagrams[1])"),
    (lambda b: b["diagrams"][0].update(cells={}), "diagrams[0].cells"),
    (lambda b: b["diagrams"][0].update(extra=3), "diagrams[0]"),
    (lambda b: b["diagrams"][0]["cells"][0].update(type="queue"), "diagrams[0].cells[0].type"),
    (lambda b: b["diagrams"][0]["cells"][0].update(size={"width": 0, "height": 1}), "size"),
    (lambda b: b["diagrams"][0]["cells"][0].update(position={"x": 1e9, "y": 1}), "position"),
    (lambda b: b["diagrams"][0]["cells"][0].update(id=7), "diagrams[0].cells[0]"),
    (lambda b: b["threats"][0].update(score=11), "threats[0].score"),
    (lambda b: b["records"][0].update(kind="threat_model"), "records[0]"),
]


@pytest.mark.parametrize(("change", "place"), REFUSED)
def test_wrong_values_are_refused_with_file_and_place(change: Any, place: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(broken(change), "some.tmi.json")
    line = str(caught.value)
    assert line.startswith("some.tmi.json: ")
    assert place in line
    assert "\n" not in line


DAMAGE = [
    (b"", "is empty"),
    (b"\x89PNG\r\n\x1a\n\0\0", "is not a text file"),
    (b'{"format": "tmi",', "line 1, column 18"),
    (b'{\n<<<<<<< HEAD\n"a": 1\n', "merge conflict (at line 2)"),
    (b"[" * 100_000, "nested deeper"),
    (b'{"format": "tmi", "a": ' + b"[" * 80 + b"]" * 80 + b"}", "nested deeper"),
    (b'{"format": "tmi", "version": ' + b"9" * 5000 + b"}", "is not JSON"),
    (b"[]", "is not a TMI Desktop file"),
    (b"null", "is not a TMI Desktop file"),
]


@pytest.mark.parametrize(("data", "reason"), DAMAGE)
def test_damaged_files_are_refused_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(data)
    assert reason in str(caught.value)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    state = sample()
    text = native.write(state).decode()
    for data in (
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("utf-16"),
        text.replace("\n", "\r\n"),
    ):
        assert read(data if isinstance(data, bytes) else data.encode()).state() == state


def test_repeated_ids_are_renewed_and_named() -> None:
    body = body_of(sample())
    twin = {**body["diagrams"][0]["cells"][0], "label": "Twin"}
    body["diagrams"][0]["cells"].append(twin)
    found = read(body)
    assert {"Twin"} < {cell.label for cell in found.state().cells(DIAGRAM)}
    assert len(found.state().cells(DIAGRAM)) == 4
    assert any("cells[3]" in entry.what and "twice" in entry.detail for entry in found.report.entries)
    assert read(body).patch == found.patch


def test_readable_ids_are_mapped_with_their_references() -> None:
    body = {
        "format": "tmi",
        "version": 1,
        "threat_model": {"id": "my-model", "name": "By hand"},
        "diagrams": [
            {
                "id": "d",
                "name": "Main",
                "cells": [
                    {"id": "zone", "type": "trust_boundary"},
                    {"id": "web", "type": "process", "parent": "zone"},
                    {
                        "id": "self",
                        "type": "data_flow",
                        "source": {"cell": "web"},
                        "target": {"cell": "web"},
                    },
                ],
            }
        ],
        "threats": [{"name": "T", "cell_id": "web"}],
    }
    state = read(body).state()
    web = next(cell for cell in state.all(Cell) if cell.type == "process")
    assert len(state.flows_at(web.id)) == 1
    assert state.cell(web.parent) is not None
    assert not read(body).report.of("dropped")
    assert read(body).state() == state


def test_references_that_lead_nowhere_are_mended_and_named() -> None:
    body = body_of(sample())
    body["threats"][0]["cell_id"] = an_id(77)
    body["diagrams"][0]["cells"] = [
        {**cell, "target": {"cell": an_id(78)}} if cell["id"] == FLOW else cell
        for cell in body["diagrams"][0]["cells"]
    ]
    found = read(body)
    lines = " ".join(entry.line for entry in found.report.of("dropped"))
    assert "Theft" in lines
    assert "order" in lines
    assert FLOW not in found.state()
