"""The live sessions of this process: begun by the first who comes, ended by the last who goes."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Final

from app import ports_server as stores
from app.domain.errors import TmiError
from app.domain.ids import new_id
from sync.protocol import messages as m
from sync.room import Arrival, Patience
from sync.server.context import Services
from sync.server.live.connection import Connection
from sync.server.live.register import Register
from sync.server.live.session import LiveSession
from sync.server.live.sign_ins import check_sign_ins

TICK_SECONDS: Final = 0.5
CHECK_SECONDS: Final = 0.8
LAST_WARNING: Final = 300.0
MOST_CONNECTIONS: Final = 1000  # of one session
log = logging.getLogger(__name__)


def patience_of(services: Services) -> Patience:
    """How long sessions wait, from the settings: people are warned before an idle session is closed."""
    idle = services.settings.server.session_idle_seconds
    return Patience(idle_close=idle, idle_warning=idle - min(LAST_WARNING, idle / 4))


class LiveHub:
    """All sessions. `start` it on the loop; `drain` it before sockets are closed; `stop` it at the end."""

    def __init__(self, services: Services, patience: Patience | None = None) -> None:
        self.services = services
        self._patience = patience or patience_of(services)
        self._register = Register(services)
        self._sessions: dict[str, LiveSession] = {}
        self._serving: dict[Connection, asyncio.Task[object] | None] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.draining = False

    @property
    def sessions(self) -> tuple[LiveSession, ...]:
        """The sessions that live now."""
        return tuple(self._sessions.values())

    def session(self, model_id: str) -> LiveSession | None:
        """The session of a model, if there is one."""
        return self._sessions.get(model_id)

    async def start(self) -> None:
        """Begin to watch time and access."""
        self._register.start()
        self.services.rooms.on_access_changed(self.access_changed)
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._watch_time()), loop.create_task(self._watch_access())]

    async def stop(self) -> None:
        """Stop watching, and close the books."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        for session in self.sessions:
            self._over(session)
        await self._register.stop()

    async def access_changed(self, model_id: str) -> None:
        """The roles on a model have changed: whoever is connected is judged anew, at once."""
        session = self._sessions.get(model_id)
        if session is not None:
            await self._check_access(session)

    def end(self, model_id: str, reason: m.EndReason = "ended", message: str = "") -> bool:
        """End the session of a model for everybody; False when there is none."""
        session = self._sessions.get(model_id)
        if session is None:
            return False
        session.end(reason, message)
        return True

    async def drain(self, timeout: float) -> bool:
        """Let nobody in, write what is waiting, tell everybody, close their sockets; True when in time."""
        self.draining = True
        for session in self.sessions:
            session.fan_out.announce(m.Notice(code="shutdown", message="the server is being stopped"))
        written = await self.services.rooms.drain(timeout)
        for session in self.sessions:
            session.end("shutdown", "the server is being stopped")
        serving = [task for task in self._serving.values() if task is not None]
        if serving:
            await asyncio.wait(serving, timeout=timeout)
        return written

    # Connections

    async def join(self, connection: Connection, arrival: Arrival, model_id: str) -> LiveSession:
        """Bring somebody into the session of a model, which begins when there is none."""
        moment = await self.services.rooms.state(model_id)
        session = self._sessions.get(model_id)
        if session is None:
            opened = await self._open(model_id, connection)
            # Meanwhile somebody else may have begun it, or the log gone on.
            moment = await self.services.rooms.state(model_id)
            session = self._sessions.get(model_id)
            if session is None:
                session = self._sessions[model_id] = LiveSession(
                    opened.id, model_id, opened.diagram_id, moment, self.services.rooms, self._register,
                    self.services.metrics, self._iso, self._patience,
                )  # fmt: skip
        self._serving[connection] = asyncio.current_task()
        self.services.metrics.connections.set(len(self._serving))
        session.arrive(connection, arrival)
        return session

    def gone(self, session: LiveSession, connection: Connection) -> None:
        """A socket is closed."""
        self._serving.pop(connection, None)
        self.services.metrics.connections.set(len(self._serving))
        session.gone(connection)
        if session.is_over:
            self._over(session)

    def is_full(self, model_id: str) -> bool:
        """Whether a session takes nobody more."""
        session = self._sessions.get(model_id)
        return session is not None and len(session.fan_out.connections) >= MOST_CONNECTIONS

    async def _open(self, model_id: str, connection: Connection) -> stores.Session:
        base = self.services.settings.base_url.replace("http", "ws", 1)
        address = f"{base}/threat_models/{model_id}/diagrams/{connection.diagram_id}/ws"
        wanted = stores.Session(
            id=new_id(), model_id=model_id, diagram_id=connection.diagram_id, websocket_url=address,
            host=connection.principal.user_id,
        )  # fmt: skip
        return await self.services.blocking(self.services.stores.sessions.open, wanted, self.services.clock())

    def _over(self, session: LiveSession) -> None:
        if self._sessions.get(session.model_id) is session:
            del self._sessions[session.model_id]
            session.over()

    def _iso(self) -> str:
        moment = datetime.fromtimestamp(self.services.clock(), UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    # Watching

    async def _watch_time(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            unwritten = self.services.rooms.waiting
            for session in self.sessions:
                session.tick(unwritten)
                if session.is_over:
                    self._over(session)

    async def _watch_access(self) -> None:
        """Accounts are disabled, groups change and grants run out without anybody telling us."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for session in self.sessions:
                try:
                    await self._check_access(session)
                    await check_sign_ins(self.services, session)
                except TmiError as error:
                    log.warning("access could not be read: %s", error)

    async def _check_access(self, session: LiveSession) -> None:
        services, meeting = self.services, session.meeting
        roles = await services.blocking(services.stores.access.roles, session.model_id, services.clock())
        for user_id, had in {one.user_id: one.role for one in meeting.participants}.items():
            role = m.Role(roles[user_id]) if user_id in roles else None
            if role is not m.Role.OWNER and self._is_administrator(session, user_id):
                user = await services.blocking(services.stores.users.get, user_id)
                if user is not None and user.administrator and not user.disabled:
                    role = m.Role.OWNER
            if role is not had:
                session.set_role(user_id, role)

    @staticmethod
    def _is_administrator(session: LiveSession, user_id: str) -> bool:
        principals = [one.principal for one in session.fan_out.connections.values()]
        return any(one.administrator for one in principals if one.user_id == user_id)
