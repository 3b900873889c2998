"""Times as people say them."""

from datetime import UTC, datetime


def ago(timestamp: str, now: datetime | None = None) -> str:
    """How long ago an ISO 8601 time was: "just now", "5 minutes ago", "yesterday", or the date."""
    try:
        then = datetime.fromisoformat(timestamp.replace("Z", "+00:00"))
    except ValueError:
        return ""
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    seconds = ((now or datetime.now(UTC)) - then).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return _count(seconds / 60, "minute")
    if seconds < 86_400:
        return _count(seconds / 3600, "hour")
    if seconds < 2 * 86_400:
        return "yesterday"
    if seconds < 14 * 86_400:
        return _count(seconds / 86_400, "day")
    return then.astimezone().date().isoformat()


def _count(number: float, unit: str) -> str:
    whole = int(number)
    return f"{whole} {unit}{'' if whole == 1 else 's'} ago"
