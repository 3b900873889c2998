"""A server's store for an administrator's command: the one that the settings name, also while it serves."""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.outcome import Usage

if TYPE_CHECKING:
    import argparse

    from storage.server import ServerStore
    from sync.server.auth.service import Auth
    from sync.server.settings import Settings


def config_argument(parser: "argparse.ArgumentParser") -> None:
    """Declare where the settings are."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="the server's settings in YAML")


def settings_of(config: Path | None) -> "Settings":
    """The settings of a file and the environment. Usage where the server is not installed."""
    try:
        # Only here: the server's libraries are an extra of the installation.
        import sync.server.auth.service  # noqa: F401
        from sync.server.configuration import read_settings
    except ModuleNotFoundError as error:
        raise Usage(f"the server is not installed here ({error.name} is missing)") from None
    return read_settings(config, os.environ, {})


def client_address(settings: "Settings") -> str:
    """The PostgreSQL database as its own tools want it, quoted for a shell, without the password."""
    postgres = settings.database.postgres
    if postgres is None:
        raise Usage("the settings name no PostgreSQL database")
    where = f"{postgres.host}:{postgres.port}/{postgres.database}"
    return shlex.quote(f"postgresql://{postgres.user}@{where}?sslmode={postgres.sslmode}")


@contextmanager
def opened_store(settings: "Settings") -> Iterator["ServerStore"]:
    """The store of the settings, also while a server has it open."""
    from app.wiring.server import database_of
    from storage.server import open_server

    store = open_server(database_of(settings), alongside=True)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def opened_auth(config: Path | None) -> Iterator["Auth"]:
    """Identity over the store of the settings."""
    settings = settings_of(config)
    from sync.server.auth.service import create_auth
    from sync.server.auth.settings import token_settings

    with opened_store(settings) as store:
        yield create_auth(token_settings(settings), store)
