"""One open model that a server orders: followed for as long as its document is open."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from app.domain.changes import ChangeSet
from app.domain.conflicts import Conflict
from app.domain.errors import LibraryError
from app.domain.patch import Operation
from app.domain.presence import Company, Sight
from app.ports import Attachment, Library
from app.ports_live import Applied, LinkStatus, News, Session
from app.ports_network import Gateway, Network, NetworkError, NotTrusted, SignInRequired
from app.services.document import Document
from app.services.history import DocumentHistory
from app.services.sharing.names import Names
from app.services.sharing.watching import Watcher, Watchers

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
NOTE_SECONDS: Final = 60.0
# How long closing a window may wait for what is on its way.
GRACE: Final = 2.0
MUTED: Final = "the host takes nobody’s edits just now"
TELLING_SECONDS: Final = 0.05
UNFORESEEN: Final = "something went wrong here; the program's log has the details"
log = logging.getLogger(__name__)


class SharedModel:
    """Follows a document's model on its server, and knows who is there. One per open document."""

    def __init__(self, document: Document, library: Library, network: Network, names: Names) -> None:
        self.document = document
        self.names = names
        self.status_now = LinkStatus("connecting")
        self.company_now = Company()
        self._library = library
        self._network = network
        self._session: Session | None = None
        self._watchers = Watchers()
        self._task: asyncio.Task[None] | None = None
        self._others: set[asyncio.Task[None]] = set()
        self._wanted = asyncio.Event()
        self._stopping = False
        self._way = 0  # which one: another counts from the next attempt on
        self._loop: asyncio.AbstractEventLoop | None = None
        self._telling: asyncio.TimerHandle | None = None
        self._gateway: Gateway | None = None

    @property
    def account_key(self) -> str:
        """The account through which the model is followed."""
        attachment = self.document.attachment
        return attachment.server if attachment is not None else ""

    @property
    def waiting_count(self) -> int:
        """How many own operations the server has not ordered yet."""
        return len(self.document.replica.pending) if self.document.replica is not None else 0

    @property
    def seen_at(self) -> str:
        """When the server was last followed, ISO 8601 UTC; empty when never."""
        return self.document.attachment.seen_at if self.document.attachment is not None else ""

    @property
    def is_live(self) -> bool:
        """Whether what one does reaches the others now."""
        return self.status_now.state == "live"

    def listen(self, watcher: Watcher) -> Callable[[], None]:
        """Tell a watcher of everything from now on. Returns the function that ends it."""
        return self._watchers.add(watcher)

    async def gateway(self) -> Gateway:
        """What the account can do on the server."""
        return await self._network.gateway(self.account_key)

    # Following

    def start(self, after: "asyncio.Task[None] | None" = None) -> None:
        """Begin to follow, once whoever followed the same document before has ended."""
        if self._task is None:
            self._loop = asyncio.get_running_loop()
            self._task = self._loop.create_task(self._run(after))

    async def stop(self, *, patience: float = GRACE) -> None:
        """Follow no longer. What is on its way may still go; what waits stays in the outbox."""
        if self.is_live and self.waiting_count:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self.sent()
        self._stopping = True
        self._wanted.set()
        if self._session is not None:
            await self._session.stop()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=patience)
            self._task.cancel()
        if self._others:
            await asyncio.wait(self._others, timeout=patience)
        # Whoever opens the model next finds on the disk what is known of it now.
        with contextlib.suppress(LibraryError):
            await asyncio.to_thread(self._library.flush)

    async def sent(self) -> None:
        """Return once the server has everything; waits for ever when it cannot be reached."""
        await self._until(lambda: not self.waiting_count)

    async def caught_up(self, sequence_number: int) -> None:
        """Return once an event of the server is here."""
        await self._until(lambda: self.document.sequence_number >= sequence_number)

    async def _until(self, condition: Callable[[], bool]) -> None:
        done = asyncio.Event()

        class Waits(Watcher):
            def waiting(self) -> None:
                done.set()

        stop = self.listen(Waits())
        try:
            while not condition():
                done.clear()
                await done.wait()
        finally:
            stop()

    def renew(self) -> None:
        """The way to the server is another one now: follow over that one."""
        self._way += 1
        self._wanted.set()
        if self._session is not None:
            self._later(self._session.stop())

    def retry(self) -> None:
        """Connect now rather than later."""
        self._wanted.set()
        if self._session is not None:
            self._session.retry()

    def kept(self, operation_id: str) -> None:
        """An own operation is on the disk."""
        if self._session is not None:
            self._session.kept(operation_id)

    async def _run(self, after: "asyncio.Task[None] | None") -> None:
        if after is not None:
            await asyncio.wait([after])
        failures = 0
        notes = asyncio.get_running_loop().create_task(self._note_regularly())
        try:
            while not self._stopping:
                self._wanted.clear()
                pause: float | None = None
                try:
                    way = self._way
                    await self._follow(await self._network.gateway(self.account_key), way)
                    failures = 0
                except (SignInRequired, NotTrusted) as error:
                    self.status(LinkStatus("stopped", str(error)))
                except (NetworkError, LibraryError) as error:
                    failures += 1
                    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 1.5 ** min(failures, 20))
                    self.status(LinkStatus("waiting", str(error)))
                except Exception:
                    log.exception("following a model has failed")
                    self.status(LinkStatus("stopped", UNFORESEEN))
                if not self._stopping:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(pause):
                            await self._wanted.wait()
        finally:
            notes.cancel()

    async def _follow(self, gateway: Gateway, way: int) -> None:
        """Until it is stopped, or nothing gets better by itself."""
        replica = self.document.replica
        if replica is None:
            return
        # A session takes what waits at its beginning for stored.
        await asyncio.to_thread(self._library.flush)
        if way != self._way:
            return  # it leads elsewhere by now
        self._gateway = gateway
        history = DocumentHistory(self._library, self.document, self._set_back)
        session = gateway.session(self.document.model_id, replica, self, self, history, self._away())
        self._session = session
        try:
            if not self._stopping:
                await session.run()
        finally:
            self._session = None
            self.company(Company())

    def _set_back(self, line: str) -> None:
        self.notice("set_back", line)

    def _away(self) -> float:
        """Seconds since the server was last followed; none when it never was, since then all is fresh."""
        if not self.seen_at:
            return 0.0
        return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(self.seen_at)).total_seconds())

    def _ask_names(self, authors: Collection[str] = ()) -> None:
        """Learn who has written in the model: the server looks through the whole log for it, so rarely."""
        gateway, model_id = self._gateway, self.document.model_id
        if gateway is not None and self.names.lacks(model_id, authors):
            self._later(self._learn_names(gateway, model_id, authors))

    async def _learn_names(self, gateway: Gateway, model_id: str, authors: Collection[str]) -> None:
        try:
            self.names.learn(await gateway.people(model_id))
        except NetworkError:
            self.names.ask_again(model_id, authors)

    # Follower

    def news(self, news: News) -> None:
        """The server has said something about the model."""
        self.document.news(news)
        through = set(news.through)
        changed: dict[str, dict[str, None]] = {}
        for one in news.applied:
            operation = one.event.operation
            if operation.operation_id not in through:
                ids = (change.id for change in one.changes.changes)
                changed.setdefault(operation.author, {}).update(dict.fromkeys(ids))
        for author, found in changed.items():
            for watcher in self._watchers:
                watcher.changed(list(found), author)
        if self.is_live:
            self._ask_names(changed)
        self.tell_waiting()

    def reviewed(self, changes: ChangeSet, conflicts: Sequence[Conflict], missed: Sequence[Applied]) -> None:
        """What became of own work after a long absence."""
        self.document.reviewed(changes, conflicts, missed)
        self.tell_waiting()

    # Audience

    def status(self, status: LinkStatus) -> None:
        """The connection is in another state."""
        if status == self.status_now:
            return
        was, self.status_now = self.status_now, status
        if "live" in (was.state, status.state):
            self._note()
        for watcher in self._watchers:
            watcher.status(status)
        if status.state == "live":
            self._ask_names()

    def company(self, company: Company) -> None:
        """Who is there has changed."""
        self.company_now = company
        self.names.learn({one.user_id: one.name for one in company.people})
        held = MUTED if company.i_am_muted else ""
        if held != self.document.held:
            self.document.held = held
            for watcher in self._watchers:
                watcher.rights()
        me = company.person(company.me)
        attachment = self.document.attachment
        if me is not None and attachment is not None and me.role != attachment.role:
            self._attach(msgspec.structs.replace(attachment, role=me.role))
            for watcher in self._watchers:
                watcher.rights()
        for watcher in self._watchers:
            watcher.company(company)

    def sights(self, sights: Sequence[Sight]) -> None:
        """What others do."""
        for watcher in self._watchers:
            watcher.sights(sights)

    def refused(self, operation: Operation, reason: str) -> None:
        """An own edit was refused."""
        for watcher in self._watchers:
            watcher.refused(operation, reason)

    def notice(self, code: str, text: str) -> None:
        """Something that people should be told."""
        for watcher in self._watchers:
            watcher.notice(code, text)

    # What one does oneself

    def tell_waiting(self) -> None:
        """More or less waits now: told at once, and of many in a row only now and then."""
        if self._telling is not None:
            return
        self._tell_waiting()
        if self._loop is not None and self._loop.is_running():
            self._telling = self._loop.call_later(TELLING_SECONDS, self._told)

    def _told(self) -> None:
        self._telling = None
        self._tell_waiting()

    def _tell_waiting(self) -> None:
        for watcher in self._watchers:
            watcher.waiting()

    @property
    def session(self) -> Session | None:
        """The session, for what one does in it; None while there is none."""
        return self._session if self.is_live else None

    # Notes on the disk

    def _note(self) -> None:
        """Note up to when the server was followed, so that a long absence is known as one."""
        attachment, replica = self.document.attachment, self.document.replica
        if attachment is not None and replica is not None:
            at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            self._attach(msgspec.structs.replace(attachment, seen_at=at, epoch=replica.epoch))

    def _attach(self, attachment: Attachment) -> None:
        self.document.attachment = attachment
        self._library.note_attachment(self.document.model_id, attachment)

    async def _note_regularly(self) -> None:
        while True:
            await asyncio.sleep(NOTE_SECONDS)
            if self.is_live:
                self._note()

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._others.add(task)
        task.add_done_callback(self._others.discard)
