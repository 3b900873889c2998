"""Where the secrets of sign-ins are kept: the system's keyring, or an encrypted file where there is none.

Everything here may block; callers on the loop use a thread.
"""

import contextlib
import hashlib
import os
import threading
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from cryptography.fernet import Fernet, InvalidToken

from app.domain.errors import TmiError

SERVICE: Final = "TMI Desktop"
FILE: Final = "sign-ins.secret"
KEY: Final = "sign-ins.key"
# Backends that keep nothing, or keep it for everybody to read.
NOT_REAL: Final = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")


class SecretsUnavailable(TmiError):
    """Secrets cannot be kept or read; the text says where and why."""


class SecretStore(Protocol):
    """Keeps short texts that nobody else may read."""

    @property
    def description(self) -> str:
        """Where they are, in one line for people."""

    def get(self, name: str) -> str | None:
        """A secret; None when there is none of that name."""

    def set(self, name: str, secret: str) -> None:
        """Keep a secret, in place of what was there."""

    def delete(self, name: str) -> None:
        """Forget a secret; none of that name is no error."""


class KeyringStore:
    """The system's keyring."""

    def __init__(self, backend: Any, profile: str = "") -> None:
        """`profile` tells installations apart: a sign-in that two of them use at once is ended as stolen."""
        self._backend = backend
        self._service = f"{SERVICE} {profile}".strip()

    @property
    def description(self) -> str:
        """Which keyring it is."""
        return f"Sign-ins are kept in this system's keyring ({self._backend.name})."

    def get(self, name: str) -> str | None:
        """A secret."""
        with _of_keyring():
            found: str | None = self._backend.get_password(self._service, name)
            return found

    def set(self, name: str, secret: str) -> None:
        """Keep a secret."""
        with _of_keyring():
            self._backend.set_password(self._service, name, secret)

    def delete(self, name: str) -> None:
        """Forget a secret."""
        with _of_keyring():
            if self._backend.get_password(self._service, name) is not None:
                self._backend.delete_password(self._service, name)


class MemoryStore:
    """This program's memory: for sign-ins that are not to outlive it."""

    description = "Sign-ins are forgotten when the program ends."

    def __init__(self) -> None:
        self._held: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        """A secret."""
        return self._held.get(name)

    def set(self, name: str, secret: str) -> None:
        """Keep a secret."""
        self._held[name] = secret

    def delete(self, name: str) -> None:
        """Forget a secret."""
        self._held.pop(name, None)


class FileStore:
    """A file in a folder, encrypted with a key that lies beside it."""

    description = (
        "This system has no keyring. Sign-ins are kept in a file that only your account may read; it is "
        "encrypted, but the key lies beside it, which protects little more than the permissions do."
    )

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def get(self, name: str) -> str | None:
        """A secret."""
        with self._lock:
            return self._read().get(name)

    def set(self, name: str, secret: str) -> None:
        """Keep a secret."""
        with self._lock:
            self._write(self._read() | {name: secret})

    def delete(self, name: str) -> None:
        """Forget a secret."""
        with self._lock:
            held = self._read()
            if held.pop(name, None) is not None:
                self._write(held)

    def _read(self) -> dict[str, str]:
        """What is kept; nothing when key and file do not fit, since one can sign in again."""
        try:
            raw = (self._folder / FILE).read_bytes()
            plain = Fernet((self._folder / KEY).read_bytes()).decrypt(raw)
            return msgspec.json.decode(plain, type=dict[str, str])
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise _unavailable(self._folder, error) from None
        except (InvalidToken, ValueError, msgspec.MsgspecError):
            return {}

    def _write(self, held: dict[str, str]) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _replace(self._folder / FILE, Fernet(self._key()).encrypt(msgspec.json.encode(held)))
        except OSError as error:
            raise _unavailable(self._folder, error) from None

    def _key(self) -> bytes:
        path = self._folder / KEY
        with contextlib.suppress(FileNotFoundError, ValueError):
            key = path.read_bytes()
            Fernet(key)
            return key
        key = Fernet.generate_key()
        _replace(path, key)
        return key


def secret_store(folder: Path) -> SecretStore:
    """The system's keyring where there is one that answers, otherwise files in a folder."""
    backend = _real_keyring()
    if backend is None:
        return FileStore(folder)
    return KeyringStore(backend, hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12])


def _real_keyring() -> Any:
    """The keyring to use. It is asked once: one that is there but does not answer is none."""
    try:
        import keyring

        backend = keyring.get_keyring()
        nested = getattr(backend, "backends", None)
        real = [one for one in ([backend] if nested is None else nested) if _is_real(one)]
        if not real:
            return None
        backend.get_password(SERVICE, "is anybody there?")
    except Exception:
        # Backends raise whatever their libraries raise; a file is better than no sign-in.
        return None
    return backend


def _is_real(backend: Any) -> bool:
    return not type(backend).__module__.startswith(NOT_REAL)


@contextlib.contextmanager
def _of_keyring() -> Any:
    try:
        yield
    except Exception as error:
        told = str(error).strip().splitlines()
        raise SecretsUnavailable(
            f"the system's keyring: {told[0][:200] if told else type(error).__name__}"
        ) from None


def _replace(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, and that nobody ever sees half."""
    partial = path.with_suffix(path.suffix + ".new")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _unavailable(folder: Path, error: OSError) -> SecretsUnavailable:
    return SecretsUnavailable(f"{folder}: sign-ins cannot be kept there: {error.strerror or error}")
