"""Comments as threads: what is on what, in which order, and the patches that change them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from app.domain.ids import new_id
from app.domain.patch import Patch, RecordOperation, add, remove
from app.domain.records import Cell, Comment, Diagram, Threat
from app.domain.state import ModelState
from app.domain.values import Point
from app.services.mentions import names_in

EDITED_AT: Final = "edited_at"  # a metadata key, so that files and servers of every version keep it


class Anchor(NamedTuple):
    """What a thread is on: an element, a threat, a place of a diagram, or (all empty) the model."""

    diagram_id: str | None = None
    cell_id: str | None = None
    threat_id: str | None = None
    x: float = 0.0
    y: float = 0.0

    @property
    def draft_key(self) -> str:
        """Under which key the unfinished text of a new thread here is kept."""
        if self.cell_id or self.threat_id:
            return f"{self.cell_id or self.threat_id}.comment"
        return f"{self.diagram_id or ''}.comment@{self.x:g},{self.y:g}"


class Thread(NamedTuple):
    """A first comment and what was replied to it, in order of time."""

    root: Comment
    replies: tuple[Comment, ...] = ()

    @property
    def comments(self) -> tuple[Comment, ...]:
        """All of it, the first comment first."""
        return (self.root, *self.replies)

    @property
    def last_at(self) -> str:
        """When somebody wrote here last."""
        return max(comment.written_at for comment in self.comments)

    @property
    def anchor(self) -> Anchor:
        """What the thread is on."""
        return anchor_of(self.root)


def anchor_of(root: Comment) -> Anchor:
    """What a first comment is on."""
    return Anchor(root.diagram_id, root.cell_id, root.threat_id, root.position.x, root.position.y)


def root_of(state: ModelState, comment: Comment) -> Comment:
    """The first comment of a comment's thread."""
    seen: set[str] = set()
    while comment.id not in seen:
        seen.add(comment.id)
        above = state.find(Comment, comment.reply_to)
        if above is None:
            break
        comment = above
    return comment


def threads(state: ModelState) -> list[Thread]:
    """All threads of a model, by the time and id of their first comments."""
    replies: dict[str, list[Comment]] = {}
    roots: dict[str, Comment] = {}
    for comment in state.all(Comment):
        root = root_of(state, comment)
        roots[root.id] = root
        if root.id != comment.id:
            replies.setdefault(root.id, []).append(comment)
    made = [Thread(r, tuple(sorted(replies.get(i, ()), key=_by_time))) for i, r in roots.items()]
    return sorted(made, key=lambda thread: _by_time(thread.root))


def _by_time(comment: Comment) -> tuple[str, str]:
    return comment.written_at, comment.id


def thread_of(state: ModelState, comment_id: str) -> Thread | None:
    """The thread that a comment belongs to; None when there is no such comment."""
    comment = state.find(Comment, comment_id)
    if comment is None:
        return None
    root = root_of(state, comment)
    found: list[Comment] = []
    todo, seen = [root.id], {root.id}
    while todo:
        for other in state.pointing_at(todo.pop()):
            if isinstance(other, Comment) and other.id not in seen:
                seen.add(other.id)
                found.append(other)
                todo.append(other.id)
    return Thread(root, tuple(sorted(found, key=_by_time)))


def diagram_of(state: ModelState, anchor: Anchor) -> str | None:
    """The diagram on which a thread shows; None for threads elsewhere."""
    cell = state.cell(anchor.cell_id)
    if cell is not None:
        return cell.diagram_id
    threat = state.find(Threat, anchor.threat_id)
    if threat is not None:
        return threat.diagram_id
    return anchor.diagram_id if state.find(Diagram, anchor.diagram_id) is not None else None


def is_mine(thread: Thread, me: str) -> bool:
    """Whether somebody wrote in a thread."""
    return any(same_person(comment.author, me) for comment in thread.comments)


def mentions_me(thread: Thread, me: str) -> bool:
    """Whether somebody is named in a thread."""
    return any(names_in(comment.text, (me,)) for comment in thread.comments)


def same_person(one: str, other: str) -> bool:
    """Whether two names are the same person's."""
    return bool(one) and one.strip().casefold() == other.strip().casefold()


class Counts(NamedTuple):
    """How many threads there are."""

    open: int
    resolved: int
    unread: int


def counts(found: Iterable[Thread], unread: frozenset[str]) -> Counts:
    """Count threads; a thread with an unread comment is unread once."""
    kept = list(found)
    solved = sum(thread.root.resolved for thread in kept)
    fresh = sum(any(c.id in unread for c in thread.comments) for thread in kept)
    return Counts(len(kept) - solved, solved, fresh)


# --- patches ---------------------------------------------------------------------------------------


def start_thread(anchor: Anchor, text: str, author: str, at: str) -> tuple[str, Patch]:
    """A new thread: the id of its first comment and the patch."""
    data: dict[str, Any] = {"text": text, "author": author, "written_at": at}
    links: Mapping[str, str | None] = {
        "diagram_id": anchor.diagram_id, "cell_id": anchor.cell_id, "threat_id": anchor.threat_id,
    }  # fmt: skip
    data |= {name: value for name, value in links.items() if value}
    data["position"] = {"x": round(anchor.x, 2), "y": round(anchor.y, 2)}
    comment_id = new_id()
    return comment_id, (add("comment", comment_id, data),)


def reply(root: Comment, text: str, author: str, at: str) -> tuple[str, Patch]:
    """A reply; one to a resolved thread opens it again, for somebody has more to say."""
    comment_id = new_id()
    data = {"text": text, "author": author, "written_at": at, "reply_to": root.id}
    patch: Patch = (add("comment", comment_id, data),)
    return comment_id, (*patch, *(set_resolved(root, False) if root.resolved else ()))


def edit(comment: Comment, text: str, at: str) -> Patch:
    """Another text, marked as edited; nothing when it is the same."""
    if text == comment.text:
        return ()
    metadata = {**comment.metadata, EDITED_AT: at}
    return (RecordOperation("comment", comment.id, "update", {"text": text, "metadata": metadata}),)


def edited_at(comment: Comment) -> str:
    """When a comment was edited last; "" for one that never was."""
    return comment.metadata.get(EDITED_AT, "")


def set_resolved(root: Comment, resolved: bool) -> Patch:
    """Close a thread, or open it again."""
    return (RecordOperation("comment", root.id, "update", {"resolved": resolved}),)


def delete(comment: Comment) -> Patch:
    """Remove one comment. Its replies stay: the oldest takes its place."""
    return (remove("comment", comment.id),)


def move_to(root: Comment, x: float, y: float) -> Patch:
    """Put a pin at another place of its diagram."""
    place = {"x": round(x, 2), "y": round(y, 2)}
    return (RecordOperation("comment", root.id, "update", {"position": place}),)


def place_of(cell: Cell) -> Point:
    """The corner of a node at which its comments are pinned."""
    return Point(round(cell.position.x + cell.size.width, 2), cell.position.y)
