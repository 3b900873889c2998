"""Servers that are set back at random: everybody goes on, and nothing of anybody's own is lost unseen."""

import random
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from app.domain.errors import TmiError
from app.ports_live import BegunAgain
from sync.replica import set_back as real
from sync.room import Room
from tests.manners import FULL, count, seed
from tests.simulation import company as company_module
from tests.simulation.company import Company, Desk
from tests.simulation.dice import MODEL
from tests.simulation.starting import in_memory
from tests.simulation.world import LIMITS

SECONDS = 10.0


class Restored(Company):
    """A company whose server is now and then put back from a backup."""

    backs = 0

    def happenings(self) -> tuple[tuple[Callable[[], None], int], ...]:
        return (*super().happenings(), (self.set_back, 1))

    def set_back(self) -> None:
        """The server has only the beginning of its log any more, and another name for its history."""
        if self.random.random() < 0.7:  # or else nobody would have seen what is going to be lost
            self.settle()
        number = self.random.randint(max(1, len(self.store.log) - 12), len(self.store.log))
        self.backs += 1
        self.batch = None
        self.epoch = f"epoch {self.backs}"
        self.store.log = self.store.log[:number]
        kept = {event.operation.operation_id for event in self.store.log}
        self.store.outcomes = {i: one for i, one in self.store.outcomes.items() if i in kept}
        self.room = Room(self.store.load(MODEL), self.epoch, LIMITS)
        for desk in self.desks:
            self.cut(desk)
            # What did nothing has left no trace anywhere: there is nothing to offer again.
            known = {event.operation.operation_id for event in desk.log}
            for operation_id, how in desk.ended.items():
                if how == "acknowledged" and operation_id not in known:
                    desk.ended[operation_id] = "did nothing"
        if self.random.random() < 0.7:
            self.work_alone(self.any())

    def work_alone(self, desk: Desk) -> None:
        """Somebody is back long before the others, and busy."""
        self.connect(desk)
        for _ in range(4):
            desk.draw(self.dice.patch())
            desk.save()
            while desk.inbox:
                self.hear(desk)
            self.send(desk)
            while self.up.get(desk.name):
                self.reach_server(desk)
            self.begin_write()
            self.finish_write(well=True)


def test_random_schedules(capsys: pytest.CaptureFixture[str]) -> None:
    """BACK-1, BACK-2, BACK-3, CONV-3, NOLOSS-1, REVIEW-1, REVIEW-2, REBASE-1, REBASE-2."""
    started = time.monotonic()
    done = backs = 0
    for number in range(count(1000, 10_000)):
        if not FULL and time.monotonic() - started > SECONDS:
            break
        rolls = random.Random(f"{seed()}-back-{number}")
        company = Restored(rolls, in_memory(), desks=rolls.choice((2, 3, 4)))
        try:
            company.run(250)
        except Exception as error:
            error.add_note(f"schedule {number} of TMI_TEST_SEED={seed()}")
            raise
        done += 1
        backs += company.backs
    with capsys.disabled():
        print(f" {done} schedules, set back {backs} times, seed {seed()}", end="")
    assert done >= 5
    assert backs > done // 2


def forgets_mine(parting: real.Parting, pending: Any, epoch: str) -> BegunAgain:
    mine = tuple(one for one in parting.lost if not one.own)
    found = real.begin_again(msgspec.structs.replace(parting, lost=mine), pending, epoch)
    return msgspec.structs.replace(found, lost=parting.lost)


def asks_nobody(parting: real.Parting, pending: Any, epoch: str) -> BegunAgain:
    return msgspec.structs.replace(real.begin_again(parting, pending, epoch), conflicts=())


def sends_all(parting: real.Parting, pending: Any, epoch: str) -> BegunAgain:
    own = [one.event.operation for one in parting.lost if one.own]
    found = real.begin_again(parting, pending, epoch)
    return msgspec.structs.replace(found, pending=(*own, *pending))


def speaks_for_others(parting: real.Parting, pending: Any, epoch: str) -> BegunAgain:
    all_mine = tuple(msgspec.structs.replace(one, own=True) for one in parting.lost)
    return real.begin_again(msgspec.structs.replace(parting, lost=all_mine), pending, epoch)


def tells_nothing(parting: real.Parting, pending: Any, epoch: str) -> BegunAgain:
    return msgspec.structs.replace(real.begin_again(parting, pending, epoch), lost=())


@pytest.mark.parametrize(
    ("broken", "rule"),
    [(forgets_mine, "REVIEW-2"), (asks_nobody, "REVIEW-2"), (sends_all, "REVIEW-1"),
     (speaks_for_others, "BACK-3"), (tells_nothing, "BACK-3")],
    ids=lambda one: getattr(one, "__name__", ""),
)  # fmt: skip
def test_a_broken_rule_is_caught(broken: Any, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """BACK-2, BACK-3."""
    monkeypatch.setattr(company_module, "begin_again", broken)
    for number in range(300):
        rolls = random.Random(number)
        try:
            Restored(rolls, in_memory(), desks=3).run(250)
        except (AssertionError, TmiError) as error:
            found = str(error)
            break
    else:
        found = "nobody noticed"
    assert rule in found
