"""Metadata of anything: keys and values, each a merge group of its own."""

from typing import Any, Final

from app.domain.patch import RecordOperation
from sync.server.errors import Problem
from sync.server.responses import Answer
from sync.server.rest import shapes as s
from sync.server.rest.endpoint import Call, Endpoint, Run
from sync.server.rest.records import RESOURCES, etag, expectation, found, write

KEY: Final[s.Shape] = {"type": "string", "pattern": s.KEY}
VALUE: Final = s.text(65_535, 1)
ENTRY: Final = s.thing({"key": KEY, "value": VALUE}, ("key", "value"))


class Metadata:
    """The handlers for the metadata of one kind."""

    def __init__(self, kind: str, where: str) -> None:
        self.kind = kind
        self.where = where

    def _id(self, call: Call) -> str:
        return call.path.get("record_id", call.model_id)

    async def _of(self, call: Call) -> tuple[dict[str, str], int]:
        stored = await found(call, self.kind, self._id(call))
        return stored.record.metadata, stored.version

    async def _set(self, call: Call, values: dict[str, Any]) -> None:
        if values:
            one = RecordOperation(self.kind, self._id(call), "update", {"metadata": values})
            await write(call, (one,), "Change metadata", expectation(call, self._id(call)))

    async def page(self, call: Call) -> Answer:
        """All keys and values."""
        held, version = await self._of(call)
        return Answer(data=[{"key": k, "value": held[k]} for k in sorted(held)], headers=etag(version))

    async def replace(self, call: Call) -> Answer:
        """Make the metadata exactly these."""
        held, _ = await self._of(call)
        wanted = {one["key"]: one["value"] for one in call.body["items"]}
        if len(wanted) < len(call.body["items"]):
            raise Problem("VALIDATION_ERROR", "A key is there twice")
        gone = {key: None for key in held if key not in wanted}
        await self._set(call, {**gone, **wanted})
        return await self.page(call)

    async def add(self, call: Call) -> Answer:
        """One more key."""
        held, _ = await self._of(call)
        if call.body["key"] in held:
            raise Problem("CONFLICT", "The key is there already")
        await self._set(call, {call.body["key"]: call.body["value"]})
        return await self._one(call, call.body["key"], 201)

    async def _one(self, call: Call, key: str, status: int = 200) -> Answer:
        held, version = await self._of(call)
        if key not in held:
            raise Problem("NOT_FOUND", "There is no such key")
        return Answer(data={"key": key, "value": held[key]}, status=status, headers=etag(version))

    async def read(self, call: Call) -> Answer:
        """The value of one key."""
        return await self._one(call, call.path["key"])

    async def set(self, call: Call) -> Answer:
        """Set the value of one key, which may be new."""
        await self._of(call)
        await self._set(call, {call.path["key"]: call.body["value"]})
        return await self._one(call, call.path["key"])

    async def delete(self, call: Call) -> Answer:
        """Take a key away."""
        answer = await self._one(call, call.path["key"])
        await self._set(call, {call.path["key"]: None})
        return Answer(data=answer.data)

    def endpoints(self) -> list[Endpoint]:
        """The table of this kind's metadata."""
        many, one, name = f"{self.where}/metadata", f"{self.where}/metadata/{{key}}", self.kind
        entry, tag = s.ref("MetadataEntry"), "metadata"

        def made(method: str, path: str, verb: str, run: Run, data: s.Shape, **more: Any) -> Endpoint:
            needs = "reader" if method == "GET" else "writer"
            return Endpoint(method=method, path=path, name=f"{verb}_{name}_metadata",  # type: ignore[arg-type]
                            tag=tag, needs=needs, run=run, data=data, **more)  # type: ignore[arg-type]  # fmt: skip

        items = s.thing({"items": s.listed(ENTRY, 200)}, ("items",))
        value = s.thing({"value": VALUE}, ("value",))
        return [
            made("GET", many, "list", self.page, s.listed(entry)),
            made("POST", many, "add", self.add, entry, body=entry, status=201, errors=("CONFLICT",),
                 versioned=True),
            made("PUT", many, "replace", self.replace, s.listed(entry), body=items, versioned=True),
            made("GET", one, "read", self.read, entry),
            made("PUT", one, "set", self.set, entry, body=value, versioned=True),
            made("DELETE", one, "delete", self.delete, entry, versioned=True),
        ]  # fmt: skip


def endpoints() -> list[Endpoint]:
    """The metadata of the model and of every kind in it."""
    model = "/threat_models/{threat_model_id}"
    made = Metadata("threat_model", model).endpoints()
    for one in RESOURCES:
        made += Metadata(one.kind, f"{model}/{one.plural}/{{record_id}}").endpoints()
    return made
