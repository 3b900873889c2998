"""The audit trail of a model and of each thing in it, and going back to how something was."""

from typing import Any, Final

from app.domain.merge import operation_between
from app.domain.patch import Patch
from app.domain.state import ModelState
from app.ports_server import TrailEntry, TrailQuery
from sync.server.auth import journal
from sync.server.errors import Problem
from sync.server.responses import Answer, Paging
from sync.server.rest import shapes as s
from sync.server.rest.endpoint import Call, Endpoint, Query
from sync.server.rest.records import PAGES, RESOURCES, found, wanted_slice, write

_ENTRY: Final = {
    "sequence_number": s.VERSION, "operation_id": s.ID, "author": {"type": "string"},
    "origin": {"type": "string"}, "title": {"type": "string"}, "timestamp": {"type": "string"},
    "recorded_at": {"type": "string"}, "remote_address": s.nullable({"type": "string"}),
    "correlation_id": {"type": "string"},
    "causation_id": {"type": "string"}, "previous_hash": {"type": "string"}, "hash": {"type": "string"},
    "changes": s.listed(
        s.thing(
            {"kind": {"type": "string"}, "id": s.ID, "operation": s.words("add", "update", "remove"),
             "data": {"type": "object"}},
            ("kind", "id", "operation", "data"),
        )
    ),
}  # fmt: skip
_NUMBER: Final = {"type": "integer", "minimum": 0, "maximum": 2**53}
QUERY: Final = (
    *PAGES,
    Query("sort", s.words("sequence_number", "-sequence_number"), "order, oldest first unless told"),
    Query("after", _NUMBER, "events after this number"),
    Query("author", s.text(64), "by this user"),
    Query("kind", s.text(64), "that touched something of this kind"),
    Query("correlation_id", s.text(64), "that belong together under this id"),
    Query("since", s.text(40), "stored at or after this moment (ISO 8601)"),
    Query("until", s.text(40), "stored before this moment (ISO 8601)"),
)


def history_shapes() -> dict[str, s.Shape]:
    """The schemas of the audit trail."""
    rollback = {"sequence_number": s.VERSION, "had_effect": {"type": "boolean"}}
    return {
        "AuditEntry": s.thing(_ENTRY, tuple(_ENTRY)),
        "Rollback": s.thing(rollback, tuple(rollback)),
    }


def _entry(call: Call, entry: TrailEntry) -> dict[str, Any]:
    """Where an event came from is for owners to know."""
    event, one = entry.event, entry.event.operation
    changes = [{"kind": c.kind, "id": c.id, "operation": c.operation, "data": c.data} for c in one.patch]
    return {
        "sequence_number": event.sequence_number, "operation_id": one.operation_id, "author": one.author,
        "origin": str(one.origin), "title": one.title, "timestamp": one.timestamp,
        "recorded_at": entry.recorded_at,
        "remote_address": entry.remote_address if call.role == "owner" else None,
        "correlation_id": one.correlation_id,
        "causation_id": one.causation_id, "previous_hash": event.previous_hash.hex(),
        "hash": event.hash.hex(), "changes": changes,
    }  # fmt: skip


async def list_trail(call: Call) -> Answer:
    """Events of the model, or with a record's id those that touched it."""
    page, part = wanted_slice(call)
    names = ("author", "kind", "correlation_id", "since", "until", "after")
    given = {name: call.query[name] for name in names if name in call.query}
    query = TrailQuery(record_id=call.path.get("record_id", ""), **given)
    held = await call.services.blocking(call.services.stores.catalogue.trail, call.model_id, query, part)
    items = [_entry(call, one) for one in held.items]
    return Answer(data=items, paging=Paging(page, part.limit, held.total))


async def _event(call: Call) -> TrailEntry:
    number = int(call.path["sequence_number"])
    query = TrailQuery(after=number - 1)
    held = await call.services.blocking(
        call.services.stores.catalogue.trail, call.model_id, query, wanted_slice(call)[1]
    )
    for one in held.items:
        if one.event.sequence_number == number:
            return one  # type: ignore[no-any-return]
    raise Problem("NOT_FOUND", "There is no such event")


async def read_entry(call: Call) -> Answer:
    """One event."""
    one = await _event(call)
    return Answer(data=_entry(call, one))


def going_back(then: ModelState, now: ModelState, ids: list[str]) -> Patch:
    """The patch that makes these records what they were; what was not there then goes."""
    patch = []
    for record_id in ids:
        one = operation_between(now.get(record_id), then.get(record_id))
        if one is not None:
            patch.append(one)
    return tuple(patch)


async def roll_back(call: Call) -> Answer:
    """Make what an event touched, or one record of it, as it was right after the event."""
    event = (await _event(call)).event
    ids = list(dict.fromkeys(one.id for one in event.operation.patch))
    wanted = call.body.get("record_id")
    if wanted is not None:
        if wanted not in ids:
            raise Problem("VALIDATION_ERROR", "The event did not touch that record", {"field": "record_id"})
        ids = [wanted]
    then = await call.services.blocking(
        call.services.stores.catalogue.state_at, call.model_id, event.sequence_number
    )
    now = (await call.services.rooms.state(call.model_id)).state
    patch = going_back(then, now, ids)
    title = f"Go back to number {event.sequence_number}"
    outcome = await write(call, patch, title, origin_id=event.operation.operation_id)
    await call.note(journal.ROLLED_BACK, call.model_id, to=event.sequence_number)
    return Answer(data={"sequence_number": outcome.sequence_number, "had_effect": outcome.had_effect})


def endpoints() -> list[Endpoint]:
    """The table of the audit trail."""
    model, tag, entry = "/threat_models/{threat_model_id}", "audit", s.ref("AuditEntry")
    trail = f"{model}/audit_trail"
    one = f"{trail}/{{sequence_number}}"
    body = s.thing({"record_id": s.ID})
    made = [
        Endpoint(method="GET", path=trail, name="list_audit_trail", tag=tag, needs="reader", run=list_trail,
                 data=s.listed(entry), query=QUERY),
        Endpoint(method="GET", path=one, name="read_audit_entry", tag=tag, needs="reader", run=read_entry,
                 data=entry),
        Endpoint(method="POST", path=f"{one}/rollback", name="roll_back", tag=tag, needs="owner",
                 run=roll_back, data=s.ref("Rollback"), body=body, errors=("CONFLICT",)),
    ]  # fmt: skip
    for resource in RESOURCES:

        async def of_record(call: Call, kind: str = resource.kind) -> Answer:
            if call.path["record_id"] not in await _removed(call, kind):
                await found(call, kind, call.path["record_id"])
            return await list_trail(call)

        made.append(
            Endpoint(method="GET", path=f"{model}/{resource.plural}/{{record_id}}/audit_trail", tag=tag,
                     name=f"list_{resource.kind}_audit_trail", needs="reader", run=of_record,
                     data=s.listed(entry), query=QUERY)
        )  # fmt: skip
    return made


async def _removed(call: Call, kind: str) -> dict[str, int]:
    return await call.services.blocking(call.services.stores.catalogue.removed, call.model_id, kind)
