"""What sharing a model live needs of the rooms outside: plain values and the shapes of what sync provides."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from app.domain.changes import ChangeSet, Dropped
from app.domain.conflicts import Conflict
from app.domain.errors import TmiError
from app.domain.patch import Event, Operation
from app.domain.state import ModelState


class Applied(msgspec.Struct, frozen=True):
    """An event of the server, what it did to the server's state, and the last writers after it."""

    event: Event
    changes: ChangeSet
    writers: Mapping[str, Mapping[str, str]]


class News(msgspec.Struct, frozen=True):
    """What came of something that the server said: to the view, to the log, to own operations.

    `through` are own operations that wait no longer; `dropped` parts of them that had no place any more;
    `trouble` is why the rest of what came was not taken in.
    """

    changes: ChangeSet = ChangeSet()
    applied: tuple[Applied, ...] = ()
    through: tuple[str, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    trouble: TmiError | None = None

    @property
    def events(self) -> tuple[Event, ...]:
        """The events that were taken in."""
        return tuple(one.event for one in self.applied)


class Replica(Protocol):
    """A copy of a model that a server orders, `sync.replica.Replica`."""

    view: ModelState

    @property
    def sequence_number(self) -> int:
        """The last event of the server that is known."""

    @property
    def pending(self) -> tuple[Operation, ...]:
        """Own operations that the server has not ordered yet, in order."""

    def propose(self, operation: Operation, changes: ChangeSet) -> None:
        """Take in an own operation that was staged on the view and committed to it."""

    def to_send(self, saved: Collection[str]) -> list[Operation]:
        """The operations to send now, of those that are on disk."""

    def withdraw(self, operation_ids: Iterable[str]) -> News:
        """Take own operations back that shall not be sent after all."""

    def substitute(self, pending: Sequence[Operation]) -> ChangeSet:
        """Have other operations wait instead."""


class Follower(Protocol):
    """Who is told what a connection brings; on the loop, and never waits."""

    def news(self, news: News) -> None:
        """The server has said something about the model."""

    def reviewed(self, changes: ChangeSet, conflicts: Sequence[Conflict], missed: Sequence[Applied]) -> None:
        """After a long absence: what that did to the view, what has to be decided, what came meanwhile."""
