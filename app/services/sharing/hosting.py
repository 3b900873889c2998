"""Hosting from this machine: a model's server is a child of this program, started, watched and stopped."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from app.domain.errors import LibraryError, TmiError
from app.ports_live import LinkStatus
from app.ports_network import NetworkError, OtherHistory, OwnServer, OwnServers
from app.services.document import Document
from app.services.sharing.shared import SharedModel
from app.services.sharing.sharing import Progress, Sharing
from app.services.sharing.watching import Watcher

MUTE_SECONDS: Final = 3.0
SEND_SECONDS: Final = 10.0
RESTARTS: Final = 5
FIRST_PAUSE: Final = 0.5
STEADY_SECONDS: Final = 60.0
MOST_LOG: Final = 2000
AGAIN: Final = "The server on this machine had ended, and runs again."


class HostedModel:
    """A model that this machine hosts, and what its server says."""

    def __init__(self, model_id: str) -> None:
        self.model_id = model_id
        self.log: deque[str] = deque(maxlen=MOST_LOG)
        self.server: OwnServer | None = None
        # The last one, and one that still lets go of the server before.
        self.watching: set[asyncio.Task[None]] = set()
        self.ending: asyncio.Task[None] | None = None
        self.stopping = False
        self.restarts = 0


class Hosts:
    """One for the program. `listen` to hear when anything about hosted models has changed."""

    def __init__(self, sharing: Sharing, servers: OwnServers) -> None:
        self.sharing = sharing
        self._servers = servers
        self._hosted: dict[str, HostedModel] = {}
        self._listeners: list[Callable[[], object]] = []

    def hosted(self, model_id: str) -> HostedModel | None:
        """A model that is hosted now."""
        return self._hosted.get(model_id)

    @property
    def all(self) -> tuple[HostedModel, ...]:
        """The models that are hosted now."""
        return tuple(self._hosted.values())

    def is_own(self, document: Document) -> bool:
        """Whether a document's server is one of this machine, running or not."""
        return document.attachment is not None and self._servers.is_own(document.attachment.server)

    def listen(self, changed: Callable[[], object]) -> Callable[[], None]:
        """Be told when hosting begins, ends, or something was logged. Returns the function that ends it."""
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed) if changed in self._listeners else None

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    # Beginning

    async def share(self, document: Document, progress: Progress) -> SharedModel:
        """Start a server for an open model, and bring the model to it."""
        if document.attachment is not None:
            raise LibraryError("the model is on a server already")
        one = self._hosted.setdefault(document.model_id, HostedModel(document.model_id))
        try:
            try:
                return await self._begin(one, document, progress)
            except OtherHistory:
                # What is left there is of another past of the model: it is kept, and goes on without it.
                await self._end_server(one)
                await asyncio.to_thread(self._servers.set_aside, document.model_id)
                one.stopping = False
                return await self._begin(one, document, progress)
        except BaseException:
            await self._end_server(one)
            self._hosted.pop(document.model_id, None)
            self._changed()
            raise

    async def _begin(self, one: HostedModel, document: Document, progress: Progress) -> SharedModel:
        server = await self._start(one, document.author)
        shared = await self.sharing.upload(document, server.account.key, progress)
        await server.let_guests_in()
        return shared

    async def _start(self, one: HostedModel, name: str) -> OwnServer:
        server = await self._servers.start(one.model_id, name, lambda lines: self._logged(one, lines))
        one.server = server
        task = asyncio.get_running_loop().create_task(self._watch(one, server, name))
        one.watching.add(task)
        task.add_done_callback(one.watching.discard)
        self._changed()
        return server

    def _logged(self, one: HostedModel, lines: Sequence[str]) -> None:
        one.log.extend(lines)
        self._changed()

    async def resume(self, document: Document) -> None:
        """Host a model again that was hosted when this program ended; guests find it by their old links."""
        if not self.is_own(document) or document.model_id in self._hosted:
            return
        one = self._hosted[document.model_id] = HostedModel(document.model_id)
        try:
            server = await self._start(one, document.author)
        except TmiError as error:
            self._hosted.pop(document.model_id, None)
            self._tell(document.model_id, LinkStatus("stopped", str(error)))
            self._changed()
            raise
        await self._follow(one, server)

    async def _follow(self, one: HostedModel, server: OwnServer) -> None:
        await server.let_guests_in()
        shared = self.sharing.shared(one.model_id)
        if shared is not None:
            shared.renew()
            if server.moved:
                shared.notice("moved", "The server listens at another port: make new invite links.")

    def _tell(self, model_id: str, status: LinkStatus) -> None:
        shared = self.sharing.shared(model_id)
        if shared is not None:
            shared.status(status)

    # Watching

    async def _watch(self, one: HostedModel, server: OwnServer, name: str) -> None:
        """A server that ends by itself is started again, some times."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        why = await server.wait()
        if loop.time() - began >= STEADY_SECONDS:
            one.restarts = 0
        while one.restarts < RESTARTS:
            if one.stopping:
                return
            await asyncio.sleep(FIRST_PAUSE * 2**one.restarts)
            one.restarts += 1
            with contextlib.suppress(NetworkError):
                again = await self._start(one, name)
                shared = self.sharing.shared(one.model_id)
                if shared is not None:
                    shared.notice("restarted", f"{AGAIN} ({why})" if why else AGAIN)
                await self._follow(one, again)
                await server.release()
                return
        one.server = None
        self._tell(one.model_id, LinkStatus("stopped", why or "the server on this machine has ended"))
        self._changed()

    # Ending

    async def stop(self, model_id: str) -> None:
        """Stop hosting: everybody is told, and the model with all edits is this library's again."""
        one = self._hosted.get(model_id)
        if one is None:
            return
        if one.ending is None:
            one.ending = asyncio.get_running_loop().create_task(self._stop(one))
        await asyncio.shield(one.ending)

    async def stop_all(self) -> None:
        """Stop hosting whatever is hosted."""
        await asyncio.gather(*(self.stop(one.model_id) for one in self.all))

    async def _stop(self, one: HostedModel) -> None:
        model_id = one.model_id
        shared = self.sharing.shared(model_id)
        if shared is not None and shared.is_live:
            await self._last_edits(shared)
        await self._end_server(one)
        self._hosted.pop(model_id, None)
        await self.sharing.bring_home(model_id)
        self._changed()

    async def _last_edits(self, shared: SharedModel) -> None:
        """Others edit no more, and what they have done until now is here."""
        muted = asyncio.Event()

        class Waits(Watcher):
            def company(self, company: object) -> None:
                if shared.company_now.muted:
                    muted.set()

        end = shared.listen(Waits())
        try:
            if shared.session is not None:
                shared.session.mute(True)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(MUTE_SECONDS):
                    await muted.wait()
            with contextlib.suppress(TimeoutError, NetworkError):
                async with asyncio.timeout(SEND_SECONDS):
                    await shared.sent()
                    await shared.caught_up(await (await shared.gateway()).version(shared.document.model_id))
        finally:
            end()

    async def _end_server(self, one: HostedModel) -> None:
        one.stopping = True
        server, one.server = one.server, None
        if server is not None:
            await server.stop()
        if one.watching:
            await asyncio.wait(one.watching, timeout=SEND_SECONDS)
        for task in tuple(one.watching):
            task.cancel()

    async def close(self) -> None:
        """The program ends: servers end, and are started again when their models are opened again."""
        await asyncio.gather(*(self._end_server(one) for one in self.all))
        self._hosted.clear()
