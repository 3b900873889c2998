"""Working out what a patch does to a state, without touching the state: all of it, or nothing."""

from collections.abc import Iterable

from app.domain.changes import Change, ChangeSet, Dropped
from app.domain.closure import close_over
from app.domain.errors import InvalidData
from app.domain.merge import check_envelope, check_successor, data_of, merged
from app.domain.patch import MAX_OPERATIONS, Patch, RecordOperation
from app.domain.records import Record
from app.domain.references import references
from app.domain.state import ModelState


class Stage:
    """A patch in the making on top of a state: what it reads is the state with the patch so far."""

    def __init__(self, state: ModelState) -> None:
        self._state = state
        self._staged: dict[str, Record | None] = {}
        self._dropped: dict[Dropped, None] = {}
        # Made when first asked for, once all operations are in: mending only takes references away
        # or brings back those of the state.
        self._pointing: dict[str, set[str]] | None = None

    def get(self, record_id: str) -> Record | None:
        """The record as it would be."""
        if record_id in self._staged:
            return self._staged[record_id]
        return self._state.get(record_id)

    def before(self, record_id: str) -> Record | None:
        """The record as it is in the state."""
        return self._state.get(record_id)

    def touched(self) -> tuple[str, ...]:
        """The ids that the patch has touched so far, in order of first touch."""
        return tuple(self._staged)

    def pointing_at(self, record_id: str) -> list[str]:
        """The ids of records that refer to this id, in the state or as the patch wrote them, sorted."""
        if self._pointing is None:
            self._pointing = {}
            for record in self._staged.values():
                if record is not None:
                    for _, _, target in references(record):
                        self._pointing.setdefault(target, set()).add(record.id)
        found = {record.id for record in self._state.pointing_at(record_id)}
        return sorted(found | self._pointing.get(record_id, set()))

    def put(self, record: Record) -> None:
        """Stage a record as it shall be."""
        self._staged[record.id] = record

    def take_out(self, record: Record) -> None:
        """Stage the removal of a record."""
        self._staged[record.id] = None

    def note(self, record: Record, prop: str, reason: str) -> None:
        """Remember that a part of the patch had no place to go."""
        self._dropped[Dropped(record.kind, record.id, prop, reason)] = None

    def run(self, operation: RecordOperation) -> None:
        """Stage one record operation. InvalidData when it may not stand at all."""
        check_envelope(operation)
        current = self.get(operation.id)
        if current is not None and current.kind != operation.kind:
            raise InvalidData(operation.kind, operation.id, "kind", f"is a {current.kind}")
        if operation.kind == "threat_model" or operation.id == self._state.model_id:
            self._guard_model(operation)
        if operation.operation == "remove":
            if current is not None:
                self.take_out(current)
        elif current is not None:
            self.put(merged(current, operation))
        elif operation.operation == "update":
            self._drop(operation, "no longer exists" if self._is_gone(operation) else "is not known")
        else:
            self._add(operation)

    def _add(self, operation: RecordOperation) -> None:
        record = merged(None, operation)
        was = self._state.tombstones.get(operation.id)
        if was and was != operation.kind:
            raise InvalidData(operation.kind, operation.id, "kind", f"was a {was}")
        before = self.before(operation.id)
        if before is not None:
            check_successor(before, record)
        if self._is_gone(operation) and not operation.restore:
            self._drop(operation, "was removed and is not being restored")
        else:
            self.put(record)

    def _guard_model(self, operation: RecordOperation) -> None:
        if operation.kind != "threat_model":
            raise InvalidData(operation.kind, operation.id, "id", "is the id of the model itself")
        if operation.id != self._state.model_id:
            raise InvalidData("threat_model", operation.id, "id", "is not the id of this model")
        if operation.operation == "remove":
            raise InvalidData("threat_model", operation.id, "", "cannot be removed from itself")

    def _is_gone(self, operation: RecordOperation) -> bool:
        return operation.id in self._state.tombstones or operation.id in self._staged

    def _drop(self, operation: RecordOperation, reason: str) -> None:
        self._dropped[Dropped(operation.kind, operation.id, "", reason)] = None

    def result(self) -> ChangeSet:
        """What the patch comes to, closure included."""
        close_over(self)
        changes = []
        for record_id, after in self._staged.items():
            before = self._state.get(record_id)
            if before != after:
                restored = before is None and record_id in self._state.tombstones
                changes.append(Change(before, after, restored))
        if len(changes) > MAX_OPERATIONS:
            raise InvalidData("patch", "", "", f"would change more than {MAX_OPERATIONS} records")
        return ChangeSet(tuple(changes), tuple(self._dropped))


def stage(state: ModelState, patch: Patch) -> ChangeSet:
    """What `patch` would do to `state`. The state is not touched.

    Deterministic, and total: whatever the patch holds, either a change set or InvalidData.
    """
    if len(patch) > MAX_OPERATIONS:
        raise InvalidData("patch", "", "", f"has more than {MAX_OPERATIONS} operations")
    staging = Stage(state)
    for operation in patch:
        staging.run(operation)
    return staging.result()


def apply(state: ModelState, patch: Patch, writer: str = "") -> ChangeSet:
    """Stage `patch` and commit it, as operation `writer`. InvalidData leaves the state as it was."""
    changes = stage(state, patch)
    state.commit(changes, writer)
    return changes


def patch_of(records: Iterable[Record]) -> Patch:
    """The patch that adds these records to an empty model."""
    return tuple(RecordOperation(record.kind, record.id, "add", data_of(record)) for record in records)
