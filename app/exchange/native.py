"""The native file `.tmi.json`: a model as text that git can compare and people can read.

    {
      "format": "tmi",
      "version": 1,
      "threat_model": {"id": ..., "name": ..., ...},
      "diagrams": [{"id": ..., "name": ..., "cells": [{...}, ...]}, ...],
      "threats": [...], "mitigations": [...], "assets": [...], ...
      "records": [{"kind": ..., "id": ..., ...}, ...]
    }

Properties stand in declared order, those at their default are left out, and records are sorted by
`order`, then id. `records` holds kinds without a section of their own. What a newer version has added
comes back on writing: unknown properties lie in the record's `extra`; unknown top-level keys and a
newer `version` in the threat model's `extra` under `native_file`; a value that this version cannot
hold in its record's `extra` under `native_values`. A property whose name the layout needs for itself
(`cells` of a diagram) is written inside an object `extra`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.domain.errors import InvalidData
from app.domain.records import Cell, Diagram, Record
from app.domain.state import ModelState
from app.exchange.native_text import dumps, properties_of, stable

FORMAT: Final = "tmi"
VERSION: Final = 1
MAX_VERSION: Final = 2**31
EXTENSION: Final = ".tmi.json"
SECTIONS: Final[Mapping[str, str]] = {
    "diagram": "diagrams",
    "threat": "threats",
    "mitigation": "mitigations",
    "asset": "assets",
    "assumption": "assumptions",
    "document": "documents",
    "repository": "repositories",
    "note": "notes",
    "comment": "comments",
    "task": "tasks",
    "saved_view": "saved_views",
}
RECORDS: Final = "records"
LATER_FILE: Final = "native_file"
LATER_VALUES: Final = "native_values"
LATER_RECORDS: Final = "native_records"
RESERVED: Final[frozenset[str]] = frozenset({"id", "kind", "extra"})
TOP: Final = ("format", "version", "threat_model", *SECTIONS.values(), RECORDS)


def _key(record: Record) -> tuple[str, str, str]:
    return (record.kind, getattr(record, "order", ""), record.id)


def _written(record: Record, version: int, *left_out: str) -> dict[str, Any]:
    """The record as it stands in the file, its cells or its diagram aside."""
    found = properties_of(record)
    for name in left_out:
        found.pop(name, None)
    taken = {"cells"} if isinstance(record, Diagram) else set()
    hidden = {name: found.pop(name) for name in taken & set(record.extra)}
    later = found.get(LATER_VALUES)
    if version > VERSION and isinstance(later, dict):
        del found[LATER_VALUES]
        clash = {*found, *RESERVED, *taken, *left_out, LATER_VALUES}
        found.update({name: value for name, value in later.items() if name not in clash})
        rest = {name: value for name, value in later.items() if name in clash}
        if rest:
            found[LATER_VALUES] = rest
    if hidden:
        found["extra"] = hidden
    return {"id": record.id, **found}


def _diagram(diagram: Diagram, cells: Iterable[Cell], version: int) -> dict[str, Any]:
    inside = [_written(cell, version, "diagram_id") for cell in cells]
    return _written(diagram, version) | {"cells": inside}


def _later_file(model: Record) -> tuple[int, dict[str, Any]]:
    """The version that the file came in and what of it had no place here."""
    kept = model.extra.get(LATER_FILE)
    if not isinstance(kept, dict) or set(kept) != {"version", "keys"}:
        return VERSION, {}
    version, keys = kept["version"], kept["keys"]
    if isinstance(version, bool) or not isinstance(version, int) or not isinstance(keys, dict):
        return VERSION, {}
    if not VERSION <= version < MAX_VERSION or set(keys) & set(TOP):
        return VERSION, {}
    return version, stable(keys)


def write(state: ModelState) -> bytes:
    """The model as a native file. Equal states give equal bytes. InvalidData without a model record."""
    model = state.model
    if model is None:
        raise InvalidData("threat_model", state.model_id, "", "is missing")
    version, later = _later_file(model)
    body: dict[str, Any] = {
        "format": FORMAT,
        "version": version,
        "threat_model": _written(model, version),
    }
    if later or version != VERSION:
        del body["threat_model"][LATER_FILE]
    placed = {model.id}
    for kind, section in SECTIONS.items():
        records = sorted(state.of_kind(kind), key=_key)
        entries = []
        for record in records:
            placed.add(record.id)
            if isinstance(record, Diagram):
                cells = state.cells(record.id)
                placed.update(cell.id for cell in cells)
                entries.append(_diagram(record, cells, version))
            else:
                entries.append(_written(record, version))
        if entries:
            body[section] = entries
    rest = sorted((r for r in state.records.values() if r.id not in placed), key=_key)
    if rest:
        body[RECORDS] = [{"kind": r.kind} | _written(r, version) for r in rest]
    return dumps(body | later)
