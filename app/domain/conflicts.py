"""What two sides made of the same thing while they were apart, and the edits that settle it."""

from typing import Any, Final, Literal, TypeAlias

import msgspec

from app.domain.fields import FieldType, fields_of
from app.domain.ids import new_id
from app.domain.merge import data_of, merged
from app.domain.patch import Patch, RecordOperation, add, remove
from app.domain.records import Record, record_type
from app.domain.state import ModelState

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
        """Whether both versions can stand beside each other."""
        return self.what == "both_changed" and self.group not in GEOMETRY and "." not in self.group


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
    return (*ends, add(conflict.kind, conflict.record_id, conflict.mine, restore=True))


def keep_both(conflict: Conflict, state: ModelState) -> Patch:
    """Long texts one below the other; of anything else a second record that is as I had it."""
    present = state.get(conflict.record_id)
    if present is None or not conflict.can_keep_both:
        return keep_mine(conflict, state)
    rule = fields_of(type(present)).get(conflict.group)
    if rule is not None and rule.type is FieldType.TEXT and rule.multiline and conflict.group != "label":
        text = f"{getattr(present, conflict.group)}\n\n{conflict.mine.get(conflict.group) or ''}".strip()
        limit = int(rule.max or len(text))
        return (RecordOperation(conflict.kind, conflict.record_id, "update", {conflict.group: text[:limit]}),)
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


def _beside(record: Record) -> Record:
    position = getattr(record, "position", None)
    if "position" not in fields_of(record_type(record.kind)) or position is None:
        return record
    moved: Record = msgspec.structs.replace(
        record, position=msgspec.structs.replace(position, x=position.x + 30, y=position.y + 30)
    )
    return moved
