"""A server that a desktop hosts: its child, with a database, a port and a certificate of its own. No Qt here.

It takes nothing from the environment or a file of settings: what is set for another server of this machine
is none of its business.
"""

import os
import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from app.wiring import parent
from app.wiring.server import Begun, CannotServe, listening, log, serve, start_log
from sync.protocol.hosting import LOCAL, LOOPBACK, READY, Admit, Admitted, FromServer, Host, Listening
from sync.server.auth.host import HostDoor
from sync.server.settings import (
    AuthSettings,
    DatabaseSettings,
    LoggingSettings,
    ServerSettings,
    Settings,
    SqliteSettings,
)

# A room full of guests may come from one address, and there are no passwords that could be guessed.
SIGN_INS_A_MINUTE: Final = 600
# Nobody is thrown out over a lunch break: the host ends it.
SESSION_IDLE: Final = 12 * 3600.0
# For each of three things in a row: writing, telling everybody, answering what was asked.
DRAIN_SECONDS: Final = 12.0
# Below the ports that systems give to whoever connects somewhere, any of which may be taken tomorrow.
PORTS: Final = range(20_000, 30_000)
ATTEMPTS: Final = 8
NOTHING_SAID: Final = "serve --hosted is for the desktop, which says on standard input who hosts"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a hosted server keeps its database and where it listens.

    `port` None is the one that it had before, else any; a server beyond loopback has TLS always.
    """

    database: Path
    interface: str = LOOPBACK
    port: int | None = None
    tls: bool = False

    @property
    def has_tls(self) -> bool:
        """Whether it speaks TLS."""
        return self.tls or self.interface not in LOCAL

    @property
    def port_file(self) -> Path:
        """Where the port is remembered, so that links that are out go on leading here."""
        return self.database.with_name(f"{self.database.name}.port")


def settings_of(place: Place, port: int) -> Settings:
    """The settings of a hosted server; only invites and the host's secret let anybody in."""
    host = f"[{place.interface}]" if place.interface == "::1" else LOOPBACK
    return Settings(
        server=ServerSettings(
            port=port, interface=place.interface, tls_enabled=place.has_tls,
            public_url=f"{'https' if place.has_tls else 'http'}://{host}:{port}" if port else "",
            auth_requests_per_minute=SIGN_INS_A_MINUTE, session_idle_seconds=SESSION_IDLE,
            shutdown_timeout=DRAIN_SECONDS,
        ),
        database=DatabaseSettings(sqlite=SqliteSettings(path=str(place.database))),
        auth=AuthSettings(local_accounts=False),
        logging=LoggingSettings(is_dev=True),
    )  # fmt: skip


def run(place: Place) -> int:
    """Serve until the parent says stop or is gone; returns the exit status."""
    said = parent.lines()
    door = host_of(said)
    start_log(settings_of(place, 0))

    def told(line: bytes) -> None:
        if line == READY:
            door.let_guests_in()
            return
        try:
            door.open(msgspec.json.decode(line, type=Admit).secret)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            log.warning("a line on standard input was not understood")
            return
        _say(Admitted())

    line = parent.Parent(said, told)
    held, moved_from = bound(place)
    with held:
        port = held.getsockname()[1]
        settings = settings_of(place, port)

        def begun(server: Begun) -> None:
            _remember(place, port)
            _say(
                Listening(
                    address=settings.base_url, port=port, pid=os.getpid(), interface=place.interface,
                    fingerprint=server.fingerprint, moved_from=moved_from,
                )
            )  # fmt: skip
            line.when_gone(server.stop)

        serve(settings, held, begun, door)
    return 0


def host_of(said: Iterator[bytes]) -> HostDoor:
    """The way in of the host whom the first line names."""
    if sys.stdin is not None and sys.stdin.isatty():
        raise CannotServe(NOTHING_SAID)
    try:
        host = msgspec.json.decode(next(said, b""), type=Host)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise CannotServe(NOTHING_SAID) from None
    door = HostDoor(host.user_id, host.name, guests_wait=host.guests_wait)
    door.open(host.secret)
    return door


def bound(place: Place) -> tuple[socket.socket, int]:
    """A socket that listens, and the port of earlier links where that is taken."""
    kept = _kept_port(place) if place.port is None else place.port
    try:
        return (listening(settings_of(place, kept)) if kept else _anywhere(place)), 0
    except CannotServe:
        if place.port is not None or not kept:
            raise
    log.warning("port %d is taken: links that are out lead nowhere now", kept)
    return _anywhere(place), kept


def _anywhere(place: Place) -> socket.socket:
    """A socket on a port that is likely to be free the next time as well."""
    for _ in range(ATTEMPTS):
        with suppress(CannotServe):
            return listening(settings_of(place, PORTS.start + secrets.randbelow(len(PORTS))))
    return listening(settings_of(place, 0))


def _remember(place: Place, port: int) -> None:
    """Keep the port, once the database is ours: another server on it keeps its own."""
    try:
        place.port_file.write_text(f"{port}\n", "ascii")
    except OSError as error:
        log.warning("%s: the port cannot be kept: %s", place.port_file, error.strerror or error)


def _kept_port(place: Place) -> int:
    with suppress(OSError, ValueError):
        port = int(place.port_file.read_text("ascii"))
        if 0 < port < 65_536:
            return port
    return 0


def _say(message: FromServer) -> None:
    """Tell the parent; one that is gone is noticed elsewhere."""
    with suppress(OSError, ValueError):
        sys.stdout.write(msgspec.json.encode(message).decode() + "\n")
        sys.stdout.flush()
