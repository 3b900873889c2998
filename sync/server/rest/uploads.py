"""Bringing a whole model with its history: the verbatim log of a laptop, in parts that follow each other."""

from typing import Final

import msgspec

from app.domain.errors import InvalidData
from app.domain.patch import Event
from sync.protocol import ProtocolError, event_of
from sync.protocol.messages import PlacedOperation
from sync.server.errors import Problem
from sync.server.responses import Answer
from sync.server.rest import shapes as s
from sync.server.rest.endpoint import Call, Endpoint
from sync.server.uploads import take_over

MOST_EVENTS: Final = 5000
UPLOADED: Final = "history_uploaded"


class _Part(msgspec.Struct, frozen=True):
    events: tuple[PlacedOperation, ...]


def upload_shapes() -> dict[str, s.Shape]:
    """The schemas of a part of a log and of what became of it."""
    part = {"events": s.listed(s.ref("Event"), MOST_EVENTS, 1)}
    kept = {
        "id": s.ID, "sequence_number": s.VERSION, "hash": {"type": "string"},
        "added": {"type": "integer", "minimum": 0},
    }  # fmt: skip
    return {"LogPart": s.thing(part, tuple(part)), "LogKept": s.thing(kept, tuple(kept))}


async def put_log(call: Call) -> Answer:
    """Bring a part of a model's own log, with its numbers, bytes and hashes; the first part makes the model.

    Parts come in order, each whole or not at all. What is there already is passed over, so that an upload
    that broke off is sent again. It is refused with 409 when the server's log is another one, which it is
    as soon as somebody has edited the model on the server.
    """
    catalogue = call.services.stores.catalogue
    entry = await call.services.blocking(catalogue.model, call.model_id, None, call.now)
    if entry is not None and call.role is None:
        raise Problem("CONFLICT", "A threat model has this id already")
    events = await call.services.blocking(_events, await call.request.body())
    kept = await take_over(
        call.services, call.model_id, events, call.principal.user_id, call.remote_address,
        exists=entry is not None,
    )  # fmt: skip
    if kept.added:
        await call.note(UPLOADED, call.model_id, up_to=kept.sequence_number, events=kept.added)
    data = {
        "id": call.model_id, "sequence_number": kept.sequence_number, "hash": kept.hash.hex(),
        "added": kept.added,
    }  # fmt: skip
    return Answer(data=data)


def _events(body: bytes) -> list[Event]:
    """The events with the bytes that they came with, each checked against its own hash."""
    try:
        return [event_of(one) for one in msgspec.json.decode(body, type=_Part).events]
    except (ProtocolError, msgspec.MsgspecError) as error:
        raise InvalidData("log", "", "events", str(error)[:200]) from None


def endpoints() -> list[Endpoint]:
    """The table of uploads."""
    return [
        Endpoint(method="PUT", path="/threat_models/{threat_model_id}/log", name="put_log", tag="operations",
                 needs="founder", run=put_log, data=s.ref("LogKept"), body=s.ref("LogPart"),
                 errors=("CONFLICT",)),
    ]  # fmt: skip
