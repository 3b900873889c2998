"""How fast a room orders: `python -m tests.benchmarks.room [CELLS]` prints one JSON line.

Milliseconds of one operation: `decode` of its frame, `judge` (median and 99th percentile), `commit`
without a disk, `encode` of its event. `turns_per_s`: operations a second from frame to 50 outboxes'
frames, ten operations a batch, everything but disk and network, on one core. `dup` is the answer to an
operation sent again, `seed` the event for a plain client.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from app.domain.ids import new_id
from app.domain.patch import GENESIS, Operation, place, update
from app.domain.stage import apply
from app.domain.state import ModelState
from app.ports import LoadedRoom
from sync.protocol import decode_client, encode
from sync.protocol.messages import DiagramOperation, Role
from sync.room import Batch, Broadcast, Outbox, Output, Request, Room
from tests.benchmarks.domain import DIAGRAM, MODEL, cell_id, drawing
from tests.manners import count

READERS = 50
T = TypeVar("T")


def room_of(cells: int) -> Room:
    """A room with a drawing."""
    state = ModelState(MODEL)
    apply(state, drawing(cells), "start")
    return Room(LoadedRoom(state=state, sequence_number=1, head_hash=GENESIS), "epoch")


def frame(number: int, cells: int) -> bytes:
    """A writer's drag: one node to another place."""
    patch = (update("cell", cell_id(number % (cells // 2)), position={"x": number % 977, "y": number + 0.5}),)
    return encode(DiagramOperation(operation_id=new_id(), patch=patch, step="drag"))


def request_of(message: DiagramOperation) -> Request:
    """What the server makes of a frame."""
    operation = Operation(
        operation_id=message.operation_id,
        model_id=MODEL,
        author="00000000-0000-7000-8000-0000000000aa",
        patch=message.patch,
        timestamp="2026-01-01T00:00:00.000Z",
        step=message.step,
    )
    return Request(operation=operation, sender="p", role=Role.WRITER)


def timed(times: list[float], step: Callable[[], T]) -> T:
    """Run a step and note how many milliseconds it took."""
    start = time.perf_counter()
    found = step()
    times.append((time.perf_counter() - start) * 1000)
    return found


def commit(room: Room, batch: Batch) -> tuple[Output, ...]:
    """What a store does, without a disk."""
    head, number, events = room.head_hash, batch.base_sequence, []
    for one in batch.staged:
        if one.operation.patch:
            number += 1
            events.append(place(one.operation, number, head))
            head = events[-1].hash
    return room.committed(events)


def take_in(room: Room, raw: bytes) -> None:
    """From a frame to the stage."""
    message = decode_client(raw)
    assert isinstance(message, DiagramOperation)
    room.judge(request_of(message))


def turns_per_second(cells: int, operations: int) -> float:
    """Operations a second from frames in to frames out for all readers."""
    room = room_of(cells)
    frames = [frame(number, cells) for number in range(operations)]
    outboxes = [Outbox() for _ in range(READERS)]
    start = time.perf_counter()
    for first in range(0, operations, 10):
        for raw in frames[first : first + 10]:
            take_in(room, raw)
        batch = room.take()
        assert batch is not None
        for output in commit(room, batch):
            if isinstance(output, Broadcast):
                for outbox in outboxes:
                    outbox.put_events(output.events, epoch="epoch")
        for outbox in outboxes:
            while outbox.next() is not None:
                pass
    return operations / (time.perf_counter() - start)


def measure(cells: int, operations: int) -> dict[str, float]:
    """All figures."""
    room = room_of(cells)
    steps: dict[str, list[float]] = {n: [] for n in ("decode", "judge", "dup", "commit", "encode", "seed")}
    for number in range(operations):
        message = timed(steps["decode"], partial(decode_client, frame(number, cells)))
        assert isinstance(message, DiagramOperation)
        request = request_of(message)
        timed(steps["judge"], partial(room.judge, request))
        timed(steps["dup"], partial(room.judge, request))
        batch = room.take()
        assert batch is not None
        told = timed(steps["commit"], partial(commit, room, batch))
        event = next(o for o in told if isinstance(o, Broadcast)).events[0]
        timed(steps["encode"], partial(getattr, event, "wire"))
        timed(steps["seed"], partial(event.seed, DIAGRAM))
    found: dict[str, float] = {"cells": cells, "operations": operations, "readers": READERS}
    found |= {f"{name}_ms": round(statistics.median(times), 4) for name, times in steps.items()}
    found["judge_p99_ms"] = round(sorted(steps["judge"])[int(operations * 0.99)], 4)
    found["turns_per_s"] = round(turns_per_second(cells, operations))
    return found


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(json.dumps(measure(size, count(3000, 20_000))))
