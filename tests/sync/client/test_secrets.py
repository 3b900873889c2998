"""Secrets in a file: kept, private, and gone without harm when something is lost."""

import stat
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import keyring.errors
import pytest

from sync.client.secrets import FILE, KEY, FileStore, KeyringStore, SecretsUnavailable, secret_store


class Ring(keyring.backend.KeyringBackend):
    """A keyring in memory, which can be locked."""

    priority = -1  # of itself it is nobody's keyring: every class of this kind is a candidate

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # keyring's constructors have no types
        self.held: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise keyring.errors.KeyringLocked("it is locked\nand so on")
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


class Nothing(keyring.backends.fail.Keyring):
    """What a system without a keyring has."""


@pytest.fixture
def ring() -> Ring:
    """A keyring."""
    return Ring()


@pytest.mark.parametrize("kind", ["file", "keyring"])
def test_what_is_kept(kind: str, tmp_path: Path, ring: Ring) -> None:
    store = FileStore(tmp_path / "new") if kind == "file" else KeyringStore(ring)
    assert store.get("a") is None
    store.set("a", "1")
    store.set("b", "2")
    store.set("a", "3")
    store.delete("b")
    store.delete("b")
    assert (store.get("a"), store.get("b")) == ("3", None)


def test_the_file_is_private_and_not_readable(tmp_path: Path) -> None:
    FileStore(tmp_path).set("a", "very secret")
    for name in (FILE, KEY):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert b"very secret" not in (tmp_path / FILE).read_bytes()
    assert FileStore(tmp_path).get("a") == "very secret"
    assert "little more" in FileStore.description


@pytest.mark.parametrize("broken", [FILE, KEY])
@pytest.mark.parametrize("content", [b"", b"rubbish", None])
def test_a_broken_file_means_signing_in_again(tmp_path: Path, broken: str, content: bytes | None) -> None:
    store = FileStore(tmp_path)
    store.set("a", "1")
    if content is None:
        (tmp_path / broken).unlink()
    else:
        (tmp_path / broken).write_bytes(content)
    assert store.get("a") is None
    store.set("a", "2")
    assert store.get("a") == "2"


def test_a_folder_that_cannot_be_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SecretsUnavailable, match="cannot be kept there"):
        FileStore(tmp_path / "file" / "x").set("a", "1")


def test_a_locked_keyring_is_told_in_one_line(ring: Ring) -> None:
    ring.locked = True
    with pytest.raises(SecretsUnavailable, match=r"keyring: it is locked$"):
        KeyringStore(ring).get("a")


def test_which_one_is_used(tmp_path: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    assert "keyring" in secret_store(tmp_path).description
    assert isinstance(secret_store(tmp_path), KeyringStore)
    secret_store(tmp_path / "a").set("x", "1")
    assert secret_store(tmp_path / "b").get("x") is None
    assert secret_store(tmp_path / "a").get("x") == "1"
    ring.locked = True
    assert isinstance(secret_store(tmp_path), FileStore)
    monkeypatch.setattr(keyring, "get_keyring", Nothing)
    assert isinstance(secret_store(tmp_path), FileStore)
