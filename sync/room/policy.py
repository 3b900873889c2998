"""Decisions about time, as pure functions: idle sessions, silent and broken connections. Seconds."""

import enum

import msgspec


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long what is waited for: idleness until warned and closed, silence, a broken connection."""

    idle_warning: float = 25 * 60
    idle_close: float = 30 * 60
    heartbeat: float = 10
    silence: float = 35
    grace: float = 30


class Idle(enum.Enum):
    """What to do about a session in which nothing happens."""

    KEEP = "keep"
    WARN = "warn"
    CLOSE = "close"


def idle(patience: Patience, quiet: float, *, warned: bool, unwritten: int) -> Idle:
    """What to do after `quiet` seconds without an edit or presence; never close over unwritten work."""
    if quiet >= patience.idle_close and warned and not unwritten:
        return Idle.CLOSE
    if quiet >= patience.idle_warning and not warned:
        return Idle.WARN
    return Idle.KEEP


def is_silent(patience: Patience, unheard: float) -> bool:
    """Whether a connection from which nothing was heard for so long is dead."""
    return unheard >= patience.silence


def is_gone(patience: Patience, away: float) -> bool:
    """Whether a participant whose connection broke so long ago is to be taken for gone."""
    return away >= patience.grace
