"""People in a session, each with a document of their own and no window: they keep what they are told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from app import ports_live
from app.domain.changes import ChangeSet
from app.domain.conflicts import Conflict
from app.domain.patch import Operation
from app.domain.presence import Company, Person, Sight
from app.ports import Attachment
from app.ports_live import Applied, LinkStatus, News
from app.services.attaching import take_over
from app.services.document import Document
from app.services.workspace import Workspace
from app.wiring.desktop import replica_of
from storage import open_library
from sync.client.api import ServerApi
from sync.client.session import Session
from sync.replica import Replica
from tests.sync.server.live.hands import Place

SOON = 30.0
S = TypeVar("S", bound=Sight)


class Somebody:
    """A document, its session, and all that was told; an `Audience` and a `Follower`."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.session: ports_live.Session
        self.happened = asyncio.Event()
        self.statuses: list[LinkStatus] = []
        self.companies: list[Company] = [Company()]
        self.seen: list[Sight] = []
        self.refusals: list[str] = []
        self.saved: set[str] = set()
        self.notices: list[tuple[str, str]] = []

    # Audience

    def status(self, status: LinkStatus) -> None:
        self.statuses.append(status)
        self.happened.set()

    def company(self, company: Company) -> None:
        self.companies.append(company)
        self.happened.set()

    def sights(self, sights: Sequence[Sight]) -> None:
        self.seen += sights
        self.happened.set()

    def refused(self, operation: Operation, reason: str) -> None:
        self.refusals.append(reason)
        self.happened.set()

    def notice(self, code: str, text: str) -> None:
        self.notices.append((code, text))
        self.happened.set()

    def kept(self, operation_id: str) -> None:
        """An edit is on the disk."""
        self.session.kept(operation_id)
        self.saved.add(operation_id)
        self.happened.set()

    # Follower

    def news(self, news: News) -> None:
        self.document.news(news)
        self.happened.set()

    def reviewed(self, changes: ChangeSet, conflicts: Sequence[Conflict], missed: Sequence[Applied]) -> None:
        self.document.reviewed(changes, conflicts, missed)
        self.happened.set()

    # What is asked of it

    @property
    def around(self) -> Company:
        """Who is there now."""
        return self.companies[-1]

    @property
    def is_live(self) -> bool:
        """Whether it follows."""
        return bool(self.statuses) and self.statuses[-1].state == "live"

    def told(self, code: str) -> list[str]:
        """The notices of a code."""
        return [text for one, text in self.notices if one == code]

    def saw(self, kind: type[S]) -> list[S]:
        """What was seen of a sort."""
        return [one for one in self.seen if isinstance(one, kind)]

    def of(self, name: str) -> Person:
        """Somebody by name, as this one knows them."""
        return next(one for one in self.around.people if one.name == name)

    def label(self, cell_id: str) -> str:
        """What is written on a cell."""
        found = self.document.state.cell(cell_id)
        return found.label if found is not None else "-"

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something holds, looking again whenever anything happens."""
        async with asyncio.timeout(SOON):
            while not condition():
                self.happened.clear()
                await self.happened.wait()

    async def quiet(self) -> None:
        """Wait until the server has everything."""
        await self.until(lambda: not self.document.replica or not self.document.replica.pending)


@asynccontextmanager
async def somebody(
    api: ServerApi, place: Place, file: Path, *, away_seconds: float = 0.0, live: bool = True
) -> AsyncIterator[Somebody]:
    """Somebody who follows; their library is kept for another day."""
    library = open_library(file)
    if not library.summaries():
        events = [event async for page in api.log(place.model_id) for event in page]
        take_over(library, place.model_id, events, Attachment(server=place.server.url, epoch=""))
    document = Workspace(library, "somebody", replicas=replica_of).open(place.model_id)
    assert isinstance(document.replica, Replica)
    one = Somebody(document)
    session = Session(api, place.model_id, document.replica, one, one, away_seconds=away_seconds)
    one.session = session
    loop = asyncio.get_running_loop()

    def kept(_model: str, operation_id: str) -> None:
        loop.call_soon_threadsafe(one.kept, operation_id)

    stop_listening = library.listen_outbox(kept)
    task = loop.create_task(session.run())
    try:
        if live:
            await one.until(lambda: one.is_live)
        yield one
    finally:
        await session.stop()
        await task
        stop_listening()
        library.close()
