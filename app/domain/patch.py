"""Operations: what travels from a gesture to memory, to disk, to the server and back."""

import enum
import hashlib
from typing import Any, Final, Literal, TypeAlias

import msgspec

from app.domain.errors import InvalidData

MAX_OPERATIONS: Final = 200_000
GENESIS: Final = bytes(32)


class Origin(enum.StrEnum):
    """Where a patch came from."""

    LOCAL = "local"
    REMOTE = "remote"
    UNDO = "undo"
    REDO = "redo"
    IMPORT = "import"
    RECOVERY = "recovery"


class RecordOperation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One record added, updated (only what changes; null clears) or removed."""

    kind: str
    id: str
    operation: Literal["add", "update", "remove"]
    data: dict[str, Any] = {}
    restore: bool = False


Patch: TypeAlias = tuple[RecordOperation, ...]


def add(kind: str, record_id: str, data: dict[str, Any], *, restore: bool = False) -> RecordOperation:
    """An operation that adds a record; `restore` brings a removed one back."""
    return RecordOperation(kind, record_id, "add", data, restore)


def update(kind: str, record_id: str, **data: Any) -> RecordOperation:
    """An operation that changes some properties of a record."""
    return RecordOperation(kind, record_id, "update", data)


def remove(kind: str, record_id: str) -> RecordOperation:
    """An operation that removes a record."""
    return RecordOperation(kind, record_id, "remove")


class Operation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A patch as its author made it. `operation_id` is the idempotency key; times are ISO 8601 UTC."""

    operation_id: str
    model_id: str
    author: str
    patch: Patch
    origin: Origin = Origin.LOCAL
    base_sequence: int = 0
    timestamp: str = ""
    step: str = ""
    title: str = ""
    correlation_id: str = ""
    causation_id: str = ""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An operation in its place: `operation.patch` is the effective patch."""

    sequence_number: int
    operation: Operation
    previous_hash: bytes
    hash: bytes
    body: bytes


_encoder = msgspec.json.Encoder(order="sorted")
_operation_decoder = msgspec.json.Decoder(Operation)
_patch_decoder = msgspec.json.Decoder(Patch)
_any_decoder = msgspec.json.Decoder()


def encode(value: Any) -> bytes:
    """Compact JSON with sorted keys: the bytes that are hashed and stored."""
    return _encoder.encode(value)


def _decode(decoder: Any, raw: bytes | str, what: str, limit: int) -> Any:
    if len(raw) > limit:
        raise InvalidData(what, "", "", f"is larger than {limit // 1_000_000} MB")
    try:
        return decoder.decode(raw)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise InvalidData(what, "", "", f"cannot be read: {error}") from None


def decode_json(raw: bytes | str, *, what: str = "data", limit: int = 256_000_000) -> Any:
    """Any JSON, bounded in size and depth. InvalidData for whatever is wrong with it."""
    return _decode(_any_decoder, raw, what, limit)


def decode_patch(raw: bytes | str, *, limit: int = 256_000_000) -> Patch:
    """A patch from JSON. InvalidData for whatever is wrong with it."""
    patch: Patch = _decode(_patch_decoder, raw, "patch", limit)
    if len(patch) > MAX_OPERATIONS:
        raise InvalidData("patch", "", "", f"has more than {MAX_OPERATIONS} operations")
    return patch


def decode_operation(raw: bytes | str, *, limit: int = 256_000_000) -> Operation:
    """An operation from JSON. InvalidData for whatever is wrong with it."""
    operation: Operation = _decode(_operation_decoder, raw, "operation", limit)
    return operation


def chain(sequence: int, previous_hash: bytes, body: bytes) -> bytes:
    """The hash of an event: SHA-256 over its place, the previous event's hash and its stored bytes."""
    return hashlib.sha256(sequence.to_bytes(8, "big") + previous_hash + body).digest()


def place(operation: Operation, sequence: int, previous_hash: bytes) -> Event:
    """The operation as the event of this sequence number."""
    body = encode(operation)
    return Event(
        sequence_number=sequence,
        operation=operation,
        previous_hash=previous_hash,
        hash=chain(sequence, previous_hash, body),
        body=body,
    )
