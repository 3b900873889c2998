"""`tmi-desktop serve`: starts where no GUI package is installed, says what is wrong in one line."""

import json
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


HOST = json.dumps({"secret": "s" * 43, "user_id": "00000000-0000-7000-8000-0000000000ad", "name": "Ada"})
ELSEWHERE = {
    "TMI_SERVER_PORT": "1", "TMI_SERVER_INTERFACE": "203.0.113.77", "TMI_AUTH_JWT_SIGNING_METHOD": "HS256",
    "TMI_SERVER_TLS_ENABLED": "true", "TMI_LOGGING_LOG_DIR": "/proc/none", "TMI_SERVER_NONSENSE": "x",
}  # fmt: skip


def _hosted(folder: Path, said: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", GUARD, "serve", "--hosted", "--database", str(folder / "h.db"), *arguments],
        cwd=ROOT, env=os.environ | ELSEWHERE, input=said, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_hosted_ends_with_its_input_and_knows_no_environment(tmp_path: Path) -> None:
    """One line that a program reads, then the end of input, or the word for it, and status 0."""
    first = _hosted(tmp_path, f"{HOST}\n")
    again = _hosted(tmp_path, f'{HOST}\nnonsense\n{{"secret": "{"t" * 43}"}}\nstop\n')
    said = [json.loads(line) for line in first.stdout.splitlines()]
    assert [one["event"] for one in said] == ["listening"], first.stderr
    assert said[0]["address"] == f"http://127.0.0.1:{said[0]['port']}"
    assert (first.returncode, again.returncode) == (0, 0)
    events = [json.loads(line) for line in again.stdout.splitlines()]
    assert sorted(one["event"] for one in events) == ["admitted", "listening"]
    assert [one["port"] for one in events if "port" in one] == [said[0]["port"]], "its own, once more"
    assert "was not understood" in again.stderr
    assert "sss" not in first.stderr + again.stderr


def test_what_hosting_needs_is_said_in_one_line(tmp_path: Path) -> None:
    """Nothing on standard input, something else, and arguments that do not go together."""
    cases = [
        (_hosted(tmp_path, "hello\n"), "standard input"),
        (_hosted(tmp_path, HOST, "--interface", "192.168.1.7"), "--interface is one of"),
        (_hosted(tmp_path, HOST, "--config", "c.yaml"), "takes no --config"),
    ]
    with _serve(tmp_path, "--database", "x.db") as process:
        _, err = process.communicate(timeout=30)
    assert "--database belongs to --hosted" in err
    for done, said in cases:
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.startswith("tmi-desktop: ")
        assert done.stderr.count("\n") == 1
        assert said in done.stderr
    assert not (tmp_path / "h.db").exists()
