"""One model's live session: its people, its connections, and what the room says to them.

Everything runs on the event loop, and nothing between two awaits sees half a change.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from app.domain.errors import LibraryError
from app.domain.patch import Operation
from sync.protocol import messages as m
from sync.room import Announce, Answer, Arrival, Broadcast, Close, Meeting, Output, Patience, Show
from sync.server.live.connection import Connection
from sync.server.live.fan_out import FanOut
from sync.server.live.register import Register
from sync.server.live.replay import resume
from sync.server.metrics import Metrics
from sync.server.ports import LiveSession as Entry
from sync.server.rooms import Moment, RoomHost

SECONDS_TO_CLOSE: Final = 5.0
CLOSE_CODES: Final = {
    "ended": 1000, "shutdown": 1012, "revoked": 4003, "removed": 4003, "idle": 4008, "superseded": 4009,
    "expired": 4001, "signed_out": 4001,
}  # fmt: skip


class LiveSession:
    """A session, from the first who comes to the last who goes. A `Sink` of the room."""

    def __init__(
        self, session_id: str, model_id: str, diagram_id: str, moment: Moment, rooms: RoomHost,
        register: Register, metrics: Metrics, now: Callable[[], str], patience: Patience,
    ) -> None:  # fmt: skip
        self.session_id = session_id
        self.model_id = model_id
        self.diagram_id = diagram_id
        self.meeting = Meeting(session_id, patience)
        self.fan_out = FanOut(moment.epoch, moment.sequence_number, metrics, now)
        self._rooms = rooms
        self._register = register
        self._stage = ("", "")
        self._heartbeats = 0
        self._reasons: dict[str, str] = {}
        self._unsubscribe = rooms.subscribe(model_id, self)

    @property
    def is_over(self) -> bool:
        """Whether nobody is left."""
        return not self.meeting.participants and not self.fan_out.connections

    # Coming and going

    def arrive(self, connection: Connection, arrival: Arrival) -> None:
        """Somebody has connected. They may be told at once that they may not stay."""
        fan_out = self.fan_out
        fan_out.flush()
        fan_out.connections[arrival.participant_id] = connection
        fan_out.users[arrival.participant_id] = arrival.user_id
        told = self.meeting.join(
            arrival, _now(), epoch=fan_out.epoch, sequence_number=fan_out.sequence_number
        )
        if self.meeting.role_of(arrival.participant_id) is not None:
            self._register.came(self.session_id, self.model_id, arrival.user_id, arrival.participant_id)
        self._say(told)

    def gone(self, connection: Connection) -> None:
        """A socket is closed. Whoever left before is gone for good, others have a time of grace."""
        participant_id, user_id = connection.participant_id, connection.principal.user_id
        connection.stop_replay()
        if self.fan_out.connections.pop(participant_id, None) is None:
            return
        self._say(self.meeting.lost(participant_id, _now()))
        others = {one.principal.user_id for one in self.fan_out.connections.values()}
        for_good = user_id not in others
        self._register.went(self.session_id, self.model_id, user_id, participant_id, for_good=for_good)
        self._forget_strangers()

    def _forget_strangers(self) -> None:
        here = {one.participant_id for one in self.meeting.participants} | self.fan_out.connections.keys()
        for participant_id in self.fan_out.users.keys() - here:
            del self.fan_out.users[participant_id]

    def set_role(self, user_id: str, role: m.Role | None) -> None:
        """A user's role has changed, None for no access."""
        self._say(self.meeting.set_role(user_id, role))

    def dismiss(self, connection: Connection, reason: m.EndReason, message: str) -> None:
        """End one connection, and keep its place for a while."""
        self._say(self.meeting.dismiss(connection.participant_id, reason, message))

    def end(self, reason: m.EndReason, message: str) -> None:
        """Close the session for everybody."""
        self._say(self.meeting.end(reason, message))

    def over(self) -> None:
        """Nobody is left: let go of the room and close the books."""
        self._unsubscribe()
        self.fan_out.stop()
        self._register.ended(self.session_id, self.model_id)

    def tick(self, unwritten: int) -> None:
        """What the passing of time brings."""
        now = _now()
        for connection in list(self.fan_out.connections.values()):
            if connection.plain:
                # It has no word for heartbeats; the transport's pings close it when it is dead.
                self.heard(connection)
            elif now - max(connection.heard_at, connection.asked_at) >= self.meeting.patience.heartbeat:
                # Somebody who only reads has nothing to say by himself, however much is sent to him.
                self._heartbeats += 1
                connection.asked_at = now
                self.fan_out.tell(connection.participant_id, m.Heartbeat(number=self._heartbeats))
        self._say(self.meeting.tick(now, unwritten))

    # Messages

    def heard(self, connection: Connection) -> None:
        """Something came from a connection; an answered heartbeat notes just that."""
        self.meeting.receive(connection.participant_id, m.Heartbeat(answer=True), _now())

    async def receive(self, connection: Connection, message: m.ClientMessage) -> None:
        """A message of somebody who is here; those of others are passed over."""
        by = connection.participant_id
        connection.heard_at = _now()
        if self.meeting.role_of(by) is None:
            return
        if isinstance(message, m.DiagramOperation):
            self.heard(connection)
            self.meeting.active(_now())
            await self._operate(connection, message)
        elif isinstance(message, m.Resume):
            self.heard(connection)
            await self._resume(connection, message)
        else:
            self._say(self.meeting.receive(by, message, _now()))

    async def _operate(self, connection: Connection, message: m.DiagramOperation) -> None:
        by = connection.participant_id
        operation = Operation(
            operation_id=message.operation_id,
            model_id=self.model_id,
            author=connection.principal.user_id,
            patch=message.patch,
            origin=message.origin,
            base_sequence=message.base_sequence,
            step=message.step,
            title=message.title,
            correlation_id=message.correlation_id,
            causation_id=message.causation_id,
        )
        role = self.meeting.role_of(by)
        try:
            await self._rooms.post(
                self.model_id, connection.principal, role, operation, by, connection.address,
                muted=self.meeting.is_muted(by),
            )  # fmt: skip
        except LibraryError:
            told = m.Rejected(
                operation_id=message.operation_id, reason=m.Reason.NOT_STORED, retry=True,
                message="the model cannot be read now; send it again",
                sequence_number=self.fan_out.sequence_number,
            )  # fmt: skip
            self.fan_out.tell(by, told)

    async def _resume(self, connection: Connection, message: m.Resume) -> None:
        missed = connection.outbox.needs_resume
        await resume(self.model_id, self._rooms, self.fan_out, connection, message)
        if missed:
            # Who came and went meanwhile was dropped with the rest.
            by, meeting = connection.participant_id, self.meeting
            self.fan_out.tell(by, meeting.everybody())
            self.fan_out.tell(by, m.CurrentPresenter(current_presenter=meeting.presenter))

    # What the engines say

    def outputs(self, outputs: tuple[Output, ...]) -> None:
        """What the room says; its answers are for those who sent the operations."""
        for output in outputs:
            match output:
                case Broadcast(events=events):
                    self.fan_out.events(events)
                case Answer(to=to, message=message):
                    self.fan_out.answer(to, message)
                case Announce(message=m.SessionEnded() as ended):
                    self.end(ended.reason, ended.message)
                case Announce(message=m.StateTooOld() as message):
                    self._start_over(message)
                case _:
                    self._say((output,))

    def _start_over(self, message: m.StateTooOld) -> None:
        """The log has not gone on as it was told: everybody has to fetch a fresh state."""
        self.fan_out.announce(message)
        self.fan_out.sequence_number = message.sequence_number
        for connection in self.fan_out.connections.values():
            connection.stop_replay()
            connection.following = False
            if connection.plain:
                connection.end(CLOSE_CODES["shutdown"])

    def _say(self, outputs: tuple[Output, ...]) -> None:
        for output in outputs:
            match output:
                case Show(message=shown):
                    self.fan_out.show(shown)
                case Answer(to=to, message=message):
                    if isinstance(message, m.SessionEnded):
                        self._reasons[to] = message.reason
                    self.fan_out.tell(to, message)
                case Announce(message=message, but=but):
                    if isinstance(message, m.Leave):
                        self._left(message.participant_id)
                    self.fan_out.announce(message, but)
                case Close(participant_id=participant_id):
                    self._close(participant_id, self._reasons.pop(participant_id, "ended"))
                case Broadcast(events=events):
                    self.fan_out.events(events)
        if outputs:
            self._note_stage()

    def _left(self, participant_id: str) -> None:
        self.fan_out.forget(participant_id)
        if participant_id not in self._reasons:
            self._close(participant_id, "ended")

    def _close(self, participant_id: str, reason: str) -> None:
        connection = self.fan_out.connections.get(participant_id)
        if connection is not None:
            connection.end(CLOSE_CODES[reason])

    def _note_stage(self) -> None:
        meeting, users = self.meeting, self.fan_out.users
        stage = (users.get(meeting.host, ""), users.get(meeting.presenter, ""))
        if stage == self._stage:
            return
        host_changed = stage[0] != self._stage[0]
        self._stage = stage
        entry = Entry(
            session_id=self.session_id, model_id=self.model_id, diagram_id=self.diagram_id, host=stage[0],
            participants=tuple(dict.fromkeys(one.user_id for one in meeting.participants)),
        )  # fmt: skip
        self._register.stage(entry, stage[1], host_changed=host_changed)


def _now() -> float:
    return asyncio.get_running_loop().time()
