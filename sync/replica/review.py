"""Coming back after a long absence: what both sides changed is held back, the rest is sent as it is.

Three states are compared, a merge group at a time: `was`, where both began; `theirs`, what the server has
now; `mine`, what was seen here. Only what is in them counts, not by how many operations it came about.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from app.domain.conflicts import Conflict, What
from app.domain.errors import InvalidData
from app.domain.fields import FieldType, fields_of
from app.domain.ids import derived_id
from app.domain.intent import without_groups
from app.domain.merge import data_of, data_without, difference, groups_in, operation_between
from app.domain.patch import Operation, Patch, RecordOperation, add, remove
from app.domain.records import Cell, Record, record_type
from app.domain.references import references
from app.domain.stage import stage
from app.domain.state import ModelState

# Who wrote a merge group ("" for the record as a whole) of a record last: author and sequence number.
Writer = Callable[[str, str], tuple[str, int]]


class Review(msgspec.Struct, frozen=True):
    """What is to be sent, under the ids of the operations that waited, and what has to be decided."""

    pending: tuple[Operation, ...]
    conflicts: tuple[Conflict, ...]


def review(
    was: ModelState, theirs: ModelState, pending: Iterable[Operation], writer: Writer = lambda _i, _g: ("", 0)
) -> Review:
    """Compare. `was` is the server's state that `pending` was made on, `theirs` the one that it has now."""
    operations = list(pending)
    mine = was.copy()
    gone_by = _put_on(mine, operations)
    operations = _netted(operations, was, theirs, mine)
    operations = _with_what_went(operations, was, mine, gone_by)
    ids = dict.fromkeys(one.id for operation in operations for one in operation.patch)
    sides = _Sides(was, theirs, mine, writer)
    found = {i: _compare(i, sides) for i in ids}
    kept = _kept(operations, found)
    lost = _without_place(sides, kept, ids)
    if lost:
        # Perhaps it had no place only on the way to where it is now.
        operations = _as_they_ended(operations, {one.id: one for one in lost if one.id not in was})
        kept = _kept(operations, found)
        lost = _without_place(sides, kept, ids)
    if lost:
        found |= {one.id: _no_place(one, sides) for one in lost}
        kept = _kept(operations, found)
    conflicts = tuple(one for held in found.values() for one in held.conflicts)
    return Review(tuple(kept), conflicts)


def _netted(
    operations: list[Operation], was: ModelState, theirs: ModelState, mine: ModelState
) -> list[Operation]:
    """The operations without detours: of what others have changed too, or what went or was turned into
    something else and came back, only what has come of it in the end.

    Sent as it happened, it would overwrite or take along what others have made there meanwhile.
    """
    round_about = {
        one.id for operation in operations for one in operation.patch
        if one.operation != "update" or ("type" in one.data and _same_type(was.get(one.id), mine.get(one.id)))
    }  # fmt: skip
    detours = {
        one.id: index for index, operation in enumerate(operations) for one in operation.patch
        if one.id in was and one.id in mine
        and (one.id in round_about or theirs.get(one.id) not in (None, was.get(one.id)))
    }  # fmt: skip
    operations = [_of_what_is_left(operation, was, mine) for operation in operations]
    if not detours:
        return operations
    found = []
    for index, operation in enumerate(operations):
        patch = [one for one in operation.patch if one.id not in detours]
        for record_id in (i for i, place in detours.items() if place == index):
            before, after = was.get(record_id), mine.get(record_id)
            left = operation_between(before, after)
            patch += [left] if left is not None else []
        found.append(msgspec.structs.replace(operation, patch=tuple(patch)))
    return found


def _same_type(one: Record | None, other: Record | None) -> bool:
    return isinstance(one, Cell) and isinstance(other, Cell) and one.type == other.type


def _with_what_went(
    operations: list[Operation], was: ModelState, mine: ModelState, gone_by: Mapping[str, int]
) -> list[Operation]:
    """The operations, with the removal of what went along by a detour: sent without it, they would leave it.

    A flow that I had led to what I then removed, for instance, or one at what went and came back.
    """
    left = was.copy()
    _put_on(left, operations)
    found = list(operations)
    for record_id, record in was.records.items():
        if record_id in left and record_id not in mine:
            operation = found[gone_by[record_id]]
            patch = (*operation.patch, remove(record.kind, record_id))
            found[gone_by[record_id]] = msgspec.structs.replace(operation, patch=patch)
    return found


def _as_they_ended(operations: list[Operation], records: Mapping[str, Record]) -> list[Operation]:
    """The operations with new records of mine added once, as they ended, where they were last met."""
    last = {one.id: n for n, operation in enumerate(operations) for one in operation.patch}
    found = []
    for number, operation in enumerate(operations):
        patch = [one for one in operation.patch if one.id not in records]
        ending = (one for i, one in records.items() if last[i] == number)
        patch += [add(one.kind, one.id, data_of(one), restore=True) for one in ending]
        found.append(msgspec.structs.replace(operation, patch=tuple(patch)))
    return found


def _of_what_is_left(operation: Operation, was: ModelState, mine: ModelState) -> Operation:
    """Of what is not there any more in the end, only that it was removed."""
    patch = tuple(
        one for one in operation.patch if one.id in mine or (one.operation == "remove" and one.id in was)
    )
    return msgspec.structs.replace(operation, patch=patch)


# What is linked to an element is in the element's diagram: one of them does not change without the other.
_ELSEWHERE = frozenset({"cell_id", "diagram_id"})


class _Held(msgspec.Struct, frozen=True):
    """Of one record: what has to be decided, and what is not sent (groups, or all of it)."""

    conflicts: tuple[Conflict, ...] = ()
    groups: frozenset[str] = frozenset()
    whole: bool = False


class _Sides(msgspec.Struct, frozen=True):
    """The three states."""

    was: ModelState
    theirs: ModelState
    mine: ModelState
    writer: Writer


def _compare(record_id: str, sides: _Sides) -> _Held:
    was, theirs, mine = (one.get(record_id) for one in (sides.was, sides.theirs, sides.mine))
    if was is None:
        if theirs is None:
            return _Held()
        # Both have made it, from one file that was opened on both sides for instance.
        return _Held(whole=True) if mine in (None, theirs) else _no_place(mine, sides)
    if theirs is None:
        if mine is None or mine == was:
            return _Held(whole=True)
        ends = _gone_with(mine, sides.was)
        return _whole("they_removed", mine, sides, mine=data_of(mine), was=data_of(was), ends=ends)
    if mine is None:
        if theirs == was and not _takes_along(was, sides):
            return _Held()
        return _whole("i_removed", was, sides, was=data_of(was))
    return _by_group(was, theirs, mine, sides)


def _takes_along(record: Record, sides: _Sides) -> bool:
    """Whether removing it would take away something that others have made, or what they have changed."""
    return _overwrites((remove(record.kind, record.id),), record.id, sides)


def _overwrites(patch: Patch, record_id: str, sides: _Sides) -> bool:
    try:
        changes = stage(sides.theirs, patch)
    except InvalidData:
        return False  # it will be refused, and its author told
    for one in changes.changes:
        was = sides.was.get(one.id)
        if one.before is None or one.id == record_id or one.before == was:
            continue
        if one.after is None or (was is not None and _plain(was, one.before) & one.groups):
            return True
    return False


def _plain(was: Record, now: Record) -> set[str]:
    """The merge groups that have another value; sets aside, which merge by themselves."""
    sets = {name for name, rule in fields_of(type(was)).items() if rule.is_set}
    return set(groups_in(difference(was, now), type(was))) - sets


def _by_group(was: Record, theirs: Record, mine: Record, sides: _Sides) -> _Held:
    kind = type(was)
    my_data, their_data = difference(was, mine), difference(was, theirs)
    mine_too, sets = set(groups_in(my_data, kind)), {n for n, rule in fields_of(kind).items() if rule.is_set}
    theirs_too = set(groups_in(their_data, kind))
    both = (mine_too & theirs_too) - sets
    if theirs_too & _ELSEWHERE:
        both |= mine_too & _ELSEWHERE
    if "type" in mine_too:  # what is no boundary any more holds nothing
        turned = data_without(my_data, mine_too - {"type"})
        if _overwrites((RecordOperation(was.kind, was.id, "update", turned),), was.id, sides):
            both.add("type")
    back = difference(mine, was)
    conflicts = []
    for group in sorted(both & set(groups_in(difference(theirs, mine), kind))):
        others = mine_too - {group}
        author, number = sides.writer(was.id, group)
        conflicts.append(Conflict(
            id=derived_id(was.id, f"{group}/{number}"), what="both_changed", kind=was.kind, record_id=was.id,
            group=group, mine=data_without(my_data, others), was=data_without(back, others), author=author,
            sequence_number=number,
        ))  # fmt: skip
    return _Held(tuple(conflicts), frozenset(both))


def _no_place(record: Record, sides: _Sides) -> _Held:
    # Who has made it too, or taken away what it belongs to.
    missing = (target for _, _, target in references(record) if target not in sides.theirs)
    by = record.id if record.id in sides.theirs else next(missing, record.id)
    ends = _gone_with(record, sides.was)
    return _whole("no_place", record, sides, by, mine=data_of(record), ends=ends)


def _whole(what: What, record: Record, sides: _Sides, by: str = "", **more: Any) -> _Held:
    author, number = sides.writer(by or record.id, "")
    one = Conflict(
        id=derived_id(record.id, f"{what}/{number}"), what=what, kind=record.kind, record_id=record.id,
        author=author, sequence_number=number, **more,
    )  # fmt: skip
    return _Held((one,), whole=True)


def _gone_with(record: Record, was: ModelState) -> tuple[tuple[str, str, dict[str, object]], ...]:
    """The records that this one points at, as they were: what it would need to come back."""
    found = {target: one for _, _, target in references(record) if (one := was.get(target)) is not None}
    return tuple((one.kind, i, data_of(one)) for i, one in found.items() if one.kind == record.kind)


def _kept(operations: Iterable[Operation], held: Mapping[str, _Held]) -> list[Operation]:
    """The operations without what is held back; those that are empty then are left out."""
    kept = []
    for operation in operations:
        patch = tuple(left for one in operation.patch if (left := _left(one, held)) is not None)
        if patch:
            kept.append(msgspec.structs.replace(operation, patch=patch))
    return kept


def _left(one: RecordOperation, held: Mapping[str, _Held]) -> RecordOperation | None:
    found = held.get(one.id, _Held())
    if found.whole:
        return None
    groups = set(groups_in(one.data, record_type(one.kind))) & found.groups
    return without_groups(one, groups)


def _without_place(sides: _Sides, kept: Iterable[Operation], ids: Iterable[str]) -> list[Record]:
    """Records of mine that would not be there, or end elsewhere, after all was sent."""
    after = sides.theirs.copy()
    operations = list(kept)
    _put_on(after, operations)
    sent = {one.id for operation in operations for one in operation.patch}
    mine = (sides.mine.get(i) for i in ids if i in sent)
    return [one for one in mine if one is not None and (one.id not in after or _is_torn(one, after))]


def _is_torn(record: Record, state: ModelState) -> bool:
    """Whether a line would end at something that is not there: it would go back to where it ended before."""
    return any(rule.type is FieldType.END and target not in state for _, rule, target in references(record))


def _put_on(state: ModelState, operations: Iterable[Operation]) -> dict[str, int]:
    """Put operations on a state. Returns by which of them each record went that is gone then."""
    gone: dict[str, int] = {}
    for number, operation in enumerate(operations):
        patch: Patch = operation.patch
        try:
            changes = stage(state, patch)
        except InvalidData:
            continue
        state.commit(changes, operation.operation_id)
        gone |= {change.id: number for change in changes.changes if change.after is None}
    return gone
