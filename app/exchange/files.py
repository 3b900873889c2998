"""Whole files in and out: bounded reading, and writing that never leaves half a file."""

import contextlib
import os
import secrets
from pathlib import Path

from app.domain.errors import TmiError, UnreadableFile
from app.exchange.json_text import MAX_BYTES


class UnwritableFile(TmiError):
    """A file that could not be written. Names the file and the reason."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"{path}: cannot be written: {reason_of(error)}")


def reason_of(error: OSError) -> str:
    """Why the system refused, in words."""
    return (error.strerror or type(error).__name__).lower()


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """All of a file. UnreadableFile when it is missing, a folder, not readable or too large."""
    try:
        if path.is_dir():
            raise UnreadableFile(str(path), "is a folder")
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise UnreadableFile(str(path), reason_of(error)) from None
    except ValueError as error:  # a NUL in the name
        raise UnreadableFile(repr(str(path)), str(error)) from None
    if len(data) > limit:
        raise UnreadableFile(str(path), f"is larger than {limit // 1_000_000} MB")
    return data


def _write_beside(target: Path, data: bytes) -> Path:
    """Write and sync a new file next to the target, with the target's permissions if it has any."""
    beside = target.with_name(f".{target.name[:200]}.{secrets.token_hex(4)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(beside, flags, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            os.chmod(beside, target.stat().st_mode & 0o7777)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable, where the system lets a folder be synced."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def save(path: Path, data: bytes) -> None:
    """Write `data` to `path`: afterwards the file holds all of it, or what it held before.

    Links are followed and permissions kept. UnwritableFile says why it did not work.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(0, "the file is read-only")
        beside = _write_beside(target, data)
        try:
            os.replace(beside, target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise UnwritableFile(path, error) from None
