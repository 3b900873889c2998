"""Threat Dragon's cells, version 1 and 2, to cells: shapes, names, places, ends and flags."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from app.domain import vocabulary as v
from app.domain.ids import is_id
from app.exchange.building import Building, flag_of, number_of, text_of
from app.exchange.threat_dragon_words import BOX, CURVE, shape_of

FLAGS: Final = {
    "outOfScope": "out_of_scope",
    "isWebApplication": "is_web_application",
    "handlesCardPayment": "handles_card_payment",
    "handlesGoodsOrServices": "handles_goods_or_services",
    "isALog": "is_log",
    "storesCredentials": "stores_credentials",
    "storesInventory": "stores_inventory",
    "isEncrypted": "is_encrypted",
    "isSigned": "is_signed",
    "providesAuthentication": "provides_authentication",
    "isPublicNetwork": "is_public_network",
    "isBidirectional": "is_bidirectional",
}
TEXTS: Final = {
    "description": "description",
    "reasonOutOfScope": "out_of_scope_reason",
    "privilegeLevel": "privilege_level",
    "protocol": "protocol",
}
# What Threat Dragon works out anew whenever it shows a model.
DERIVED: Final = frozenset({
    "attrs", "ports", "tools", "markup", "visible", "$$hashKey", "hasOpenThreats",
    "trustBoundaryIds", "crossingFlows", "containedElements",
})  # fmt: skip
READ: Final = frozenset({
    "id", "shape", "type", "position", "size", "source", "target", "vertices", "zIndex", "z",
    "labels", "threats", "data", "name", "isTrustBoundary", *FLAGS, *TEXTS,
})  # fmt: skip
LABEL_PARTS: Final = ("text", "label", "labelText", "headerText")


class RawCell(msgspec.Struct):
    """A cell as it stands in the file, with what is decided about it before any other cell is known."""

    raw: dict[str, Any]
    data: dict[str, Any]
    index: int
    what: str
    type: str = ""
    form: str = ""
    id: str = ""
    order: str = ""
    label: str = ""

    @property
    def is_line(self) -> bool:
        """Whether it runs from a source to a target."""
        return self.type == v.DATA_FLOW or self.form == CURVE

    @property
    def depth(self) -> float:
        """Where it lies in the stack."""
        found = number_of(self.raw.get("zIndex", self.raw.get("z")))
        return found if found is not None else 0.0


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _attribute_text(attrs: object) -> str:
    """The text among JointJS or X6 attributes."""
    if not isinstance(attrs, Mapping):
        return ""
    parts = (attrs.get(name) for name in LABEL_PARTS)
    texts = (part.get("text") if isinstance(part, Mapping) else None for part in parts)
    return next((t for t in texts if isinstance(t, str) and t.strip()), "")


def _label_texts(labels: object) -> list[str]:
    found = []
    for label in labels if isinstance(labels, list) else [labels]:
        text = label if isinstance(label, str) else ""
        if isinstance(label, Mapping):
            text = _attribute_text(label.get("attrs")) or _attribute_text(label)
        if text.strip():
            found.append(text)
    return found


def label_of(raw: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """A cell's name: its data's, else that of its attributes, else its labels'."""
    for name in (data.get("name"), raw.get("name")):
        text = text_of(name)
        if text is not None and text.strip():
            return text
    return _attribute_text(raw.get("attrs")) or "\n".join(_label_texts(raw.get("labels")))


def _has_box(raw: Mapping[str, Any]) -> bool:
    return isinstance(raw.get("position"), Mapping)


def _has_ends(raw: Mapping[str, Any]) -> bool:
    return isinstance(raw.get("source"), Mapping) and isinstance(raw.get("target"), Mapping)


def decide_type(cell: RawCell, building: Building) -> None:
    """Find out what a cell is: by its shape, its data, and at last by whether it has a box or ends."""
    names = (cell.raw.get("shape"), cell.data.get("type"), cell.raw.get("type"))
    found = [shape for shape in map(shape_of, names) if shape is not None]
    if found:
        cell.type, cell.form = found[0]
        if cell.type == v.TRUST_BOUNDARY and cell.form == CURVE and not _has_ends(cell.raw):
            cell.form = BOX if _has_box(cell.raw) else CURVE
    else:
        cell.type = v.DATA_FLOW if _has_ends(cell.raw) else v.PROCESS
        shown = text_of(names[0]) or text_of(names[1]) or text_of(names[2]) or "none"
        building.findings.guessed(
            cell.what,
            f"its shape {shown[:40]!r} is unknown, taken for a {cell.type.replace('_', ' ')}",
        )
    if any(other[0] != cell.type for other in found):
        building.findings.guessed(
            cell.what, f"its shape and its type disagree, taken for a {cell.type.replace('_', ' ')}"
        )


def _box(cell: RawCell, building: Building) -> dict[str, Any]:
    """Position and size of a node; what is missing is made up and reported."""
    place, extent = cell.raw.get("position"), cell.raw.get("size")
    place = place if isinstance(place, Mapping) else cell.raw
    extent = extent if isinstance(extent, Mapping) else cell.raw
    x = building.coordinate(place.get("x"), cell.what)
    y = building.coordinate(place.get("y"), cell.what)
    if x is None or y is None:
        building.findings.guessed(cell.what, "has no position, put near the top left corner")
        x = y = 40.0 + 24.0 * (cell.index % 40)
    width = building.coordinate(extent.get("width"), cell.what)
    height = building.coordinate(extent.get("height"), cell.what)
    if width is None or height is None or width < 1 or height < 1:
        building.findings.guessed(cell.what, "has no proper size, given the usual one")
        width, height = v.DEFAULT_SIZES[cell.type]
    return {"position": {"x": x, "y": y}, "size": {"width": width, "height": height}}


def _vertices(cell: RawCell, building: Building) -> list[dict[str, float]]:
    raw = cell.raw.get("vertices")
    points = raw if isinstance(raw, list) else []
    found: list[dict[str, float]] = []
    for point in points:
        x = building.coordinate(point.get("x"), cell.what) if isinstance(point, Mapping) else None
        y = building.coordinate(point.get("y"), cell.what) if isinstance(point, Mapping) else None
        if x is not None and y is not None and len(found) < 1000:
            found.append({"x": x, "y": y})
    if len(found) < len(points):
        building.findings.dropped(f"{cell.what}, vertices", f"{len(points) - len(found)} are no points")
    return found


def _port_side(node: RawCell, port: object) -> str | None:
    """The side on which a port of a node lies."""
    ports = node.raw.get("ports")
    items = ports.get("items") if isinstance(ports, Mapping) else None
    for one in _objects(items):
        if port is not None and one.get("id") == port and one.get("group") in v.PORTS:
            return str(one["group"])
    return None


class Ends:
    """Where the ends of a diagram's lines lead: what is known of its other cells."""

    def __init__(self, cells: list[RawCell], building: Building) -> None:
        self._building = building
        self._cells: dict[str, RawCell] = {}
        for cell in cells:
            given = text_of(cell.raw.get("id"))
            if given is not None:
                self._cells.setdefault(given, cell)

    def both(self, cell: RawCell, vertices: list[dict[str, float]]) -> dict[str, Any]:
        """Source and target of a line, each attached or a free point.

        A lost end goes to the vertex next to it, which is then taken out of `vertices`.
        """
        ends = {name: self._end(cell, name) for name in ("source", "target")}
        for name, other, near in (("source", "target", 0), ("target", "source", -1)):
            if ends[name] is None:
                vertex = vertices.pop(near) if vertices else None
                ends[name] = vertex or self._beside(ends[other], name)
                self._building.findings.guessed(
                    f"{cell.what}, {name}", "leads to nothing that is there, left unattached"
                )
        return ends

    def _end(self, cell: RawCell, name: str) -> dict[str, Any] | None:
        raw = cell.raw.get(name)
        if not isinstance(raw, Mapping):
            return None
        given = text_of(raw.get("cell", raw.get("id")))
        node = self._cells.get(given) if given is not None else None
        if node is not None and not node.is_line and cell.type == v.DATA_FLOW:
            side = _port_side(node, raw.get("port"))
            return {"cell": node.id} | ({"port": side} if side else {})
        x = self._building.coordinate(raw.get("x"), cell.what)
        y = self._building.coordinate(raw.get("y"), cell.what)
        if x is not None and y is not None:
            return {"x": x, "y": y}
        return self._middle(node) if node is not None else None

    def _middle(self, node: RawCell) -> dict[str, Any] | None:
        """The middle of a cell that a line cannot be attached to."""
        place, extent = node.raw.get("position"), node.raw.get("size")
        if isinstance(place, Mapping):
            x, y = number_of(place.get("x")), number_of(place.get("y"))
            extent = extent if isinstance(extent, Mapping) else {}
            width, height = number_of(extent.get("width")), number_of(extent.get("height"))
            if x is not None and y is not None:
                return {"x": x + (width or 0) / 2, "y": y + (height or 0) / 2}
        points = [p for p in (node.raw.get("source"), node.raw.get("target")) if isinstance(p, Mapping)]
        pairs = [(number_of(p.get("x")), number_of(p.get("y"))) for p in points]
        known = [(x, y) for x, y in pairs if x is not None and y is not None]
        if not known:
            return None
        return {
            "x": sum(x for x, _ in known) / len(known),
            "y": sum(y for _, y in known) / len(known),
        }

    def _beside(self, other: dict[str, Any] | None, name: str) -> dict[str, float]:
        """A place for a lost end, beside the other end."""
        place = other
        if other is not None and "cell" in other:
            node = next(c for c in self._cells.values() if c.id == other["cell"])
            place = self._middle(node)
        aside = -160.0 if name == "source" else 160.0
        return {"x": place["x"] + aside, "y": place["y"]} if place else {"x": aside, "y": 0.0}


def _label_position(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Where the first label sits, if that is a share of the line's length."""
    labels = _objects(raw.get("labels"))
    place = labels[0].get("position") if labels else None
    offset: object = None
    if isinstance(place, Mapping):
        offset, place = place.get("offset"), place.get("distance")
    at = number_of(place)
    if at is None or not 0 <= at <= 1:
        return {}
    parts = offset if isinstance(offset, Mapping) else {}
    dx, dy = number_of(parts.get("x")) or 0, number_of(parts.get("y")) or 0
    if (at, dx, dy) == (0.5, 0, 0) or abs(dx) > 10_000 or abs(dy) > 10_000:
        return {}
    return {"label_position": {"at": at, "dx": dx, "dy": dy}}


def _properties(cell: RawCell, values: Mapping[str, Any], building: Building) -> dict[str, Any]:
    """Flags and texts; what has a strange type stays with the unknown ones."""
    found: dict[str, Any] = {}
    for name, prop in FLAGS.items():
        flag = flag_of(values.get(name))
        if flag:
            found[prop] = flag
    for name, prop in TEXTS.items():
        text = building.text("cell", prop, values.get(name), cell.what)
        if text.strip():
            found[prop] = text
    return found


def _unknown(cell: RawCell, values: Mapping[str, Any], building: Building) -> dict[str, Any]:
    """What nothing here stands for, kept for writing back."""
    rest = {name: value for name, value in values.items() if name not in READ | DERIVED}
    for name in FLAGS:
        if values.get(name) is not None and flag_of(values[name]) is None:
            rest[name] = values[name]
    if not rest.get("angle"):
        rest.pop("angle", None)
    if cell.is_line:
        for name in ("width", "height", "smooth"):
            rest.pop(name, None)
        if rest.get("connector") == "smooth":
            del rest["connector"]
    given = text_of(cell.raw.get("id"))
    if given is not None and not is_id(given):
        rest["id"] = given
    if values.get("isTrustBoundary") is True and cell.type != v.TRUST_BOUNDARY:
        rest["isTrustBoundary"] = True
    rest = {name: value for name, value in rest.items() if value is not None}
    if rest:
        building.findings.kept(cell.what, ", ".join(sorted(rest))[:200])
    return building.unknown(rest, cell.what)


def put_cell(cell: RawCell, diagram_id: str, ends: Ends, building: Building) -> None:
    """Make the cell's record."""
    values = {**cell.raw, **cell.data}
    data: dict[str, Any] = {"diagram_id": diagram_id, "type": cell.type, "order": cell.order}
    data["label"] = building.text("cell", "label", cell.label, cell.what)
    if cell.is_line:
        vertices = _vertices(cell, building)
        data |= ends.both(cell, vertices) | {"vertices": vertices} | _label_position(cell.raw)
        if cell.type == v.TRUST_BOUNDARY:
            data["form"] = v.LINE
    else:
        data |= _box(cell, building)
    data |= _properties(cell, values, building)
    data |= _unknown(cell, values, building)
    building.put("cell", cell.id, data, cell.what)
