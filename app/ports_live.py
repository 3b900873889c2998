"""What sharing a model live needs of the rooms outside: plain values and the shapes of what sync provides."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

import msgspec

from app.domain.changes import ChangeSet, Dropped
from app.domain.conflicts import Conflict
from app.domain.errors import TmiError
from app.domain.patch import Event, Operation
from app.domain.presence import Company, Sight
from app.domain.state import ModelState
from app.ports import LostEvent


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


class BegunAgain(msgspec.Struct, frozen=True, kw_only=True):
    """How things stand after a server was set back: the same for memory, disk and the user.

    `common` is the last event that both have, `applied` the server's log from there; `pending` is what is
    sent now, `conflicts` what has to be decided, `lost` what the server does not have any more.
    """

    epoch: str
    common: int
    applied: tuple[Applied, ...]
    pending: tuple[Operation, ...]
    conflicts: tuple[Conflict, ...]
    lost: tuple[LostEvent, ...]

    @property
    def sequence_number(self) -> int:
        """The server's last event."""
        return self.common + len(self.applied)

    @property
    def line(self) -> str:
        """What happened, for the user; empty when nothing is lost."""
        if not self.lost:
            return ""
        own = {one.event.operation.operation_id for one in self.lost if one.own}
        again = sum(one.operation_id in own for one in self.pending)
        others = len(self.lost) - len(own)
        told = [
            f"{_changes(again)} of yours {'is' if again == 1 else 'are'} sent again" if again else "",
            f"{len(self.conflicts)} to be decided" if self.conflicts else "",
            f"{_changes(others)} of others {'is' if others == 1 else 'are'} gone there" if others else "",
        ]
        what = ", ".join(filter(None, told)) or "nothing is missing"
        return f"The server was set back to an earlier state: {what}."


class History(Protocol):
    """The log of a model on this machine, for the day that the server's is another one."""

    def log(self, after: int, limit: int) -> Sequence[Event]:
        """Events after a number, all that were taken in being among them; may wait for the disk."""

    def state_at(self, sequence_number: int) -> ModelState:
        """The model after an event; may take a while."""

    def is_mine(self, operation: Operation) -> bool:
        """Whether an operation of the log is this user's."""

    def met(self, epoch: str) -> None:
        """The server's history goes by this name."""

    def begun_again(self, changes: ChangeSet, found: BegunAgain) -> None:
        """The server's log is the one that counts from now on; what that did to the view."""


class Replica(Protocol):
    """A copy of a model that a server orders, `sync.replica.Replica`."""

    view: ModelState
    epoch: str

    @property
    def base(self) -> ModelState:
        """The server's state at `sequence_number`. Do not change."""

    @property
    def sequence_number(self) -> int:
        """The last event of the server that is known."""

    @property
    def head_hash(self) -> bytes:
        """Its hash."""

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


def _changes(number: int) -> str:
    return "1 change" if number == 1 else f"{number} changes"


class Follower(Protocol):
    """Who is told what a connection brings; on the loop, and never waits."""

    def news(self, news: News) -> None:
        """The server has said something about the model."""

    def reviewed(self, changes: ChangeSet, conflicts: Sequence[Conflict], missed: Sequence[Applied]) -> None:
        """After a long absence: what that did to the view, what has to be decided, what came meanwhile."""


LinkState: TypeAlias = Literal["connecting", "live", "waiting", "stopped"]


class LinkStatus(msgspec.Struct, frozen=True):
    """How the connection to a model's server is; `text` says why it is not live."""

    state: LinkState
    text: str = ""


class Audience(Protocol):
    """Who hears of people, of the connection, and of refusals; on the loop, and never waits."""

    def status(self, status: LinkStatus) -> None:
        """The connection is in another state."""

    def company(self, company: Company) -> None:
        """Who is there, who presents, or who asks to, has changed; empty when the connection is gone."""

    def sights(self, sights: Sequence[Sight]) -> None:
        """What others do: where they point, what they select, see and type; the latest word of each."""

    def refused(self, operation: Operation, reason: str) -> None:
        """An own edit was refused, and has been taken back."""

    def notice(self, code: str, text: str) -> None:
        """Something that people should be told in one line; `code` tells programs what it is about."""


class Session(Protocol):
    """A model followed on its server, with the people who are there. `run` it as a task."""

    async def run(self) -> None:
        """Follow until stopped, or until nothing gets better by itself."""

    async def stop(self) -> None:
        """End following; what waits stays in the outbox."""

    def kept(self, operation_id: str) -> None:
        """An own operation is on the disk."""

    def retry(self) -> None:
        """Connect now rather than later."""

    def show(self, sight: Sight) -> None:
        """Tell others what one does; the latest of each sort counts, and none waits for a slow network."""

    def ask_to_present(self) -> None:
        """Ask the host; who hosts presents at once."""

    def let_present(self, participant_id: str) -> None:
        """As the host, grant a request; as host or presenter, hand over to somebody who did not ask."""

    def deny(self, participant_id: str) -> None:
        """As the host, turn a request down; anybody may take back their own."""

    def take_back(self) -> None:
        """As the host, present oneself again."""

    def stop_presenting(self) -> None:
        """As the presenter, have nobody present any more."""

    def remove(self, participant_id: str, reason: str = "") -> None:
        """As the host, send somebody out."""

    def mute(self, muted: bool) -> None:
        """As the host, take nobody's edits but one's own and the presenter's, or everybody's again."""
