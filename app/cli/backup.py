"""Copy a server's whole store to a new file, also while people work on it.

The copy is complete at one moment and is checked before the command ends: every event's hash, every record
against the log. `restore` puts it back. Keep it as safe as the server: it holds everything, accounts
included. A PostgreSQL database is copied with its own tool, pg_dump.
"""

import argparse
import shlex
from pathlib import Path
from typing import Final

from app.cli.outcome import DONE, FINDINGS, Usage
from app.cli.server_store import client_address, config_argument, opened_auth, opened_store, settings_of

HELP: Final = "copy a server's store, also while it serves"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("out", type=Path, metavar="OUT", help="the new file")
    config_argument(parser)


def run(given: argparse.Namespace) -> int:
    """Copy, check, and say what is in the copy."""
    settings = settings_of(given.config)
    from storage.backups import check_backup
    from sync.server.auth import journal

    out: Path = given.out.absolute()
    if settings.database.postgres is not None:
        command = f"pg_dump --format=custom --file={shlex.quote(str(out))} {client_address(settings)}"
        raise Usage(f"PostgreSQL is backed up with its own tool, also while servers run: {command}")
    with opened_store(settings) as store:
        store.back_up(out)
    found = check_backup(out)
    for broken in found.broken:
        name = broken.model_name or broken.model_id
        print(f"{name}: event {broken.sequence_number} is broken: {broken.reason}")
    with opened_auth(given.config) as auth:
        auth.journal.note(journal.BACKED_UP, subject=out.name, models=found.models, events=found.events)
    print(f"{out}: {found.models} models, {found.events} events, {len(found.broken)} broken")
    return FINDINGS if found.broken else DONE
