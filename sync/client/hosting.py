"""Hosting from this machine: the server as a child of the desktop, watched, signed in to, and stopped.

The child has a database of its own and goes on with its port and certificate, so that links that are out lead
to it after a restart. It ends when this program does, however that ends.
"""

import asyncio
import contextlib
import os
import secrets
import socket
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from sync.client.child import Child, program
from sync.client.errors import HostingFailed, Refused
from sync.client.http import ServerHttp
from sync.client.secrets import MemoryStore
from sync.client.tokens import CLIENT, AccountTokens, TokenAnswer, reached, sign_in_places
from sync.protocol.hosting import (
    HOST_GRANT,
    LOOPBACK,
    READY,
    STOP,
    Admit,
    Admitted,
    FromServer,
    Host,
    Listening,
)

START_SECONDS: Final = 60.0
ANSWER_SECONDS: Final = 10.0
# The server itself gives up draining before that.
DRAIN_SECONDS: Final = 45.0
TERMINATE_SECONDS: Final = 5.0
MOST_LOG: Final = 2000
LAST_WORDS: Final = 20
COMPLAINT: Final = "tmi-desktop: "
# Settings and secrets of other servers are none of its business.
SETTINGS: Final = "TMI_"
_from_server = msgspec.json.Decoder(FromServer)


def everywhere() -> str:
    """The interface for guests in the network: both families where this machine can serve them at once."""
    return "::" if socket.has_dualstack_ipv6() else "0.0.0.0"  # noqa: S104 - sharing is asked for


@dataclass(frozen=True, kw_only=True)
class Hosting:
    """What is hosted: the database's file, who hosts, and where it listens.

    `port` None is the one that it had before, else any that is free; beyond loopback there is always TLS.
    With `guests_wait` nobody but the host gets in before `let_guests_in`.
    """

    database: Path
    user_id: str
    name: str
    interface: str = LOOPBACK
    port: int | None = None
    tls: bool = False
    guests_wait: bool = False

    def command(self) -> list[str]:
        """The command that serves it: nothing secret, since every program of the machine can read it."""
        asked = ["serve", "--hosted", "--database", str(self.database), "--interface", self.interface]
        asked += [] if self.port is None else ["--port", str(self.port)]
        return [*program(), *asked, *(["--tls"] if self.tls else [])]


@dataclass(frozen=True)
class Ended:
    """How a hosted server ended. `expected` when it was told to, else `last_words` may say why."""

    status: int
    expected: bool
    last_words: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """In one line for people."""
        if self.expected:
            return "the server was stopped"
        how = f"was ended by signal {-self.status}" if self.status < 0 else f"ended with {self.status}"
        said = _reason(self.last_words, self.status)
        return f"the server {how}{': ' if said else ''}{said}"


class HostedServer:
    """One run of the server. `start` it; `sign_in` to it; `stop` it, or hear by `wait` that it has ended."""

    def __init__(self, hosting: Hosting, on_log: Callable[[Sequence[str]], object]) -> None:
        self.hosting = hosting
        self._on_log = on_log
        self._log: deque[str] = deque(maxlen=MOST_LOG)
        loop = asyncio.get_running_loop()
        self._listening: asyncio.Future[Listening] = loop.create_future()
        self._ended: asyncio.Future[Ended] = loop.create_future()
        self._admitted = asyncio.Event()
        self._signing_in = asyncio.Lock()
        self._secret = secrets.token_urlsafe(32)
        self._stopping = False
        self._child: Child | None = None

    @classmethod
    async def start(
        cls, hosting: Hosting, *, on_log: Callable[[Sequence[str]], object] = lambda lines: None,
        patience: float = START_SECONDS, environment: Mapping[str, str] | None = None,
    ) -> "HostedServer":  # fmt: skip
        """Start the server; returns once it listens. HostingFailed, with what it said, when it does not.

        `on_log` is told the lines of its log as they come, on the loop. Cancelling ends the server.
        """
        one = cls(hosting, on_log)
        try:
            await one._begin(patience, os.environ if environment is None else environment)
        except BaseException:
            one._give_up()
            raise
        return one

    @property
    def listening(self) -> Listening:
        """Where it listens: what a client on this machine needs, and what links are made of."""
        return self._listening.result()

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines of its log."""
        return tuple(self._log)

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return not self._ended.done()

    async def wait(self) -> Ended:
        """Wait until it has ended."""
        return await asyncio.shield(self._ended)

    async def connect(self) -> ServerHttp:
        """A way to it, which the caller closes."""
        return await ServerHttp.open(self.listening.address, self.listening.fingerprint)

    async def sign_in(self, http: ServerHttp) -> AccountTokens:
        """The tokens of who hosts, kept in memory only. They stay good when the server is started again.

        As often as needed: each time with a secret of its own, which goes to the server over its input.
        """
        async with self._signing_in:
            secret, self._secret = self._secret or await self._fresh_secret(), ""
            form = {"grant_type": HOST_GRANT, "secret": secret, "client_id": CLIENT}
            places = await sign_in_places(http)
            path = reached(places, places.token_endpoint)
            try:
                answer = await http.fetch_plain(TokenAnswer, "POST", path, form=form)
            except Refused as error:
                raise HostingFailed("the server of this machine does not let in who hosts it") from error
        tokens = AccountTokens(http, MemoryStore(), self.hosting.user_id)
        await tokens.start(answer)
        return tokens

    async def let_guests_in(self) -> None:
        """What the host brings is there: everybody may come."""
        if self._child is not None and self.is_running:
            await self._child.write(READY)

    async def stop(
        self, *, patience: float = DRAIN_SECONDS, last_patience: float = TERMINATE_SECONDS
    ) -> Ended:
        """Have it write what is waiting, tell everybody and end; it is made to when it takes too long."""
        self._stopping = True
        if self._child is not None and self.is_running:
            await self._child.write(STOP)
            await self._child.end(patience=patience, last_patience=last_patience)
        return await self.wait()

    # What the child says

    def said(self, line: bytes) -> None:
        """A line of its standard output."""
        try:
            message = _from_server.decode(line)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            self.logged([line.decode("utf-8", "replace").rstrip()])
            return
        if isinstance(message, Admitted):
            self._admitted.set()
        elif not self._listening.done():
            self._listening.set_result(message)

    def logged(self, lines: Sequence[str]) -> None:
        """Lines of its log."""
        self._log.extend(lines)
        self._on_log(lines)

    def ended(self, status: int) -> None:
        """It is gone."""
        last = tuple(self._log)[-LAST_WORDS:]
        if not self._ended.done():
            self._ended.set_result(Ended(status, self._stopping and status == 0, last))
        self._admitted.set()

    # How it is done

    async def _begin(self, patience: float, environment: Mapping[str, str]) -> None:
        clean = {name: value for name, value in environment.items() if not name.startswith(SETTINGS)}
        clean["PYTHONIOENCODING"] = "utf-8"
        try:
            self._child = await Child.start(self.hosting.command(), self, environment=clean)
        except OSError as error:
            raise HostingFailed(f"the server cannot be started: {error.strerror or error}") from None
        host = Host(self._secret, self.hosting.user_id, self.hosting.name, self.hosting.guests_wait)
        await self._child.write(msgspec.json.encode(host))
        await asyncio.wait(
            (self._listening, self._ended), timeout=patience, return_when=asyncio.FIRST_COMPLETED
        )
        if self._listening.done() and self.is_running:
            return
        if self.is_running:
            raise HostingFailed(f"the server did not start within {patience:.0f} seconds", log=self.log)
        status = self._ended.result().status
        said = _reason(self.log, status) or f"it ended with status {status}"
        raise HostingFailed(f"the server did not start: {said}", log=self.log)

    def _give_up(self) -> None:
        self._stopping = True
        if self._child is not None and self.is_running:
            self._child.kill()

    async def _fresh_secret(self) -> str:
        secret = secrets.token_urlsafe(32)
        self._admitted.clear()
        if self._child is not None and self.is_running:
            await self._child.write(msgspec.json.encode(Admit(secret)))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._admitted.wait(), ANSWER_SECONDS)
        if not self.is_running:
            raise HostingFailed("the server of this machine has ended", log=self.log)
        if not self._admitted.is_set():
            raise HostingFailed("the server of this machine does not answer", log=self.log)
        return secret


def _reason(log: Sequence[str], status: int) -> str:
    """What it complained of, else the last thing that it said, unless it was not asked (a signal)."""
    said = [line for line in log if line.strip()]
    complaints = [line.removeprefix(COMPLAINT) for line in said if line.startswith(COMPLAINT)]
    return (complaints or (said if status >= 0 else []) or [""])[-1]
