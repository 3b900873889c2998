"""Backing a server up while it serves, restoring it, and its signing keys: the administrator's commands."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from app.cli.parser import run
from app.ports_server import Slice
from storage.server import open_server
from tests.sync.server.running import Running, data, running


@pytest.fixture
def config(tmp_path: Path) -> list[str]:
    """The arguments that name the settings of the server in this folder."""
    file = tmp_path / "server.yaml"
    file.write_text(f"database:\n  sqlite:\n    path: {tmp_path / 'server.db'}\n")
    return ["--config", str(file)]


def state(server: Running, model: str) -> Any:
    with server.client("ada") as ada:
        return data(ada.get(f"/threat_models/{model}/state"))


def test_back_to_a_backup(tmp_path: Path, config: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Made while people work; afterwards the server is what it was, under another epoch."""
    backup = tmp_path / "monday.db"
    with running(tmp_path) as server:
        with server.client("ada") as ada:
            model = data(ada.post("/threat_models", json={"name": "Kept"}), 201)["id"]
            assert run(["backup", str(backup), *config]) == 0
            assert "1 models, 1 events, 0 broken" in capsys.readouterr().out
            data(ada.post(f"/threat_models/{model}/notes", json={"name": "Late", "content": "x"}), 201)
        before = state(server, model)
        assert run(["restore", str(backup), *config]) == 2
        assert "in use by" in capsys.readouterr().err
        server.stop()
        assert run(["restore", str(backup), *config]) == 0
        said = capsys.readouterr().out
        aside = Path(said.split("what was there before is ")[1].strip())
        assert aside.is_file()
        restored = open_server(tmp_path / "server.db")
        assert "restored" in [one.type for one in restored.chain.events(Slice()).items]
        restored.close()
        server.start()
        after = state(server, model)
        assert (before["sequence_number"], after["sequence_number"]) == (2, 1)
        assert before["epoch"] != after["epoch"]
        server.stop()
        server.start()
        assert state(server, model)["epoch"] == after["epoch"]
    replaced = open_server(aside)
    try:
        assert replaced.rooms.load(model).sequence_number == 2
    finally:
        replaced.close()


def test_a_backup_put_back_by_hand_is_noticed(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        with server.client("ada") as ada:
            model = data(ada.post("/threat_models", json={"name": "Kept"}), 201)["id"]
        server.stop()
        copy = (tmp_path / "server.db").read_bytes()
        server.start()
        first = state(server, model)["epoch"]
        server.stop()
        (tmp_path / "server.db").write_bytes(copy)
        server.start()
        assert state(server, model)["epoch"] != first


def test_nothing_is_touched_when_the_backup_is_not_sound(
    tmp_path: Path, config: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_server(tmp_path / "server.db")
    store.close()
    before = (tmp_path / "server.db").read_bytes()
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(before[:6000] + b"\xff" * 3000 + before[9000:])
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    text = tmp_path / "text.db"
    text.write_text("no database at all, just a text\n")
    for file, why in (
        (damaged, "damaged"), (other, "no backup of a server"), (text, "no backup of a server"),
        (tmp_path / "missing.db", "is not there"),
    ):  # fmt: skip
        assert run(["restore", str(file), *config]) == 2
        assert why in capsys.readouterr().err
        assert (tmp_path / "server.db").read_bytes() == before
    assert run(["backup", str(text), *config]) == 2
    assert "is there already" in capsys.readouterr().err


def test_postgresql_has_its_own_tools(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "server.yaml"
    file.write_text("database:\n  postgres:\n    host: 127.0.0.1\n")
    assert run(["restore", str(tmp_path / "x y.db"), "--config", str(file)]) == 2
    said = capsys.readouterr().err
    assert "pg_restore --clean" in said
    assert f"'{tmp_path / 'x y.db'}'" in said
    assert run(["backup", str(tmp_path / "x.db"), "--config", str(file)]) == 2
    said = capsys.readouterr().err
    assert "pg_dump --format=custom" in said
    assert "postgresql://postgres@127.0.0.1:5432/tmi" in said


def test_keys_rotate_under_a_running_server(
    tmp_path: Path, config: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Both keys are published at once, and tokens of the old one are still good."""
    with running(tmp_path) as server:
        assert run(["keys", "list", *config]) == 0
        (old,) = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
        assert run(["keys", "rotate", *config]) == 0
        new = capsys.readouterr().out.split()[0]
        assert run(["keys", "list", *config]) == 0
        first, second = capsys.readouterr().out.splitlines()
        assert first.startswith(new)
        assert first.endswith("signs")
        assert second.startswith(old)
        assert "verifies until" in second
        server.stop()
        server.start()
        with server.client("ada") as ada:
            data(ada.get("/threat_models"))
            published = json.loads(ada.get("/.well-known/jwks.json").content)
        assert {key["kid"] for key in published["keys"]} == {old, new}


def test_a_shared_secret_is_not_rotated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "server.yaml"
    file.write_text(
        f"database:\n  sqlite:\n    path: {tmp_path / 'server.db'}\n"
        f"auth:\n  jwt:\n    signing_method: HS256\n    secret: {'s' * 40}\n"
    )
    assert run(["keys", "rotate", "--config", str(file)]) == 2
    assert "auth.jwt.secret" in capsys.readouterr().err
