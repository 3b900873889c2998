"""What an author meant: of a patch the parts that did something, without what only followed from them.

What follows (lines that go with their node, children that lose their boundary) is for the orderer to work
out on its own state: sent along, it would overwrite what others did there meanwhile.
"""

from app.domain.changes import ChangeSet
from app.domain.merge import data_without, groups_in
from app.domain.patch import Patch, RecordOperation
from app.domain.records import record_type


def intended(patch: Patch, changes: ChangeSet) -> Patch:
    """The effective patch of `changes`, cut down to the records and merge groups that `patch` names."""
    whole = {one.id for one in patch if one.operation != "update"}
    named: dict[str, set[str]] = {}
    for one in patch:
        if one.id not in whole:
            named.setdefault(one.id, set()).update(groups_in(one.data, record_type(one.kind)))
    found = []
    for one in changes.effective:
        if one.id in whole:
            found.append(one)
        elif one.id in named and one.operation == "update":
            written = set(groups_in(one.data, record_type(one.kind)))
            kept = without_groups(one, written - named[one.id])
            if kept is not None:
                found.append(kept)
    return tuple(found)


def without_groups(operation: RecordOperation, groups: set[str]) -> RecordOperation | None:
    """An update without these merge groups; None when nothing is left of it."""
    if not groups or operation.operation != "update":
        return operation
    data = data_without(operation.data, groups)
    return RecordOperation(operation.kind, operation.id, "update", data) if data else None
