"""Back to Threat Dragon: what is written is read again with equal counts, words and places."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from app.domain.patch import add, update
from app.domain.records import Cell, Threat
from app.domain.stage import apply
from app.domain.state import ModelState
from app.exchange import threat_dragon, threat_dragon_write
from app.exchange.formats import THREAT_DRAGON
from tests.manners import corpus_files, count
from tests.strategies import MODEL_ID, an_id, states

FILES = Path(__file__).parent / "files"
OURS = sorted(FILES.glob("threat_dragon_v*.json"))
REAL = [p for p in corpus_files("threat-dragon", "*.json") if "malformed" not in p.name]


def counts(state: ModelState) -> Any:
    diagrams = [(d.name, Counter(c.type for c in state.cells(d.id))) for d in state.diagrams()]
    return diagrams, len(state.all(Threat))


def again(state: ModelState) -> ModelState:
    return threat_dragon.read(threat_dragon_write.write(state), "again.json").state()


@pytest.mark.parametrize("path", [*OURS, *REAL], ids=lambda path: path.name)
def test_written_and_read_again(path: Path) -> None:
    state = threat_dragon.read(path.read_bytes(), path.name).state()
    data = threat_dragon_write.write(state)
    found = threat_dragon.read(data, "again.json")
    assert counts(found.state()) == counts(state)
    assert not found.report.of("dropped")
    assert threat_dragon_write.write(found.state()) == data
    for cell in state.all(Cell):
        twin = found.state().cell(cell.id)
        assert twin is not None
        for name in ("label", "position", "size", "vertices", "parent", "protocol", "out_of_scope"):
            assert getattr(twin, name) == getattr(cell, name)
        assert (twin.form, twin.is_line) == (cell.form, cell.is_line)
    for threat in state.all(Threat):
        other = found.state().find(Threat, threat.id)
        assert other is not None
        for name in ("name", "threat_type", "severity", "status", "mitigation", "score", "cell_id"):
            assert getattr(other, name) == getattr(threat, name)


def test_kept_parts_and_original_words_are_written_back() -> None:
    state = threat_dragon.read((FILES / "threat_dragon_v2.json").read_bytes(), "v2").state()
    body = json.loads(threat_dragon_write.write(state))
    assert body["location"] == "somewhere"
    assert body["version"] == "2.0.4-RC3"
    cells = {cell["data"]["name"]: cell for cell in body["detail"]["diagrams"][0]["cells"]}
    service = cells["Booking\nservice"]
    assert service["angle"] == 15
    assert service["data"]["threats"][0]["type"] == "Veröffentlichung von Informationen"
    assert service["data"]["threats"][1]["status"] == "Not Applicable"
    assert service["data"]["threats"][1]["score"] == "high"
    assert cells["Patient"]["data"]["threatFrequency"] == {"spoofing": 1}
    port = cells["Book"]["target"]["port"]
    assert {"group": "left", "id": port} in service["ports"]["items"]


def test_changed_words_take_the_place_of_the_original_ones() -> None:
    state = threat_dragon.read((FILES / "threat_dragon_v2.json").read_bytes(), "v2").state()
    threat = next(t for t in state.all(Threat) if t.name == "Zu viele Daten")
    apply(state, (update("threat", threat.id, threat_type="Tampering", severity="High"),))
    body = json.loads(threat_dragon_write.write(state))
    written = next(
        t
        for cell in body["detail"]["diagrams"][0]["cells"]
        for t in cell["data"].get("threats", [])
        if t["id"] == threat.id
    )
    assert (written["type"], written["severity"]) == ("Tampering", "High")


def test_old_names_are_written_for_renamed_types() -> None:
    state = ModelState(MODEL_ID)
    threat = {
        "name": "T",
        "threat_type": "Linking",
        "framework": "LINDDUN",
        "status": "Not applicable",
    }
    apply(state, (add("threat_model", MODEL_ID, {"name": "M"}), add("threat", an_id(1), threat)))
    written = json.loads(threat_dragon_write.write(state))["threats"][0]
    assert (written["type"], written["status"]) == ("Linkability", "NotApplicable")
    assert [t.threat_type for t in again(state).all(Threat)] == ["Linking"]
    assert THREAT_DRAGON.left_out(state) == {}


@given(states())
@settings(max_examples=count(40, 500))
def test_any_model_keeps_its_counts(state: ModelState) -> None:
    found = again(state)
    assert len(found.diagrams()) == len(state.diagrams())
    assert Counter(c.type for c in found.all(Cell)) == Counter(c.type for c in state.all(Cell))
    assert len(found.all(Threat)) == len(state.all(Threat))
