"""Copying cells and pasting them as new ones: ids renewed, inner flows kept, outer ends dropped."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from app.domain import order
from app.domain.checks import to_json
from app.domain.edits.move import with_contents
from app.domain.edits.properties import top_order
from app.domain.errors import InvalidData
from app.domain.ids import is_id, new_id
from app.domain.merge import data_of
from app.domain.patch import Patch, RecordOperation, decode_json, encode
from app.domain.records import Cell, Record, Threat
from app.domain.rect import Rect, rect_of, united
from app.domain.state import ModelState
from app.domain.values import Point


class ClipRecord(msgspec.Struct, frozen=True):
    """One copied record: its kind, the id that it had, and its data."""

    kind: str
    id: str
    data: dict[str, Any]


class Clip(msgspec.Struct, frozen=True):
    """Copied cells with their threats. `severed` counts flows left out for want of an end."""

    records: tuple[ClipRecord, ...]
    x: float = 0.0
    y: float = 0.0
    severed: int = 0

    @property
    def cells(self) -> tuple[ClipRecord, ...]:
        """The copied cells, from back to front."""
        return tuple(r for r in self.records if r.kind == "cell")


def copy_cells(state: ModelState, cell_ids: Collection[str]) -> Clip:
    """The cells, what boundaries hold, the flows among them, and the threats on all of these."""
    chosen = with_contents(state, cell_ids)
    severed = 0
    for cell in list(chosen.values()):
        for line in state.flows_at(cell.id):
            if all(e is None or e.cell is None or e.cell in chosen for e in (line.source, line.target)):
                chosen[line.id] = line
    for line in [c for c in chosen.values() if c.is_line]:
        if any(e is not None and e.cell is not None and e.cell not in chosen
               for e in (line.source, line.target)):  # fmt: skip
            del chosen[line.id]
            severed += 1
    cells = sorted(chosen.values(), key=lambda c: (c.order, c.id))
    threats = [r for c in cells for r in state.pointing_at(c.id) if isinstance(r, Threat)]
    whole = united(rect_of(c) for c in cells) or Rect(0.0, 0.0, 0.0, 0.0)
    records: list[Record] = [*cells, *threats]
    return Clip(tuple(ClipRecord(r.kind, r.id, data_of(r)) for r in records), whole.x, whole.y, severed)


def encode_clip(clip: Clip) -> bytes:
    """A clip as JSON for the clipboard."""
    return encode({"format": "tmi-cells", "clip": clip})


def decode_clip(raw: bytes) -> Clip:
    """A clip from the clipboard. InvalidData when it is none."""
    found = decode_json(raw, what="clipboard", limit=64_000_000)
    try:
        if not isinstance(found, Mapping) or found.get("format") != "tmi-cells":
            raise ValueError("holds no cells")
        clip = msgspec.convert(found.get("clip"), Clip)
    except (msgspec.MsgspecError, ValueError) as error:
        raise InvalidData("clipboard", "", "", str(error)) from None
    return clip


def paste_cells(
    state: ModelState, diagram_id: str, clip: Clip, at: Point | None = None
) -> tuple[list[str], Patch]:
    """The new cells' ids and the patch that pastes a clip with its top left corner at `at`.

    Without `at` the cells keep their places. References to records that this model does not have
    fall away.
    """
    dx, dy = (at.x - clip.x, at.y - clip.y) if at is not None else (0.0, 0.0)
    ids = {r.id: new_id() for r in clip.records if is_id(r.id)}
    keys = iter(_keys_above(state, diagram_id, len(clip.cells)))
    patch = []
    for record in clip.records:
        if record.id not in ids or record.kind not in ("cell", "threat"):
            continue
        data = _renamed(dict(record.data), ids, state)
        if record.kind == "cell":
            data = {**_moved(data, dx, dy), "diagram_id": diagram_id, "order": next(keys)}
        else:
            data["diagram_id"] = diagram_id
            data.pop("asset_id", None) if data.get("asset_id") not in state else None
        patch.append(RecordOperation(record.kind, ids[record.id], "add", data))
    return [ids[r.id] for r in clip.cells if r.id in ids], tuple(patch)


def _keys_above(state: ModelState, diagram_id: str, count: int) -> list[str]:
    keys = []
    key = top_order(state, diagram_id)
    for _ in range(count):
        keys.append(key)
        key = order.after(key)
    return keys


def _renamed(data: dict[str, Any], ids: Mapping[str, str], state: ModelState) -> dict[str, Any]:
    for name in ("source", "target"):
        end = data.get(name)
        if isinstance(end, Mapping) and end.get("cell") in ids:
            data[name] = {**end, "cell": ids[end["cell"]]}
    for name in ("parent", "cell_id"):
        if name in data:
            data[name] = ids.get(data[name])
    if "data_assets" in data:
        data["data_assets"] = [a for a in data["data_assets"] if a in state]
    return data


def _moved(data: dict[str, Any], dx: float, dy: float) -> dict[str, Any]:
    def shift(point: Any) -> Any:
        if not isinstance(point, Mapping) or "x" not in point or "y" not in point:
            return point
        return {**point, "x": point["x"] + dx, "y": point["y"] + dy}

    for name in ("position", "source", "target"):
        if name in data:
            data[name] = shift(data[name])
    if "position" not in data and "source" not in data:
        data["position"] = to_json(Point(dx, dy))
    if isinstance(data.get("vertices"), list):
        data["vertices"] = [shift(p) for p in data["vertices"]]
    return data


def duplicate(
    state: ModelState, cell_ids: Collection[str], dx: float = 20.0, dy: float = 20.0
) -> tuple[list[str], Patch]:
    """The new cells' ids and the patch that duplicates cells, shifted by (dx, dy)."""
    clip = copy_cells(state, cell_ids)
    cells = [c for c in (state.cell(r.id) for r in clip.cells) if isinstance(c, Cell)]
    if not cells:
        return [], ()
    ids, patch = paste_cells(state, cells[0].diagram_id, clip, Point(clip.x + dx, clip.y + dy))
    return ids, patch
