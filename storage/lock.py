"""One program writes a library: a lock that the system lets go of when its holder ends, however it ends."""

import errno
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

# Windows locks bytes against reading too: one far behind the text leaves the text readable.
_FAR: Final = 2**30
_UNSUPPORTED: Final = (errno.ENOTSUP, errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)


class _Holder(msgspec.Struct, frozen=True):
    """Who holds the lock, as the lock file says."""

    pid: int = 0
    program: str = ""


@dataclass
class Lock:
    """A held lock. `unclean` tells that the holder before did not let go of it in good order."""

    path: Path
    descriptor: int
    unclean: bool
    supported: bool = True

    def release(self, *, clean: bool = True) -> None:
        """Let go; with `clean` False the next opening looks at the whole file."""
        if self.descriptor < 0:
            return
        if clean:
            os.ftruncate(self.descriptor, 0)
        os.close(self.descriptor)
        self.descriptor = -1


def lock_path(library: Path) -> Path:
    """The lock file of a library: beside it, and never removed."""
    return library.with_name(library.name + ".lock")


def _take(descriptor: int) -> bool:
    """Whether the lock was free. OSError where the file system knows no locks."""
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, _FAR, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            return False
        raise
    return True


def acquire(library: Path) -> Lock | None:
    """Take the lock of a library; None when another holds it. OSError when it cannot be made."""
    path = lock_path(library)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    supported = True
    try:
        if not _take(descriptor):
            os.close(descriptor)
            return None
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            os.close(descriptor)
            raise
        supported = False
    unclean = os.fstat(descriptor).st_size > 0
    os.ftruncate(descriptor, 0)
    holder = _Holder(os.getpid(), Path(sys.argv[0] or sys.executable).name)
    os.write(descriptor, msgspec.json.encode(holder))
    return Lock(path, descriptor, unclean, supported)


def holder_of(library: Path) -> str:
    """Who holds the lock, in words for a person."""
    try:
        holder = msgspec.json.decode(lock_path(library).read_bytes(), type=_Holder)
    except (OSError, msgspec.MsgspecError):
        return "another program"
    return f"another program ({holder.program or 'unknown'}, process {holder.pid})"
