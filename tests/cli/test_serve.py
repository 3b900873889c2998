"""`tmi-desktop serve`: starts where no GUI package is installed, says what is wrong in one line."""

import os
import signal
import ssl
import subprocess
import sys
from pathlib import Path

import httpx

from tests.manners import ROOT
from tests.sync.server.running import running

GUARD = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "qasync"):
            raise ImportError("no " + name + " here")
sys.meta_path.insert(0, Refuse())
from app.__main__ import main
sys.exit(main())
"""


def _serve(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {"TMI_DATABASE_SQLITE_PATH": str(folder / "server.db")}
    return subprocess.Popen(
        [sys.executable, "-c", GUARD, "serve", *arguments], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_it_serves_without_qt(tmp_path: Path) -> None:
    """It listens, and ends with 0 when told to."""
    with _serve(tmp_path, "--port", "0") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert line.startswith("serving on http://127.0.0.1:"), err
    assert process.returncode == 0, (out, err)
    assert "Traceback" not in err


def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    """A bad file, a bad port, an address that is not this machine's."""
    config = tmp_path / "c.yaml"
    config.write_text("server: {interface: 203.0.113.77}\n", "utf-8")
    cases = {
        ("--config", str(tmp_path / "none.yaml")): "none.yaml",
        ("--port", "many"): "--port",
        ("--config", str(config), "--port", "0"): "cannot listen on 203.0.113.77",
    }
    for arguments, said in cases.items():
        with _serve(tmp_path, *arguments) as process:
            out, err = process.communicate(timeout=30)
        assert process.returncode == 2, (out, err)
        assert err.startswith("tmi-desktop: ")
        assert err.count("\n") == 1
        assert said in err


def test_a_file_in_use_is_not_served_twice(tmp_path: Path) -> None:
    """The second server says who holds the file."""
    with _serve(tmp_path, "--port", "0") as first:
        assert first.stdout is not None
        first.stdout.readline()
        with _serve(tmp_path, "--port", "0") as second:
            _, err = second.communicate(timeout=30)
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=30)
    assert second.returncode == 2
    assert "is in use" in err
    assert err.count("\n") == 1


def test_tls_with_an_own_certificate(tmp_path: Path) -> None:
    """Without a certificate the server makes one, and answers over TLS with it."""
    config = tmp_path / "c.yaml"
    config.write_text("server: {tls_enabled: true}\n", "utf-8")
    with _serve(tmp_path, "--config", str(config), "--port", "0") as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[2]
        trusting = ssl.create_default_context(cafile=tmp_path / "server.crt")
        answer = httpx.get(f"{url}/health", verify=trusting)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert url.startswith("https://")
    assert answer.status_code == 200


def test_redis_is_said_not_to_be_used(tmp_path: Path) -> None:
    """The seed's file names one: it must start, and nobody may believe that several processes share it."""
    with running(tmp_path, {"TMI_DATABASE_REDIS_HOST": "localhost"}) as server:
        server.stop()
        assert "database.redis is not used" in server.log()
