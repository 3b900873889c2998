"""A server whose history is not the one that is known: where the two part, and going on from there."""

import asyncio
from collections.abc import Callable
from typing import Final

from app.domain.patch import GENESIS, Event, Operation
from app.ports_live import BegunAgain, History
from sync.client.api import ServerApi
from sync.client.errors import ServerFault
from sync.replica import Diverged, Replica
from sync.replica.set_back import Parting, begin_again, part

FIRST_STEP: Final = 64
FURTHER: Final = 8


async def parting_of(
    api: ServerApi, model_id: str, replica: Replica, history: History, is_mine: Callable[[Operation], bool]
) -> Parting | None:
    """Where the server's history and the one that is known part; None when the server only goes on with it.

    ServerError when the server does not answer, LibraryError when the log here cannot be read.
    """
    here = replica.sequence_number
    there = (await api.model(model_id)).version
    step = FIRST_STEP
    while True:
        after = max(0, min(here, there) - step)
        new = [event async for page in api.log(model_id, after) for event in page]
        old = await asyncio.to_thread(_known, history, after)
        if not after or _root(new) == _root(old):
            break
        step *= FURTHER
    shared = _shared(old, new)
    common = after + shared
    if common == here:
        return None
    was = await asyncio.to_thread(history.state_at, common)
    try:
        return await asyncio.to_thread(part, was, common, old[shared:], new[shared:], is_mine)
    except Diverged as error:
        raise ServerFault(f"the server's log cannot be trusted: {error}") from None


def go_on(replica: Replica, history: History, parting: Parting, epoch: str) -> BegunAgain:
    """Follow the server's history from now on, with what waits just now; tells the user's side of it."""
    found = begin_again(parting, replica.pending, epoch)
    changes = replica.begin_again(
        parting.base, found.sequence_number, parting.head_hash, epoch, found.pending
    )
    history.begun_again(changes, found)
    return found


def _known(history: History, after: int) -> list[Event]:
    found: list[Event] = []
    while page := history.log(after + len(found), 1000):
        found += page
    return found


def _root(events: list[Event]) -> bytes:
    return events[0].previous_hash if events else GENESIS


def _shared(old: list[Event], new: list[Event]) -> int:
    """How many events both begin with."""
    for number, (one, other) in enumerate(zip(old, new, strict=False)):
        if one.hash != other.hash:
            return number
    return min(len(old), len(new))
