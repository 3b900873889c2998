"""The plain spelling of the channel, for clients that do not speak our subprotocol.

Such a client sees one diagram: its cells, whole, one message an operation, and its presenter. It gets no
replay; it fetches the diagram and follows from there.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal

import msgspec

from app.domain.changes import ChangeSet
from app.domain.patch import Event, RecordOperation
from app.domain.records import Cell
from sync.protocol import messages as m
from sync.protocol.codec import MAX_FRAME_BYTES, ProtocolError, check_patch_length, decode_bounded, encode
from sync.protocol.seed_cells import cell_from_seed, cell_to_seed


class SeedCell(msgspec.Struct, frozen=True):
    """One cell added, updated or removed."""

    id: str
    operation: Literal["add", "update", "remove"]
    data: dict[str, Any] | None = None


class SeedPatch(msgspec.Struct, frozen=True, tag_field="type", tag="patch"):
    """Cells of one diagram, in order."""

    cells: tuple[SeedCell, ...]


class SeedOperation(msgspec.Struct, frozen=True, kw_only=True):
    """An edit, from a client or to it."""

    message_type: Literal["diagram_operation", "diagram_operation_request"] = "diagram_operation"
    operation_id: m.Uuid
    operation: SeedPatch
    base_vector: m.Sequence = 0
    user_internal_uuid: str = ""
    sequence_number: m.Sequence | None = None
    timestamp: str = ""


class SeedCursor(msgspec.Struct, frozen=True, kw_only=True):
    """Where the presenter points."""

    message_type: Literal["presenter_cursor"] = "presenter_cursor"
    cursor_position: m.Place
    user_internal_uuid: str = ""
    timestamp: str = ""


class SeedPresenter(msgspec.Struct, frozen=True, kw_only=True):
    """Who presents, empty for nobody; from the host: who shall."""

    message_type: Literal["current_presenter"] = "current_presenter"
    current_presenter: str
    timestamp: str = ""


class SeedEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody came or went, or the session is over."""

    event: Literal["join", "leave", "session_ended"]
    user_internal_uuid: str = ""
    message: str = ""
    timestamp: str = ""


class _Envelope(msgspec.Struct, frozen=True):
    message_type: str = ""
    event: str = ""


_envelope = msgspec.json.Decoder(_Envelope)
_DECODERS: Final[Mapping[str, Any]] = {
    "diagram_operation": msgspec.json.Decoder(SeedOperation),
    "diagram_operation_request": msgspec.json.Decoder(SeedOperation),
    "presenter_cursor": msgspec.json.Decoder(SeedCursor),
    "current_presenter": msgspec.json.Decoder(SeedPresenter),
    "leave": msgspec.json.Decoder(SeedEvent),
}


def decode_seed(
    raw: bytes | str, diagram_id: str, users: Mapping[str, str], *, limit: int = MAX_FRAME_BYTES
) -> m.ClientMessage:
    """A plain client's message in our words. `users` maps user ids to participant ids.

    ProtocolError for anything that is no message.
    """
    head = decode_bounded(_envelope, raw, limit)
    decoder = _DECODERS.get(head.message_type or head.event)
    if decoder is None:
        raise ProtocolError("unsupported", f"no message is called {(head.message_type or head.event)[:60]!r}")
    found = decode_bounded(decoder, raw, limit)
    if isinstance(found, SeedOperation):
        return _operation(found, diagram_id)
    if isinstance(found, SeedCursor):
        return m.PresenterCursor(diagram_id=diagram_id, cursor_position=found.cursor_position)
    if isinstance(found, SeedPresenter):
        if not found.current_presenter:
            return m.PresenterStop()
        if found.current_presenter not in users:
            raise ProtocolError("unknown_participant", "nobody of that id is in the session")
        return m.PresenterHandOver(participant_id=users[found.current_presenter])
    return m.Leave()


def _operation(found: SeedOperation, diagram_id: str) -> m.DiagramOperation:
    check_patch_length(len(found.operation.cells))
    patch = tuple(_record_operation(cell, diagram_id) for cell in found.operation.cells)
    return m.DiagramOperation(operation_id=found.operation_id, patch=patch, base_sequence=found.base_vector)


def _record_operation(cell: SeedCell, diagram_id: str) -> RecordOperation:
    if cell.operation == "remove":
        return RecordOperation("cell", cell.id, "remove")
    try:
        data = cell_from_seed(cell.data or {})
    except ValueError as error:
        raise ProtocolError("not_understood", f"cell {cell.id[:60]}: {error}") from None
    if cell.operation == "add":
        data["diagram_id"] = diagram_id
    return RecordOperation("cell", cell.id, cell.operation, data)


def operation_to_seed(event: Event, changes: ChangeSet, diagram_id: str) -> bytes:
    """An event as a plain client of a diagram sees it: whole cells. b"" when no cell of it changed."""
    cells = []
    for change in changes.of_kind("cell"):
        before, after = change.before, change.after
        if isinstance(after, Cell):
            if after.diagram_id == diagram_id:
                cells.append(SeedCell(after.id, "add" if before is None else "update", cell_to_seed(after)))
        elif isinstance(before, Cell) and before.diagram_id == diagram_id:
            cells.append(SeedCell(before.id, "remove"))
    if not cells:
        return b""
    return encode(
        SeedOperation(
            operation_id=event.operation.operation_id,
            user_internal_uuid=event.operation.author,
            sequence_number=event.sequence_number,
            operation=SeedPatch(tuple(cells)),
            timestamp=event.operation.timestamp,
        )
    )


def encode_seed(
    message: m.ServerMessage, users: Mapping[str, str], at: str, diagram_id: str = ""
) -> Iterator[bytes]:
    """A server's message as a plain client knows it; nothing where it has no word for it.

    `users` maps participant ids to user ids; `at` is the time; presence of other diagrams is left out.
    """
    for one in _spelled(message, users, diagram_id):
        yield encode(msgspec.structs.replace(one, timestamp=at))


def _spelled(message: m.ServerMessage, users: Mapping[str, str], diagram_id: str) -> Iterable[msgspec.Struct]:
    match message:
        case m.Join(participant=who):
            yield SeedEvent(event="join", user_internal_uuid=who.user_id)
        case m.Leave(participant_id=who_id):
            yield SeedEvent(event="leave", user_internal_uuid=users.get(who_id, ""))
        case m.SessionEnded(message=text, reason=reason):
            yield SeedEvent(event="session_ended", message=text or reason)
        case m.CurrentPresenter(current_presenter=who_id):
            yield SeedPresenter(current_presenter=users.get(who_id, ""))
        case m.Welcome(participants=everybody, current_presenter=who_id):
            for participant in everybody:
                yield SeedEvent(event="join", user_internal_uuid=participant.user_id)
            yield SeedPresenter(current_presenter=users.get(who_id, ""))
        case m.Rejected():
            yield SeedRejected(
                operation_id=message.operation_id, reason=message.reason, message=message.message
            )
        case m.Presences(entries=entries):
            for entry in entries:
                if isinstance(entry, m.PresenterCursor) and entry.diagram_id == diagram_id:
                    yield from _cursor(entry, users)
        case _:
            return


def _cursor(entry: m.PresenterCursor, users: Mapping[str, str]) -> Iterator[SeedCursor]:
    if entry.cursor_position is not None:
        who = users.get(entry.participant_id, "")
        yield SeedCursor(cursor_position=entry.cursor_position, user_internal_uuid=who)


class SeedRejected(msgspec.Struct, frozen=True, kw_only=True):
    """An edit that was refused; a client that does not know the word may pass over it."""

    message_type: Literal["operation_rejected"] = "operation_rejected"
    operation_id: str
    reason: str
    message: str
    timestamp: str = ""
