"""The keys that sign a server's access tokens.

  list      id, age and state of each
  rotate    sign with a new key from now on; the old one verifies until its last token has run out

The server may be running: it takes up a new key within a minute, and nobody is signed out.
"""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from app.cli.outcome import DONE, Usage
from app.cli.server_store import config_argument, opened_auth

if TYPE_CHECKING:
    from app.ports_server import SigningKey
    from sync.server.auth.service import Auth

HELP: Final = "list or rotate a server's signing keys"
ACTIONS: Final = ("list", "rotate")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("action", choices=ACTIONS, metavar="ACTION", help=", ".join(ACTIONS))
    config_argument(parser)


def run(given: argparse.Namespace) -> int:
    """Do it, and say what was done."""
    with opened_auth(given.config) as auth:
        if auth.settings.algorithm != "ES256":
            raise Usage("this server signs with auth.jwt.secret (HS256): change that, and restart it")
        print(_rotated(auth) if given.action == "rotate" else _listed(auth))
    return DONE


def _rotated(auth: "Auth") -> str:
    from sync.server.auth import journal

    kid = auth.signer.keys.rotate()
    auth.journal.note(journal.KEY_ROTATED, subject=kid)
    return f"{kid} signs from now on"


def _listed(auth: "Auth") -> str:
    keys = auth.stores.tokens.keys(auth.clock())
    return "\n".join(map(_shown, keys)) or "there is no key yet: the first start makes one"


def _shown(key: "SigningKey") -> str:
    state = f"verifies until {_moment(key.expires_at)}" if key.retired_at else "signs"
    return f"{key.kid:<44} made {_moment(key.created_at)}  {state}"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
