"""Put a backup in the place of a server's store. Stop the server first.

The backup is checked before anything is touched, and what stood there is kept beside it. Sign-ins and
invites are those of the backup, too. Whoever was connected notices at the next start that the server is an
earlier one, and offers again what the backup does not have. A PostgreSQL database is restored with its own
tool, pg_restore; the next start notices by itself.
"""

import argparse
import shlex
from pathlib import Path
from typing import Final

from app.cli.outcome import DONE, Usage
from app.cli.server_store import client_address, config_argument, opened_auth, settings_of

HELP: Final = "put a backup in the place of a server's store"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("backup", type=Path, metavar="BACKUP", help="a file that backup has made")
    config_argument(parser)


def run(given: argparse.Namespace) -> int:
    """Restore, and say where the former file is."""
    settings = settings_of(given.config)
    from app.wiring.server import database_of
    from storage.backups import restore
    from sync.server.auth import journal

    where = database_of(settings)
    if isinstance(where, str):
        options = "--clean --if-exists --no-owner --single-transaction --exit-on-error"
        command = f"pg_restore {options} --dbname={client_address(settings)} {shlex.quote(str(given.backup))}"
        raise Usage(
            f"PostgreSQL is restored with its own tool: stop all servers, then {command}; "
            "clients learn of it from the first server that starts again"
        )
    aside = restore(given.backup.absolute(), where.absolute())
    with opened_auth(given.config) as auth:
        auth.journal.note(journal.RESTORED, subject=given.backup.name)
    print(f"{where}: restored from {given.backup}")
    if aside is not None:
        print(f"what was there before is {aside}")
    return DONE
