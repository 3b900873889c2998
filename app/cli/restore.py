"""Put a backup in the place of a server's store. Stop the server first.

The backup is checked before anything is touched, and what stood there is kept beside it. Whoever was
connected notices at the next start that the server is an earlier one, and offers again what the backup does
not have. A PostgreSQL database is restored with its own tool, pg_restore; the next start notices by itself.
"""

import argparse
from pathlib import Path
from typing import Final

from app.cli.outcome import DONE, Usage
from app.cli.server_store import config_argument, settings_of

HELP: Final = "put a backup in the place of a server's store"
BY_ITS_OWN: Final = (
    "a PostgreSQL database is restored with pg_restore --clean; the server notices at its next start"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("backup", type=Path, metavar="BACKUP", help="a file that backup has made")
    config_argument(parser)


def run(given: argparse.Namespace) -> int:
    """Restore, and say where the former file is."""
    settings = settings_of(given.config)
    from app.wiring.server import database_of
    from storage.backups import restore

    where = database_of(settings)
    if isinstance(where, str):
        raise Usage(BY_ITS_OWN)
    aside = restore(given.backup.absolute(), where.absolute())
    print(f"{where}: restored from {given.backup}")
    if aside is not None:
        print(f"what was there before is {aside}")
    return DONE
