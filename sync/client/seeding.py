"""Bringing a whole model to a server: its own log, in parts that no server minds, and on after a break."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from typing import Final

from app.domain.patch import Event
from sync.client.api import ServerApi
from sync.client.errors import NotFound
from sync.client.shapes import LogKept

# A part is decoded and checked at one go: a server that serves others meanwhile gets small ones.
PART_BYTES: Final = 512 * 1024
PART_EVENTS: Final = 1000
ENVELOPE: Final = 220


async def seed(
    api: ServerApi, model_id: str, pages: AsyncIterable[Sequence[Event]], *,
    progress: Callable[[int], object] = lambda number: None,
) -> LogKept | None:  # fmt: skip
    """Send a model's log from its beginning; returns how far the server has it, None when it was empty.

    What an earlier attempt has brought is not sent again. `progress` is told the number of the last event
    that the server has. Conflict when the server has another log, or the model was edited there.
    """
    try:
        there = (await api.model(model_id)).version
    except NotFound:
        there = 0
    kept = None
    async for part in _parts(pages, there):
        kept = await api.put_log(model_id, part)
        progress(kept.sequence_number)
    return kept


async def _parts(pages: AsyncIterable[Sequence[Event]], there: int) -> AsyncIterator[list[Event]]:
    """Events from the server's last one, which it has to recognise, to the end; at least the last of all."""
    part: list[Event] = []
    size, last = 0, None
    async for page in pages:
        for event in page:
            last = event
            if event.sequence_number < there:
                continue
            length = len(event.body) + ENVELOPE
            if part and (size + length > PART_BYTES or len(part) >= PART_EVENTS):
                yield part
                part, size = [], 0
            part.append(event)
            size += length
    if part:
        yield part
    elif last is not None:
        yield [last]
