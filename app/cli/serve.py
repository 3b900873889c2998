"""Serve threat models to a team: REST, live sessions and accounts. Needs no display."""

import argparse
import os
from pathlib import Path
from typing import Final

from app.cli.outcome import DONE, Usage

HELP: Final = "serve models to a team"


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65_535:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return value


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings in YAML")
    parser.add_argument("--port", type=_port, metavar="N", help="listen here; 0 for any port that is free")


def run(given: argparse.Namespace) -> int:
    """Serve until told to stop."""
    try:
        # Only here: the server's libraries are an extra of the installation.
        from app.wiring import server
        from sync.server.configuration import read_settings
    except ModuleNotFoundError as error:
        raise Usage(f"the server is not installed here ({error.name} is missing)") from None
    over: dict[tuple[str, ...], object] = {} if given.port is None else {("server", "port"): given.port}
    server.run(read_settings(given.config, os.environ, over))
    return DONE
