"""What others may know of a live session: kept in the store and told to the other processes, in order.

Keeping the books never holds up the session; what cannot be written is logged and passed over.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from app.domain.errors import TmiError
from sync.server.context import Services
from sync.server.ports import LiveSession

TTL: Final = 24 * 3600.0
MOST: Final = 100_000
log = logging.getLogger(__name__)
Entry = Callable[[], Awaitable[object]]


class Register:
    """A queue of entries, written one after another by one task."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._entries: asyncio.Queue[Entry] = asyncio.Queue(MOST)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.get_running_loop().create_task(self._write())

    async def stop(self) -> None:
        """Write what is waiting, and end."""
        await self._entries.join()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _write(self) -> None:
        while True:
            entry = await self._entries.get()
            try:
                await entry()
            except TmiError as error:
                log.warning("a session's entry could not be written: %s", error)
            finally:
                self._entries.task_done()

    def _put(self, entry: Entry) -> None:
        try:
            self._entries.put_nowait(entry)
        except asyncio.QueueFull:
            log.warning("a session's entry was passed over: too many wait")

    def came(self, session_id: str, model_id: str, user_id: str, connection_id: str) -> None:
        """Somebody connected."""
        services, sessions = self._services, self._services.stores.sessions

        async def entry() -> None:
            await services.coordination.connections.add(model_id, user_id, connection_id)
            await services.blocking(sessions.join, session_id, user_id, services.clock())

        self._put(entry)

    def went(
        self, session_id: str, model_id: str, user_id: str, connection_id: str, *, for_good: bool
    ) -> None:
        """A connection is gone; `for_good` when it was the user's last one."""
        services, sessions = self._services, self._services.stores.sessions

        async def entry() -> None:
            await services.coordination.connections.remove(model_id, user_id, connection_id)
            if for_good:
                await services.blocking(sessions.leave, session_id, user_id, services.clock())

        self._put(entry)

    def stage(self, session: LiveSession, presenter: str, *, host_changed: bool) -> None:
        """Who is there, who hosts and who presents, as user ids."""
        services, sessions = self._services, self._services.stores.sessions

        async def entry() -> None:
            await services.coordination.sessions.put(session, TTL)
            await services.coordination.presenters.set(session.model_id, presenter)
            if host_changed and session.host:
                # As long as somebody is there it does not run out by itself.
                await services.blocking(
                    sessions.change, session.session_id, host=session.host, expires_at=0.0
                )

        self._put(entry)

    def ended(self, session_id: str, model_id: str) -> None:
        """The session is over."""
        services, sessions = self._services, self._services.stores.sessions

        async def entry() -> None:
            await services.coordination.sessions.drop(session_id)
            await services.coordination.presenters.set(model_id, "")
            await services.blocking(sessions.end, session_id, services.clock())

        self._put(entry)
