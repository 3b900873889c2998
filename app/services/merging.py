"""Bringing two versions of one model together: as a patch, so that it is one undoable edit."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from app.domain.fields import FieldType, fields_of
from app.domain.ids import new_id
from app.domain.merge import data_of, difference
from app.domain.patch import Patch, RecordOperation, add, remove
from app.domain.records import Cell, Record
from app.domain.references import reference_fields
from app.domain.state import ModelState

Mode = Literal["merge", "replace", "copy"]


class Comparison(msgspec.Struct, frozen=True):
    """How another version of a model differs: numbers of records."""

    added: int = 0
    changed: int = 0
    missing: int = 0

    @property
    def equal(self) -> bool:
        """Whether the two hold the same."""
        return not (self.added or self.changed or self.missing)


def compare(mine: ModelState, theirs: ModelState) -> Comparison:
    """What `theirs` has more, otherwise and no longer."""
    added = changed = 0
    for record_id, record in theirs.records.items():
        old = mine.get(record_id)
        if old is None:
            added += 1
        elif old != record:
            changed += 1
    return Comparison(added, changed, sum(1 for i in mine.records if i not in theirs))


def merge_patch(mine: ModelState, theirs: ModelState) -> Patch:
    """The patch that adds what `theirs` has more and takes over what it changed; removes nothing.

    A record of theirs that shares its id with quite another thing of mine is left out.
    """
    return tuple(
        operation
        for record in theirs.records.values()
        if mine.tombstones.get(record.id, record.kind) == record.kind
        and (operation := _taken_over(mine.get(record.id), record)) is not None
    )


def _taken_over(old: Record | None, new: Record) -> RecordOperation | None:
    if old is None:
        return add(new.kind, new.id, data_of(new), restore=True)
    if not _same_thing(old, new):
        return None
    data = difference(old, new)
    return RecordOperation(new.kind, new.id, "update", data) if data else None


def _same_thing(old: Record, new: Record) -> bool:
    """Whether one can become the other: what is fixed for life is the same in both."""
    if old.kind != new.kind:
        return False
    if isinstance(old, Cell) and isinstance(new, Cell) and old.is_line != new.is_line:
        return False
    rules = fields_of(type(old))
    return all(getattr(old, n) == getattr(new, n) for n, rule in rules.items() if rule.fixed)


def replace_patch(mine: ModelState, theirs: ModelState) -> Patch:
    """The patch that makes a model exactly what `theirs` is."""
    gone = tuple(remove(r.kind, r.id) for r in mine.records.values() if r.id not in theirs)
    return gone + merge_patch(mine, theirs)


def copied(theirs: ModelState) -> tuple[str, Patch]:
    """The id and the patch of a copy of a model: every id is new, every link leads within the copy."""
    ids = {record_id: new_id() for record_id in theirs.records}
    patch = tuple(add(r.kind, ids[r.id], _relinked(r, ids)) for r in theirs.records.values())
    return ids.get(theirs.model_id, new_id()), patch


def _relinked(record: Record, ids: Mapping[str, str]) -> dict[str, Any]:
    data = data_of(record)
    for name, rule in reference_fields(type(record)):
        raw = data.get(name)
        if raw is None:
            continue
        if rule.type is FieldType.END:
            data[name] = {**raw, "cell": ids.get(raw["cell"], raw["cell"])} if "cell" in raw else raw
        elif rule.is_set:
            data[name] = [ids.get(member, member) for member in raw]
        else:
            data[name] = ids.get(raw, raw)
    return data
