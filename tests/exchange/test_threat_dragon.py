"""Threat Dragon files, ours with all the oddities of real ones, and the real ones where they are."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import UnreadableFile
from app.domain.ids import is_id
from app.domain.records import Cell, Note, Threat
from app.domain.state import ModelState
from app.exchange import threat_dragon
from app.exchange.imported import Imported
from tests.manners import corpus_files

FILES = Path(__file__).parent / "files"
V2 = FILES / "threat_dragon_v2.json"
V1 = FILES / "threat_dragon_v1.json"
REAL = corpus_files("threat-dragon", "*.json")


def read(path: Path) -> Imported:
    return threat_dragon.read(path.read_bytes(), path.name)


def read_body(body: Any) -> Imported:
    return threat_dragon.read(json.dumps(body).encode(), "model.json")


def model(*cells: Any, **diagram: Any) -> dict[str, Any]:
    """A minimal model of one diagram with these cells."""
    shown = {"id": 0, "title": "Main", "diagramType": "STRIDE", "cells": list(cells), **diagram}
    return {"version": "2.3.0", "summary": {"title": "M"}, "detail": {"diagrams": [shown]}}


def named(state: ModelState, label: str) -> Cell:
    return next(cell for cell in state.all(Cell) if cell.label == label)


def lines(found: Imported, category: str) -> str:
    return "\n".join(entry.line for entry in found.report.entries if entry.category == category)


# What stands in the file, counted without any of the reader's code.
def counted(body: Any) -> tuple[list[tuple[str, Counter[str]]], int]:
    words = {
        "process": "process",
        "store": "datastore",
        "actor": "external_entity",
        "flow": "data_flow",
        "edge": "data_flow",
        "text": "text",
        "cloud": "process",
    }
    diagrams, threats = [], 0
    for diagram in body["detail"]["diagrams"]:
        cells = diagram.get("cells", diagram.get("diagramJson", {}).get("cells", []))
        kinds: Counter[str] = Counter()
        for cell in cells:
            shape = str(cell.get("shape", cell.get("type"))).lower()
            is_boundary = "ndary" in shape
            kinds["trust_boundary" if is_boundary else next(w for n, w in words.items() if n in shape)] += 1
            threats += len(cell.get("threats", [])) + len(cell.get("data", {}).get("threats", []))
        diagrams.append((diagram["title"], kinds))
    return diagrams, threats


@pytest.mark.parametrize("path", [V2, V1, *REAL], ids=lambda path: path.name)
def test_counts_agree_with_the_file(path: Path) -> None:
    body = json.loads(path.read_bytes())
    if "summary" not in body:
        with pytest.raises(UnreadableFile, match='lacks "summary"'):
            read(path)
        return
    found = read(path)
    state = found.state()
    diagrams, threats = counted(body)
    seen = [(d.name, Counter(c.type for c in state.cells(d.id))) for d in state.diagrams()]
    assert seen == diagrams
    assert len(state.all(Threat)) == threats
    assert not found.report.of("dropped")
    assert state.model is not None
    assert state.model.name == body["summary"]["title"]
    assert read(path).patch == found.patch


@pytest.mark.skipif(not REAL, reason="no real Threat Dragon files beside the project")
def test_the_real_files_are_all_there() -> None:
    assert len(REAL) == 29


def test_the_model_itself() -> None:
    found = read(V2)
    top = found.state().model
    assert top is not None
    assert (top.name, top.owner, top.reviewer) == ("Clinic — bookings", "Ada", "Barbara")
    assert top.description == "A clinic's\nbookings"
    assert top.contributors == ("Grace", "Edsger")
    kept = top.extra["threat_dragon"]
    assert (kept["version"], kept["location"]) == ("2.0.4-RC3", "somewhere")
    assert kept["detail"] == {"diagramTop": 3, "threatTop": 7}
    assert "CIADIE" in lines(found, "guessed")


def test_names_come_from_wherever_they_stand() -> None:
    labels = {cell.label for cell in read(V2).state().all(Cell)}
    assert {
        "Server room",
        "Booking\nservice",
        "Save\nappointment",
        "Drawn in the\nworkshop",
    } <= labels
    assert {"Till\nprogram", "Pay"} <= {cell.label for cell in read(V1).state().all(Cell)}


def test_boundaries_are_boxes_or_lines_and_lie_behind() -> None:
    state = read(V2).state()
    edge = named(state, "Internet edge")
    assert (edge.type, edge.form) == ("trust_boundary", "line")
    assert edge.source is not None
    assert (edge.source.x, edge.source.y) == (-60, 20)
    assert [point.x for point in edge.vertices] == [-20]
    order = [cell.label for cell in state.cells(edge.diagram_id)]
    assert order[:3] == ["Clinic", "Server room", "Internet edge"]
    v1 = read(V1).state()
    assert sum(cell.form == "line" for cell in v1.all(Cell)) == 1


def test_what_lies_wholly_inside_gets_a_parent() -> None:
    found = read(V2)
    state = found.state()
    clinic, room = named(state, "Clinic"), named(state, "Server room")
    assert named(state, "Booking\nservice").parent == room.id
    assert room.parent == clinic.id
    assert named(state, "Patient").parent is None
    assert "wholly inside a boundary box" in lines(found, "guessed")


def test_ends_of_flows() -> None:
    found = read(V2)
    state = found.state()
    book, backup = named(state, "Book"), named(state, "Backup")
    lost, retry = named(state, "To nowhere"), named(state, "Retry")
    service = named(state, "Booking\nservice").id
    assert book.target is not None
    assert (book.target.cell, book.target.port) == (service, "left")
    assert backup.target is not None
    assert (backup.target.cell, backup.target.x, backup.target.y) == (None, 980, 420.5)
    assert lost.target is not None
    assert (lost.target.cell, lost.target.x, lost.target.y) == (None, 700, 40)
    assert lost.vertices == ()
    assert "'To nowhere', target: leads to nothing" in lines(found, "guessed")
    assert retry.source == retry.target
    assert (book.label_position.at, book.label_position.dx, book.label_position.dy) == (0.25, 4, -8)


def test_flags_and_texts() -> None:
    state = read(V2).state()
    patient, store = named(state, "Patient"), named(state, "Appointments")
    assert (patient.out_of_scope, patient.out_of_scope_reason) == (True, "Not ours")
    assert (store.stores_credentials, store.is_encrypted, store.is_log) == (True, True, False)
    book = named(state, "Book")
    assert (book.protocol, book.is_public_network, book.is_bidirectional) == ("HTTPS", True, True)
    assert named(state, "Booking\nservice").privilege_level == "user"
    till = named(read(V1).state(), "Till\nprogram")
    assert till.privilege_level == "executionContext =Limited"


def test_threats() -> None:
    found = read(V2)
    state = found.state()
    threats = {threat.name: threat for threat in state.all(Threat)}
    german, chinese = threats["Zu viele Daten"], threats["Dump"]
    assert german.threat_type == chinese.threat_type == "Information disclosure"
    assert (german.severity, german.score, german.number) == ("Unknown", 7.5, 2)
    assert german.cell_id == named(state, "Booking\nservice").id
    assert (chinese.status, chinese.mitigated, chinese.score) == ("Mitigated", True, 10.0)
    flood = threats["Flood"]
    assert (flood.threat_type, flood.status) == ("Denial of service", "Not applicable")
    assert flood.score is None
    assert flood.extra["threat_dragon"]["score"] == "high"
    odd = threats["Loss"]
    assert (odd.threat_type, odd.status, odd.severity) == ("Bit rot", "Waiting", "Dire")
    assert is_id(odd.id)
    assert all(word in lines(found, "kept") for word in ("Bit rot", "Waiting", "Dire"))
    profiling = threats["Profiling"]
    assert (profiling.threat_type, profiling.framework) == ("Linking", "LINDDUN")
    assert profiling.cell_id == named(state, "Auditor").id
    old = {threat.name: threat for threat in read(V1).state().all(Threat)}
    assert (old["Fake shopper"].threat_type, old["No trace"].mitigated) == ("Spoofing", True)


def test_ids_stay_or_are_derived_and_never_repeat() -> None:
    found = read(V2)
    state = found.state()
    raw = json.loads(V2.read_bytes())["detail"]["diagrams"][0]["cells"]
    assert {cell["id"] for cell in raw} <= set(state.records)
    assert "'Twin id': its id" in lines(found, "guessed")
    reads = named(state, "Reads")
    assert reads.source is not None
    assert reads.source.cell == named(state, "Auditor").id
    other = V2.read_bytes().replace(b"Clinic", b"Clinik")
    assert threat_dragon.read(other, "x").model_id != found.model_id


def test_what_is_missing_is_made_up_and_said() -> None:
    guessed = lines(read(V2), "guessed")
    assert "'No place': has no position" in guessed
    assert "'Auditor': has no proper size" in guessed
    assert "'Odd shape': its shape 'cloud' is unknown" in guessed


def test_what_has_no_place_is_kept() -> None:
    state = read(V2).state()
    assert named(state, "Booking\nservice").extra["threat_dragon"] == {"angle": 15}
    assert named(state, "Patient").extra["threat_dragon"] == {"threatFrequency": {"spoofing": 1}}
    assert named(state, "Appointments").extra == {}


def test_texts_that_are_too_long_are_whole_in_a_note() -> None:
    text = "word " * 2000
    body = model({"shape": "process", "data": {"name": text, "privilegeLevel": "p" * 300}})
    body["summary"]["description"] = text
    found = read_body(body)
    state = found.state()
    assert state.model is not None
    assert len(state.model.description) <= 2000
    assert state.model.description.endswith("…")
    notes = [note.content for note in state.all(Note)]
    assert notes.count(text) == 2
    assert "p" * 300 in notes
    assert lines(found, "guessed").count("whole in a note") == 3


def test_what_is_no_cell_or_threat_is_named() -> None:
    cell = {
        "shape": "actor",
        "id": "a",
        "data": {"name": "A", "threats": [3, {"title": "", "type": ""}]},
    }
    found = read_body(model(cell, "junk", None, {"shape": "store", "threats": {"a": 1}}))
    assert len(found.state().all(Cell)) == 2
    assert [threat.name for threat in found.state().all(Threat)] == ["Unnamed threat"]
    dropped = lines(found, "dropped")
    for part in ("cell 2: is no object", "cell 3: is no object", "3", "threats: is no list"):
        assert part in dropped


def test_a_threat_that_stands_twice_counts_once() -> None:
    threat = {"title": "Same", "type": "Spoofing"}
    cell = {
        "shape": "actor",
        "data": {"threats": [threat]},
        "threats": [threat, {"title": "Other"}],
    }
    assert len(read_body(model(cell)).state().all(Threat)) == 2


def test_flows_to_flows_and_lone_flows_end_freely() -> None:
    flow = {"shape": "flow", "id": "f", "source": {"x": 0, "y": 0}, "target": {"x": 100, "y": 50}}
    onto = {"shape": "flow", "id": "g", "source": {"cell": "f"}, "target": {"x": 5, "y": 5}}
    lone = {"shape": "flow", "id": "h", "data": {"name": "lone"}}
    found = read_body(model(flow, onto, lone))
    cells = found.state().all(Cell)
    assert len(cells) == 3
    assert all(c.source is not None and c.source.cell is None for c in cells)
    assert sorted((c.source.x, c.source.y) for c in cells if c.source)[-1] == (50, 25)


REFUSED = [
    ([], "is no object"),
    ({}, 'lacks "summary"'),
    ({"summary": {}}, 'lacks "detail"'),
    ({"summary": [], "detail": {}}, 'lacks "summary"'),
    ({"summary": {}, "detail": {"diagrams": {}}}, "detail.diagrams"),
]


@pytest.mark.parametrize(("body", "reason"), REFUSED)
def test_other_files_are_refused(body: Any, reason: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_body(body)
    assert str(caught.value).startswith("model.json: ")
    assert reason in str(caught.value)


def test_an_empty_model_is_a_model() -> None:
    found = read_body({"summary": {"title": " "}, "detail": {}})
    assert found.state().model is not None
    assert found.state().model.name == "Untitled"  # type: ignore[union-attr]
    assert "has no title" in lines(found, "guessed")
