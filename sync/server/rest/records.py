"""One resource for every kind of record of a model: list, create, read, change, remove, restore, in bulk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from app.domain.checks import to_json
from app.domain.fields import Field, FieldType
from app.domain.ids import new_id
from app.domain.merge import difference, merged
from app.domain.patch import Operation, Patch, RecordOperation, add, remove
from app.domain.records import Record, fields_of_kind
from app.domain.stage import stage
from app.domain.state import ModelState
from app.ports import Outcome
from app.ports_server import Filter, Slice, StoredRecord
from sync.server.errors import Problem
from sync.server.responses import Answer, Paging
from sync.server.rest import shapes as s
from sync.server.rest.endpoint import Call, Endpoint, Query

MOST_IN_BULK: Final = 1000
PAGES: Final = (
    Query("page", {"type": "integer", "minimum": 1, "maximum": 1_000_000}, "which page, from 1"),
    Query("limit", {"type": "integer", "minimum": 1, "maximum": 1000}, "how many a page, 50 unless told"),
)
_SORTABLE: Final = (FieldType.TEXT, FieldType.CHOICE, FieldType.FLAG, FieldType.NUMBER, FieldType.INTEGER)


@dataclass(frozen=True)
class Resource:
    """A kind of record as the API shows it."""

    kind: str
    plural: str
    schema: str

    @property
    def rules(self) -> Mapping[str, Field]:
        """Its fields."""
        return fields_of_kind(self.kind)


RESOURCES: Final = (
    Resource("diagram", "diagrams", "Diagram"),
    Resource("cell", "cells", "Cell"),
    Resource("threat", "threats", "Threat"),
    Resource("mitigation", "mitigations", "Mitigation"),
    Resource("asset", "assets", "Asset"),
    Resource("document", "documents", "Document"),
    Resource("note", "notes", "Note"),
    Resource("repository", "repositories", "Repository"),
    Resource("assumption", "assumptions", "Assumption"),
    Resource("comment", "comments", "Comment"),
    Resource("task", "tasks", "Task"),
    Resource("saved_view", "saved_views", "SavedView"),
)


# What comes out


def shown(stored: StoredRecord, model_id: str) -> dict[str, Any]:
    """A record as the API gives it: every property, and what it is not itself about."""
    record = stored.record
    values = {name: to_json(getattr(record, name)) for name in fields_of_kind(record.kind)}
    return {
        "id": record.id, "threat_model_id": model_id, **values, "extra": to_json(record.extra),
        "version": stored.version, "created_at": stored.created_at, "updated_at": stored.modified_at,
    }  # fmt: skip


def etag(version: int) -> dict[str, str]:
    """The header that names a version."""
    return {"ETag": f'"{version}"'}


# What goes in


async def write(
    call: Call, patch: Patch, title: str, expect: Mapping[str, int] | None = None, *, origin_id: str = ""
) -> Outcome:
    """Send a patch through the room of the model; returns when it is on disk."""
    operation = Operation(
        operation_id=new_id(), model_id=call.model_id, author=call.principal.user_id, patch=patch,
        title=title, causation_id=origin_id,
    )  # fmt: skip
    return await call.services.rooms.submit(
        call.model_id, call.principal, call.room_role, operation, call.remote_address, expect=expect
    )


async def found(call: Call, kind: str, record_id: str) -> StoredRecord:
    """A record as it is stored. NOT_FOUND when there is none of that kind."""
    stored = await call.services.blocking(
        call.services.stores.catalogue.record, call.model_id, kind, record_id
    )
    if stored is None:
        raise Problem("NOT_FOUND")
    return stored


def expectation(call: Call, record_id: str) -> dict[str, int] | None:
    """What If-Match asks for."""
    return None if call.expected is None else {record_id: call.expected}


def settled(data: Mapping[str, Any]) -> dict[str, Any]:
    """A body's properties as a patch carries them, without the record's id."""
    return {name: value for name, value in data.items() if name != "id"}


def replacing(before: Record, body: Mapping[str, Any]) -> dict[str, Any]:
    """The update that makes a record exactly what the body says; what it does not mention is cleared."""
    fixed = {
        name: to_json(getattr(before, name)) for name, rule in fields_of_kind(before.kind).items()
        if rule.fixed
    }  # fmt: skip
    data = {**fixed, **{name: value for name, value in body.items() if value is not None}}
    data.pop("id", None)
    wanted = merged(None, add(before.kind, before.id, data))
    return difference(before, msgspec.structs.replace(wanted, extra=before.extra))


def restoring(then: ModelState, now: ModelState, kind: str, record_id: str) -> Patch:
    """The patch that brings a record back with what went with it, where nobody has put anything since."""
    changes = stage(then, (remove(kind, record_id),))
    before = {change.id: change for change in changes.changes}
    patch = []
    for one in changes.inverse:
        current, change = now.get(one.id), before[one.id]
        if one.operation != "update":
            patch.append(RecordOperation(one.kind, one.id, "add", one.data, True))
        elif current is not None and change.after is not None:
            still = {
                name: value for name, value in one.data.items()
                if getattr(current, name, None) == getattr(change.after, name, None)
            }  # fmt: skip
            if still:
                patch.append(RecordOperation(one.kind, one.id, "update", still))
    return tuple(patch)


# Lists


def filters_of(resource: Resource) -> tuple[Query, ...]:
    """The conditions that a list takes, from the field table."""
    made: list[Query] = []
    for name, rule in resource.rules.items():
        if rule.type is FieldType.TEXT and not rule.words and name not in ("order",):
            made.append(Query(name, s.text(200), "holds this text, letters' case ignored"))
        elif rule.type in (FieldType.TEXT, FieldType.CHOICE) and rule.words:
            shape = s.words(*rule.words) if rule.type is FieldType.CHOICE else s.text(200)
            made.append(Query(name, s.listed(shape, 20, 1), "is one of these, with commas", many=True))
        elif rule.type is FieldType.FLAG:
            made.append(Query(name, {"type": "boolean"}, "is this"))
        elif rule.type is FieldType.REFERENCE:
            made.append(Query(name, s.ID, "is this"))
        elif rule.type in (FieldType.NUMBER, FieldType.INTEGER):
            bound = {"type": "number", "minimum": rule.min, "maximum": rule.max}
            made += [Query(f"{name}_ge", bound, "at least"), Query(f"{name}_le", bound, "at most")]
    made += [
        Query(f"{name}_{word}", s.text(40), f"{name} {word} this moment (ISO 8601)")
        for name in ("created", "modified") for word in ("after", "before")
    ]  # fmt: skip
    return tuple(made)


def sort_of(columns: Iterable[str]) -> Query:
    """The order of a list: a column, falling with a minus before it."""
    return Query("sort", s.words(*(sign + name for name in columns for sign in ("", "-"))), "order")


def wanted_slice(call: Call, newest: str = "") -> tuple[int, Slice]:
    """The page that is asked for."""
    page, limit = call.query.get("page", 1), call.query.get("limit", 50)
    sort = call.query.get("sort", newest)
    return page, Slice((page - 1) * limit, limit, sort.lstrip("-"), sort.startswith("-"))


def conditions(query: Mapping[str, Any], rules: Mapping[str, Field]) -> list[Filter]:
    """The filters that the parameters of a list ask for."""
    made: list[Filter] = []
    for name, value in query.items():
        stem, _, word = name.rpartition("_")
        if stem in ("created", "modified") and word in ("after", "before"):
            made.append(Filter(f"{stem}_at", "more" if word == "after" else "less", value))
        elif name in rules:
            test = "is"
            if isinstance(value, list):
                test = "within"
            elif rules[name].type is FieldType.TEXT:
                test = "contains"
            made.append(Filter(name, test, value))  # type: ignore[arg-type]
        elif stem in rules and word in ("ge", "le"):
            made.append(Filter(stem, "at_least" if word == "ge" else "at_most", value))
    return made


class Handlers:
    """The handlers of one resource."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.kind = resource.kind

    async def page(self, call: Call) -> Answer:
        """A page of the records."""
        page, part = wanted_slice(call)
        filters = conditions(call.query, self.resource.rules)
        held = await call.services.blocking(
            call.services.stores.catalogue.records, call.model_id, self.kind, part, filters
        )
        items = [shown(one, call.model_id) for one in held.items]
        return Answer(data=items, paging=Paging(page, part.limit, held.total))

    async def read(self, call: Call) -> Answer:
        """One record."""
        return self._one(call, await found(call, self.kind, call.path["record_id"]))

    def _one(self, call: Call, stored: StoredRecord, status: int = 200) -> Answer:
        return Answer(data=shown(stored, call.model_id), status=status, headers=etag(stored.version))

    async def create(self, call: Call) -> Answer:
        """A new record; its id may be the client's own."""
        record_id = call.body.get("id") or new_id()
        await self._create(call, ((record_id, call.body),))
        answer = self._one(call, await found(call, self.kind, record_id), 201)
        where = f"/threat_models/{call.model_id}/{self.resource.plural}/{record_id}"
        return Answer(data=answer.data, status=201, headers={**answer.headers, "Location": where})

    async def _create(self, call: Call, bodies: tuple[tuple[str, Mapping[str, Any]], ...]) -> None:
        patch = tuple(add(self.kind, i, settled(body)) for i, body in bodies)
        ids = [i for i, _ in bodies]
        if len(set(ids)) < len(ids):
            raise Problem("VALIDATION_ERROR", "The same id is there twice")
        own = {i: 0 for i, body in bodies if "id" in body}
        if own:
            there = await call.services.blocking(
                call.services.stores.catalogue.versions, call.model_id, list(own)
            )
            if there:
                raise Problem("CONFLICT", "Something has this id already, or had it", {"versions": there})
        await write(call, patch, f"Add {self.kind}", own or None)

    async def update(self, call: Call) -> Answer:
        """Change some properties; null clears."""
        record_id = call.path["record_id"]
        await found(call, self.kind, record_id)
        patch = (RecordOperation(self.kind, record_id, "update", dict(call.body)),)
        await write(call, patch, f"Change {self.kind}", expectation(call, record_id))
        return self._one(call, await found(call, self.kind, record_id))

    async def replace(self, call: Call) -> Answer:
        """Make the record exactly this."""
        record_id = call.path["record_id"]
        before = await found(call, self.kind, record_id)
        if call.body.get("id", record_id) != record_id:
            raise Problem("VALIDATION_ERROR", details={"field": "id", "reason": "is another one"})
        data = replacing(before.record, call.body)
        expect = expectation(call, record_id)
        patch = (RecordOperation(self.kind, record_id, "update", data),)
        await write(call, patch, f"Change {self.kind}", expect)
        return self._one(call, await found(call, self.kind, record_id))

    async def delete(self, call: Call) -> Answer:
        """Remove the record; it can be restored."""
        record_id = call.path["record_id"]
        await found(call, self.kind, record_id)
        outcome = await write(
            call, (remove(self.kind, record_id),), f"Remove {self.kind}", expectation(call, record_id)
        )
        return Answer(data={"id": record_id, "version": outcome.sequence_number})

    async def restore(self, call: Call) -> Answer:
        """Bring a removed record back, with what went with it."""
        record_id, services = call.path["record_id"], call.services
        catalogue = services.stores.catalogue
        removed = await services.blocking(catalogue.removed, call.model_id, self.kind)
        if record_id not in removed:
            await found(call, self.kind, record_id)
            raise Problem("CONFLICT", "It has not been removed")
        then = await services.blocking(catalogue.state_at, call.model_id, removed[record_id] - 1)
        now = (await services.rooms.state(call.model_id)).state
        patch = restoring(then, now, self.kind, record_id)
        await write(call, patch, f"Restore {self.kind}", {record_id: removed[record_id]})
        return self._one(call, await found(call, self.kind, record_id))

    async def bulk_create(self, call: Call) -> Answer:
        """Add several records: all of them, or none."""
        bodies = tuple((body.get("id") or new_id(), body) for body in call.body["items"])
        await self._create(call, bodies)
        items = [await found(call, self.kind, i) for i, _ in bodies]
        return Answer(data=[shown(one, call.model_id) for one in items], status=201)

    async def bulk_update(self, call: Call) -> Answer:
        """Change several records: all of them, or none."""
        items = call.body["items"]
        for item in items:
            await found(call, self.kind, item["id"])
        expect = {item["id"]: item["version"] for item in items if "version" in item}
        patch = tuple(RecordOperation(self.kind, one["id"], "update", dict(one["changes"])) for one in items)
        await write(call, patch, f"Change {self.kind}", expect or None)
        held = [await found(call, self.kind, item["id"]) for item in items]
        return Answer(data=[shown(one, call.model_id) for one in held])

    async def bulk_delete(self, call: Call) -> Answer:
        """Remove several records: all of them, or none."""
        ids = list(dict.fromkeys(call.query["ids"]))
        for record_id in ids:
            await found(call, self.kind, record_id)
        outcome = await write(call, tuple(remove(self.kind, i) for i in ids), f"Remove {self.kind}")
        return Answer(data={"ids": ids, "version": outcome.sequence_number})

    def endpoints(self) -> list[Endpoint]:
        """The table of this resource."""
        r, kind, one = self.resource, self.kind, s.ref(self.resource.schema)
        many = f"/threat_models/{{threat_model_id}}/{r.plural}"
        single, tag = f"{many}/{{record_id}}", r.plural
        sortable = [n for n, rule in r.rules.items() if rule.type in _SORTABLE]
        order = sort_of((*sortable, "created_at", "modified_at", "version"))
        create, update = s.ref(f"{r.schema}Create"), s.ref(f"{r.schema}Update")
        item = s.thing({"id": s.ID, "version": s.VERSION, "changes": update}, ("id", "changes"))
        gone = s.thing({"id": s.ID, "version": s.VERSION}, ("id", "version"))
        all_gone = s.thing({"ids": s.listed(s.ID), "version": s.VERSION}, ("ids", "version"))
        ids = Query("ids", s.listed(s.ID, MOST_IN_BULK, 1), "which, separated by commas", True, True)
        made = [
            Endpoint(method="GET", path=many, name=f"list_{r.plural}", tag=tag, needs="reader",
                     run=self.page, data=s.listed(one), query=(*PAGES, order, *filters_of(r)),
                     text=f"The {r.plural} of a threat model"),
            Endpoint(method="POST", path=many, name=f"create_{kind}", tag=tag, needs="writer", status=201,
                     run=self.create, data=one, body=create, errors=("CONFLICT",)),
            Endpoint(method="GET", path=single, name=f"read_{kind}", tag=tag, needs="reader",
                     run=self.read, data=one),
            Endpoint(method="PUT", path=single, name=f"replace_{kind}", tag=tag, needs="writer",
                     run=self.replace, data=one, body=create, versioned=True),
            Endpoint(method="PATCH", path=single, name=f"update_{kind}", tag=tag, needs="writer",
                     run=self.update, data=one, body=update, versioned=True),
            Endpoint(method="DELETE", path=single, name=f"delete_{kind}", tag=tag, needs="writer",
                     run=self.delete, data=gone, versioned=True),
            Endpoint(method="POST", path=f"{single}/restore", name=f"restore_{kind}", tag=tag,
                     needs="writer", run=self.restore, data=one, errors=("CONFLICT",)),
            Endpoint(method="POST", path=f"{many}/bulk", name=f"bulk_create_{r.plural}", tag=tag,
                     needs="writer", status=201, run=self.bulk_create, data=s.listed(one),
                     body=s.thing({"items": s.listed(create, MOST_IN_BULK, 1)}, ("items",)),
                     errors=("CONFLICT",)),
            Endpoint(method="PATCH", path=f"{many}/bulk", name=f"bulk_update_{r.plural}", tag=tag,
                     needs="writer", run=self.bulk_update, data=s.listed(one),
                     body=s.thing({"items": s.listed(item, MOST_IN_BULK, 1)}, ("items",)),
                     errors=("VERSION_MISMATCH",)),
            Endpoint(method="DELETE", path=f"{many}/bulk", name=f"bulk_delete_{r.plural}", tag=tag,
                     needs="writer", run=self.bulk_delete, data=all_gone, query=(ids,)),
        ]  # fmt: skip
        return made
