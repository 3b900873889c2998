"""What must hold in every model, written without the domain's own closure, and comparisons of states."""

from collections.abc import Iterator
from typing import Any, Final

from app.domain.records import Cell, Comment, Record, Threat
from app.domain.state import ModelState

# Spelled out here, so that a mistake in the field table is seen: kind, property, kind it leads to.
LINKS: Final = (
    ("cell", "diagram_id", "diagram"),
    ("cell", "parent", "cell"),
    ("cell", "source", "cell"),
    ("cell", "target", "cell"),
    ("cell", "data_assets", "asset"),
    ("threat", "diagram_id", "diagram"),
    ("threat", "cell_id", "cell"),
    ("threat", "asset_id", "asset"),
    ("mitigation", "threats", "threat"),
    ("assumption", "cells", "cell"),
    ("assumption", "threats", "threat"),
    ("comment", "reply_to", "comment"),
    ("comment", "diagram_id", "diagram"),
    ("comment", "cell_id", "cell"),
    ("comment", "threat_id", "threat"),
    ("task", "cell_id", "cell"),
    ("task", "threat_id", "threat"),
    ("saved_view", "diagram_id", "diagram"),
    ("saved_view", "spotlight", "cell"),
)


def linked(record: Record, name: str) -> list[str]:
    """The ids in one property, whatever its type."""
    value: Any = getattr(record, name)
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, frozenset):
        return list(value)
    return [value.cell] if value.cell is not None else []


def faults(state: ModelState) -> list[str]:
    """A line for everything that no model may hold; empty when it is sound."""
    found = [line for record in state.records.values() for line in _faults_of(state.records, record)]
    for record_id, record in state.records.items():
        if record.id != record_id:
            found.append(f"{record_id} holds {record.id}")
        if record_id in state.tombstones:
            found.append(f"{record_id} is both there and removed")
        if (record.kind == "threat_model") != (record_id == state.model_id):
            found.append(f"{record_id} is a {record.kind}")
    return found


def _faults_of(records: Any, record: Record) -> Iterator[str]:
    for kind, name, wanted in LINKS:
        if record.kind == kind:
            for target in linked(record, name):
                other = records.get(target)
                if other is None or other.kind != wanted:
                    yield f"{kind} {record.id}: {name} leads to no {wanted}"
    if isinstance(record, Cell):
        yield from _faults_of_cell(records, record)
    cell = records.get(record.cell_id) if isinstance(record, Threat) else None
    if isinstance(cell, Cell) and cell.diagram_id != getattr(record, "diagram_id", None):
        yield f"threat {record.id} is in another diagram than its cell"
    if isinstance(record, Cell | Comment) and not _ends(records, record):
        yield f"{record.kind} {record.id} is inside itself"


def _faults_of_cell(records: Any, cell: Cell) -> Iterator[str]:
    line = cell.type == "data_flow" or (cell.type == "trust_boundary" and cell.form == "line")
    for name in ("source", "target"):
        end = getattr(cell, name)
        if line != (end is not None):
            yield f"cell {cell.id}: {name} is {end}"
    for name in ("parent", "source", "target"):
        for target in linked(cell, name):
            other = records.get(target)
            if not isinstance(other, Cell):
                continue
            if other.diagram_id != cell.diagram_id:
                yield f"cell {cell.id}: {name} is in another diagram"
            if name == "parent" and (other.type, other.form) != ("trust_boundary", "box"):
                yield f"cell {cell.id}: parent cannot contain"
            if name != "parent" and (other.type == "data_flow" or other.form == "line"):
                yield f"cell {cell.id}: {name} is a line"


def _ends(records: Any, record: Record) -> bool:
    name = "parent" if isinstance(record, Cell) else "reply_to"
    here: Any = record
    for _ in range(len(records) + 1):
        here = records.get(getattr(here, name))
        if here is None:
            return True
    return False


def content(state: ModelState) -> dict[str, Any]:
    """All that a state holds, to compare as a whole."""
    return {
        "records": dict(state.records),
        "tombstones": dict(state.tombstones),
        "writers": {i: state.writers_of(i) for i in state.records},
    }


def views(state: ModelState) -> dict[str, Any]:
    """What every index of a state answers, without regard to the order of insertion."""
    ids = [*state.records, *state.tombstones]
    kinds = sorted({r.kind for r in state.records.values()} | set(state.tombstones.values()))
    return {
        "diagrams": [d.id for d in state.diagrams()],
        "cells": {i: [c.id for c in state.cells(i)] for i in ids},
        "kinds": {kind: sorted(r.id for r in state.of_kind(kind)) for kind in kinds},
        "pointing": {i: sorted(r.id for r in state.pointing_at(i)) for i in ids},
        "flows": {i: sorted(c.id for c in state.flows_at(i)) for i in ids},
        "descendants": {i: sorted(c.id for c in state.descendants(i)) for i in ids},
        "model": state.model,
    }


def rebuilt(state: ModelState, *, backwards: bool = False) -> ModelState:
    """The same state from its parts, inserted in the same or the opposite order."""
    step = -1 if backwards else 1
    return ModelState.of(
        state.model_id,
        list(state.records.values())[::step],
        dict(list(state.tombstones.items())[::step]),
        {i: state.writers_of(i) for i in state.records},
    )
