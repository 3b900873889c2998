"""A model between this library and a server: brought here with its whole log, attached, detached."""

from collections.abc import Callable, Iterable

import msgspec

from app.domain.conflicts import Conflict
from app.domain.errors import InvalidData, LibraryError
from app.domain.patch import Event, Operation
from app.domain.stage import apply, stage
from app.domain.state import ModelState
from app.ports import Attachment, Commit, Library, LoadedModel, Rewrite
from app.ports_live import BegunAgain, Replica

# Makes the replica of a model as it was loaded.
Replicas = Callable[[LoadedModel], Replica]


def take_over(library: Library, model_id: str, events: Iterable[Event], attachment: Attachment) -> int:
    """Store a server's whole log in a library that does not have the model; returns its last number.

    The events keep their numbers, bytes and hashes. LibraryError when they are no sound log of the model,
    or when they cannot be written; what is there of it then is the server's beginning, and may be purged.
    """
    state, sequence = ModelState(model_id), 0
    for event in events:
        if event.sequence_number != sequence + 1:
            raise LibraryError(f"event {sequence + 1} of the model is missing")
        operation: Operation = event.operation
        try:
            changes = apply(state, operation.patch, operation.operation_id)
        except InvalidData as error:
            raise LibraryError(
                f"event {event.sequence_number} of the model cannot be read: {error}"
            ) from None
        sequence = event.sequence_number
        writers = {one.id: state.writers_of(one.id) for one in changes.changes if one.after is not None}
        library.append(
            Commit(
                sequence_number=sequence, operation=operation, changes=changes, writers=writers, event=event
            )
        )
        if sequence == 1:
            # At once: whatever interrupts this, what is here is never taken for the library's own.
            library.attach(model_id, attachment)
    if not sequence:
        raise LibraryError("the model has no events")
    library.flush()
    return sequence


def check_can_attach(library: Library, model_id: str, replica: Replica) -> None:
    """LibraryError unless the library's log of a model ends where `replica` begins."""
    if library.read_only:
        raise LibraryError(library.read_only)
    library.flush()
    here, head_hash = library.head(model_id)
    there = replica.sequence_number
    if there < here:
        raise LibraryError(f"the server does not have the last {here - there} changes of this model yet")
    if there > here:
        raise LibraryError(f"the server has {there - here} changes of this model that are not here yet")
    if replica.head_hash != head_hash or replica.pending:
        raise LibraryError("the server has another history of this model")


def ordered_here(
    base: ModelState, sequence_number: int, pending: Iterable[Operation]
) -> tuple[ModelState, tuple[Commit, ...]]:
    """What waited for a server as the next events of this library's own log, and the state after them.

    An operation that does nothing, or that the server would have refused, is no event.
    """
    state, commits = base.copy(), []
    for operation in pending:
        try:
            changes = stage(state, operation.patch)
        except InvalidData:
            continue
        if not changes:
            continue
        state.commit(changes, operation.operation_id)
        sequence_number += 1
        commits.append(
            Commit(
                sequence_number=sequence_number,
                operation=msgspec.structs.replace(operation, patch=changes.effective),
                changes=changes,
                writers={
                    one.id: state.writers_of(one.id) for one in changes.changes if one.after is not None
                },
            )
        )
    return state, tuple(commits)


def rewritten(
    model_id: str, found: BegunAgain, attachment: Attachment, conflicts: tuple[Conflict, ...]
) -> Rewrite:
    """The log of a model whose server was set back, as the library is to have it."""
    commits = tuple(
        Commit(
            sequence_number=one.event.sequence_number,
            operation=one.event.operation,
            changes=one.changes,
            writers=one.writers,
            event=one.event,
        )
        for one in found.applied
    )
    return Rewrite(
        model_id=model_id,
        common=found.common,
        commits=commits,
        attachment=attachment,
        pending=found.pending,
        conflicts=conflicts,
        lost=found.lost,
    )
