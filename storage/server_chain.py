"""The server's own event log, chained like a model's: what happened that is no edit."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from app.domain.patch import GENESIS, chain, encode
from app.ports_server import Filter, Page, ServerEvent, Slice
from storage.clock import iso
from storage.database import Database
from storage.dialect import put_if_absent
from storage.querying import page
from storage.server_tables import CHAIN_HEAD, SERVER_EVENTS

_E: Final = SERVER_EVENTS.c
_REPEATED: Final = ("type", "actor", "subject", "model_id", "address", "request_id", "timestamp")
_SORTED: Final[Mapping[str, Any]] = {name: _E[name] for name in ("sequence_number", *_REPEATED)}
_MANY: Final = 500


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    """What is hashed of an event."""

    type: str
    actor: str
    subject: str
    model_id: str
    address: str
    request_id: str
    timestamp: str
    details: dict[str, Any]


_decoder = msgspec.json.Decoder(_Body)


def _clean(text: str) -> str:
    """A text as every database takes it: it may come from a request."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _event_of(row: Any) -> ServerEvent:
    body = _decoder.decode(row.body)
    return ServerEvent(
        sequence_number=row.sequence_number,
        **{name: getattr(body, name) for name in _REPEATED},
        details=body.details,
        previous_hash=row.previous_hash,
        hash=row.hash,
        body=row.body,
    )


class SqlServerChain:
    """`app.ports_server.ServerChain` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(
        self, type: str, *, now: float, actor: str = "", subject: str = "", model_id: str = "",
        address: str = "", request_id: str = "", details: Mapping[str, Any] | None = None,
    ) -> ServerEvent:  # fmt: skip
        """Write an event at the end."""
        texts = (type, actor, subject, model_id, address, request_id)
        cleaned = dict(zip(_REPEATED, (*map(_clean, texts), iso(now)), strict=True))
        body = encode(_Body(**cleaned, details=dict(details or {})))

        def work(connection: sa.Connection) -> ServerEvent:
            first = {"id": 1, "sequence_number": 0, "hash": GENESIS}
            put_if_absent(connection, CHAIN_HEAD, ("id",), first)
            c = CHAIN_HEAD.c
            last = connection.execute(sa.select(c.sequence_number, c.hash).with_for_update()).one()
            sequence = last[0] + 1
            row = {
                **cleaned,
                "sequence_number": sequence,
                "body": body,
                "previous_hash": last[1],
                "hash": chain(sequence, last[1], body),
            }
            connection.execute(sa.insert(SERVER_EVENTS), row)
            connection.execute(sa.update(CHAIN_HEAD).values(sequence_number=sequence, hash=row["hash"]))
            return ServerEvent(
                **cleaned,
                sequence_number=sequence,
                details=dict(details or {}),
                previous_hash=last[1],
                hash=chain(sequence, last[1], body),
                body=body,
            )

        return self._database.write(work)

    def events(self, part: Slice, filters: Sequence[Filter] = ()) -> Page:
        """Events by sequence number, newest first unless sorted otherwise, filtered by their columns."""
        if not part.sort:
            part = msgspec.structs.replace(part, sort="sequence_number", descending=True)
        query = sa.select(SERVER_EVENTS)
        rows, total = self._database.read(
            lambda one: page(
                one, query, _SORTED, part, filters, default="sequence_number", tie=_E.sequence_number
            )
        )
        return Page(tuple(_event_of(row) for row in rows), total)

    def verify(self) -> tuple[int, str]:
        """How many events are sound, from the first on, and what is wrong with the next ("" at the end)."""
        return self._database.read(verify_chain)


def verify_chain(connection: sa.Connection) -> tuple[int, str]:
    """`ServerChain.verify` on a connection."""
    last, previous = 0, GENESIS
    while True:
        query = sa.select(SERVER_EVENTS).where(_E.sequence_number > last).order_by(_E.sequence_number)
        rows = connection.execute(query.limit(_MANY)).all()
        for row in rows:
            fault = _fault(row, last + 1, previous)
            if fault:
                return last, fault
            last, previous = row.sequence_number, row.hash
        if not rows:
            break
    c = CHAIN_HEAD.c
    head = connection.execute(sa.select(c.sequence_number, c.hash)).first()
    if head is not None and tuple(head) != (last, previous):
        return last, "the last events are missing"
    return last, "" if head is not None or not last else "the end of the chain is not known"


def _fault(row: Any, sequence_number: int, previous: bytes) -> str:
    if row.sequence_number != sequence_number:
        return "the event is missing"
    if row.previous_hash != previous:
        return "the event does not follow the one before it"
    if chain(sequence_number, previous, row.body) != row.hash:
        return "the event's content is not what was written"
    try:
        body = _decoder.decode(row.body)
    except msgspec.MsgspecError as error:
        return f"the event cannot be read: {error}"
    for name in _REPEATED:
        if getattr(row, name) != getattr(body, name):
            return f"the column {name} does not agree with the event"
    return ""
