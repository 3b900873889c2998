"""Telling others what one does: the latest of each sort, at a pace, and never behind a slow network."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from app.domain.presence import Company, Sight, TypingOf, ViewportOf
from sync.client.sights import is_blank, message_of, sight_of
from sync.protocol import messages as m

A_SECOND: Final = 30


class Showing:
    """What is to be told. `run` it as a task; orders to the server go first, each of them, in order."""

    def __init__(
        self, say: Callable[[m.ClientMessage], Awaitable[None]], is_busy: Callable[[], bool],
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        """`is_busy`: whether what is said now would wait behind something else."""
        self._say = say
        self._is_busy = is_busy
        self._pause = pause
        self._orders: deque[m.ClientMessage] = deque()
        self._latest: dict[type[Sight], Sight] = {}
        self._told: dict[type[Sight], m.PresenceMessage] = {}
        self._again: set[type[Sight]] = set()
        self._company = Company()
        self._wake = asyncio.Event()

    def show(self, sight: Sight) -> None:
        """What one does now; it replaces what was not told yet of the same sort."""
        self._latest[type(sight)] = sight
        self._wake.set()

    def order(self, message: m.ClientMessage) -> None:
        """Something for the server to do; it goes out whatever else does."""
        self._orders.append(message)
        self._wake.set()

    def meet(self, company: Company) -> bool:
        """Who is there; whether that is news. Whoever is new there has not been told anything yet."""
        before, self._company = self._company, company
        known = {one.participant_id for one in before.people if not one.away}
        if not company.people:
            self._orders.clear()
            self._told.clear()
        elif company.i_present != before.i_present or not _present(company) <= known:
            self._again = set(self._latest)
            self._wake.set()
        return company != before

    async def run(self) -> None:
        """Tell, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._orders:
                await self._say(self._orders.popleft())
            if self._due():
                await self._tell()
                await self._pause(1 / A_SECOND)

    async def _tell(self) -> None:
        for kind in self._due():
            if self._is_busy():
                # Until then there may be later news of it.
                self._wake.set()
                return
            message = self._message(self._latest[kind])
            self._again.discard(kind)
            self._told[kind] = message
            await self._say(message)

    def _due(self) -> list[type[Sight]]:
        """The sorts of which others do not know the latest."""
        if not _present(self._company) - {self._company.me}:
            return []
        return [kind for kind, sight in self._latest.items() if self._is_due(kind, sight)]

    def _is_due(self, kind: type[Sight], sight: Sight) -> bool:
        mine = self._company.person(self._company.me)
        if isinstance(sight, ViewportOf) and not self._company.i_present:
            return False
        if isinstance(sight, TypingOf) and (mine is None or mine.role == "reader"):
            return False
        told = self._told.get(kind)
        if is_blank(sight):
            return told is not None and not is_blank(sight_of(told))
        return kind in self._again or told != self._message(sight)

    def _message(self, sight: Sight) -> m.PresenceMessage:
        return message_of(sight, presenting=self._company.i_present)


def _present(company: Company) -> set[str]:
    return {one.participant_id for one in company.people if not one.away}
