"""The words of a verdict: fingerprints of operations, acknowledgements and refusals."""

import hashlib
from collections.abc import Iterable
from typing import Final

from app.domain.changes import Dropped
from app.domain.errors import InvalidData
from app.domain.merge import data_of
from app.domain.patch import Operation, Patch, encode
from app.domain.state import ModelState
from app.ports import Outcome
from sync.protocol.messages import Ack, Current, Loss, Reason, Rejected

MAX_CURRENT: Final = 200
RETRY: Final = frozenset({Reason.BUSY, Reason.NOT_STORED})


def fingerprint(operation: Operation) -> tuple[bytes, int]:
    """What tells an operation from another one with the same id (author and patch), and its bytes."""
    raw = encode(operation.patch)
    return hashlib.sha256(operation.author.encode() + b"\0" + raw).digest(), len(raw)


def losses(dropped: Iterable[Dropped]) -> tuple[Loss, ...]:
    """Dropped parts as they are told to the author."""
    return tuple(Loss(kind=d.kind, id=d.id, property=d.prop, reason=d.reason) for d in dropped)


def ack_of(outcome: Outcome) -> Ack:
    """The acknowledgement, the same however often it is asked for."""
    return Ack(
        operation_id=outcome.operation_id,
        sequence_number=outcome.sequence_number,
        had_effect=outcome.had_effect,
        dropped=losses(outcome.dropped),
    )


def current_of(state: ModelState, patch: Patch) -> tuple[Current, ...]:
    """The records that a patch touches as they stand, at most MAX_CURRENT of them."""
    wanted = dict.fromkeys((one.kind, one.id) for one in patch[:MAX_CURRENT])
    found = []
    for kind, record_id in wanted:
        record = state.get(record_id)
        found.append(Current(kind=kind, id=record_id, data=None if record is None else data_of(record)))
    return tuple(found)


def refusal(
    operation: Operation, reason: Reason, message: str, state: ModelState, sequence_number: int,
    error: InvalidData | None = None,
) -> Rejected:  # fmt: skip
    """A refusal with what the author needs to put things right without a fresh state."""
    details: tuple[Loss, ...] = ()
    if error is not None:
        details = (Loss(kind=error.kind, id=error.record_id, property=error.prop, reason=error.reason),)
    # Somebody who may not write, or uses another's id, is not told more than that.
    told = reason in (Reason.INVALID, Reason.AHEAD_OF_SERVER)
    return Rejected(
        operation_id=operation.operation_id,
        reason=reason,
        message=message,
        sequence_number=sequence_number,
        details=details,
        current=current_of(state, operation.patch) if told else (),
        retry=reason in RETRY,
    )
