"""What others did to a model while one was away, put together so that it can be told in words."""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

import msgspec

from app.domain.changes import Change, ChangeSet
from app.domain.patch import encode
from app.domain.records import Cell, Record, title_of

Deed: TypeAlias = Literal["added", "changed", "removed"]
MOST: Final = 2000
LONGEST_NAME: Final = 80


class Edit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that one person did to one record.

    `name` is what it is called after that, or was before it went; `was_called` its name before, where they
    gave it another one. `type` is the type of a cell, `groups` the merge groups that they wrote.
    """

    author: str
    kind: str
    record_id: str
    what: Deed
    type: str = ""
    name: str = ""
    was_called: str = ""
    groups: tuple[str, ...] = ()


class Absence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was missed `since` one was last there (ISO 8601 UTC, "" when unknown).

    Only the latest edits are kept; `more` says how many are not.
    """

    since: str = ""
    edits: tuple[Edit, ...] = ()
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.edits)


_decoder = msgspec.json.Decoder(Absence)


def to_text(absence: Absence) -> str:
    """An absence as it is stored; "" for nothing missed."""
    return encode(absence).decode() if absence else ""


def from_text(text: str) -> Absence:
    """An absence as it was stored; nothing missed where the text cannot be read."""
    try:
        return _decoder.decode(text) if text else Absence()
    except (msgspec.MsgspecError, ValueError):
        return Absence()


def digest(changes: Iterable[tuple[str, ChangeSet]], before: Absence, since: str = "") -> Absence:
    """`before` and what came after it: authors and what their operations did, in order."""
    found = {(one.author, one.record_id): one for one in before.edits}
    for author, change_set in changes:
        for change in change_set.changes:
            key = (author, change.id)
            edit = _joined(found.pop(key, None), _edit_of(author, change))
            if edit is not None:
                found[key] = edit
    edits = tuple(found.values())
    left_out = max(0, len(edits) - MOST)
    return Absence(before.since or since, edits[left_out:], before.more + left_out)


def _edit_of(author: str, change: Change) -> Edit:
    before, after = change.before, change.after
    name = _name(change.record)
    return Edit(
        author=author, kind=change.kind, record_id=change.id,
        what="added" if before is None else "removed" if after is None else "changed",
        type=change.record.type if isinstance(change.record, Cell) else "",
        name=name,
        was_called=_name(before) if before is not None and after is not None else name,
        groups=tuple(sorted(change.groups)),
    )  # fmt: skip


def _joined(old: Edit | None, new: Edit) -> Edit | None:
    """One edit for both; None when the later took back the earlier."""
    if old is None:
        return new
    if new.what == "removed":
        return None if old.what == "added" else new
    if old.what == "added":
        return msgspec.structs.replace(old, name=new.name, was_called=new.name)
    was = old.name if old.what == "removed" else old.was_called
    groups = tuple(sorted({*old.groups, *new.groups}))
    return msgspec.structs.replace(new, what="changed", was_called=was, groups=groups)


def _name(record: Record) -> str:
    title = title_of(record)
    return title if len(title) <= LONGEST_NAME else title[: LONGEST_NAME - 1] + "…"
