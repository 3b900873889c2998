"""A real server on loopback with identity over a real store, and a clock that a test can turn."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import uvicorn
from argon2 import PasswordHasher
from litestar import Litestar, Request, Response

from app.ports_server import ServerEvent, Slice, User
from storage.server import ServerStore, open_server
from sync.server.auth.accounts import create_account
from sync.server.auth.middleware import Authenticate, enforce_roles
from sync.server.auth.passwords import Passwords
from sync.server.auth.routes import ENDPOINTS, auth_routes
from sync.server.auth.service import Auth, create_auth
from sync.server.auth.settings import TokenSettings
from sync.server.context import Services, Stores
from sync.server.errors import problem_of
from sync.server.responses import refused
from sync.server.rest.endpoint import handler_of
from sync.server.settings import Settings

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
PASSWORD = "correct horse battery"
FINGERPRINT = "ab" * 32


class Clock:
    """The real time and what a test has added to it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return time.time() + self.ahead


@dataclass
class Served:
    """A running server and all that a test looks into."""

    url: str
    auth: Auth
    store: ServerStore
    clock: Clock
    folder: Path

    def account(self, name: str, **more: Any) -> User:
        """A local account with the password of the tests."""
        more.setdefault("must_change", False)
        return create_account(self.auth, name, PASSWORD, email=f"{name}@example.org", **more)

    def access_token(self, user: User) -> str:
        """An access token of a user, without signing in."""
        sid = f"sid-{user.id}"
        return self.auth.signer.access_token(user, client_id="tmi-desktop", scope="openid", sid=sid)

    def bearer(self, user: User) -> dict[str, str]:
        """The headers of a user's requests."""
        return {"Authorization": f"Bearer {self.access_token(user)}"}

    def events(self, type: str = "") -> list[ServerEvent]:
        """The events of the server's chain, oldest first."""
        page = self.store.chain.events(Slice(limit=1000))
        return [event for event in reversed(page.items) if not type or event.type == type]


def _refuse(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    return refused(request, problem_of(error))


class Host:
    """One listener for all tests; what it serves is each test's own."""

    def __init__(self) -> None:
        self._started = threading.Event()
        self.app = Litestar(
            [*auth_routes(), *(handler_of(endpoint, {}) for endpoint in ENDPOINTS)],
            middleware=[Authenticate()],
            guards=[enforce_roles],
            exception_handlers={Exception: _refuse},
            openapi_config=None,
            on_startup=[self._started.set],
        )
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._threads = ThreadPoolExecutor(2)
        self._server = uvicorn.Server(uvicorn.Config(self.app, log_config=None, timeout_graceful_shutdown=2))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="tests' server")

    def __enter__(self) -> "Host":
        both = threading.Barrier(2)  # threads of the pool that a test starts would look like its leaks
        list(self._threads.map(lambda _: both.wait(), range(2)))
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._threads.shutdown()
        self._socket.close()

    @contextmanager
    def serving(self, folder: Path, **settings: Any) -> Iterator[Served]:
        """Serve a store of its own in a folder; `settings` are those of tokens."""
        clock, store, nothing = Clock(), open_server(folder / "server.db"), cast(Any, None)
        try:
            told = {"fingerprint": FINGERPRINT, "issuer": self.url, **settings}
            auth = create_auth(TokenSettings(**told), store, clock, QUICK)
            self.app.state.auth = auth
            self.app.state.services = Services(
                settings=Settings(), stores=cast(Stores, store), rooms=nothing, coordination=nothing,
                metrics=nothing, clock=clock, threads=self._threads,
            )  # fmt: skip
            yield Served(self.url, auth, store, clock, folder)
        finally:
            store.close()
