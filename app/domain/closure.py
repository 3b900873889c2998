"""What a change drags along: the one place that decides what becomes of what hangs on it.

Flows that lose a node are removed, cells without a diagram too; children lose their parent, threats and
others lose the link but keep their text, comments their place too. A write that would leave a dangling
reference or close a circle of parents gives way: the value before it stands when that still holds,
otherwise the link is cleared.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app.domain.comment_closure import resettled, settle_heirs
from app.domain.fields import Field, FieldType, OnLoss, fields_of
from app.domain.records import Cell, Comment, Record, Threat
from app.domain.references import references, targets, without

if TYPE_CHECKING:
    from app.domain.stage import Stage

_LINK_UP: Final[Mapping[type, str]] = {Cell: "parent", Comment: "reply_to"}


def close_over(stage: "Stage") -> None:
    """Mend everything that the staged operations left without its counterpart."""
    touched = stage.touched()
    todo = deque(touched)
    for record_id in touched:
        if _lets_go(stage, record_id):
            todo.extend(stage.pointing_at(record_id))
    while todo:
        record = stage.get(todo.popleft())
        if record is not None and not _mend_references(stage, record):
            todo.extend(stage.pointing_at(record.id))
    settle_heirs(stage)
    _break_circles(stage)
    for record_id in stage.touched():
        record = stage.get(record_id)
        if isinstance(record, Threat) and record.cell_id is not None:
            _follow_cell(stage, record)


def _lets_go(stage: "Stage", record_id: str) -> bool:
    """Whether what pointed at a record may have to look again: it is gone or became something else."""
    before, after = stage.before(record_id), stage.get(record_id)
    if before is None or after is None:
        return before is not None
    return isinstance(before, Cell) and isinstance(after, Cell) and before.type != after.type


def _holds(stage: "Stage", record: Record, name: str, rule: Field, target: str) -> bool:
    """Whether a reference leads to something that it may lead to."""
    other = stage.get(target)
    if other is None:
        return False
    if rule.refers_to and other.kind not in rule.refers_to:
        return False
    if not isinstance(record, Cell) or name in ("diagram_id", "data_assets"):
        return True
    if not isinstance(other, Cell) or other.diagram_id != record.diagram_id:
        return False
    if name == "parent":
        return other.can_contain and other.id != record.id
    return other.can_connect


def _broken(stage: "Stage", record: Record) -> Iterator[tuple[str, Field, str]]:
    for name, rule, target in references(record):
        if not _holds(stage, record, name, rule, target):
            yield name, rule, target


def _mend_references(stage: "Stage", record: Record) -> bool:
    """Make every reference of a record hold. False when it had to be taken out for that."""
    before = stage.before(record.id)
    for name, rule, target in tuple(_broken(stage, record)):
        old = getattr(before, name) if before is not None else None
        if target not in targets(rule, old):
            stage.note(record, name, "refers to something that is not there")
            if old is not None and not rule.is_set and _all_hold(stage, record, name, rule, old):
                record = msgspec.structs.replace(record, **{name: old})
                stage.put(record)
                continue
        if rule.on_loss is OnLoss.REMOVE or rule.type is FieldType.END:
            stage.take_out(record)
            return False
        record = without(record, name, rule, target)
        if isinstance(record, Comment):
            record = resettled(stage, record, name, target)
        stage.put(record)
    return True


def _all_hold(stage: "Stage", record: Record, name: str, rule: Field, value: Any) -> bool:
    return all(_holds(stage, record, name, rule, target) for target in targets(rule, value))


def _break_circles(stage: "Stage") -> None:
    """Open every circle of parents or replies at the last of the writes that closed it."""
    place = {record_id: number for number, record_id in enumerate(stage.touched())}
    sound: set[str] = set()
    for record_id in place:
        while circle := _circle_above(stage, record_id, sound):
            moved = [i for i in circle if _above(stage.before(i)) != _above(stage.get(i))]
            _open(stage, max(moved or circle, key=lambda i: place.get(i, -1)))


def _above(record: Record | None) -> str | None:
    name = _LINK_UP.get(type(record))
    return getattr(record, name) if name is not None else None


def _circle_above(stage: "Stage", record_id: str, sound: set[str]) -> list[str]:
    """The circle that the way up ends in; if it ends well, nothing, and all on it are `sound`."""
    way: dict[str, None] = {}
    here: str | None = record_id
    while here is not None and here not in sound:
        if here in way:
            ids = list(way)
            return ids[ids.index(here) :]
        way[here] = None
        here = _above(stage.get(here))
    sound.update(way)
    return []


def _open(stage: "Stage", record_id: str) -> None:
    """Take one link of a circle back. If that closes another circle, the next round finds it."""
    record = stage.get(record_id)
    if record is None:
        return
    name = _LINK_UP[type(record)]
    stage.note(record, name, "would put it inside itself")
    old = _above(stage.before(record_id))
    rule = fields_of(type(record))[name]
    if old == _above(record) or (old is not None and not _holds(stage, record, name, rule, old)):
        old = None
    stage.put(msgspec.structs.replace(record, **{name: old}))


def _follow_cell(stage: "Stage", threat: Threat) -> None:
    cell = stage.get(threat.cell_id or "")
    if isinstance(cell, Cell) and cell.diagram_id != threat.diagram_id:
        stage.put(msgspec.structs.replace(threat, diagram_id=cell.diagram_id))
