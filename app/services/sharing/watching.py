"""Who is told what happens to a shared model: `app.ports_live.Audience` and what the service adds."""

from collections.abc import Callable, Collection, Iterator, Sequence

from app.domain.patch import Operation
from app.domain.presence import Company, Sight
from app.ports_live import LinkStatus


class Watcher:
    """Hears what it overrides; on the loop, and never waits."""

    def status(self, status: LinkStatus) -> None:
        """The connection is in another state."""

    def company(self, company: Company) -> None:
        """Who is there, who presents, or who asks to, has changed."""

    def sights(self, sights: Sequence[Sight]) -> None:
        """What others do now."""

    def refused(self, operation: Operation, reason: str) -> None:
        """An own edit was refused, and has been taken back."""

    def notice(self, code: str, text: str) -> None:
        """Something that people should be told."""

    def changed(self, record_ids: Collection[str], user_id: str) -> None:
        """Somebody else has changed these; the document has told what."""

    def waiting(self) -> None:
        """More or less may be waiting for the server."""

    def rights(self) -> None:
        """What one may do in the model has changed."""


class Watchers:
    """Several of them, told one after the other."""

    def __init__(self) -> None:
        self._all: list[Watcher] = []

    def add(self, watcher: Watcher) -> Callable[[], None]:
        """One more. Returns the function that ends it."""
        self._all.append(watcher)
        return lambda: self._all.remove(watcher) if watcher in self._all else None

    def __iter__(self) -> Iterator[Watcher]:
        return iter(tuple(self._all))
