"""What an operation did: old and new records, and from them the effective patch and its inverse."""

from functools import cached_property
from typing import cast

import msgspec

from app.domain.merge import difference, groups_of, operation_between
from app.domain.patch import Patch
from app.domain.records import Record


class Change(msgspec.Struct, frozen=True, dict=True):
    """One record before and after; None where it did not or does not exist.

    `restored` tells that the record came back from removal.
    """

    before: Record | None
    after: Record | None
    restored: bool = False

    @property
    def record(self) -> Record:
        """The record as it is, or as it was when it is gone."""
        return cast(Record, self.after if self.after is not None else self.before)

    @property
    def id(self) -> str:
        """The record's id."""
        return self.record.id

    @property
    def kind(self) -> str:
        """The record's kind."""
        return self.record.kind

    @cached_property
    def groups(self) -> frozenset[str]:
        """The merge groups that an update wrote; empty for an addition or a removal."""
        if self.before is None or self.after is None:
            return frozenset()
        return frozenset(groups_of(difference(self.before, self.after), self.after))


class Dropped(msgspec.Struct, frozen=True):
    """A part of a patch that had no place to go: the record, the property or "", and why."""

    kind: str
    id: str
    prop: str
    reason: str


class ChangeSet(msgspec.Struct, frozen=True, dict=True):
    """All that one patch did to a model, in order of first touch, and what of it was dropped."""

    changes: tuple[Change, ...] = ()
    dropped: tuple[Dropped, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes)

    @cached_property
    def effective(self) -> Patch:
        """The patch that does exactly this, closure included. Applying it again changes nothing."""
        found = (operation_between(c.before, c.after, restore=c.restored) for c in self.changes)
        return tuple(one for one in found if one is not None)

    @cached_property
    def inverse(self) -> Patch:
        """The patch that takes it back."""
        found = (operation_between(c.after, c.before) for c in reversed(self.changes))
        return tuple(one for one in found if one is not None)

    def of_kind(self, kind: str) -> tuple[Change, ...]:
        """The changes of records of one kind."""
        return tuple(c for c in self.changes if c.kind == kind)
