"""A real server in its own process on a real file, with people who are signed in."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import httpx

from app.ports_server import User
from app.wiring.server import build
from sync.server.configuration import read_settings
from sync.server.settings import Settings
from tests.manners import ROOT

NAMES = ("ada", "bob", "eve", "admin")
PATIENCE = 30.0
PUBLIC = "http://tmi.test"


def settings_of(folder: Path, **server: object) -> Settings:
    """Settings for a server on a file in this folder."""
    given: dict[tuple[str, ...], object] = {
        ("database", "sqlite", "path"): str(folder / "server.db"), ("server", "port"): 0,
        ("server", "public_url"): PUBLIC,
    }  # fmt: skip
    return read_settings(None, {}, given | {("server", name): value for name, value in server.items()})


@dataclass
class Running:
    """A server that runs, and what is needed to talk to it."""

    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    url: str = ""
    port: int = 0
    public: str = PUBLIC

    def people(self) -> None:
        """Make the users, and sign them in."""
        with build(settings_of(self.folder, public_url=self.public)) as built:
            for name in NAMES:
                user = built.store.users.create(
                    User(id=_id(name), email=f"{name}@example.org", name=name, provider="local",
                         provider_user_id=name, administrator=name == "admin"),
                    time.time(),
                )  # fmt: skip
                self.ids[name] = user.id
                self.tokens[name] = built.auth.signer.access_token(
                    user, client_id="tmi-desktop", scope="openid", sid=_id(name)
                )

    def start(self) -> None:
        """Start the process, and wait until it listens."""
        environment = os.environ | {
            "TMI_DATABASE_SQLITE_PATH": str(self.folder / "server.db"),
            "TMI_SERVER_PUBLIC_URL": self.public, **self.environment,
        }  # fmt: skip
        log = (self.folder / "server.log").open("a")
        with log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app", "serve", "--port", str(self.port)], cwd=ROOT, env=environment,
                stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        said: Queue[str] = Queue()
        assert self.process.stdout is not None
        reader = Thread(target=lambda out: said.put(out.readline()), args=(self.process.stdout,))
        reader.start()
        reader.join(PATIENCE)
        line = said.get(timeout=PATIENCE)
        assert line.startswith("serving on "), (line, self.log()[-2000:])
        self.url = line.split()[2]

    @property
    def rss_mb(self) -> float:
        """The memory of the process; 0 where the system does not tell."""
        status = Path(f"/proc/{self.process.pid if self.process else 0}/status")
        if not status.exists():
            return 0.0
        return round(int(status.read_text("ascii").split("VmRSS:")[1].split()[0]) / 1024, 1)

    def log(self) -> str:
        """What it has logged."""
        return (self.folder / "server.log").read_text("utf-8")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it; returns the exit status."""
        if self.process is None:
            return 0
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None
        return status

    def client(self, name: str = "") -> httpx.Client:
        """A client that speaks for somebody, or for nobody."""
        headers = {"Authorization": f"Bearer {self.tokens[name]}"} if name else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE)


def _id(name: str) -> str:
    return f"00000000-0000-7000-8000-{name.encode().hex():0>12}"


@contextmanager
def running(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """A server with its people, ended afterwards."""
    one = Running(folder, environment=environment or {})
    one.people()
    one.start()
    try:
        yield one
    finally:
        one.stop()


def data(response: httpx.Response, status: int = 200) -> Any:
    """What is in the wrapper of an answer that must have this status."""
    body = json.loads(response.content)
    assert response.status_code == status, (response.request.method, str(response.request.url), body)
    assert set(body) == {"success", "data", "error", "meta"}
    assert body["success"] is (status < 400)
    assert body["meta"]["request_id"] == response.headers["x-request-id"]
    return body["data"] if status < 400 else body["error"]
