"""Serve threat models to a team: REST, live sessions and accounts. Needs no display.

With --hosted it is the child of a desktop that shares a model: it reads on standard input who hosts, one line
of JSON with secret, user_id and name, writes where it listens, and ends when the input does. Settings of the
environment do not count then; --database, --interface and --port say what there is to say.
"""

import argparse
import os
from pathlib import Path
from typing import Final

from app.cli.outcome import DONE, Usage
from sync.protocol.hosting import INTERFACES, LOOPBACK

HELP: Final = "serve models to a team"
OF_HOSTED: Final = ("database", "interface", "tls")


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65_535:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return value


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings in YAML")
    parser.add_argument("--port", type=_port, metavar="N", help="listen here; 0 for any port that is free")
    parser.add_argument("--hosted", action="store_true", help="as the child of a desktop")
    parser.add_argument("--database", type=Path, metavar="FILE", help="hosted: its database")
    parser.add_argument("--interface", metavar="ADDRESS", help="hosted: 127.0.0.1, ::1, 0.0.0.0 or ::")
    parser.add_argument("--tls", action="store_true", help="hosted: TLS on loopback too")


def run(given: argparse.Namespace) -> int:
    """Serve until told to stop."""
    _check(given)
    try:
        # Only here: the server's libraries are an extra of the installation.
        from app.wiring import hosted, server
        from sync.server.configuration import read_settings
    except ModuleNotFoundError as error:
        raise Usage(f"the server is not installed here ({error.name} is missing)") from None
    if given.hosted:
        return hosted.run(
            hosted.Place(
                database=given.database.absolute(), interface=given.interface or LOOPBACK, port=given.port,
                tls=given.tls,
            )
        )  # fmt: skip
    over: dict[tuple[str, ...], object] = {} if given.port is None else {("server", "port"): given.port}
    server.run(read_settings(given.config, os.environ, over))
    return DONE


def _check(given: argparse.Namespace) -> None:
    """Refuse arguments that do not go together."""
    if not given.hosted:
        alone = [f"--{name}" for name in OF_HOSTED if getattr(given, name)]
        if alone:
            raise Usage(f"{alone[0]} belongs to --hosted; a server by itself has --config")
        return
    if given.config is not None:
        raise Usage("--hosted takes no --config")
    if given.database is None:
        raise Usage("--hosted needs --database FILE")
    if given.interface not in (None, *INTERFACES):
        raise Usage(f"--interface is one of {', '.join(INTERFACES)}")
