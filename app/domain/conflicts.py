"""What two sides made of the same thing while they were apart, and the edits that settle it."""

from collections.abc import Iterable
from typing import Any, Final, Literal, TypeAlias

import msgspec

from app.domain.errors import InvalidData
from app.domain.fields import FieldType, fields_of
from app.domain.ids import new_id
from app.domain.merge import data_of, merged, operation_between
from app.domain.patch import Patch, RecordOperation, add, remove
from app.domain.records import Record, record_type
from app.domain.stage import stage
from app.domain.state import ModelState

Choice: TypeAlias = Literal["mine", "theirs", "both"]
What: TypeAlias = Literal["both_changed", "they_removed", "i_removed", "no_place"]
# Where things are is settled by what others made of it unless somebody wants it otherwise.
GEOMETRY: Final = frozenset(
    {"position", "size", "parent", "order", "source", "target", "vertices", "label_position", "routing"}
)


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that both sides changed. Theirs is what stands; `mine` waits.

    `group` is the merge group of `both_changed`, else "". `mine` and `was` are data as of an update of the
    group, or of an addition of the whole record; `mine` is empty where I removed it. `ends` are whole
    records that mine needs and that are gone. `author` and `sequence_number` name their last edit.
    """

    id: str
    what: What
    kind: str
    record_id: str
    group: str = ""
    mine: dict[str, Any] = {}
    was: dict[str, Any] = {}
    ends: tuple[tuple[str, str, dict[str, Any]], ...] = ()
    author: str = ""
    sequence_number: int = 0

    @property
    def asked(self) -> bool:
        """Whether a person has to decide; otherwise theirs counts unless somebody says so."""
        return self.what != "both_changed" or self.group.partition(".")[0] not in GEOMETRY | {"style"}

    @property
    def can_keep_both(self) -> bool:
        """Whether both versions can stand beside each other: texts only, and no second model or diagram."""
        if self.what != "both_changed" or self.group in GEOMETRY:
            return False
        rule = fields_of(record_type(self.kind)).get(self.group)
        if rule is None or rule.type is not FieldType.TEXT or rule.words:
            return False
        return self.joins or self.kind not in ("threat_model", "diagram")

    @property
    def joins(self) -> bool:
        """Whether keeping both puts one text below the other, rather than making a second record."""
        rule = fields_of(record_type(self.kind)).get(self.group)
        return rule is not None and rule.type is FieldType.TEXT and rule.multiline and self.group != "label"


def settle(
    conflicts: Iterable[Conflict], choice: Choice, state: ModelState
) -> tuple[Patch, tuple[Conflict, ...]]:
    """One patch that settles them one after the other, and those of them that it settles.

    Left out are those that cannot be settled so, because of what has become of the model meanwhile or of
    what settles the others: an element that goes with its diagram does not become one of another in one edit.
    """
    open_ones = list(conflicts)
    found = _one_by_one(open_ones, choice, state)
    return found if _stands(found[0], state) else _one_by_one(open_ones, choice, state, whole=True)


def _one_by_one(
    conflicts: Iterable[Conflict], choice: Choice, state: ModelState, *, whole: bool = False
) -> tuple[Patch, tuple[Conflict, ...]]:
    """Those that settle, each on what the others came to; with `whole`, all of them in one patch too."""
    after, patch, settled = state.copy(), list[RecordOperation](), list[Conflict]()
    for one in conflicts:
        try:
            part = settling(one, choice, after)
            changes = stage(after, part)
        except InvalidData:
            continue
        if whole and not _stands((*patch, *part), state):
            continue
        after.commit(changes)
        patch += part
        settled.append(one)
    return tuple(patch), tuple(settled)


def _stands(patch: Patch, state: ModelState) -> bool:
    try:
        stage(state, patch)
    except InvalidData:
        return False
    return True


def settling(conflict: Conflict, choice: Choice, state: ModelState) -> Patch:
    """The patch that settles it, empty where theirs counts. InvalidData when it would lose what is mine."""
    if choice == "theirs":
        return ()
    if conflict.what == "both_changed" and conflict.record_id not in state:
        raise InvalidData(conflict.kind, conflict.record_id, conflict.group, "has been removed since")
    if choice == "both" and not conflict.can_keep_both:
        raise InvalidData(conflict.kind, conflict.record_id, conflict.group, "cannot be kept twice")
    return keep_both(conflict, state) if choice == "both" else keep_mine(conflict, state)


def keep_mine(conflict: Conflict, state: ModelState) -> Patch:
    """The patch that makes it what I had made of it."""
    present = state.get(conflict.record_id)
    if conflict.what == "i_removed":
        return (remove(conflict.kind, conflict.record_id),) if present is not None else ()
    if conflict.what == "both_changed":
        if present is None:
            return ()
        return (RecordOperation(conflict.kind, conflict.record_id, "update", conflict.mine),)
    ends = tuple(add(k, i, d, restore=True) for k, i, d in conflict.ends if state.get(i) is None)
    whole = add(conflict.kind, conflict.record_id, conflict.mine, restore=True)
    if present is None or present.kind != conflict.kind:
        return (*ends, whole)
    # It came back with something else, or others had made it too.
    back = operation_between(present, merged(None, whole))
    return (*ends, back) if back is not None else ends


def keep_both(conflict: Conflict, state: ModelState) -> Patch:
    """Long texts one below the other; of anything else a second record that is as I had it."""
    present = state.get(conflict.record_id)
    if present is None or not conflict.can_keep_both:
        return keep_mine(conflict, state)
    if conflict.joins:
        rule = fields_of(type(present))[conflict.group]
        text = f"{getattr(present, conflict.group)}\n\n{conflict.mine.get(conflict.group) or ''}".strip()
        if rule.max is None or len(text) <= rule.max:
            patch = {conflict.group: text}
            return (RecordOperation(conflict.kind, conflict.record_id, "update", patch),)
        if conflict.kind in ("threat_model", "diagram"):
            reason = f"would be longer than {rule.max:.0f} characters with both"
            raise InvalidData(conflict.kind, conflict.record_id, conflict.group, reason)
    return (add(conflict.kind, new_id(), data_of(_beside(as_mine(conflict, present)))),)


def as_mine(conflict: Conflict, present: Record) -> Record:
    """The record as it would be with mine: for a picture of it beside theirs."""
    return merged(present, RecordOperation(conflict.kind, present.id, "update", conflict.mine))


def ghost(conflict: Conflict, state: ModelState) -> Record | None:
    """What mine would look like; None where I removed it, or where it cannot be shown."""
    if conflict.what == "i_removed":
        return None
    present = state.get(conflict.record_id)
    if conflict.what == "both_changed":
        return as_mine(conflict, present) if present is not None else None
    return merged(None, add(conflict.kind, conflict.record_id, conflict.mine))


def subject(conflict: Conflict, state: ModelState) -> Record | None:
    """What it is about: as it stands, or else as I had it or as it was; None when that cannot be told."""
    present = state.get(conflict.record_id)
    if present is not None:
        return present
    for data in (conflict.mine, conflict.was):
        try:
            return merged(None, add(conflict.kind, conflict.record_id, data))
        except InvalidData:
            continue
    return None


def _beside(record: Record) -> Record:
    position = getattr(record, "position", None)
    if "position" not in fields_of(record_type(record.kind)) or position is None:
        return record
    moved: Record = msgspec.structs.replace(
        record, position=msgspec.structs.replace(position, x=position.x + 30, y=position.y + 30)
    )
    return moved
