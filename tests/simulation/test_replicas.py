"""Replicas under random schedules: they converge, lose nothing, and show what they say they show."""

import random
import time

import pytest

from tests.manners import FULL, count, seed
from tests.simulation.company import Company
from tests.simulation.starting import in_memory

SECONDS = 15.0


def test_random_schedules(capsys: pytest.CaptureFixture[str]) -> None:
    """CONV-3, REBASE-1, REBASE-2, NOLOSS-1, SEND-1, REVIEW-1, ACK-1, IDEM-1, REF-1, SEQ-6."""
    started = time.monotonic()
    events = reviews = done = conflicts = 0
    for number in range(count(2000, 10_000)):
        if not FULL and time.monotonic() - started > SECONDS:
            break
        rolls = random.Random(f"{seed()}-{number}")
        company = Company(rolls, in_memory(), desks=rolls.choice((2, 3, 4)))
        try:
            company.run(250)
        except Exception as error:
            error.add_note(f"schedule {number} of TMI_TEST_SEED={seed()}")
            raise
        done += 1
        reviews += company.reviews
        events += company.room.sequence_number
        conflicts += sum(len(desk.conflicts) for desk in company.desks)
    with capsys.disabled():
        print(
            f" {done} schedules, {events} events, {reviews} reviews, {conflicts} conflicts, seed {seed()}",
            end="",
        )
    assert done >= 100
    assert events > done * 5
    assert reviews > done // 4
