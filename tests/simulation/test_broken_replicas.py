"""The schedules of replicas have teeth: a replica in which one rule is broken does not get through them."""

import random
from collections.abc import Callable, Collection, Iterable
from typing import Any

import pytest

from app.domain.changes import Change, ChangeSet
from app.domain.errors import TmiError
from app.domain.patch import Operation
from app.domain.state import ModelState
from app.ports_live import News
from sync.protocol.messages import Ack, Rejected
from sync.replica import Replica, overlay
from sync.replica import review as real
from tests.simulation import company as company_module
from tests.simulation.company import Company
from tests.simulation.starting import in_memory

SCHEDULES = 150


class NoRebase(Replica):
    """REBASE-1: shows what others did only where nothing of one's own waits."""

    def _lay(self, changed: Iterable[str]) -> ChangeSet:
        ids = set(changed).difference(*(self._overlay.touched(i) or () for i in self._pending))
        if not ids:
            return super()._lay(())
        before = {i: self.view.get(i) for i in ids}
        self.view.assume(self._base, ids)
        after = ((old, self.view.get(i)) for i, old in before.items())
        return ChangeSet(tuple(Change(old, new) for old, new in after if old != new))


class Quiet(Replica):
    """REBASE-2: does not say what rebasing its own operations changed."""

    def _lay(self, changed: Iterable[str]) -> ChangeSet:
        touched, ids = super()._lay(changed), set(changed)
        return ChangeSet(tuple(one for one in touched.changes if one.id in ids))


class ShortSighted(Replica):
    """REBASE-1: lays anew only what names a record that changed."""

    def _lay(self, changed: Iterable[str]) -> ChangeSet:
        with pytest.MonkeyPatch.context() as patching:
            patching.setattr(overlay, "_around", lambda _record: set())
            return super()._lay(changed)


class SureOfItself(Replica):
    """REBASE-1: takes every event for the one that it expected."""

    def _is_next(self, operation_id: str, touched: frozenset[str]) -> bool:
        return True


class Twice(Replica):
    """CONV-3: keeps an own operation on top after its event has come."""

    def receive(self, events: Any) -> News:
        waiting = dict(self._pending)
        found = super().receive(events)
        for operation_id in found.through:
            self._pending[operation_id] = waiting[operation_id]
        return found


class Stubborn(Replica):
    """CONV-3: keeps what was refused."""

    def rejected(self, refusal: Rejected) -> News:
        return News()


class Waiting(Replica):
    """CONV-3: waits for ever for the event of an operation that did nothing."""

    def acknowledged(self, ack: Ack) -> News:
        return News()


class Once(Replica):
    """NOLOSS-1: does not send again over the next connection what had no answer."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.window.disconnected = lambda: None  # type: ignore[method-assign]


class Hasty(Replica):
    """SEND-1: sends what is not on disk yet."""

    def to_send(self, saved: Collection[str]) -> list[Operation]:
        return super().to_send(self._pending.keys())


@pytest.mark.parametrize(
    "broken", [NoRebase, Quiet, ShortSighted, SureOfItself, Twice, Stubborn, Waiting, Once, Hasty],
    ids=lambda broken: broken.__name__,
)  # fmt: skip
def test_a_broken_replica_is_caught(broken: Callable[..., Replica]) -> None:
    """CONV-3, NOLOSS-1, REBASE-1, REBASE-2, SEND-1."""
    assert caught(broken)


def sends_all(_was: ModelState, _theirs: ModelState, pending: Any, *_rest: Any) -> real.Review:
    return real.Review(tuple(pending), ())


def asks_nobody(*given: Any) -> real.Review:
    return real.Review(real.review(*given).pending, ())


def knows_no_detours(*given: Any) -> real.Review:
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(real, "_netted", lambda operations, *_: operations)
        return real.review(*given)


def forgets_what_goes_along(*given: Any) -> real.Review:
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(real, "_takes_along", lambda *_: False)
        return real.review(*given)


@pytest.mark.parametrize("broken", [sends_all, asks_nobody, knows_no_detours, forgets_what_goes_along])
def test_a_broken_review_is_caught(broken: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """REVIEW-1, REVIEW-2."""
    monkeypatch.setattr(company_module, "review", broken)
    assert "REVIEW" in caught(Replica, 1500)


def caught(kind: Callable[..., Replica], schedules: int = SCHEDULES) -> str:
    """How the first schedule that notices puts it; empty when none of them does."""
    for number in range(schedules):
        rolls = random.Random(number)
        try:
            Company(rolls, in_memory(), desks=3, make=kind).run(250)
        except (AssertionError, TmiError) as error:
            return f"{type(error).__name__} {error}"
    return ""
