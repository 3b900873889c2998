"""Tables, event log, projections, migrations. `open_library` is the desktop's way in.

A server's is `storage.server.open_server`.
"""

from storage.library import SqlLibrary
from storage.opening import open_library

__all__ = ["SqlLibrary", "open_library"]
