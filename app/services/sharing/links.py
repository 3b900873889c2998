"""Invite links among other things that a program is given to open."""

from typing import Final

SCHEMES: Final = ("https://", "http://")


def is_link(text: str) -> bool:
    """Whether it is meant to lead to a server rather than to a file; good or not is seen later."""
    return text.strip().lower().startswith(SCHEMES)
