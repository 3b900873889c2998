"""Thousands of random schedules keep every rule, on a store in memory."""

import random
import time

import pytest

from tests.manners import FULL, count, seed
from tests.simulation.starting import in_memory
from tests.simulation.world import World

SECONDS = 8.0


def test_random_schedules(capsys: pytest.CaptureFixture[str]) -> None:
    """CONV-1, CONV-2, SEQ-1, SEQ-5, SEQ-6, ATOM-1, ATOM-2, ATOM-3, EFF-1, EFF-2, REF-1, ACK-1, ACK-2,
    ACK-3, ACK-5, IDEM-1, IDEM-2, IDEM-3, IDEM-4, AUTH-1, AUTH-2, AUTH-3."""
    started = time.monotonic()
    wanted = count(2000, 20_000)
    events = restarts = done = 0
    for number in range(wanted):
        if not FULL and time.monotonic() - started > SECONDS:
            break
        world = World(random.Random(f"{seed()}-{number}"), in_memory())
        try:
            world.run(60)
        except Exception as error:
            error.add_note(f"schedule {number} of TMI_TEST_SEED={seed()}")
            raise
        done += 1
        restarts += world.restarts
        events += world.room.sequence_number
    with capsys.disabled():
        print(f" {done} schedules, {events} events, {restarts} restarts, seed {seed()}", end="")
    assert done >= 200
    assert events > done * 5
    assert restarts > done
