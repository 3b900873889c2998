"""A model as a Threat Dragon 2 file, with what an import has kept for writing back.

Threat Dragon knows no assets, notes or other registers; `KINDS` are those that come along. Threats that
belong to no element stand in a list `threats` at the top, which only our reader looks at.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from app.domain import vocabulary as v
from app.domain.checks import to_json
from app.domain.ids import derived_id
from app.domain.records import Cell, Diagram, Record, Threat, ThreatModel
from app.domain.state import ModelState
from app.domain.values import End
from app.exchange.native_text import stable
from app.exchange.threat_dragon import KEPT
from app.exchange.threat_dragon_cells import FLAGS, TEXTS
from app.exchange.threat_dragon_words import (
    SEVERITIES,
    STATUSES,
    TD_SEVERITY,
    TD_STATUS,
    TD_TYPES,
    folded,
    threat_type_of,
)

KINDS: Final = frozenset({"threat_model", "diagram", "cell", "threat"})
VERSION: Final = "2.3.0"
SHAPES: Final = {
    v.PROCESS: ("process", "tm.Process"),
    v.DATASTORE: ("store", "tm.Store"),
    v.EXTERNAL_ENTITY: ("actor", "tm.Actor"),
    v.TEXT: ("td-text-block", "tm.Text"),
    v.DATA_FLOW: ("flow", "tm.Flow"),
}
BOX_SHAPE: Final = ("trust-boundary-box", "tm.BoundaryBox")
CURVE_SHAPE: Final = ("trust-boundary-curve", "tm.Boundary")
PROPERTIES: Final[dict[str, tuple[str, ...]]] = {
    v.PROCESS: (
        "privilegeLevel", "isWebApplication", "handlesCardPayment", "handlesGoodsOrServices",
    ),
    v.DATASTORE: ("isALog", "storesCredentials", "isEncrypted", "isSigned", "storesInventory"),
    v.EXTERNAL_ENTITY: ("providesAuthentication",),
    v.DATA_FLOW: ("protocol", "isEncrypted", "isPublicNetwork", "isBidirectional"),
}  # fmt: skip
OF_ALL: Final = ("description", "outOfScope", "reasonOutOfScope")
OF_CELL: Final = frozenset({"angle", "connector", "router", "parent", "children", "zoom"})
VERSION_1: Final = frozenset({"size", "diagramJson"})


def _kept(record: Record) -> dict[str, Any]:
    found = record.extra.get(KEPT)
    return dict(stable(found)) if isinstance(found, dict) else {}


def _object(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _with(known: dict[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """What is known here, then what else was kept."""
    return known | {name: value for name, value in kept.items() if name not in known}


def _port_id(cell_id: str, side: str) -> str:
    return derived_id(cell_id, f"port {side}")


def _ports(cell: Cell) -> dict[str, Any]:
    circle = {
        "circle": {
            "r": 4,
            "magnet": True,
            "stroke": "#5F95FF",
            "strokeWidth": 1,
            "fill": "#fff",
            "style": {"visibility": "hidden"},
        }
    }
    return {
        "groups": {side: {"position": side, "attrs": circle} for side in v.PORTS},
        "items": [{"group": side, "id": _port_id(cell.id, side)} for side in v.PORTS],
    }


def _end(end: End | None) -> dict[str, Any]:
    if end is None or end.cell is None:
        return dict(to_json(end or End()))
    side = {"port": _port_id(end.cell, end.port)} if end.port in v.PORTS else {}
    return {"cell": end.cell} | side


def _original(kept: Mapping[str, Any], name: str, now: str, before: str) -> str:
    """The file's own word while it still means the same, else ours."""
    given = kept.get(name)
    return given if isinstance(given, str) and given and before == now else ""


def _type(threat: Threat, kept: Mapping[str, Any]) -> str:
    given = str(kept.get("type", ""))
    same = _original(kept, "type", threat.threat_type, threat_type_of(given, threat.framework))
    return same or TD_TYPES.get(threat.framework, {}).get(threat.threat_type, threat.threat_type)


def _threat(threat: Threat, number: int) -> dict[str, Any]:
    kept = _kept(threat)
    status, severity = str(kept.get("status", "")), str(kept.get("severity", ""))
    score = "" if threat.score is None else f"{threat.score:g}"
    return {
        "new": False,
        **{name: value for name, value in kept.items() if name != "id"},
        "id": threat.id,
        "title": threat.name,
        "status": _original(kept, "status", threat.status, STATUSES.get(folded(status), ""))
        or TD_STATUS.get(threat.status, threat.status),
        "severity": _original(kept, "severity", threat.severity, SEVERITIES.get(folded(severity), ""))
        or TD_SEVERITY.get(threat.severity, threat.severity),
        "type": _type(threat, kept),
        "description": threat.description,
        "mitigation": threat.mitigation,
        "modelType": threat.framework or "STRIDE",
        "number": threat.number if threat.number is not None else number,
        "score": score or kept.get("score", ""),
    }


class _Writer:
    """One model on its way out: its threats by element, and the next free threat number."""

    def __init__(self, state: ModelState) -> None:
        self._state = state
        threats = sorted(state.all(Threat), key=lambda t: (t.number is None, t.number or 0, t.id))
        self.top = max((t.number or 0 for t in threats), default=0)
        self._of: dict[str | None, list[dict[str, Any]]] = {}
        self._open: set[str | None] = set()
        for threat in threats:
            if threat.number is None:
                self.top += 1
            self._of.setdefault(threat.cell_id, []).append(_threat(threat, self.top))
            if v.is_open(threat.status):
                self._open.add(threat.cell_id)

    def threats(self, cell_id: str | None) -> list[dict[str, Any]]:
        """The threats of an element; None for those that have none."""
        return self._of.get(cell_id, [])

    def _data(self, cell: Cell, type_name: str, kept: Mapping[str, Any]) -> dict[str, Any]:
        ours = FLAGS | TEXTS
        names = () if cell.type == v.TEXT else (*OF_ALL, *PROPERTIES.get(cell.type, ()))
        # A property that this type of element does not have in Threat Dragon is written if it is set.
        names = (*names, *(n for n in ours if n not in names and getattr(cell, ours[n])))
        found: dict[str, Any] = {"type": type_name, "name": cell.label}
        found |= {name: getattr(cell, ours[name]) for name in names}
        found["isTrustBoundary"] = cell.is_boundary
        found["hasOpenThreats"] = cell.id in self._open
        threats = self.threats(cell.id)
        if threats or cell.type in (*v.ELEMENT_TYPES, v.DATA_FLOW):
            found["threats"] = threats
        return found | {n: value for n, value in kept.items() if n not in OF_CELL and n != "id"}

    def _cell(self, cell: Cell, z_index: int) -> dict[str, Any]:
        shapes = SHAPES.get(cell.type) or (CURVE_SHAPE if cell.is_line else BOX_SHAPE)
        kept = _kept(cell)
        common = {
            **{name: value for name, value in kept.items() if name in OF_CELL},
            "id": cell.id,
            "shape": shapes[0],
            "zIndex": z_index,
            "visible": True,
            "data": self._data(cell, shapes[1], kept),
        }
        if not cell.is_line:
            box = {"position": to_json(cell.position), "size": to_json(cell.size)}
            name = "label" if cell.is_boundary else "text"
            ports = {"ports": _ports(cell)} if cell.type in v.ELEMENT_TYPES else {}
            return common | box | {"attrs": {name: {"text": cell.label}}} | ports
        at = cell.label_position
        offset = {"offset": {"x": at.dx, "y": at.dy}} if at.dx or at.dy else {}
        label = {
            "position": {"distance": at.at, **offset},
            "attrs": {"label": {"text": cell.label}},
        }
        return common | {
            "connector": kept.get("connector", "smooth"),
            "labels": [label],
            "source": _end(cell.source),
            "target": _end(cell.target),
            "vertices": to_json(cell.vertices),
        }

    def _cells(self, diagram: Diagram) -> list[dict[str, Any]]:
        cells = self._state.cells(diagram.id)
        boxes = sum(cell.can_contain for cell in cells)
        found, behind, before = [], -boxes, 0
        for cell in cells:
            if cell.can_contain:
                found.append(self._cell(cell, behind))
                behind += 1
            else:
                before += 1
                found.append(self._cell(cell, before))
        return found

    def diagram(self, diagram: Diagram, number: int, framework: str) -> dict[str, Any]:
        """A diagram; numbers count from 0."""
        kind = diagram.framework or framework
        kept = {n: value for n, value in _kept(diagram).items() if n not in VERSION_1}
        thumbnail = f"./public/content/images/thumbnail.{kind.lower()}.jpg"
        known: dict[str, Any] = {
            "id": number,
            "title": diagram.name,
            "diagramType": kind,
            "placeholder": kept.get("placeholder", f"New {kind} diagram description"),
            "thumbnail": kept.get("thumbnail", thumbnail),
            "version": kept.get("version", VERSION),
        }
        if diagram.description:
            known["description"] = diagram.description
        return _with(known | {"cells": self._cells(diagram)}, kept)


def _contributors(names: tuple[str, ...], kept: object) -> list[Any]:
    """The entries as they came while they still name the same people."""
    entries = kept if isinstance(kept, list) else []
    same = [one.get("name") if isinstance(one, dict) else one for one in entries] == list(names)
    return entries if entries and same else [{"name": name} for name in names]


def _detail(
    model: ThreatModel | None, kept: Mapping[str, Any], diagrams: list[Any], top: int
) -> dict[str, Any]:
    names = model.contributors if model is not None else ()
    known = {
        "contributors": _contributors(names, kept.get("contributors")),
        "diagrams": diagrams,
        "diagramTop": len(diagrams),
        "reviewer": model.reviewer if model is not None else "",
        "threatTop": top,
    }
    return _with(known, kept)


def _summary(model: ThreatModel | None, kept: Mapping[str, Any]) -> dict[str, Any]:
    known = {
        "title": model.name if model is not None else "",
        "owner": model.owner if model is not None else "",
        "description": model.description if model is not None else "",
        "id": kept.get("id", 0),
    }
    return _with(known, kept)


def write(state: ModelState) -> bytes:
    """The model as Threat Dragon 2 JSON; equal states give equal bytes."""
    writer = _Writer(state)
    model = state.model
    kept = _kept(model) if model is not None else {}
    framework = model.threat_model_framework if model is not None else "STRIDE"
    diagrams = [writer.diagram(d, n, framework) for n, d in enumerate(state.diagrams())]
    version = str(kept.get("version", ""))
    body: dict[str, Any] = {
        "version": version if version.startswith("2") else VERSION,
        "summary": _summary(model, _object(kept.get("summary"))),
        "detail": _detail(model, _object(kept.get("detail")), diagrams, writer.top),
    }
    loose = writer.threats(None)
    if loose:
        body["threats"] = loose
    return (json.dumps(_with(body, kept), ensure_ascii=False, indent=2) + "\n").encode()
