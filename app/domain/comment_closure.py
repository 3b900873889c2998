"""What becomes of a comment that loses what it hangs on: no text is lost, and it stays where it was."""

from typing import TYPE_CHECKING

import msgspec

from app.domain import vocabulary as v
from app.domain.records import Cell, Comment
from app.domain.values import End, Point

if TYPE_CHECKING:
    from app.domain.stage import Stage


def resettled(stage: "Stage", comment: Comment, name: str, target: str) -> Comment:
    """The comment after its reference `name` to `target` was cleared, with a place of its own again.

    One on an element is pinned where the element was.
    """
    gone = stage.before(target)
    if name == "cell_id" and isinstance(gone, Cell):
        kept = comment.diagram_id or (gone.diagram_id if stage.get(gone.diagram_id) else None)
        return msgspec.structs.replace(comment, position=pin_place(stage, gone), diagram_id=kept)
    return comment


def settle_heirs(stage: "Stage") -> None:
    """Of the replies to a comment that is gone, the oldest takes its place; the others reply to that one.

    To be called when all that goes is gone, for an heir points at what the first comment was on.
    """
    for record_id in stage.touched():
        before, after = stage.before(record_id), stage.get(record_id)
        if not (isinstance(before, Comment) and isinstance(after, Comment)):
            continue
        if before.reply_to is not None and after.reply_to is None and stage.get(before.reply_to) is None:
            gone = stage.before(before.reply_to)
            if isinstance(gone, Comment):
                stage.put(_heired(stage, after, gone))


def pin_place(stage: "Stage", cell: Cell) -> Point:
    """Where a comment on a cell shows: the top right corner of a node, the middle of a line."""
    if not cell.is_line:
        return Point(round(cell.position.x + cell.size.width, 2), cell.position.y)
    if cell.vertices:
        return cell.vertices[len(cell.vertices) // 2]
    a, b = _end_of(stage, cell.source), _end_of(stage, cell.target)
    return Point(round((a.x + b.x) / 2, 2), round((a.y + b.y) / 2, 2))


def _end_of(stage: "Stage", end: End | None) -> Point:
    if end is None:
        return Point()
    node = stage.before(end.cell) if end.cell else None
    if isinstance(node, Cell) and node.type != v.DATA_FLOW:
        return Point(node.position.x + node.size.width / 2, node.position.y + node.size.height / 2)
    return Point(end.x or 0.0, end.y or 0.0)


def _heired(stage: "Stage", comment: Comment, gone: Comment) -> Comment:
    siblings = []
    for record_id in stage.pointing_at(gone.id):
        before, still = stage.before(record_id), stage.get(record_id)
        if isinstance(before, Comment) and isinstance(still, Comment) and before.reply_to == gone.id:
            siblings.append(still)
    above: Comment = gone
    seen = {gone.id}
    while above.reply_to is not None and above.reply_to not in seen:
        if isinstance(stage.get(above.reply_to), Comment):
            return msgspec.structs.replace(comment, reply_to=above.reply_to)
        upper = stage.before(above.reply_to)
        if not isinstance(upper, Comment):
            break
        seen.add(upper.id)
        above = upper
    heir = min(siblings, key=lambda c: (c.written_at, c.id), default=comment)
    if heir.id != comment.id:
        return msgspec.structs.replace(comment, reply_to=heir.id)
    return _anchored(stage, comment, above)


def _anchored(stage: "Stage", comment: Comment, root: Comment) -> Comment:
    """The comment as the root of its thread, on what the old root was on as far as that is there."""
    cell = stage.before(root.cell_id) if root.cell_id else None
    cell_stays = cell is not None and stage.get(cell.id) is not None
    place = root.position
    if isinstance(cell, Cell) and not cell_stays:
        place = pin_place(stage, cell)
    return msgspec.structs.replace(
        comment,
        diagram_id=root.diagram_id if root.diagram_id and stage.get(root.diagram_id) else None,
        cell_id=root.cell_id if cell_stays else None,
        threat_id=root.threat_id if root.threat_id and stage.get(root.threat_id) else None,
        position=place,
        resolved=root.resolved,
    )
