"""Several clients with a room between them: networks that break, clients and servers that die."""

import random
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from app.domain.changes import ChangeSet
from app.domain.conflicts import Conflict
from app.domain.errors import InvalidData, TmiError
from app.domain.intent import intended
from app.domain.patch import GENESIS, Event, Operation, Origin, Patch, RecordOperation
from app.domain.stage import apply, stage
from app.domain.state import ModelState
from app.ports_live import News
from sync.protocol import decode_server, encode, event_of
from sync.protocol import messages as m
from sync.replica import Replica
from sync.replica.review import review
from sync.replica.set_back import begin_again, part
from sync.room import Answer, Broadcast, FromLog, Output, PlacedEvent, Request, Room, frames_of
from sync.room.turn import judge_all, reload
from tests.domain.sound import content, faults
from tests.simulation.dice import MODEL, Dice
from tests.simulation.follower import hold
from tests.simulation.memory_store import Crash
from tests.simulation.reviewed import check
from tests.simulation.world import FATES, LIMITS

MakeReplica = Callable[..., Replica]


class Author(Dice):
    """Brings back what was removed only by undoing, as people do."""

    def _restores(self) -> bool:
        return False

    def odd(self) -> RecordOperation:
        """Not another diagram under an old id either."""
        found = super().odd()
        return found if found.operation != "add" else self.say()


class Desk:
    """One client: its replica, its disk (log, outbox, conflicts), and its connection."""

    def __init__(self, name: str, dice: Dice, make: MakeReplica = Replica) -> None:
        self.name = name
        self.dice = dice
        self._make = make
        self.log: list[Event] = []
        self.epoch = "epoch"
        self.outbox: dict[str, Operation] = {}
        self.unsaved: dict[str, Operation] = {}
        self.conflicts: dict[str, Conflict] = {}
        self.made: dict[str, Patch] = {}
        self.ended: dict[str, str] = {}
        self.connected = self.following = self.away_long = False
        self.inbox: deque[bytes] = deque()
        self.was: ModelState | None = None
        self.missed: list[Event] = []
        self.done: list[Patch] = []
        self.shown = ModelState(MODEL)
        self.start()

    def start(self) -> None:
        """Come up from what is on the disk."""
        base = folded(self.log)
        head = self.log[-1].hash if self.log else GENESIS
        self.connected = self.following = False
        self.inbox.clear()
        self.was = None
        for operation_id in self.unsaved:
            self.ended[operation_id] = "never saved"
        self.unsaved.clear()
        self.replica = self._make(base, len(self.log), head, self.epoch, self.outbox.values())
        self.shown = self.replica.view.copy()

    def draw(self, patch: Patch) -> None:
        """Somebody does something new: what is new has an id that nothing of theirs has had before."""
        waiting = {one.id for each in self.replica.pending for one in each.patch if one.operation == "add"}
        if not any(one.operation == "add" and one.id in waiting for one in patch):
            self.edit(patch)

    def edit(self, patch: Patch) -> None:
        """Somebody does something, or takes it back."""
        try:
            changes = stage(self.replica.view, patch)
        except InvalidData:
            return
        meant = intended(patch, changes)
        if not changes or not meant:
            return
        operation = Operation(
            operation_id=self.dice.operation_id(), model_id=MODEL, author=self.name, patch=meant,
            origin=Origin.LOCAL, base_sequence=self.replica.sequence_number,
        )  # fmt: skip
        self.replica.view.commit(changes, operation.operation_id)
        self.replica.propose(operation, changes)
        self._show(changes)
        self.done.append(changes.inverse)
        self.unsaved[operation.operation_id] = operation
        self.made[operation.operation_id] = meant
        self.check_view()

    def undo(self) -> None:
        """Take something back that was done lately."""
        if self.done:
            self.edit(self.done.pop())

    def save(self) -> None:
        """The writer thread gets round to it."""
        self.outbox |= self.unsaved
        self.unsaved.clear()

    def take_in(self, frame: bytes) -> None:
        """A frame from the server."""
        message = decode_server(frame)
        match message:
            case m.Events():
                self._note(self.replica.receive([event_of(wire) for wire in message.events]))
            case m.Ack():
                self.ended.setdefault(message.operation_id, "acknowledged")
                self._note(self.replica.acknowledged(message))
            case m.Rejected():
                if not message.retry:
                    self.ended.setdefault(message.operation_id, "refused")
                self._note(self.replica.rejected(message))
            case m.Resumed():
                self._resumed()
            case _:
                raise AssertionError(message)
        self.check_view()

    def _note(self, found: News) -> None:
        hold("REBASE-2", found.trouble is None, found.trouble)
        self.log += found.events
        if self.was is not None:
            self.missed += found.events
        for operation_id in found.through:
            self.outbox.pop(operation_id, None)
            self.unsaved.pop(operation_id, None)
        self._show(found.changes)

    def _show(self, changes: ChangeSet) -> None:
        """A window that only hears of changes."""
        for change in changes.changes:
            hold("REBASE-2", self.shown.get(change.id) == change.before, change)
        self.shown.assume(self.replica.view, [change.id for change in changes.changes])

    def begin_again(self, there: Sequence[Event], epoch: str) -> None:
        """The server was set back: go on from what it has."""
        self.epoch = epoch
        shared = sum(one.hash == other.hash for one, other in zip(self.log, there, strict=False))
        if shared == len(self.log):
            self.replica.epoch = epoch
            return
        pending = self.replica.pending
        parting = part(
            folded(self.log[:shared]), shared, self.log[shared:], there[shared:],
            lambda one: one.author == self.name,
        )  # fmt: skip
        found = begin_again(parting, pending, epoch)
        offered = [*(one.event.operation for one in parting.lost if one.own), *pending]
        have = {event.operation.operation_id for event in there}
        offered = [one for one in offered if one.operation_id not in have]
        self._check_review(parting.was, parting.base, offered, found.pending, found.conflicts)
        gone = {event.operation.operation_id for event in self.log} - have
        hold("BACK-3", all(one.author == self.name for one in found.pending), found.pending)
        hold("BACK-3", {one.event.operation.operation_id for one in found.lost} == gone, found.lost)
        changes = self.replica.begin_again(
            parting.base, found.sequence_number, parting.head_hash, epoch, found.pending
        )
        self.log = list(there)
        kept = {one.operation_id: one for one in found.pending}
        self.unsaved = {i: kept[i] for i in self.unsaved if i in kept}
        self.outbox = {i: one for i, one in kept.items() if i not in self.unsaved}
        for operation in offered:
            self.ended.pop(operation.operation_id, None)
            if operation.operation_id not in kept:
                self.ended[operation.operation_id] = "reviewed"
        self.conflicts |= {one.id: one for one in found.conflicts}
        self._show(changes)
        self.check_view()

    def _check_review(
        self, was: ModelState, theirs: ModelState, offered: Sequence[Operation],
        pending: Sequence[Operation], conflicts: Sequence[Conflict],
    ) -> None:  # fmt: skip
        refused = {one.operation_id for one in (*refusals(theirs, pending), *refusals(was, offered))}
        named = [(w.operation_id in refused, one.id) for w in offered for one in w.patch]
        # An operation that cannot stand is refused whole, and its author is told. One that cannot stand
        # where the histories part, since another record has its id, tells nothing of what I saw.
        meant = {i for _, i in named} - {i for is_refused, i in named if is_refused}
        after, mine = laid(theirs, pending), laid(was, offered)
        removed = {w.id for one in offered for w in one.patch if w.operation == "remove"}
        check(was, theirs, mine, after, sorted(meant), removed, conflicts)

    def _resumed(self) -> None:
        self.following = True
        if self.was is None:
            return
        written = {}
        for event in self.missed:
            for one in event.operation.patch:
                written[one.id] = (event.operation.author, event.sequence_number)
        self.save()
        found = review(
            self.was, self.replica.base, self.replica.pending, lambda i, _g: written.get(i, ("", 0))
        )
        self._check_review(self.was, self.replica.base, self.replica.pending, found.pending, found.conflicts)
        self.was, self.missed = None, []
        kept = {one.operation_id for one in found.pending}
        for waiting in self.replica.pending:
            if waiting.operation_id not in kept:
                self.ended[waiting.operation_id] = "reviewed"
        self.outbox = {one.operation_id: one for one in found.pending}
        self.conflicts |= {one.id: one for one in found.conflicts}
        self._show(self.replica.substitute(found.pending))

    def check_view(self) -> None:
        """What must hold at any moment."""
        fresh = laid(self.replica.base, self.replica.pending)
        hold("REBASE-1", content(fresh) == content(self.replica.view), f"{self.name}: view is not base + own")
        same = dict(self.shown.records) == dict(self.replica.view.records)
        hold("REBASE-2", same, f"{self.name}: the window differs")
        hold("REF-1", not faults(self.replica.view), faults(self.replica.view))


def refusals(state: ModelState, operations: Sequence[Operation]) -> list[Operation]:
    """Those that cannot stand, one after the other: the server will refuse them, and say why."""
    found, refused = state.copy(), []
    for operation in operations:
        try:
            apply(found, operation.patch, operation.operation_id)
        except InvalidData:
            refused.append(operation)
    return refused


def laid(state: ModelState, operations: Sequence[Operation]) -> ModelState:
    """A state with operations on top; those that cannot stand are left out."""
    found = state.copy()
    for operation in operations:
        try:
            apply(found, operation.patch, operation.operation_id)
        except InvalidData:
            continue
    return found


def folded(log: Sequence[Event]) -> ModelState:
    """What a log comes to."""
    state = ModelState(MODEL)
    for event in log:
        apply(state, event.operation.patch, event.operation.operation_id)
    return state


class Company:
    """One schedule of several desks and a room."""

    desk_type = Desk

    def __init__(self, rolls: random.Random, store: Any, desks: int = 3, make: MakeReplica = Replica) -> None:
        self.random = rolls
        self.store = store
        self.dice = Author(rolls)
        self.room = Room(store.load(MODEL), "epoch", LIMITS)
        self.epoch = "epoch"
        self.desks = [self.desk_type(f"desk{n}", self.dice, make) for n in range(desks)]
        self.up: dict[str, deque[tuple[Operation, int]]] = {}
        self.connection = 0
        self.batch: Any = None
        self.reviews = 0
        self.restarts = 0

    def happenings(self) -> tuple[tuple[Callable[[], None], int], ...]:
        """What may happen, and how often beside the others."""
        return (
            (self.edit, 10), (self.undo, 3), (self.save, 8), (self.connect, 4), (self.cut, 2), (self.send, 8),
            (self.reach_server, 10), (self.begin_write, 6), (self.finish_write, 8), (self.hear, 14),
            (self.kill_client, 1), (self.kill_server, 1), (self.work_apart, 3),
        )  # fmt: skip

    def run(self, steps: int) -> None:
        """Some steps at random, then calm, then the reckoning."""
        for desk in self.desks:
            self.connect(desk)
        names, weights = zip(*self.happenings(), strict=True)
        for happening in self.random.choices(names, weights, k=steps):
            happening()
        self.settle()
        self.reckon()

    def any(self) -> Desk:
        return self.random.choice(self.desks)

    def edit(self) -> None:
        self.any().draw(self.dice.patch())

    def undo(self) -> None:
        self.any().undo()

    def save(self) -> None:
        self.any().save()

    def connect(self, desk: Desk | None = None) -> None:
        desk = desk or self.any()
        if desk.connected:
            return
        if desk.epoch != self.epoch:
            desk.begin_again(self.store.events(MODEL, 0, 100_000), self.epoch)
        self.connection += 1
        desk.connected, desk.following = True, False
        desk.inbox.clear()
        desk.replica.window.disconnected()
        self.up[desk.name] = deque()
        if desk.away_long and desk.replica.pending:
            desk.was = desk.replica.base.copy()
            desk.missed = []
            self.reviews += 1
        desk.away_long = False
        self._replay(desk)

    def _replay(self, desk: Desk) -> None:
        after = desk.replica.sequence_number
        while isinstance(found := self.room.resume(self.epoch, after), FromLog):
            events = self.store.events(MODEL, after, found.until - after)
            desk.inbox += frames_of((PlacedEvent(event) for event in events), 900)
            after = events[-1].sequence_number
        hold("SEQ-6", not isinstance(found, m.StateTooOld), found)
        if not isinstance(found, m.StateTooOld):
            desk.inbox += frames_of(found.events, 900)
        desk.inbox.append(encode(m.Resumed(sequence_number=self.room.sequence_number)))

    def cut(self, desk: Desk | None = None) -> None:
        """The network breaks: what is under way is lost, in part or wholly, in both directions."""
        desk = desk or self.any()
        desk.connected = desk.following = False
        desk.inbox.clear()
        desk.was = None
        self.up.pop(desk.name, None)

    def go_away(self) -> None:
        desk = self.any()
        self.cut(desk)
        desk.away_long = True

    def work_apart(self) -> None:
        """Somebody is away and busy, and so are the others."""
        self.go_away()
        for desk in self.desks:
            for _ in range(3):
                desk.draw(self.dice.patch())
            if self.random.random() < 0.3:
                desk.undo()
            desk.save()

    def send(self, desk: Desk | None = None) -> None:
        desk = desk or self.any()
        if not desk.connected or not desk.following:
            return
        for operation in desk.replica.to_send(desk.outbox.keys()):
            hold("SEND-1", operation.operation_id in desk.outbox, operation)
            self.up[desk.name].append((operation, self.connection))
            if self.random.random() < 0.1:  # a proxy that repeats itself
                self.up[desk.name].append((operation, self.connection))

    def reach_server(self, desk: Desk | None = None) -> None:
        desk = desk or self.any()
        waiting = self.up.get(desk.name)
        if not waiting:
            return
        operation, _ = waiting.popleft()
        request = Request(operation=operation, sender=desk.name, role=m.Role.WRITER)
        self._carry_out(judge_all(self.room, self.store, [request]))

    def begin_write(self) -> None:
        if self.batch is None:
            self.batch = self.room.take()

    def finish_write(self, *, well: bool = False) -> None:
        if self.batch is None:
            return
        batch, self.batch = self.batch, None
        self.store.plan[:] = [] if well else [self.random.choice(FATES)]
        try:
            self._carry_out(self._written(batch))
        except Crash:
            self.kill_server()
        finally:
            self.store.plan.clear()

    def _written(self, batch: Any) -> Sequence[Output]:
        try:
            return self.room.committed(self.store.append(MODEL, batch.base_sequence, batch.staged))
        except TmiError:
            return reload(self.room, self.store)

    def hear(self, desk: Desk | None = None) -> None:
        desk = desk or self.any()
        if desk.inbox:
            desk.take_in(desk.inbox.popleft())

    def kill_client(self) -> None:
        desk = self.any()
        self.cut(desk)
        desk.start()

    def kill_server(self) -> None:
        self.batch = None
        self.restarts += 1
        self.room = Room(self.store.load(MODEL), self.epoch, LIMITS)
        for desk in self.desks:
            self.cut(desk)

    def _carry_out(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            if isinstance(output, Broadcast):
                for frame in frames_of(output.events, 700):
                    for desk in self.desks:
                        if desk.connected:
                            desk.inbox.append(frame)
            elif isinstance(output, Answer):
                to = next(one for one in self.desks if one.name == output.to)
                if to.connected:
                    to.inbox.append(encode(output.message))

    def settle(self) -> None:
        """Good weather until nothing moves any more."""
        for _ in range(200):
            for desk in self.desks:
                desk.save()
                self.connect(desk)
                while desk.inbox:
                    self.hear(desk)
                self.send(desk)
                while self.up.get(desk.name):
                    self.reach_server(desk)
            self.begin_write()
            self.finish_write(well=True)
            quiet = all(not d.inbox and not d.replica.pending for d in self.desks)
            if quiet and not self.room.waiting and self.batch is None:
                return
        raise AssertionError("NOLOSS-1: it never comes to rest")

    def reckon(self) -> None:
        """Everything that must hold at the end."""
        log = self.store.events(MODEL, 0, 100_000)
        places = [event.operation.operation_id for event in log]
        hold("IDEM-1", len(places) == len(set(places)), "an operation is in the log twice")
        for desk in self.desks:
            hold("CONV-3", content(desk.replica.view) == content(self.room.state), f"{desk.name} differs")
            hold(
                "CONV-3", content(folded(desk.log)) == content(self.room.state), f"{desk.name}'s disk differs"
            )
            hold("CONV-3", [e.hash for e in desk.log] == [e.hash for e in log], f"{desk.name}'s log differs")
            for operation_id in desk.made:
                known = operation_id in places or operation_id in desk.ended
                hold("NOLOSS-1", known, f"{desk.name}: nobody knows what became of {operation_id}")
            lost = [i for i, how in desk.ended.items() if how == "acknowledged" and i not in places]
            for operation_id in lost:
                known = self.store.outcome(MODEL, operation_id)
                hold("ACK-1", known is not None, f"{operation_id} was acknowledged and is gone")
