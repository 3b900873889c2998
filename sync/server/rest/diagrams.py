"""Diagrams with their cells in the seed's form, and the picture that a client uploads."""

from collections.abc import Mapping
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from app.domain.errors import InvalidData
from app.domain.merge import difference, merged
from app.domain.order import after
from app.domain.patch import Patch, RecordOperation, add, remove
from app.domain.records import Cell
from app.domain.state import ModelState
from sync.protocol.seed_cells import cell_from_seed, cell_to_seed
from sync.server.errors import Problem
from sync.server.responses import Answer
from sync.server.rest import shapes as s
from sync.server.rest.endpoint import Call, Endpoint
from sync.server.rest.records import (
    RESOURCES,
    Handlers,
    etag,
    expectation,
    found,
    replacing,
    shown,
    write,
)

MOST_CELLS: Final = 20_000
SEED_CELL: Final = s.thing(
    {
        "id": s.ID,
        "type": s.words("process", "datastore", "external_entity", "trust_boundary", "data_flow", "text"),
        "position": s.POINT,
        "size": {"type": "object"},
        "properties": {"type": "object"},
    },
    ("id", "type"),
    open=True,
)
DIAGRAM_DATA: Final = s.thing(
    {"cells": s.listed(SEED_CELL, MOST_CELLS), "metadata": {"type": "object"}}, ("cells",)
)
_DATA_SHOWN: Final = s.thing(
    {
        "cells": s.listed({"type": "object"}),
        "metadata": s.thing(
            {
                "version": {"type": "string"},
                "last_modified_by": s.nullable({"type": "string"}),
                "collaboration_session": s.nullable({"type": "string"}),
                "sequence_number": s.VERSION,
                "epoch": {"type": "string"},
            },
            ("version", "sequence_number", "epoch"),
        ),
    },
    ("cells", "metadata"),
)
IMAGE: Final = s.thing({"svg": {"type": "string"}, "update_vector": s.VERSION}, ("svg", "update_vector"))
_SVG: Final = "{http://www.w3.org/2000/svg}"
_ACTIVE: Final = frozenset({"script", "foreignObject", "iframe", "embed", "object", "audio", "video"})


def diagram_shapes() -> dict[str, s.Shape]:
    """The schemas of a diagram with its cells."""
    plain = s.kind_shapes("diagram", "Diagram")
    whole = {**plain["Diagram"]["properties"], "diagram_data": _DATA_SHOWN, "update_vector": s.VERSION}
    return {
        "DiagramWithCells": s.thing(whole, tuple(whole), open=True),
        "DiagramReplace": s.thing(
            {**plain["DiagramCreate"]["properties"], "diagram_data": s.ref("DiagramData")}, ("name",)
        ),
        "DiagramChange": s.thing(
            {**plain["DiagramUpdate"]["properties"], "diagram_data": s.ref("DiagramData")}
        ),
        "DiagramData": DIAGRAM_DATA,
        "DiagramImage": IMAGE,
    }


def cells_patch(state: ModelState, diagram_id: str, cells: list[Mapping[str, Any]]) -> Patch:
    """The patch that makes a diagram's cells exactly these.

    A property that a cell does not mention takes its default; but without `order` a cell stays where it is
    in the stack, and new ones go on top one by one. InvalidData names what may not stand.
    """
    ids = [one["id"] for one in cells]
    if len(set(ids)) < len(ids):
        raise Problem("VALIDATION_ERROR", details={"field": "cells", "reason": "an id is there twice"})
    there = {cell.id: cell for cell in state.cells(diagram_id)}
    top = max((cell.order for cell in there.values()), default="")
    patch: list[RecordOperation] = []
    for one in cells:
        try:
            data = {n: v for n, v in cell_from_seed(one).items() if v is not None}
        except ValueError as error:
            raise InvalidData("cell", one["id"], "properties", str(error)) from None
        data["diagram_id"] = diagram_id
        cell = there.get(one["id"])
        if cell is None:
            if "order" not in data:
                data["order"] = top = after(top)
            patch.append(add("cell", one["id"], data, restore=True))
            continue
        wanted = merged(None, add("cell", cell.id, {"form": cell.form, "order": cell.order, **data}))
        changed = difference(cell, wanted)
        if changed:
            patch.append(RecordOperation("cell", cell.id, "update", changed))
    kept = set(ids)
    return (*patch, *(remove("cell", i) for i in there if i not in kept))


def checked_svg(text: str) -> str:
    """The picture, if it is one and nothing in it acts or loads. VALIDATION_ERROR otherwise."""

    def refused(reason: str) -> Problem:
        return Problem("VALIDATION_ERROR", details={"field": "svg", "reason": reason})

    try:
        root = fromstring(text)
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        raise refused("is no SVG") from None
    if root.tag != f"{_SVG}svg":
        raise refused("is no SVG")
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2]
        if name in _ACTIVE:
            raise refused(f"holds <{name}>")
        for key, value in element.attrib.items():
            short = key.rpartition("}")[2].lower()
            inside = value.strip().lower().startswith(("#", "data:image/png", "data:image/jpeg"))
            if short.startswith("on") or (short == "href" and not inside) or "javascript:" in value.lower():
                raise refused(f"holds {short}")
    return text


class DiagramHandlers(Handlers):
    """Diagrams, whose reading and changing take their cells along."""

    async def read(self, call: Call) -> Answer:
        """The diagram with its cells, and the sequence number that they stand for."""
        diagram_id = call.path["record_id"]
        moment = await call.services.rooms.state(call.model_id)
        stored = await found(call, "diagram", diagram_id)
        # The state first: what is stored may be newer, never older.
        cells = [cell_to_seed(cell) for cell in moment.state.cells(diagram_id)]
        session = await call.services.blocking(call.services.stores.sessions.active, call.model_id, call.now)
        events = await call.services.rooms.events(call.model_id, stored.version - 1, 1)
        metadata = {
            "version": str(stored.version),
            "last_modified_by": events[0].operation.author or None if events else None,
            "collaboration_session": session.id if session is not None else None,
            "sequence_number": moment.sequence_number,
            "epoch": moment.epoch,
        }
        data = shown(stored, call.model_id) | {
            "update_vector": stored.version, "diagram_data": {"cells": cells, "metadata": metadata},
        }  # fmt: skip
        return Answer(data=data, headers=etag(stored.version))

    async def update(self, call: Call) -> Answer:
        """Change some properties, or the cells."""
        diagram_id = call.path["record_id"]
        await found(call, "diagram", diagram_id)
        data = {name: value for name, value in call.body.items() if name != "diagram_data"}
        return await self._write(call, diagram_id, data)

    async def replace(self, call: Call) -> Answer:
        """Make the diagram exactly this; its cells stay when they are not mentioned."""
        diagram_id = call.path["record_id"]
        stored = await found(call, "diagram", diagram_id)
        if call.body.get("id", diagram_id) != diagram_id:
            raise Problem("VALIDATION_ERROR", details={"field": "id", "reason": "is another one"})
        body = {name: value for name, value in call.body.items() if name != "diagram_data"}
        return await self._write(call, diagram_id, replacing(stored.record, body))

    async def _write(self, call: Call, diagram_id: str, data: dict[str, Any]) -> Answer:
        patch: Patch = (RecordOperation("diagram", diagram_id, "update", data),) if data else ()
        given = call.body.get("diagram_data")
        if given is not None:
            state = (await call.services.rooms.state(call.model_id)).state
            taken = [
                one["id"] for one in given["cells"]
                if (old := state.get(one["id"])) is not None
                and not (isinstance(old, Cell) and old.diagram_id == diagram_id)
            ]  # fmt: skip
            if taken:
                raise Problem("CONFLICT", "A cell has the id of something else", {"ids": taken[:20]})
            patch += cells_patch(state, diagram_id, given["cells"])
        await write(call, patch, "Change diagram", expectation(call, diagram_id))
        return await self.read(call)

    async def image(self, call: Call) -> Answer:
        """The picture, and the version that it shows."""
        await found(call, "diagram", call.path["record_id"])
        held = await call.services.blocking(
            call.services.stores.catalogue.image, call.model_id, call.path["record_id"]
        )
        if held is None:
            raise Problem("NOT_FOUND", "The diagram has no picture yet")
        return Answer(data={"svg": held[0], "update_vector": held[1]}, headers=etag(held[1]))

    async def set_image(self, call: Call) -> Answer:
        """Keep a picture, unless a newer one is there."""
        stored = await found(call, "diagram", call.path["record_id"])
        svg, vector = call.body["svg"], call.body["update_vector"]
        if len(svg.encode()) > call.services.settings.server.max_image_bytes:
            raise Problem("PAYLOAD_TOO_LARGE", "The picture is too large")
        if vector > stored.version:
            reason = "is later than the diagram"
            raise Problem("CONFLICT", details={"field": "update_vector", "reason": reason})
        kept = await call.services.blocking(
            call.services.stores.catalogue.set_image,
            call.model_id, call.path["record_id"], checked_svg(svg), vector,
        )  # fmt: skip
        if not kept:
            raise Problem("CONFLICT", "A newer picture is there")
        return Answer(data={"svg": svg, "update_vector": vector})

    def endpoints(self) -> list[Endpoint]:
        """Those of any record, with the cells where they belong."""
        whole = s.ref("DiagramWithCells")
        bodies = {"update_diagram": s.ref("DiagramChange"), "replace_diagram": s.ref("DiagramReplace")}
        made = []
        for one in super().endpoints():
            values = {name: getattr(one, name) for name in one.__dataclass_fields__}
            if one.name in ("read_diagram", *bodies):
                values["data"] = whole
                values["body"] = bodies.get(one.name)
                values["errors"] = ("CONFLICT",) if one.name in bodies else ()
            made.append(Endpoint(**values))
        where = "/threat_models/{threat_model_id}/diagrams/{record_id}/svg_image"
        return [
            *made,
            Endpoint(method="GET", path=where, name="read_diagram_image", tag="diagrams", needs="reader",
                     run=self.image, data=s.ref("DiagramImage")),
            Endpoint(method="PUT", path=where, name="set_diagram_image", tag="diagrams", needs="writer",
                     run=self.set_image, data=s.ref("DiagramImage"), body=s.ref("DiagramImage"),
                     errors=("CONFLICT", "PAYLOAD_TOO_LARGE")),
        ]  # fmt: skip


DIAGRAMS: Final = DiagramHandlers(RESOURCES[0])
