"""Exit statuses, and the one line that says why."""

import contextlib
import sys
from typing import Final

from app.domain.errors import TmiError

DONE: Final = 0
FINDINGS: Final = 1
WRONG: Final = 2
INTERRUPTED: Final = 130


class Usage(TmiError):
    """The command was not used as it is meant to be."""


def complain(text: str, status: int = WRONG) -> int:
    """Say on one line of standard error what is wrong; returns the exit status."""
    with contextlib.suppress(OSError, ValueError):
        print(f"tmi-desktop: {' '.join(text.split())}", file=sys.stderr, flush=True)
    return status
