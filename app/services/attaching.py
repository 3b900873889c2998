"""A model between this library and a server: brought here with its whole log, attached, detached."""

from collections.abc import Callable, Iterable

from app.domain.errors import InvalidData, LibraryError
from app.domain.patch import Event, Operation
from app.domain.stage import apply
from app.domain.state import ModelState
from app.ports import Attachment, Commit, Library, LoadedModel
from app.ports_live import Replica

# Makes the replica of a model as it was loaded.
Replicas = Callable[[LoadedModel], Replica]


def take_over(library: Library, model_id: str, events: Iterable[Event], attachment: Attachment) -> int:
    """Store a server's whole log in a library that does not have the model; returns its last number.

    The events keep their numbers, bytes and hashes. LibraryError when they are no sound log of the model,
    or when they cannot be written.
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
    if not sequence:
        raise LibraryError("the model has no events")
    library.flush()
    library.attach(model_id, attachment)
    return sequence
