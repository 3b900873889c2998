"""The sample models: sound as files, as data-flow diagrams, as threat models and as drawings."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import combinations
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.domain import vocabulary as v
from app.domain.edits import container_for
from app.domain.geometry import diagram_bounds, rect_of, routes_of
from app.domain.records import Cell, Diagram, Record, Threat, title_of
from app.domain.rect import Rect
from app.domain.state import ModelState
from app.exchange import native
from app.exchange.imported import Imported
from app.exchange.native_read import read
from canvas.pictures import render_svg

FOLDER = files("resources") / "samples"
GRID = 10
NAMES = ("tmi.tmi.json", "flowra.tmi.json", "chom.tmi.json", "multi-tenant-oauth.tmi.json")


@cache
def imported(name: str) -> Imported:
    return read((FOLDER / name).read_bytes(), name)


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def state(name: str) -> ModelState:
    return imported(name).state()


def drawings(state: ModelState) -> Iterator[tuple[Diagram, list[Cell]]]:
    for diagram in state.diagrams():
        yield diagram, state.cells(diagram.id)


def cells(state: ModelState) -> list[Cell]:
    return state.all(Cell)


def flows(state: ModelState) -> list[Cell]:
    return [cell for cell in cells(state) if cell.is_flow]


def ends(state: ModelState, flow: Cell) -> tuple[Cell, Cell]:
    source = state.cell(flow.source.cell if flow.source else None)
    target = state.cell(flow.target.cell if flow.target else None)
    assert source is not None, f"{flow.label!r} starts nowhere"
    assert target is not None, f"{flow.label!r} ends nowhere"
    return source, target


def boundaries_around(state: ModelState, cell: Cell) -> set[str]:
    found: set[str] = set()
    parent = state.cell(cell.parent)
    while parent is not None:
        found.add(parent.id)
        parent = state.cell(parent.parent)
    return found


def index() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
    return rows


# --- files ------------------------------------------------------------------------------------------
def test_index_names_every_sample_and_tmi_first() -> None:
    rows = index()
    shipped = {f.name for f in FOLDER.iterdir() if f.name.endswith(native.EXTENSION)}
    assert {row["file"] for row in rows} == shipped == set(NAMES)
    assert [row["order"] for row in rows] == list(range(1, len(rows) + 1))
    assert rows[0]["file"] == "tmi.tmi.json"
    for row in rows:
        assert set(row) == {"file", "title", "description", "order"}
        assert row["title"].strip()
        assert 0 < len(row["description"]) <= 100
        assert "\n" not in row["description"]


def test_reads_without_a_guess(name: str) -> None:
    report = imported(name).report
    assert [entry.line for entry in report.entries if entry.category != "mapped"] == []


def test_saves_as_the_same_bytes(name: str, state: ModelState) -> None:
    assert native.write(state) == (FOLDER / name).read_bytes()


def test_ids_are_not_shared_between_samples() -> None:
    states = [imported(name).state() for name in NAMES]
    every = [record_id for state in states for record_id in state.records]
    assert len(every) == len(set(every))


# --- data-flow diagrams -----------------------------------------------------------------------------
def test_everything_has_a_name_and_elements_a_description(state: ModelState) -> None:
    def is_bare(record: Record) -> bool:
        return not title_of(record)

    assert [record.id for record in state.records.values() if is_bare(record)] == []
    elements = [c for c in cells(state) if c.type in v.ELEMENT_TYPES or c.is_boundary]
    assert [c.label for c in elements if not c.description] == []
    assert [c.label for c in elements if c.type in v.ELEMENT_TYPES and not c.technology] == []
    assert [c.label for c in cells(state) if c.out_of_scope != bool(c.out_of_scope_reason)] == []


def test_models_hold_what_a_reviewer_expects(name: str, state: ModelState) -> None:
    assert state.model is not None
    framework = "LINDDUN" if name.startswith("flowra") else "STRIDE"
    assert state.model.threat_model_framework == framework
    assert 1 <= len(state.diagrams()) <= 3
    kinds = ("asset", "document", "repository", "note", "assumption", "mitigation")
    for kind in kinds:
        assert list(state.of_kind(kind)), kind
    for diagram, found in drawings(state):
        assert diagram.description
        assert {c.form for c in found if c.is_boundary} == {v.BOX, v.LINE}
        assert {c.type for c in found} >= {*v.ELEMENT_TYPES, v.DATA_FLOW}


def test_flows_join_two_elements_and_processes_move_the_data(state: ModelState) -> None:
    for flow in flows(state):
        source, target = ends(state, flow)
        assert source.id != target.id
        assert {source.diagram_id, target.diagram_id} == {flow.diagram_id}
        if not flow.out_of_scope:
            assert v.PROCESS in (source.type, target.type), flow.label


def test_flows_across_a_boundary_say_how_they_are_protected(state: ModelState) -> None:
    crossing = 0
    for flow in flows(state):
        source, target = ends(state, flow)
        assert flow.protocol, flow.label
        assert flow.authentication, flow.label
        if boundaries_around(state, source) == boundaries_around(state, target):
            continue
        crossing += 1
        if flow.is_encrypted or flow.out_of_scope:
            continue
        assert flow.protocol not in ("in process", "local", "environment"), flow.label
        worried = {t.cell_id for t in state.all(Threat)}
        assert {flow.id, source.id, target.id} & worried, (
            f"{flow.label!r} is neither encrypted nor worried about"
        )
    assert crossing >= 5


def test_nothing_goes_unencrypted_over_a_public_network(state: ModelState) -> None:
    assert [f.label for f in flows(state) if f.is_public_network and not f.is_encrypted] == []


# --- threats ----------------------------------------------------------------------------------------
def test_threats_are_linked_and_complete(state: ModelState) -> None:
    assert state.model is not None
    framework = state.model.threat_model_framework
    threats = state.all(Threat)
    assert 8 <= len(threats) <= 20
    assert sorted(t.number or 0 for t in threats) == list(range(1, len(threats) + 1))
    for threat in threats:
        cell = state.cell(threat.cell_id)
        assert cell is not None, threat.name
        assert threat.diagram_id == cell.diagram_id
        assert threat.threat_type in v.threat_types(framework, cell.type), threat.name
        assert threat.severity in v.SEVERITIES
        assert threat.status in v.THREAT_STATUSES
        assert threat.priority in v.PRIORITIES
        assert threat.mitigated == (threat.status == "Mitigated")
        assert threat.description.endswith(".")
        assert threat.mitigation.endswith(".")
    assert {t.threat_type for t in threats} == set(v.threat_types(framework))
    assert len({t.severity for t in threats}) >= 3
    assert {t.status for t in threats} >= {"Open", "Mitigated", "Accepted"}


# --- drawings ---------------------------------------------------------------------------------------
def test_coordinates_lie_on_the_grid(state: ModelState) -> None:
    for cell in cells(state):
        numbers = [n for p in cell.vertices for n in (p.x, p.y)]
        if not cell.is_line:
            box = rect_of(cell)
            numbers += [box.x, box.y, box.width, box.height]
        for end in (cell.source, cell.target):
            if end is not None and end.cell is None:
                numbers += [end.x, end.y]
        assert all(number % GRID == 0 for number in numbers), cell.label


def overlap(a: Rect, b: Rect) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


def test_boxes_overlap_only_by_containment(state: ModelState) -> None:
    for _, found in drawings(state):
        boxes = [(cell, rect_of(cell)) for cell in found if not cell.is_line]
        for (one, a), (other, b) in combinations(boxes, 2):
            inside = (one.can_contain and a.holds(b)) or (other.can_contain and b.holds(a))
            assert inside or not overlap(a, b), f"{one.label!r} and {other.label!r}"


def test_parents_agree_with_geometry(state: ModelState) -> None:
    for diagram, found in drawings(state):
        for cell in found:
            if cell.is_line:
                assert cell.parent is None
                continue
            own = {cell.id, *(inner.id for inner in state.descendants(cell.id))}
            box, boundary = rect_of(cell), cell.can_contain
            wanted = container_for(state, diagram.id, box, is_boundary=boundary, without=own)
            assert cell.parent == wanted, cell.label


def test_flows_keep_clear_of_other_elements(state: ModelState) -> None:
    for _, found in drawings(state):
        routes = routes_of(found)
        nodes = [cell for cell in found if not cell.is_line and not cell.is_boundary]
        for line in (cell for cell in found if cell.is_line):
            own = {end.cell for end in (line.source, line.target) if end is not None}
            for node in nodes:
                is_clear = node.id in own or not routes[line.id].touches(rect_of(node))
                assert is_clear, f"{line.label!r} runs through {node.label!r}"


def test_diagrams_fill_a_wide_screen(state: ModelState) -> None:
    for diagram, found in drawings(state):
        bounds = diagram_bounds(found)
        assert bounds is not None
        assert 1.4 <= bounds.width / bounds.height <= 1.8, diagram.name
        assert bounds.width <= 1700, diagram.name


def test_pictures_show_every_name(state: ModelState, qtbot: QtBot) -> None:
    for diagram, found in drawings(state):
        picture = render_svg(state, diagram.id).decode()
        words = {word for cell in found for word in cell.label.split()}
        assert [word for word in sorted(words) if word not in picture] == [], diagram.name
