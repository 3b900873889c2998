"""The server wiring: builds store, rooms, identity and application, and runs them. No Qt here."""

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
    settings: Settings, *, clock: Callable[[], float] = time.time, fingerprint: str = ""
) -> Iterator[Built]:
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
        auth = create_auth(token_settings(settings, fingerprint), kept, clock)
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


class _Telling(uvicorn.Server):
    """Says on standard output where it listens, once it does."""

    def __init__(self, config: uvicorn.Config, address: str, live: LiveHub, patience: float) -> None:
        super().__init__(config)
        self._address = address
        self._live = live
        self._patience = patience

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(f"serving on {self._address}\n")
            sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Write what is waiting and tell everybody, then close what is open."""
        await self._live.drain(self._patience)
        await super().shutdown(sockets)


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
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((server.interface, server.port))
        made.listen(2048)
    except OSError as error:
        made.close()
        where = f"{server.interface} port {server.port}"
        raise CannotServe(f"cannot listen on {where}: {error.strerror or error}") from None
    return made


def run(settings: Settings) -> int:
    """Serve until told to stop; returns the exit status."""
    try:
        logs.set_up(settings.logging)
    except OSError as error:
        raise CannotServe(f"{settings.logging.log_dir}: {error.strerror or error}") from None
    if settings.database.redis is not None:
        log.warning(NO_REDIS)
    held = listening(settings)
    with held:
        port = held.getsockname()[1]
        settings = msgspec.structs.replace(
            settings, server=msgspec.structs.replace(settings.server, port=port)
        )
        own = certificate_of(settings)
        with build(settings, fingerprint=own.fingerprint if own else "") as built:
            _serve(built, settings, held, own)
    return 0


def _serve(built: Built, settings: Settings, held: socket.socket, own: Certificate | None) -> None:
    server = settings.server
    config = uvicorn.Config(
        built.app, access_log=False, log_config=None, lifespan="on", proxy_headers=False,
        server_header=False, timeout_keep_alive=int(server.idle_timeout),
        timeout_graceful_shutdown=int(server.shutdown_timeout),
        h11_max_incomplete_event_size=64 * 1024, **socket_options(),
        ssl_certfile=own.certificate if own else None, ssl_keyfile=own.key if own else None,
    )  # fmt: skip
    local = msgspec.structs.replace(settings, server=msgspec.structs.replace(server, public_url="")).base_url
    prepare_process()
    # uvicorn raises the signals that ended it once more, and everything is still to be closed then.
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        _Telling(config, local, built.live, server.shutdown_timeout).run(sockets=[held])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
