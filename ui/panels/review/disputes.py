"""What a conflict is about, in words, and what each side made of it."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple

from app.domain.conflicts import Conflict, ghost, subject
from app.domain.errors import InvalidData
from app.domain.fields import fields_of
from app.domain.ids import is_id
from app.domain.merge import difference, groups_in, merged
from app.domain.patch import add
from app.domain.records import Record, record_type
from app.domain.state import ModelState
from ui.panels.names import shown_title
from ui.panels.review.deeds import kind_word
from ui.panels.review.values import label_of, value_text

Names = Callable[[str], str]
REMOVED: Final = "Removed"
NO_PLACE: Final = "What it needs was removed"
_NAME_GROUPS: Final = frozenset({"label", "name"})
_SORTS: Final = {
    "they_removed": "Removed by others", "i_removed": "Removed by you", "no_place": "Without a place",
}  # fmt: skip


class Side(NamedTuple):
    """One property on both sides; None where the record is not there at all."""

    label: str
    theirs: str | None
    mine: str | None


def short_name(user_id: str) -> str:
    """A person by what is known of them: an id shortened, a name as it is."""
    if not user_id:
        return "Somebody"
    return f"User {user_id[:8]}" if is_id(user_id) else user_id


def sort_of(conflict: Conflict) -> str:
    """The heading under which conflicts are decided together."""
    if conflict.what != "both_changed":
        return _SORTS[conflict.what]
    if not conflict.asked:
        return "Places and looks"
    if conflict.group in _NAME_GROUPS:
        return "Names"
    return label_of(record_type(conflict.kind), conflict.group.partition(".")[0])


def named(conflict: Conflict, state: ModelState) -> str:
    """The thing with its name: "process “Shop”"."""
    record = subject(conflict, state)
    kind = kind_word(conflict.kind, getattr(record, "type", "") if conflict.kind == "cell" else "")
    if record is None:
        return f"a {kind}"
    return f"{kind} “{cut(shown_title(state, record))}”"


def cut(name: str, limit: int = 60) -> str:
    """A name that is not too long for a sentence."""
    return name if len(name) <= limit else name[: limit - 1] + "…"


def headline(conflict: Conflict, state: ModelState, names: Names) -> str:
    """What has happened, in one sentence."""
    who = names(conflict.author)
    what = named(conflict, state)
    if conflict.what == "they_removed":
        return f"{who} removed {what}, which you changed"
    if conflict.what == "i_removed":
        return f"You removed {what}, which {who} changed"
    if conflict.what == "no_place":
        if conflict.record_id in state:
            return f"You and {who} both made {what}"
        return f"Your {what} has no place: {who} removed something that it needs"
    if conflict.group in _NAME_GROUPS:
        old = " ".join(str(conflict.was.get(conflict.group) or "").split())
        kind = what.partition(" “")[0]
        return (
            f"You and {who} both renamed {kind} “{cut(old)}”" if old else f"You and {who} both named {what}"
        )
    return f"You and {who} both changed {_label(conflict)} of {what}"


def _label(conflict: Conflict) -> str:
    return label_of(record_type(conflict.kind), conflict.group)


def _made(conflict: Conflict, data: dict[str, object]) -> Record | None:
    try:
        return merged(None, add(conflict.kind, conflict.record_id, data))
    except InvalidData:
        return None


def sides(conflict: Conflict, state: ModelState) -> list[Side]:
    """What each side has, a property at a time."""
    present, mine = state.get(conflict.record_id), my_version(conflict, state)
    if conflict.what == "both_changed":
        theirs = value_text(state, present, conflict.group) if present is not None else None
        own = value_text(state, mine, conflict.group) if mine is not None else _raw(conflict)
        return [Side("", theirs, own)]
    was = _made(conflict, dict(conflict.was))
    if conflict.what == "i_removed":
        groups = _between(was, present)
        if present is None or not groups:
            return [Side("", "Kept" if present is not None else None, None)]
        return [Side(label, value_text(state, present, group), None) for label, group in groups.items()]
    found = []
    for label, group in _between(was or present, mine).items():
        theirs = value_text(state, present, group) if present is not None else None
        own = value_text(state, mine, group, ends_of(conflict)) if mine is not None else ""
        found.append(Side(label, theirs, own))
    return found or [Side("", None if present is None else "As it is", "As it was")]


def _raw(conflict: Conflict) -> str:
    value = conflict.mine.get(conflict.group.partition(".")[0])
    return value if isinstance(value, str) else ""


def _between(before: Record | None, after: Record | None) -> dict[str, str]:
    """Labels to merge groups in which two versions differ; of one alone, those that say something."""
    if after is None:
        return {}
    kind = type(after)
    if before is not None:
        groups = list(dict.fromkeys(groups_in(difference(before, after), kind)))
    else:
        groups = [n for n, rule in fields_of(kind).items() if getattr(after, n) != rule.default]
        groups = [n for n in groups if n not in ("order", "diagram_id", "parent")]
    return {label_of(kind, group): group for group in groups}


def ends_of(conflict: Conflict) -> dict[str, Record]:
    """What mine needs and is gone, by id."""
    found = {}
    for kind, record_id, data in conflict.ends:
        with suppress(InvalidData):
            found[record_id] = merged(None, add(kind, record_id, data))
    return found


def my_version(conflict: Conflict, state: ModelState) -> Record | None:
    """The record as I had it; None where I removed it, or where it cannot be told."""
    try:
        return ghost(conflict, state)
    except InvalidData:
        return None


def tag_of(conflict: Conflict, state: ModelState) -> str:
    """The few words on the ghost of mine."""
    if conflict.what == "i_removed":
        return "You removed this"
    if conflict.what == "no_place":
        return "Yours, without a place"
    if conflict.what == "they_removed":
        return "Yours, removed by others"
    own = sides(conflict, state)[0]
    if not conflict.asked and conflict.group.partition(".")[0] != "style":
        return "Yours"
    line = " ".join((own.mine or "").split()) or "nothing"
    return f"Yours: {line}" if conflict.group in _NAME_GROUPS else f"Your {_label(conflict)}: {line}"
