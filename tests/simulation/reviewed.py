"""What a review must have done, told from the four states alone."""

from collections.abc import Collection
from typing import Any

from app.domain.conflicts import Conflict, settle
from app.domain.fields import fields_of
from app.domain.merge import difference, groups_in
from app.domain.records import Record
from app.domain.references import reference_fields
from app.domain.stage import apply
from app.domain.state import ModelState
from tests.simulation.follower import hold


def written(before: Record, after: Record) -> set[str]:
    """The merge groups in which two states of a record differ; sets aside, which merge by themselves."""
    kind = type(before)
    sets = {name for name, rule in fields_of(kind).items() if rule.is_set}
    return set(groups_in(difference(before, after), kind)) - sets


def value(record: Record, group: str) -> Any:
    """What stands in a merge group."""
    name, _, key = group.partition(".")
    held = getattr(record, name, record.extra.get(name))
    return held.get(key) if key and isinstance(held, dict) else held


def check(
    was: ModelState, theirs: ModelState, mine: ModelState, after: ModelState, meant: Collection[str],
    removed: Collection[str], conflicts: Collection[Conflict],
) -> None:  # fmt: skip
    """REVIEW-1 and REVIEW-2. `after` is theirs with what is sent; `meant` are the records I have touched,
    `removed` those that I have removed by themselves.
    """
    held = {(one.record_id, one.group) for one in conflicts}
    # What only went with something is asked with it; or they have led it elsewhere, and it stays.
    kept = after.copy()
    apply(kept, settle(conflicts, "mine", after)[0])
    along = (i for i in meant if i not in mine and i not in removed)
    held |= {(i, "") for i in along if i not in kept or _led_elsewhere(was.get(i), theirs.get(i))}
    for record_id, record in theirs.records.items():
        before, now = was.get(record_id), after.get(record_id)
        if before is None:
            hold("REVIEW-1", now is not None, f"{record_id}, new of theirs, is gone")
        elif before != record:
            hold("REVIEW-1", now is not None, f"{record_id}, changed by them, is gone")
            for group in written(before, record):
                assert now is not None
                hold("REVIEW-1", value(now, group) == value(record, group), f"{record_id} {group}")
    for record_id in meant:
        _check_mine(record_id, was.get(record_id), mine.get(record_id), after, theirs, held)


def _check_mine(
    record_id: str, was: Record | None, mine: Record | None, after: ModelState, theirs: ModelState,
    held: set[tuple[str, str]],
) -> None:  # fmt: skip
    if (record_id, "") in held or (mine is None and was is None):
        return
    now = after.get(record_id)
    if mine is None:
        hold("REVIEW-2", now is None, f"{record_id}, removed by me, is there and nobody is asked")
        return
    if was is not None and was == mine:
        return
    hold("REVIEW-2", now is not None, f"{record_id}, mine, is gone and nobody is asked")
    assert now is not None
    loose = {name for name, _ in reference_fields(type(mine))}
    changed = written(was, mine) if was is not None else written(mine, now)
    for group in changed - loose:
        kept = value(now, group) == value(mine, group)
        there = theirs.get(record_id)
        agreed = there is not None and value(there, group) == value(mine, group)
        hold("REVIEW-2", kept or agreed or (record_id, group) in held, f"{record_id} {group} of mine is gone")


def _led_elsewhere(was: Record | None, theirs: Record | None) -> bool:
    links = {name for name, _ in reference_fields(type(was))} if was is not None else set()
    return was is not None and theirs is not None and bool(written(was, theirs) & links)
