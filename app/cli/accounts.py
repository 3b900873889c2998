"""Manage the accounts of a server that people sign in to with a password.

  create NAME    make an account; its password must be changed at the first sign-in
  reset NAME     set a new password, which must be changed at the next sign-in
  disable NAME   let nobody use it from now on
  enable NAME    let it be used again
  list           name, state and last sign-in of each

A password is asked for, or read from standard input; never give one as an argument, where every program
on the machine can read it. The server may be running.
"""

import argparse
import getpass
import sys
from typing import TYPE_CHECKING, Final

from app.cli.outcome import DONE, Usage
from app.cli.server_store import config_argument, opened_auth

if TYPE_CHECKING:
    from app.ports_server import User
    from sync.server.auth.service import Auth

HELP: Final = "manage a server's accounts"
ACTIONS: Final = ("create", "reset", "disable", "enable", "list")
LONGEST_LINE: Final = 4096


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("action", choices=ACTIONS, metavar="ACTION", help=", ".join(ACTIONS))
    parser.add_argument("name", nargs="?", metavar="NAME", help="the name that is typed at sign-in")
    parser.add_argument("--email", default="", metavar="ADDRESS", help="create: an email address")
    parser.add_argument("--shown-as", default="", metavar="NAME", help="create: the name that others see")
    parser.add_argument("--administrator", action="store_true", help="create: may see and mend everything")
    parser.add_argument(
        "--keep-password", action="store_true", help="create: the password need not be changed"
    )
    config_argument(parser)


def _password() -> str:
    """A password, typed twice at a terminal, else the first line of standard input."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline(LONGEST_LINE).rstrip("\r\n")
        if not line:
            raise Usage("there is no password on standard input")
        return line
    try:
        password = getpass.getpass("Password: ")
        again = getpass.getpass("Password again: ")
    except EOFError:
        raise Usage("there is no password") from None
    if password != again:
        raise Usage("the two passwords differ")
    return password


def _shown(user: "User") -> str:
    state = "disabled" if user.disabled else "administrator" if user.administrator else "active"
    return f"{user.provider_user_id:<24} {state:<14} {user.last_login or 'never':<25} {user.name}"


def run(given: argparse.Namespace) -> int:
    """Do it, and say what was done."""
    if (given.action == "list") == bool(given.name):
        raise Usage("list takes no name" if given.name else f"{given.action} needs a name")
    if given.action != "create" and (
        given.email or given.shown_as or given.administrator or given.keep_password
    ):
        raise Usage("--email, --shown-as, --administrator and --keep-password belong to create")
    password = _password() if given.action in ("create", "reset") else ""
    with opened_auth(given.config) as auth:
        print(_done(auth, given, password))
    return DONE


def _done(auth: "Auth", given: argparse.Namespace, password: str) -> str:
    from sync.server.auth import accounts

    if given.action == "create":
        user = accounts.create_account(
            auth, given.name, password, email=given.email, shown=given.shown_as,
            administrator=given.administrator, must_change=not given.keep_password,
        )  # fmt: skip
        return f"created {user.provider_user_id}"
    if given.action == "reset":
        return f"reset the password of {accounts.reset_password(auth, given.name, password).provider_user_id}"
    if given.action == "disable":
        return f"disabled {accounts.disable_account(auth, given.name).provider_user_id}"
    if given.action == "enable":
        return f"enabled {accounts.enable_account(auth, given.name).provider_user_id}"
    return "\n".join(map(_shown, accounts.list_accounts(auth))) or "there are no accounts"
