"""The time as it is stored: ISO 8601 in UTC, to the microsecond, so that text order is time order."""

from datetime import UTC, datetime


def now() -> str:
    """The present moment, such as 2026-01-31T12:00:00.000000Z."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def file_stamp() -> str:
    """The present moment as a part of a file name, such as 20260131T120000.000000Z."""
    return now().replace("-", "").replace(":", "")


def iso(moment: float) -> str:
    """Seconds since 1970 as they are stored where a moment is only shown."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
