"""Messages to bytes and back, bounded in size and depth; whatever is wrong becomes one error."""

import re
from typing import Any, Final, cast

import msgspec

from app.domain.errors import TmiError
from app.domain.patch import MAX_OPERATIONS, Event, Operation, chain, decode_operation
from sync.protocol.messages import ClientMessage, DiagramOperation, PlacedOperation, ServerMessage

MAX_FRAME_BYTES: Final = 256 * 1024
MAX_MESSAGE_BYTES: Final = 64 * 1024 * 1024
MAX_DEPTH: Final = 32

_NOT_BRACKETS: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[^\[\]{}"]+', re.DOTALL)
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_encoder = msgspec.json.Encoder(order="sorted")
_client_decoder = msgspec.json.Decoder(ClientMessage)
_server_decoder = msgspec.json.Decoder(ServerMessage)


class ProtocolError(TmiError):
    """A frame that is no message. `code` is for programs, the text for people."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def encode(message: msgspec.Struct) -> bytes:
    """A message as compact JSON."""
    return _encoder.encode(message)


def decode_client(raw: bytes | str, *, limit: int = MAX_FRAME_BYTES) -> ClientMessage:
    """A client's message. ProtocolError for anything else; `limit` in bytes."""
    message = cast(ClientMessage, decode_bounded(_client_decoder, raw, limit))
    if isinstance(message, DiagramOperation):
        check_patch_length(len(message.patch))
    return message


def decode_server(raw: bytes | str, *, limit: int = MAX_FRAME_BYTES) -> ServerMessage:
    """A server's message. ProtocolError for anything else; `limit` in bytes."""
    return cast(ServerMessage, decode_bounded(_server_decoder, raw, limit))


def check_patch_length(length: int) -> None:
    """ProtocolError when an operation has too many records."""
    if length > MAX_OPERATIONS:
        raise ProtocolError("too_large", f"an operation may touch at most {MAX_OPERATIONS} records")


def decode_bounded(decoder: Any, raw: bytes | str, limit: int) -> Any:
    """What `decoder` makes of the frame. ProtocolError when it is too large, too deep or not understood."""
    try:
        data = raw.encode() if isinstance(raw, str) else raw
        if len(data) > limit:
            raise ProtocolError("too_large", f"a message of {len(data)} bytes, at most {limit} are taken")
        found = decoder.decode(data)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise ProtocolError("not_understood", f"the message cannot be read: {str(error)[:300]}") from None
    # Only now is it known to be JSON, so that the search below cannot run astray on half a string.
    if is_too_deep(data):
        raise ProtocolError("too_deep", f"the message is nested more than {MAX_DEPTH} levels deep")
    return found


def is_too_deep(data: bytes, depth: int = MAX_DEPTH) -> bool:
    """Whether JSON is nested deeper than `depth`."""
    if data.count(b"[") + data.count(b"{") <= depth:
        return False
    brackets = _NOT_BRACKETS.sub(b"", data).translate(_ONE_KIND)
    for _ in range(depth):
        # What is empty goes, so each round takes the innermost level away.
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return False
    return bool(brackets)


def placed(event: Event) -> PlacedOperation:
    """An event as it stands on the wire."""
    return PlacedOperation(
        sequence_number=event.sequence_number,
        previous_hash=event.previous_hash.hex(),
        hash=event.hash.hex(),
        operation=msgspec.Raw(event.body),
    )


def event_of(wire: PlacedOperation) -> Event:
    """An event from the wire. ProtocolError when its hash is not that of its bytes."""
    body = bytes(wire.operation)
    try:
        operation: Operation = decode_operation(body)
        previous, own = bytes.fromhex(wire.previous_hash), bytes.fromhex(wire.hash)
    except (TmiError, ValueError) as error:
        raise ProtocolError(
            "not_understood", f"event {wire.sequence_number} cannot be read: {error}"
        ) from None
    if chain(wire.sequence_number, previous, body) != own:
        raise ProtocolError("broken_chain", f"event {wire.sequence_number} is not what was written")
    return Event(
        sequence_number=wire.sequence_number, operation=operation, previous_hash=previous, hash=own, body=body
    )
