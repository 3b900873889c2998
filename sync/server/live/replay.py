"""Resumption: what a client has missed, from memory at once, from the log in steps that wait for it."""

import asyncio
from collections.abc import Iterable
from typing import Final

from app.domain.errors import LibraryError
from sync.protocol import messages as m
from sync.room import FromLog, FromMemory, PlacedEvent, WrittenEvent
from sync.server.live.connection import Connection
from sync.server.live.fan_out import FanOut
from sync.server.rooms import RoomHost

# Events a step, more while they are small, and bytes that a step may hold, or may wait for the client.
FIRST_STEP: Final = 16
LARGEST_STEP: Final = 512
STEP_BYTES: Final = 1_000_000


async def resume(
    model_id: str, rooms: RoomHost, fan_out: FanOut, connection: Connection, asked: m.Resume
) -> None:
    """Bring a connection from where it stands to the live events.

    When the log has to be read, a task of the connection goes on with it.
    """
    connection.stop_replay()
    connection.following = False
    connection.outbox.resumed()
    found = await _step(model_id, rooms, fan_out, connection, asked.epoch, asked.after)
    if isinstance(found, FromLog):
        work = _from_log(model_id, rooms, fan_out, connection, asked.epoch, asked.after)
        connection.replay = asyncio.get_running_loop().create_task(work)


async def _step(
    model_id: str, rooms: RoomHost, fan_out: FanOut, connection: Connection, epoch: str, after: int
) -> FromMemory | FromLog | m.StateTooOld:
    """What is to be replayed now; from memory it is, and the connection follows from then on."""
    room = await rooms.room(model_id)
    # From here to the end nothing is awaited: no event may come twice or fall between.
    fan_out.flush()
    found = room.resume(epoch, after)
    if isinstance(found, m.StateTooOld):
        fan_out.put(connection, fan_out.spelled(found))
        connection.wake()
    elif isinstance(found, FromMemory):
        _put(fan_out, connection, found.events)
        fan_out.put(connection, fan_out.spelled(m.Resumed(sequence_number=room.sequence_number)))
        connection.following = not connection.outbox.needs_resume
        connection.wake()
    return found


def _put(fan_out: FanOut, connection: Connection, events: Iterable[PlacedEvent | WrittenEvent]) -> None:
    connection.outbox.put_events(events, epoch=fan_out.epoch)


async def _from_log(
    model_id: str, rooms: RoomHost, fan_out: FanOut, connection: Connection, epoch: str, after: int
) -> None:
    step = FIRST_STEP
    try:
        while True:
            events = await rooms.events(model_id, after, step)
            if not events:
                break
            for event in events:
                _put(fan_out, connection, (PlacedEvent(event),))
                if connection.outbox.held > STEP_BYTES:
                    await _drain(connection)
            await _drain(connection)
            after = events[-1].sequence_number
            is_large = sum(len(event.body) for event in events) > STEP_BYTES
            step = max(1, step // 2) if is_large else min(LARGEST_STEP, step * 2)
            if not isinstance(await _step(model_id, rooms, fan_out, connection, epoch, after), FromLog):
                break
    except LibraryError as error:
        fan_out.tell(connection.participant_id, m.Error(code="not_readable", message=str(error)[:300]))


async def _drain(connection: Connection) -> None:
    connection.wake()
    await connection.drained()
