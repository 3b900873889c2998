"""The library on disk: tables, event log, projections, migrations. `open_library` is the way in."""

from storage.library import SqlLibrary
from storage.opening import open_library

__all__ = ["SqlLibrary", "open_library"]
