"""Threat models: lists of those that one may see, making, reading, changing, the bin, operations, events."""

from typing import Any, Final

import msgspec

from app.domain.fields import FieldType
from app.domain.ids import new_id
from app.domain.merge import data_of
from app.domain.patch import Operation, Patch, RecordOperation, add, encode
from app.domain.records import fields_of_kind
from app.ports_server import Filter, ModelEntry
from sync.protocol.codec import placed
from sync.protocol.messages import Role, SessionEnded
from sync.room.outputs import Announce
from sync.server.auth import journal
from sync.server.errors import Problem
from sync.server.responses import Answer, Paging
from sync.server.rest import shapes as s
from sync.server.rest.endpoint import Call, Endpoint, Query
from sync.server.rest.records import (
    PAGES,
    etag,
    expectation,
    found,
    replacing,
    settled,
    shown,
    sort_of,
    wanted_slice,
    write,
)

KIND: Final = "threat_model"
MOST_EVENTS: Final = 1000
_LIST: Final = (
    "name", "description", "framework", "status", "created_at", "modified_at", "version", "diagrams",
    "threats", "open_threats",
)  # fmt: skip
PERMISSIONS: Final = s.thing(
    {
        "current_user_role": s.words("reader", "writer", "owner"),
        "can_edit": {"type": "boolean"},
        "can_delete": {"type": "boolean"},
        "can_share": {"type": "boolean"},
    },
    ("current_user_role", "can_edit", "can_delete", "can_share"),
)
_COUNT: Final = {"type": "integer", "minimum": 0}
_ENTRY: Final = {
    "id": s.ID, "name": {"type": "string"}, "description": {"type": "string"},
    "threat_model_framework": {"type": "string"}, "status": {"type": "string"},
    "owner_id": {"type": "string"}, "issue_uri": {"type": "string"}, "created_at": s.MOMENT,
    "updated_at": s.MOMENT, "deleted_at": s.nullable(s.MOMENT), "version": s.VERSION,
    "diagram_count": _COUNT, "threat_count": _COUNT, "open_threat_count": _COUNT,
    "permissions": PERMISSIONS,
}  # fmt: skip
_OPERATION: Final = s.thing(
    {
        "kind": s.text(64, 1),
        "id": s.ID,
        "operation": s.words("add", "update", "remove"),
        "data": {"type": "object"},
        "restore": {"type": "boolean"},
    },
    ("kind", "id", "operation"),
)
_HASH: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def model_shapes() -> dict[str, s.Shape]:
    """The schemas of threat models, operations and events."""
    made = s.kind_shapes(KIND, "ThreatModel")
    whole = {
        **made["ThreatModel"]["properties"], "deleted_at": s.nullable(s.MOMENT),
        "permissions": s.ref("Permissions"),
    }  # fmt: skip
    loss = {"kind": {"type": "string"}, "id": {"type": "string"}, "property": {"type": "string"},
            "reason": {"type": "string"}}  # fmt: skip
    return {
        **made,
        "ThreatModel": s.thing(whole, tuple(whole), open=True),
        "ThreatModelEntry": s.thing({**_ENTRY, "permissions": s.ref("Permissions")}, tuple(_ENTRY)),
        "Permissions": PERMISSIONS,
        "OperationRequest": s.thing(
            {
                "operation_id": s.ID, "base_sequence": s.VERSION, "title": s.text(200),
                "patch": s.listed(_OPERATION, 20_000), "correlation_id": s.text(64),
                "causation_id": s.text(64),
            },
            ("operation_id", "patch"),
        ),
        "OperationOutcome": s.thing(
            {
                "operation_id": s.ID, "sequence_number": s.VERSION, "had_effect": {"type": "boolean"},
                "dropped": s.listed(s.thing(loss, tuple(loss))),
            },
            ("operation_id", "sequence_number", "had_effect", "dropped"),
        ),
        "Event": s.thing(
            {"sequence_number": s.VERSION, "previous_hash": _HASH, "hash": _HASH,
             "operation": {"type": "object"}},
            ("sequence_number", "previous_hash", "hash", "operation"),
        ),
        "ModelState": s.thing(
            {
                "epoch": {"type": "string"}, "sequence_number": s.VERSION,
                "records": s.listed(s.thing(
                    {"kind": {"type": "string"}, "id": s.ID, "data": {"type": "object"},
                     "writers": {"type": "object"}},
                    ("kind", "id", "data", "writers"),
                )),
                "tombstones": {"type": "object", "additionalProperties": {"type": "string"}},
            },
            ("epoch", "sequence_number", "records", "tombstones"),
        ),
    }  # fmt: skip


def permissions(role: str) -> dict[str, Any]:
    """What a role may do with a model."""
    return {
        "current_user_role": role,
        "can_edit": role in ("writer", "owner"),
        "can_delete": role == "owner",
        "can_share": role == "owner",
    }


def _entry(entry: ModelEntry) -> dict[str, Any]:
    return {
        "id": entry.id, "name": entry.name, "description": entry.description,
        "threat_model_framework": entry.framework, "status": entry.status, "owner_id": entry.owner,
        "issue_uri": entry.issue_uri, "created_at": entry.created_at, "updated_at": entry.modified_at,
        "deleted_at": entry.deleted_at or None, "version": entry.version, "diagram_count": entry.diagrams,
        "threat_count": entry.threats, "open_threat_count": entry.open_threats,
        "permissions": permissions(entry.role or "owner"),
    }  # fmt: skip


def _filters(query: dict[str, Any]) -> list[Filter]:
    made = []
    for name, value in query.items():
        stem, _, word = name.rpartition("_")
        if name in ("name", "description", "owner_name", "issue_uri"):
            made.append(Filter(name, "contains", value))
        elif name in ("framework", "status"):
            made.append(Filter(name, "within", value))
        elif name == "owner_id":
            made.append(Filter("owner", "is", value))
        elif word in ("after", "before"):
            made.append(Filter(f"{stem}_at", "more" if word == "after" else "less", value))
    return made


async def list_models(call: Call) -> Answer:
    """Those that the caller may see, last modified first; with `deleted` those in the bin."""
    page, part = wanted_slice(call)
    user = None if call.principal.administrator else call.principal.user_id
    held = await call.services.blocking(
        call.services.stores.catalogue.models, user, call.now, part, _filters(dict(call.query)),
        deleted=call.query.get("deleted", False),
    )  # fmt: skip
    return Answer(data=[_entry(one) for one in held.items], paging=Paging(page, part.limit, held.total))


async def _whole(call: Call, model_id: str) -> dict[str, Any]:
    catalogue = call.services.stores.catalogue
    entry = await call.services.blocking(catalogue.model, model_id, None, call.now)
    stored = await call.services.blocking(catalogue.record, model_id, KIND, model_id)
    if entry is None or stored is None:
        raise Problem("NOT_FOUND", "There is no such threat model")
    return shown(stored, model_id) | {
        "owner_id": entry.owner, "version": stored.version, "deleted_at": entry.deleted_at or None,
        "permissions": permissions(call.role or "owner"),
    }  # fmt: skip


async def create_model(call: Call) -> Answer:
    """A new threat model; the caller owns it."""
    model_id = call.body.get("id") or new_id()
    catalogue = call.services.stores.catalogue
    if await call.services.blocking(catalogue.model, model_id, None, call.now) is not None:
        raise Problem("CONFLICT", "A threat model has this id already")
    patch = (add(KIND, model_id, settled(call.body)),)
    operation = Operation(
        operation_id=new_id(), model_id=model_id, author=call.principal.user_id, patch=patch,
        title="Create threat model",
    )  # fmt: skip
    await call.services.rooms.submit(
        model_id,
        call.principal,
        Role.OWNER,
        operation,
        call.remote_address,
        expect={model_id: 0},
        create=True,
    )
    data = await _whole(call, model_id)
    headers = {**etag(data["version"]), "Location": f"/threat_models/{model_id}"}
    return Answer(data=data, status=201, headers=headers)


async def read_model(call: Call) -> Answer:
    """The threat model with what the caller may do."""
    data = await _whole(call, call.model_id)
    return Answer(data=data, headers=etag(data["version"]))


async def update_model(call: Call) -> Answer:
    """Change some properties; null clears."""
    patch = (RecordOperation(KIND, call.model_id, "update", dict(call.body)),)
    await write(call, patch, "Change threat model", expectation(call, call.model_id))
    return await read_model(call)


async def replace_model(call: Call) -> Answer:
    """Make the threat model's own properties exactly these."""
    if call.body.get("id", call.model_id) != call.model_id:
        raise Problem("VALIDATION_ERROR", details={"field": "id", "reason": "is another one"})
    stored = await found(call, KIND, call.model_id)
    data = replacing(stored.record, call.body)
    patch = (RecordOperation(KIND, call.model_id, "update", data),)
    await write(call, patch, "Change threat model", expectation(call, call.model_id))
    return await read_model(call)


async def delete_model(call: Call) -> Answer:
    """Move the threat model to the bin; whoever is in it is told."""
    data = await _whole(call, call.model_id)
    if call.expected is not None and call.expected != data["version"]:
        raise Problem("VERSION_MISMATCH", details={"versions": {call.model_id: data["version"]}})
    await call.services.blocking(call.services.stores.catalogue.delete, call.model_id, call.now)
    told = SessionEnded(reason="ended", message="the threat model was deleted")
    await call.services.rooms.forget(call.model_id, Announce(told))
    await call.note("threat_model_deleted", call.model_id)
    return Answer(data={"id": call.model_id, "version": data["version"]})


async def restore_model(call: Call) -> Answer:
    """Take the threat model out of the bin."""
    if not await call.services.blocking(call.services.stores.catalogue.restore, call.model_id):
        raise Problem("CONFLICT", "It is not in the bin")
    await call.note("threat_model_restored", call.model_id)
    return await read_model(call)


async def send_operation(call: Call) -> Answer:
    """An edit as the live channel has it: judged, written, then seen by everybody."""
    body = call.body
    patch: Patch = msgspec.convert(body["patch"], Patch)
    operation = Operation(
        operation_id=body["operation_id"], model_id=call.model_id, author=call.principal.user_id,
        patch=patch, base_sequence=int(body.get("base_sequence", 0)), title=body.get("title", ""),
        correlation_id=body.get("correlation_id", ""), causation_id=body.get("causation_id", ""),
    )  # fmt: skip
    outcome = await call.services.rooms.submit(
        call.model_id, call.principal, call.room_role, operation, call.remote_address
    )
    dropped = [{"kind": d.kind, "id": d.id, "property": d.prop, "reason": d.reason} for d in outcome.dropped]
    return Answer(data={
        "operation_id": outcome.operation_id, "sequence_number": outcome.sequence_number,
        "had_effect": outcome.had_effect, "dropped": dropped,
    })  # fmt: skip


async def list_events(call: Call) -> Answer:
    """The log after a sequence number, with the very bytes that were hashed."""
    after, limit = call.query.get("after", 0), call.query.get("limit", 200)
    await call.note(journal.EXPORTED, call.model_id, what="history")
    events = await call.services.rooms.events(call.model_id, after, limit)
    return Answer(data=[placed(event) for event in events])


async def read_state(call: Call) -> Answer:
    """The whole model as a client begins with it, and the sequence number that it stands for."""
    await call.note(journal.EXPORTED, call.model_id, what="state")
    moment = await call.services.rooms.state(call.model_id)
    state = moment.state
    records = [
        {"kind": one.kind, "id": one.id, "data": data_of(one), "writers": state.writers_of(one.id)}
        for one in state.records.values()
    ]
    data = {
        "epoch": moment.epoch, "sequence_number": moment.sequence_number, "records": records,
        "tombstones": dict(state.tombstones),
    }  # fmt: skip
    return Answer(data=msgspec.Raw(encode(data)), headers=etag(moment.sequence_number))


def endpoints() -> list[Endpoint]:
    """The table of threat models."""
    whole, one, tag = s.ref("ThreatModel"), "/threat_models/{threat_model_id}", "threat models"
    create, update = s.ref("ThreatModelCreate"), s.ref("ThreatModelUpdate")
    gone = s.thing({"id": s.ID, "version": s.VERSION}, ("id", "version"))
    rules = fields_of_kind(KIND)
    framework = s.words(*rules["threat_model_framework"].words)
    if rules["threat_model_framework"].type is not FieldType.CHOICE:
        framework = s.text(128)
    query = (
        *PAGES, sort_of(_LIST), Query("deleted", {"type": "boolean"}, "those in the bin instead"),
        *(Query(n, s.text(200), "holds this text")
          for n in ("name", "description", "owner_name", "issue_uri")),
        Query("framework", s.listed(framework, 20, 1), "is one of these, separated by commas", many=True),
        Query("status", s.listed(s.text(128), 20, 1), "is one of these, separated by commas", many=True),
        Query("owner_id", s.ID, "is this user"),
        *(Query(f"{n}_{w}", s.text(40), f"{n} {w} this moment (ISO 8601)")
          for n in ("created", "modified") for w in ("after", "before")),
    )  # fmt: skip
    tail = (
        Query("after", {"type": "integer", "minimum": 0, "maximum": 2**53}, "the last number one has"),
        Query("limit", {"type": "integer", "minimum": 1, "maximum": MOST_EVENTS}, "how many, else 200"),
    )
    return [
        Endpoint(method="GET", path="/threat_models", name="list_threat_models", tag=tag, needs="user",
                 run=list_models, data=s.listed(s.ref("ThreatModelEntry")), query=query),
        Endpoint(method="POST", path="/threat_models", name="create_threat_model", tag=tag, needs="account",
                 run=create_model, data=whole, body=create, status=201, errors=("CONFLICT",)),
        Endpoint(method="GET", path=one, name="read_threat_model", tag=tag, needs="reader",
                 run=read_model, data=whole, in_bin=True),
        Endpoint(method="PUT", path=one, name="replace_threat_model", tag=tag, needs="writer",
                 run=replace_model, data=whole, body=create, versioned=True),
        Endpoint(method="PATCH", path=one, name="update_threat_model", tag=tag, needs="writer",
                 run=update_model, data=whole, body=update, versioned=True),
        Endpoint(method="DELETE", path=one, name="delete_threat_model", tag=tag, needs="owner",
                 run=delete_model, data=gone, versioned=True),
        Endpoint(method="POST", path=f"{one}/restore", name="restore_threat_model", tag=tag, needs="owner",
                 run=restore_model, data=whole, errors=("CONFLICT",), in_bin=True),
        Endpoint(method="POST", path=f"{one}/operations", name="send_operation", tag="operations",
                 needs="writer", run=send_operation, data=s.ref("OperationOutcome"),
                 body=s.ref("OperationRequest"), errors=("CONFLICT",)),
        Endpoint(method="GET", path=f"{one}/events", name="list_events", tag="operations", needs="reader",
                 run=list_events, data=s.listed(s.ref("Event")), query=tail),
        Endpoint(method="GET", path=f"{one}/state", name="read_state", tag="operations", needs="reader",
                 run=read_state, data=s.ref("ModelState")),
    ]  # fmt: skip
