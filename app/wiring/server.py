"""The server wiring: builds store, rooms, identity and application, and runs them. No Qt here."""

import asyncio
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import msgspec
import uvicorn
from platformdirs import user_data_path

from app.domain.errors import TmiError
from storage.server import ServerStore, open_server
from sync.server import logs
from sync.server.app import Server, create_app
from sync.server.auth.certificate import Certificate, load_certificate, own_certificate
from sync.server.auth.host import HostDoor
from sync.server.auth.middleware import Authenticate, enforce_roles
from sync.server.auth.routes import ENDPOINTS, auth_routes
from sync.server.auth.service import Auth, create_auth
from sync.server.auth.settings import token_settings
from sync.server.context import Services, Stores
from sync.server.live import LiveHub, channel, prepare_process, socket_options
from sync.server.memory import in_memory
from sync.server.metrics import Metrics
from sync.server.rooms import RoomHost
from sync.server.settings import Settings

THREADS: Final = 16
CUT_SECONDS: Final = 0.25
NO_REDIS: Final = (
    "database.redis is not used: this server is one process and keeps sessions and presence in its memory"
)
log = logging.getLogger(__name__)


class CannotServe(TmiError):
    """The server cannot start."""


def database_of(settings: Settings) -> Path | str:
    """The server's file, or the address of its PostgreSQL database."""
    postgres = settings.database.postgres
    if postgres is None:
        given = settings.database.sqlite.path
        return Path(given) if given else user_data_path("TMI Desktop", appauthor=False) / "server.db"
    user = quote(postgres.user, safe="")
    if postgres.password:
        user += ":" + quote(postgres.password, safe="")
    where = f"{postgres.host}:{postgres.port}/{quote(postgres.database, safe='')}"
    return f"postgresql://{user}@{where}?sslmode={postgres.sslmode}"


def version() -> str:
    """The program's version."""
    try:
        return metadata.version("tmi-desktop")
    except metadata.PackageNotFoundError:
        return "0"


@dataclass(frozen=True)
class Built:
    """A server that is put together and not yet listening."""

    app: Server
    live: LiveHub
    services: Services
    auth: Auth
    store: ServerStore


@contextmanager
def build(
    settings: Settings, *, clock: Callable[[], float] = time.time, fingerprint: str = "",
    host: HostDoor | None = None,
) -> Iterator[Built]:  # fmt: skip
    """Put a server together; the store is closed at the end. LibraryError when it cannot be opened."""
    where = database_of(settings)
    store = open_server(where)
    threads = ThreadPoolExecutor(THREADS, "server")
    try:
        now = clock()
        store.sweep(now)
        store.sessions.end_all(now)
        kept = Stores(
            rooms=store.rooms, uploads=store.uploads, users=store.users, groups=store.groups,
            access=store.access, tokens=store.tokens, tickets=store.tickets, invites=store.invites,
            idempotency=store.idempotency, chain=store.chain, sessions=store.sessions,
            catalogue=store.catalogue,
        )  # fmt: skip
        counted = Metrics()
        rooms = RoomHost(
            store.rooms, threads, counted, epoch=store.settle_epoch(), clock=clock,
            versions=store.catalogue.versions, max_rooms=settings.server.max_rooms,
        )  # fmt: skip
        services = Services(
            settings=settings, stores=kept, rooms=rooms, coordination=in_memory(clock), metrics=counted,
            clock=clock, threads=threads, ready=store.ready, version=version(),
        )  # fmt: skip
        auth = create_auth(token_settings(settings, fingerprint), kept, clock, host=host)
        live = LiveHub(services)
        app = create_app(
            services, authenticate=Authenticate(), endpoints=ENDPOINTS, routes=[*auth_routes(), channel],
            state={"auth": auth, "live": live}, guards=[enforce_roles],
        )  # fmt: skip
        app.on_startup.append(live.start)
        app.on_shutdown.append(live.stop)
        yield Built(app, live, services, auth, store)
    finally:
        threads.shutdown()
        store.close()


@dataclass(frozen=True)
class Begun:
    """A server that listens now. `stop` may be called from any thread: it drains, then ends."""

    port: int
    fingerprint: str
    stop: Callable[[], None]


class _Telling(uvicorn.Server):
    """Tells that it listens, once it does."""

    def __init__(
        self, config: uvicorn.Config, live: LiveHub, patience: float, begun: Callable[["_Telling"], None]
    ) -> None:
        super().__init__(config)
        self._live = live
        self._patience = patience
        self._begun = begun

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started:
            self._begun(self)

    def stop(self) -> None:
        """Drain and end, soon."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Write what is waiting and tell everybody, then close what is open."""
        await self._live.drain(self._patience)
        cutting = asyncio.create_task(self._cut_what_idles())
        try:
            await super().shutdown(sockets)
        finally:
            cutting.cancel()

    async def _cut_what_idles(self) -> None:
        """Over TLS a client that is not reading never answers our farewell: nothing is owed to it."""
        while True:
            await asyncio.sleep(CUT_SECONDS)
            for connection in list(self.server_state.connections):
                transport = connection.transport
                if transport.is_closing() and not transport.get_write_buffer_size():
                    transport.abort()


def certificate_of(settings: Settings) -> Certificate | None:
    """The certificate for TLS: the one that is set, else an own one; None without TLS."""
    server = settings.server
    if not server.tls_enabled:
        return None
    if server.tls_cert_file:
        return load_certificate(Path(server.tls_cert_file), Path(server.tls_key_file))
    where = database_of(settings)
    folder = where.parent if isinstance(where, Path) else user_data_path("TMI Desktop", appauthor=False)
    host = urlsplit(settings.base_url).hostname
    return own_certificate(folder, (host,) if host else ())


def listening(settings: Settings) -> socket.socket:
    """A socket on the settings' address. CannotServe when it is taken or not this machine's."""
    server = settings.server
    family = socket.AF_INET6 if ":" in server.interface else socket.AF_INET
    where = f"{server.interface} port {server.port}"
    try:
        made = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise CannotServe(f"cannot listen on {where}: {error.strerror or error}") from None
    try:
        if sys.platform != "win32":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if server.interface == "::":  # IPv4 as well, which systems see differently by themselves
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        made.bind((server.interface, server.port))
        made.listen(2048)
    except OSError as error:
        made.close()
        raise CannotServe(f"cannot listen on {where}: {error.strerror or error}") from None
    return made


def run(settings: Settings) -> int:
    """Serve until told to stop; returns the exit status."""
    start_log(settings)
    if settings.database.redis is not None:
        log.warning(NO_REDIS)

    def begun(server: Begun) -> None:
        here = msgspec.structs.replace(settings.server, port=server.port, public_url="")
        sys.stdout.write(f"serving on {msgspec.structs.replace(settings, server=here).base_url}\n")
        sys.stdout.flush()

    with listening(settings) as held:
        serve(settings, held, begun)
    return 0


def start_log(settings: Settings) -> None:
    """Send what is logged where the settings say. CannotServe when it cannot be written there."""
    try:
        logs.set_up(settings.logging)
    except OSError as error:
        raise CannotServe(f"{settings.logging.log_dir}: {error.strerror or error}") from None


def serve(
    settings: Settings, held: socket.socket, begun: Callable[[Begun], None], host: HostDoor | None = None
) -> None:
    """Serve on a socket that listens until told to stop. `begun` is told once everybody is let in."""
    server = msgspec.structs.replace(settings.server, port=held.getsockname()[1])
    settings = msgspec.structs.replace(settings, server=server)
    own = certificate_of(settings)
    fingerprint = own.fingerprint if own else ""

    def told(running: _Telling) -> None:
        begun(Begun(server.port, fingerprint, running.stop))

    with build(settings, fingerprint=fingerprint, host=host) as built:
        config = uvicorn.Config(
            built.app, access_log=False, log_config=None, lifespan="on", proxy_headers=False,
            server_header=False, timeout_keep_alive=int(server.idle_timeout),
            timeout_graceful_shutdown=int(server.shutdown_timeout),
            h11_max_incomplete_event_size=64 * 1024, **socket_options(),
            ssl_certfile=own.certificate if own else None, ssl_keyfile=own.key if own else None,
        )  # fmt: skip
        prepare_process()
        _run(_Telling(config, built.live, server.shutdown_timeout, told), held)


def _run(server: _Telling, held: socket.socket) -> None:
    # uvicorn raises the signals that ended it once more, and everything is still to be closed then.
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[held])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
