"""Errors that may be shown to a user: one clear line that says what and where."""


class TmiError(Exception):
    """Base of every error whose text is meant for a user."""


class InvalidData(TmiError):
    """Data that no model may hold. Names the record, the property and the reason."""

    def __init__(self, kind: str, record_id: str, prop: str, reason: str) -> None:
        self.kind = kind
        self.record_id = record_id
        self.prop = prop
        self.reason = reason
        where = f"{kind} {record_id}".strip() + (f", {prop}" if prop else "")
        super().__init__(f"{where}: {reason}")


class UnreadableFile(TmiError):
    """A file that is not what it should be. Names the file, the place in it and the reason."""

    def __init__(self, source: str, reason: str, place: str = "") -> None:
        self.source = source
        self.reason = reason
        self.place = place
        super().__init__(f"{source}: {reason}" + (f" (at {place})" if place else ""))


class LibraryError(TmiError):
    """The library could not do what was asked: locked, full, read-only, damaged or without that model."""
