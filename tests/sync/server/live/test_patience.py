"""Whoever only reads stays as long as he answers, however much he is told; whoever is silent has to go."""

from pathlib import Path

import pytest

from app.domain.ids import new_id
from app.domain.state import ModelState
from app.wiring.server import build
from sync.protocol import decode_server
from sync.protocol import messages as m
from sync.room import Arrival, Patience
from sync.server.context import Principal
from sync.server.live import session as sessions
from sync.server.live.connection import Connection
from sync.server.live.register import Register
from sync.server.live.session import LiveSession
from sync.server.rooms import Moment
from tests.sync.server.running import settings_of

pytestmark = pytest.mark.asyncio
SHORT = Patience(heartbeat=2, silence=7)
SECONDS = 30


async def unsent(frame: bytes) -> None:
    """Nothing is sent: the test looks into the queue."""


def arrive(session: LiveSession, name: str) -> Connection:
    """Somebody who only reads."""
    user_id, participant_id = new_id(), new_id()
    connection = Connection(
        participant_id, Principal(user_id=user_id, name=name), session.diagram_id, unsent, plain=False
    )
    session.arrive(connection, Arrival(
        participant_id=participant_id, user_id=user_id, name=name, role=m.Role.READER, client_id="",
    ))  # fmt: skip
    return connection


async def heartbeats(session: LiveSession, connection: Connection, *, answers: bool) -> int:
    """Take what was told; how often the connection was asked whether it is there."""
    asked = 0
    while (frame := connection.outbox.next()) is not None:
        message = decode_server(frame)
        if isinstance(message, m.Heartbeat) and not message.answer:
            asked += 1
            if answers:
                await session.receive(connection, m.Heartbeat(number=message.number, answer=True))
    return asked


async def test_a_busy_session_asks_its_readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something is told to everybody each second, so that no queue is ever quiet."""
    second = 0
    monkeypatch.setattr(sessions, "_now", lambda: float(second))
    with build(settings_of(tmp_path)) as built:
        services, model_id = built.live.services, new_id()
        session = LiveSession(
            new_id(), model_id, new_id(), Moment(ModelState(model_id), 0, "e"), services.rooms,
            Register(services), services.metrics, lambda: "", SHORT,
        )  # fmt: skip
        reader, silent = arrive(session, "reader"), arrive(session, "silent")
        asked = 0
        for second in range(1, SECONDS + 1):
            session.fan_out.announce(m.Notice(code="idle", message="told to everybody"))
            session.tick(0)
            asked += await heartbeats(session, reader, answers=True)
            await heartbeats(session, silent, answers=False)
            assert bool(silent.close_code) is (second >= SHORT.silence)
        assert not reader.close_code
        assert asked == SECONDS // SHORT.heartbeat
        session.over()
