"""Say what is in a model: its diagrams, elements and threats, and how its import went."""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

from app.cli.convert import report_lines
from app.cli.outcome import DONE
from app.domain import vocabulary as v
from app.domain.records import Threat
from app.domain.state import ModelState
from app.exchange.formats import FORMATS, read_file
from app.exchange.imported import Imported

HELP: Final = "say what is in a model"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    readable = [f.key for f in FORMATS if f.read is not None]
    parser.add_argument("input", type=Path, metavar="IN", help="the model to read")
    parser.add_argument("--from", dest="source_format", choices=readable, help="the format of IN")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _cells(state: ModelState, diagram_id: str) -> dict[str, int]:
    counts = Counter(cell.type for cell in state.cells(diagram_id))
    return {name: counts[name] for name in v.CELL_TYPES}


def summary(imported: Imported) -> dict[str, Any]:
    """Name, framework, diagrams with their cells by type, number of threats, and the report's counts."""
    state = imported.state()
    model = state.model
    return {
        "name": model.name if model else "",
        "framework": model.threat_model_framework if model else "",
        "diagrams": [{"name": d.name, "cells": _cells(state, d.id)} for d in state.diagrams()],
        "threats": len(state.all(Threat)),
        "report": imported.report.counts,
    }


def _lines(found: dict[str, Any], imported: Imported) -> list[str]:
    lines = [f"{found['name']} ({found['framework']})"]
    for diagram in found["diagrams"]:
        cells = [
            f"{count} {v.CELL_TYPE_NAMES[name].lower()}" for name, count in diagram["cells"].items() if count
        ]
        lines.append(f"  {diagram['name']}: {', '.join(cells) or 'empty'}")
    return [*lines, f"  threats: {found['threats']}", *report_lines(imported.report)]


def run(given: argparse.Namespace) -> int:
    """Print the summary."""
    imported = read_file(given.input, given.source_format or "")
    found = summary(imported)
    print(json.dumps(found, indent=2) if given.json else "\n".join(_lines(found, imported)))
    return DONE
