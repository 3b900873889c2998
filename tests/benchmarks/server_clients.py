"""A process of clients for the server's benchmark: told what to do on standard input, a line a step.

The first line says who connects where; each connection answers heartbeats, follows, and notes how long
events took to come. `go` starts the writers; `finish` names the last event of each model.
"""

import asyncio
import contextlib
import json
import re
import sys
import time
from collections import Counter
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from app.domain.ids import new_id
from app.domain.patch import update
from sync.protocol import SUBPROTOCOL, decode_server, encode
from sync.protocol import messages as m

PATIENCE: Final = 20.0
# Client processes are on the server's machine: they look for what they need instead of decoding it all.
_EVENT: Final = re.compile(rb'"correlation_id":"(\d+)"|"sequence_number":(\d+)')


class One:
    """One connection. `times` counts events by the tenths of milliseconds that they took."""

    def __init__(self, given: dict[str, Any], times: Counter[int]) -> None:
        self.given = given
        self.times = times
        self.sequence = 0
        self.gaps = 0
        self.sent = 0
        self.acked = 0
        self.last = 0
        self.resets = 0
        self.measuring = False
        self.socket: ClientConnection
        self._following = asyncio.Event()
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None]

    async def start(self) -> None:
        """Connect and follow."""
        headers = {"Authorization": f"Bearer {self.given['token']}"}
        self.socket = await connect(
            self.given["address"], subprotocols=[Subprotocol(SUBPROTOCOL)], additional_headers=headers,
            compression=None, max_size=None, max_queue=1024, open_timeout=60,
        )  # fmt: skip
        welcome = decode_server(await self.socket.recv())
        assert isinstance(welcome, m.Welcome)
        self.sequence = welcome.sequence_number
        await self.socket.send(encode(m.Resume(epoch=welcome.epoch, after=self.sequence)))
        self._task = asyncio.create_task(self._listen())
        await asyncio.wait_for(self._following.wait(), PATIENCE)

    async def _listen(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                self._take(await self.socket.recv())
                await asyncio.sleep(0)

    def _take(self, raw: bytes | str) -> None:
        assert isinstance(raw, bytes)
        # Fields come in the order of their names, so that what sort it is stands at the end or is known.
        if raw.startswith(b'{"message_type":"events"'):
            self._events(raw)
        elif b'"message_type":"ack"' in raw:
            ack = decode_server(raw)
            assert isinstance(ack, m.Ack)
            self.acked += 1
            self.last = max(self.last, ack.sequence_number)
            self._moved.set()
        elif b'"message_type":"heartbeat"' in raw and b'"answer"' not in raw:
            beat = decode_server(raw)
            assert isinstance(beat, m.Heartbeat)
            reply = encode(m.Heartbeat(number=beat.number, answer=True))
            asyncio.get_running_loop().create_task(self.socket.send(reply))
        elif b'"message_type":"state_too_old"' in raw:
            self.resets += 1
        elif b'"message_type":"resumed"' in raw:
            self._following.set()

    def _events(self, raw: bytes) -> None:
        now, took = time.monotonic_ns(), []
        for sent, number in _EVENT.findall(raw):
            if number:
                self.gaps += int(number) != self.sequence + 1
                self.sequence = int(number)
            elif self.measuring:
                took.append((now - int(sent)) // 100_000)
        self.times.update(took)
        self._moved.set()

    async def write(self, began: float, seconds: float) -> None:
        """Move own cells at an even rate, whatever the server does."""
        cells, rate = self.given["own"], self.given["rate"]
        offset = self.given["offset"] / rate
        for number in range(int(seconds * rate)):
            due = began + offset + number / rate
            if (pause := due - time.monotonic()) > 0:
                await asyncio.sleep(pause)
            cell = cells[number % len(cells)]
            patch = (update("cell", cell, position={"x": number % 977, "y": number + 0.5}),)
            operation = m.DiagramOperation(
                operation_id=new_id(), patch=patch, step="drag", base_sequence=self.sequence,
                correlation_id=str(time.monotonic_ns()),
            )  # fmt: skip
            await self.socket.send(encode(operation))
            self.sent += 1

    async def until(self, *, acked: int = 0, sequence: int = 0) -> None:
        """Wait for so many acknowledgements, or an event; gives up after a time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while self.acked < acked or self.sequence < sequence:
                    self._moved.clear()
                    await self._moved.wait()

    async def stop(self) -> None:
        """Go."""
        await self.socket.close()
        await asyncio.wait([self._task])


async def told() -> str:
    """The next line from the benchmark."""
    line: str = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    return line


def say(found: Any) -> None:
    """A line to the benchmark."""
    print(json.dumps(found), flush=True)


async def work() -> None:
    """Connect, write, follow to the end, tell."""
    given = json.loads(await told())
    times: Counter[int] = Counter()
    every = [One(one, times) for one in given["connections"]]
    for first in range(0, len(every), 20):
        await asyncio.gather(*(one.start() for one in every[first : first + 20]))
    writers = [one for one in every if one.given.get("rate")]
    say("ready")
    await told()
    began = time.monotonic()
    writing = asyncio.gather(*(one.write(began, given["seconds"]) for one in writers))
    await asyncio.sleep(given["warm"])
    for one in every:
        one.measuring = True
    await writing
    spent = time.monotonic() - began
    await asyncio.gather(*(one.until(acked=one.sent) for one in writers))
    last = {one.given["model"]: 0 for one in every}
    for one in writers:
        last[one.given["model"]] = max(last[one.given["model"]], one.last)
    say({
        "sent": sum(one.sent for one in writers), "acked": sum(one.acked for one in writers),
        "spent": spent, "until_acked": time.monotonic() - began, "last": last,
    })  # fmt: skip
    ends = json.loads(await told())
    await asyncio.gather(*(one.until(sequence=ends[one.given["model"]]) for one in every))
    missed = sum(max(0, ends[one.given["model"]] - one.sequence) for one in every)
    say({
        "missed": missed, "gaps": sum(one.gaps for one in every), "resets": sum(one.resets for one in every),
        "times": sorted(times.items()), "cpu": time.process_time(),
    })  # fmt: skip
    await asyncio.gather(*(one.stop() for one in every))


if __name__ == "__main__":
    try:
        import uvloop

        uvloop.run(work())
    except ImportError:
        asyncio.run(work())
