"""Which comments somebody has seen, kept on this machine and never in the model."""

from collections.abc import Callable, Iterable
from typing import Protocol

from app.domain.records import Comment
from app.domain.state import ModelState
from app.services.comments import same_person


class Memory(Protocol):
    """Where it is kept: the library."""

    def setting(self, key: str, default: str = "") -> str: ...
    def set_setting(self, key: str, value: str) -> None: ...


class Seen:
    """The comments of one model that one person has seen.

    Ids rather than a time: a comment written offline last week arrives today, and is unread today.
    """

    def __init__(self, memory: Memory, model_id: str, person: str) -> None:
        self._memory = memory
        self._person = person
        self._key = f"comments.seen.{model_id}.{person.casefold()}"
        self._ids = set(memory.setting(self._key).split())
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Be told when something has been seen."""
        self._listeners.append(listener)

    def is_unread(self, comment: Comment) -> bool:
        """Whether a comment is by somebody else and has not been seen."""
        return comment.id not in self._ids and not same_person(comment.author, self._person)

    def unread(self, state: ModelState) -> frozenset[str]:
        """The ids of all unread comments."""
        return frozenset(c.id for c in state.all(Comment) if self.is_unread(c))

    def mark(self, state: ModelState, comments: Iterable[Comment]) -> None:
        """Comments have been seen. What the model has long forgotten is forgotten here too."""
        fresh = {c.id for c in comments if self.is_unread(c)}
        if not fresh:
            return
        self._ids = {i for i in self._ids if i in state or i in state.tombstones} | fresh
        self._memory.set_setting(self._key, " ".join(sorted(self._ids)))
        for listener in tuple(self._listeners):
            listener()

    def mark_all(self, state: ModelState) -> None:
        """Every comment has been seen."""
        self.mark(state, state.all(Comment))
