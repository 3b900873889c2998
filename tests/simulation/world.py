"""A server that dies, a store that fails, authors who repeat themselves: one random schedule."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from app.domain.errors import TmiError
from app.domain.patch import Event, Operation
from app.domain.stage import apply
from app.domain.state import ModelState
from app.ports import LoadedRoom
from sync.protocol.messages import Ack, Reason, Rejected, Role, StateTooOld
from sync.room import Answer, Broadcast, FromLog, Output, PlacedEvent, Request, Room, RoomLimits, frames_of
from sync.room.turn import judge_all, reload
from tests.domain.sound import content
from tests.simulation.dice import MODEL, Dice
from tests.simulation.follower import Follower, hold
from tests.simulation.memory_store import Crash

AUTHORS = ("ann", "ben", "cid")
FATES = ("", "", "", "fails", "unknown", "dies before", "dies after")
LIMITS = RoomLimits(remembered=4, replay_events=6, batch=3, waiting=8)


class World:
    """One schedule. `store` has a `plan` of fates; `make_room` builds the room under test."""

    def __init__(
        self, rolls: random.Random, store: Any, make_room: Callable[[LoadedRoom], Room] | None = None
    ) -> None:
        self.random = rolls
        self.store = store
        self._make_room = make_room or (lambda loaded: Room(loaded, "epoch", LIMITS))
        self.dice = Dice(rolls)
        self.room = self._make_room(store.load(MODEL))
        self.roles: dict[str, Role | None] = dict.fromkeys(AUTHORS, Role.WRITER)
        self.sent: dict[str, Operation] = {}
        self.acks: dict[str, Ack] = {}
        self.sly: set[str] = set()  # ids that a thief has used with a younger base
        self.unanswered: dict[str, None] = {}
        self.owed: dict[str, None] = {}  # by this run of the server
        self.batch: Any = None
        self.restarts = 0
        started = self.room.sequence_number
        self.followers = [Follower(store.load(MODEL).state, started) for _ in range(2)]
        self._seen = started

    # What may happen

    def run(self, steps: int) -> None:
        """Some steps at random, then calm, then the reckoning."""
        happenings = (
            (self.send, 10), (self.send_again, 4), (self.send_other_payload, 2), (self.begin_write, 6),
            (self.finish_write, 8), (self.restart, 1), (self.flip, 1), (self.cut_off, 1), (self.resume, 1),
        )  # fmt: skip
        names, weights = zip(*happenings, strict=True)
        for happening in self.random.choices(names, weights, k=steps):
            happening()
        self.settle()
        self.reckon()

    def send(self) -> None:
        author = self.random.choice(AUTHORS)
        operation = self.dice.operation(author, self.random.randint(0, self.room.sequence_number))
        self.sent[operation.operation_id] = operation
        self._deliver(operation)

    def send_again(self) -> None:
        if self.sent:
            self._deliver(self.sent[self.random.choice(list(self.sent))])

    def send_other_payload(self) -> None:
        if self.sent:
            first = self.sent[self.random.choice(list(self.sent))]
            if self.random.random() < 0.3:
                other = msgspec.structs.replace(first, author="mallory")
            else:
                other = msgspec.structs.replace(first, patch=(*self.dice.patch(), *self.dice.patch()))
            if self.random.random() < 0.3:
                other = msgspec.structs.replace(other, base_sequence=self.room.sequence_number)
                self.sly.add(first.operation_id)
            if msgspec.structs.replace(other, base_sequence=first.base_sequence) == first:
                return
            if first.operation_id in self.acks:
                self._deliver(other, thief=True)

    def begin_write(self) -> None:
        if self.batch is None:
            self.batch = self.room.take()

    def finish_write(self) -> None:
        if self.batch is None:
            return
        batch, self.batch = self.batch, None
        self.store.plan[:] = [self.random.choice(FATES)]
        try:
            self._carry_out(self._written(batch))
        except Crash:
            self.restart()
        finally:
            self.store.plan.clear()

    def _written(self, batch: Any) -> Sequence[Output]:
        try:
            return self.room.committed(self.store.append(MODEL, batch.base_sequence, batch.staged))
        except TmiError:
            return reload(self.room, self.store)

    def restart(self) -> None:
        self.batch = None
        self.restarts += 1
        self.owed.clear()
        self.room = self._make_room(self.store.load(MODEL))
        self._seen = self.room.sequence_number
        for follower in self.followers:
            follower.connected = False

    def flip(self) -> None:
        self.roles[self.random.choice(AUTHORS)] = self.random.choice((Role.READER, None, *[Role.WRITER] * 3))

    def cut_off(self) -> None:
        self.followers[0].connected = False

    def resume(self) -> None:
        for follower in self.followers:
            if not follower.connected:
                self._resume(follower)

    # What is told

    def _deliver(self, operation: Operation, *, thief: bool = False) -> None:
        role = self.roles.get(operation.author, Role.WRITER)
        known = operation.operation_id in self.acks or self.room.knows(operation.operation_id)
        if not thief:
            self.unanswered[operation.operation_id] = self.owed[operation.operation_id] = None
        sender = "thief" if thief else operation.author
        request = Request(operation=operation, sender=sender, role=role)
        outputs = judge_all(self.room, self.store, [request])
        if role is not Role.WRITER and not known:
            hold("AUTH-1", outputs, f"{operation.author}, a {role}, may change the model")
        self._carry_out(outputs)

    def _carry_out(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            if isinstance(output, Broadcast):
                self._broadcast(output)
            elif isinstance(output, Answer):
                self._answer(output)

    def _broadcast(self, output: Broadcast) -> None:
        stored = self.store.events(MODEL, self._seen, 1000)
        on_disk = {event.sequence_number for event in stored}
        for one in output.events:
            hold("ACK-1", one.sequence_number in on_disk, f"event {one.sequence_number} is not on disk")
            self._seen = one.sequence_number
        for frame in frames_of(output.events, 700):
            for follower in self.followers:
                if follower.connected:
                    follower.receive(frame)

    def _answer(self, answer: Answer) -> None:
        message = answer.message
        if answer.to == "thief":
            # One that passes for younger than it is may be found wanting before it is found out.
            hold("IDEM-2", isinstance(message, Rejected), message)
            if isinstance(message, Rejected) and message.operation_id not in self.sly:
                hold("IDEM-2", message.reason is Reason.OPERATION_ID_REUSED, message)
        elif isinstance(message, Ack):
            self.owed.pop(message.operation_id, None)
            self._acknowledged(message)
        elif isinstance(message, Rejected):
            self.owed.pop(message.operation_id, None)
            hold("IDEM-2", message.reason is not Reason.OPERATION_ID_REUSED, message)
            if not message.retry:
                self.unanswered.pop(message.operation_id, None)

    def _acknowledged(self, ack: Ack) -> None:
        hold("ACK-1", self.store.outcome(MODEL, ack.operation_id), f"{ack.operation_id} is not on disk")
        hold("ACK-3", not ack.had_effect or ack.sequence_number <= self._seen, ack)
        before = self.acks.setdefault(ack.operation_id, ack)
        hold("IDEM-1", before == ack, f"{before} and then {ack}")
        self.unanswered.pop(ack.operation_id, None)

    def _resume(self, follower: Follower) -> None:
        answer = self.room.resume("epoch", follower.sequence_number)
        if isinstance(answer, StateTooOld):
            fresh = self.store.load(MODEL)
            follower.state, follower.sequence_number = fresh.state, fresh.sequence_number
        else:
            if isinstance(answer, FromLog):
                wanted = answer.until - answer.after
                self._replay(follower, self.store.events(MODEL, answer.after, wanted))
                answer = self.room.resume("epoch", follower.sequence_number)
                hold("SEQ-6", not isinstance(answer, FromLog | StateTooOld), answer)
            if not isinstance(answer, FromLog | StateTooOld):
                for frame in frames_of(answer.events, 900):
                    follower.receive(frame)
        follower.connected = True
        hold("SEQ-6", follower.sequence_number == self.room.sequence_number, follower.sequence_number)

    def _replay(self, follower: Follower, events: Sequence[Event]) -> None:
        for frame in frames_of((PlacedEvent(event) for event in events), 900):
            follower.receive(frame)

    # The end

    def settle(self) -> None:
        """Good weather: what has no answer is sent until it has one."""
        self.roles = dict.fromkeys(AUTHORS, Role.WRITER)
        self._flush()
        hold("ACK-2", not self.owed, f"no answer to {list(self.owed)}")
        for _ in range(4):
            for operation_id in list(self.unanswered):
                self._deliver(self.sent[operation_id])
                self._flush()
        self._flush()
        self.resume()

    def _flush(self) -> None:
        if self.batch is not None:
            batch, self.batch = self.batch, None
            self._carry_out(self._written(batch))
        while (batch := self.room.take()) is not None:
            self._carry_out(self._written(batch))

    def reckon(self) -> None:
        """Everything that must hold at the end."""
        hold("ACK-2", not self.unanswered, f"no answer to {list(self.unanswered)}")
        log = self.store.events(MODEL, 0, 100_000)
        hold("SEQ-1", [e.sequence_number for e in log] == list(range(1, len(log) + 1)), "gaps in the log")
        places = {event.operation.operation_id: event.sequence_number for event in log}
        hold("IDEM-1", len(places) == len(log), "an operation is in the log twice")
        self._reckon_operations(log, places)
        folded = ModelState(MODEL)
        for event in log:
            apply(folded, event.operation.patch, event.operation.operation_id)
        loaded = self.store.load(MODEL)
        hold("EFF-1", content(folded) == content(self.room.state), "the log does not fold to the state")
        hold("EFF-1", content(folded) == content(loaded.state), "the log does not fold to what is loaded")
        for follower in self.followers:
            hold("CONV-1", content(follower.state) == content(self.room.state), "a follower differs")

    def _reckon_operations(self, log: Sequence[Event], places: dict[str, int]) -> None:
        for operation_id, ack in self.acks.items():
            if ack.had_effect:
                hold("ACK-1", places.get(operation_id) == ack.sequence_number, f"{ack} is not in the log")
            else:
                hold("IDEM-3", operation_id not in places, f"{ack}, and yet it is in the log")
        for event in log[1:]:
            sent = self.sent.get(event.operation.operation_id)
            hold("AUTH-2", sent and sent.author == event.operation.author, event.operation)
            known = event.operation.operation_id in self.acks
            hold("AUTH-1", known, f"{event.operation.operation_id} is in the log, and was never acknowledged")
