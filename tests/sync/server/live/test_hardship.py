"""Slow readers and hostile frames: nobody else notices, and the server lives on."""

import asyncio
import random
import socket
from collections.abc import Callable

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from app.domain.ids import new_id
from app.domain.patch import add, update
from sync.protocol import MAX_FRAME_BYTES, SUBPROTOCOL, encode
from sync.protocol import messages as m
from tests.manners import count, seed
from tests.sync.server.live.hands import Client, Place, joined

pytestmark = pytest.mark.asyncio
LARGE = "x" * 250_000


def small_socket(place: Place) -> socket.socket:
    """A connection whose operating system buffers little."""
    host, port = place.server.url.removeprefix("http://").split(":")
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 131_072)
    made.connect((host, int(port)))
    made.setblocking(False)
    return made


async def round_trips(ada: Client, bob: Client, number: int, note: str) -> None:
    """Large edits of one, each arriving at the other before the next is made."""
    for n in range(number):
        ack = await ada.edit((update("note", note, content=f"{n} {LARGE}"),))
        assert isinstance(ack, m.Ack)
        await bob.reach(ack.sequence_number)


async def test_a_slow_reader_gets_a_fresh_state_and_holds_up_nobody(place: Place) -> None:
    """LIVE-1, CONV-2: others have every edit while one does not read at all."""
    note = new_id()
    async with joined(place, "ada") as ada, joined(place, "bob") as bob:
        await ada.edit((add("note", note, {"name": "n", "content": LARGE}),))
        async with joined(place, "bob", sock=small_socket(place), max_queue=1) as slow:
            await round_trips(ada, bob, 100, note)
            # It wakes up: what was under way comes, then the word to begin anew.
            assert (await slow.until(m.StateTooOld)).reason == "slow"
            assert slow.sequence < ada.sequence
            dropped = len(slow.got)
            assert isinstance(await slow.resume(), m.Resumed)
            while not any(isinstance(one, m.CurrentPresenter) for one in slow.got[dropped:]):
                await slow.receive()
            assert any(isinstance(one, m.Participants) for one in slow.got[dropped:])
            assert slow.sequence == ada.sequence
            assert slow.picture() == ada.picture()


def hostile(dice: random.Random, place: Place) -> bytes | str:
    """A frame that nobody should send."""
    deep = '{"a":' * dice.randrange(1, 5000) + "1" + "}" * 5000
    head = f'{{"message_type":"diagram_operation","operation_id":"{new_id()}","patch":'
    kinds: list[Callable[[], bytes | str]] = [
        lambda: dice.randbytes(dice.randrange(400)),
        lambda: "[" * dice.randrange(1, 100_000),
        lambda: '{"message_type":' * dice.randrange(1, 20_000),
        lambda: f'{head}[{{"kind":"cell","id":"{new_id()}","operation":"add","data":{deep}',
        lambda: b'{"message_type":"cursor","diagram_id":7,"position":{"x":"a","y":null}}',
        lambda: b'{"message_type":"resume","epoch":' + b"9" * dice.randrange(1, 4000) + b',"after":-1}',
        lambda: b" " * dice.randrange(MAX_FRAME_BYTES, MAX_FRAME_BYTES + 1000),
        lambda: encode(m.Part(part_of="p", number=dice.randrange(9), count=9, data=dice.randbytes(50))),
        lambda: encode(m.Part(part_of=new_id(), number=0, count=1, data=dice.randbytes(50))),
        lambda: encode(m.PresenterGrant(participant_id=new_id())),
        lambda: encode(m.RemoveParticipant(participant_id=new_id())),
        lambda: encode(m.DiagramOperation(operation_id=new_id(), patch=place.node("not an id"))),
        lambda: _bent(dice, encode(m.DiagramOperation(operation_id=new_id(), patch=place.node()))),
        lambda: '{"event":"join"}',
        lambda: dice.choice(["null", "[]", "0", '""', "{}", "NaN", "\ufeff{}"]),
    ]  # fmt: skip
    return dice.choice(kinds)()


def _bent(dice: random.Random, raw: bytes) -> bytes:
    bent = bytearray(raw)
    for _ in range(dice.randrange(1, 6)):
        bent[dice.randrange(len(bent))] = dice.randrange(256)
    return bytes(bent)


async def attack(place: Place, dice: random.Random, frames: int, *, plain: bool) -> int:
    """Send hostile frames, again and again when shown out; returns how many were sent."""
    sent = 0
    headers = {"Authorization": f"Bearer {place.server.tokens['bob']}"}
    spoken = None if plain else [Subprotocol(SUBPROTOCOL)]
    while sent < frames:
        try:
            async with connect(
                place.address, additional_headers=headers, subprotocols=spoken, compression=None,
                max_queue=None, close_timeout=2,
            ) as enemy:  # fmt: skip
                while sent < frames:
                    await enemy.send(hostile(dice, place))
                    sent += 1
        except ConnectionClosed:
            continue
    return sent


async def test_hostile_frames_harm_nobody(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """CODEC-2, PART-2: the server goes on, and others work undisturbed meanwhile."""
    dice = random.Random(seed())
    frames, before = count(300, 20_000), place.server.rss_mb
    async with joined(place, "ada") as ada:
        attacks = asyncio.gather(
            attack(place, dice, frames, plain=False), attack(place, dice, frames, plain=True)
        )
        while not attacks.done():
            assert isinstance(await ada.edit(place.node()), m.Ack)
        assert list(await attacks) == [frames, frames]
        assert isinstance(await ada.edit(place.node()), m.Ack)
    assert place.server.process is not None
    assert place.server.process.poll() is None
    assert '"level": "error"' not in place.server.log()
    assert "Traceback" not in place.server.log()
    with capsys.disabled():
        print(f" {2 * frames} frames, {before} to {place.server.rss_mb} MB, seed {seed()}", end="")


async def test_a_frame_far_too_large_ends_only_its_connection(place: Place) -> None:
    """CODEC-2."""
    async with joined(place, "ada") as ada, joined(place, "bob") as bob:
        await bob.socket.send(b"[" * (4 * MAX_FRAME_BYTES))
        assert await bob.closed() == 1009
        assert isinstance(await ada.edit(place.node()), m.Ack)
