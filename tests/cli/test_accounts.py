"""The administrator's commands for accounts, on a real store, also while a server has it open."""

import io
from pathlib import Path

import pytest

from app.cli.parser import run
from app.ports_server import Slice
from storage.server import open_server
from tests.sync.server.auth.serving import PASSWORD


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments that name a server's settings."""
    config = tmp_path / "server.yaml"
    config.write_text(f"database:\n  sqlite:\n    path: {tmp_path / 'server.db'}\n")
    return ["--config", str(config)]


def accounts(monkeypatch: pytest.MonkeyPatch, *arguments: str, typed: str = "") -> int:
    """Run the command with something on standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return run(["accounts", *arguments])


def test_life_of_an_account(
    store: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert accounts(monkeypatch, "list", *store) == 0
    assert "there are no accounts" in capsys.readouterr().out
    more = ["--email", "alice@example.org", "--shown-as", "Alice A.", "--administrator"]
    assert accounts(monkeypatch, "create", "Alice", *more, *store, typed=PASSWORD + "\n") == 0
    server = open_server(tmp_path / "server.db")  # as a server would have it open
    try:
        user = server.users.find("local", "alice")
        assert user
        assert (user.name, user.email, user.administrator) == ("Alice A.", "alice@example.org", True)
        first = server.users.credential(user.id)
        assert first
        assert first.must_change
        assert first.password_hash.startswith("$argon2id$")
        assert accounts(monkeypatch, "disable", "alice", *store) == 0
        assert accounts(monkeypatch, "list", *store) == 0
        assert "disabled" in capsys.readouterr().out
        assert accounts(monkeypatch, "enable", "ALICE", *store) == 0
        assert accounts(monkeypatch, "reset", "alice", *store, typed="another password") == 0
        second = server.users.credential(user.id)
        assert second
        assert second.password_hash != first.password_hash
        types = [event.type for event in reversed(server.chain.events(_all()).items)]
        assert types == ["account_created", "account_disabled", "account_enabled", "password_reset"]
    finally:
        server.close()
    assert PASSWORD not in capsys.readouterr().out


def _all() -> Slice:
    return Slice(limit=100)


@pytest.mark.parametrize(
    ("arguments", "typed", "why"),
    [
        (["create"], "", "create needs a name"),
        (["list", "alice"], "", "list takes no name"),
        (["create", "alice"], "", "there is no password on standard input"),
        (["create", "alice"], "short", "at least 12 characters"),
        (["create", "no such name!"], PASSWORD, "an account's name has"),
        (["create", "alice", "--email", "nonsense"], PASSWORD, "is no email address"),
        (["disable", "nobody"], "", "there is no account called 'nobody'"),
        (["reset", "nobody"], PASSWORD, "there is no account called 'nobody'"),
        (["disable", "alice", "--administrator"], "", "belong to create"),
        (["remove", "alice"], "", "invalid choice"),
    ],
)
def test_one_line_says_what_is_wrong(
    store: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    arguments: list[str], typed: str, why: str,
) -> None:  # fmt: skip
    assert accounts(monkeypatch, *arguments, *store, typed=typed) == 2
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1
    assert not typed or typed not in said


def test_name_twice(
    store: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert accounts(monkeypatch, "create", "alice", *store, typed=PASSWORD) == 0
    assert accounts(monkeypatch, "create", "ALICE", *store, typed=PASSWORD) == 2
    assert "there is an account called 'alice' already" in capsys.readouterr().err
