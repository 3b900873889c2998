"""Local accounts, as an administrator's commands change them."""

import re
from typing import Final

from uuid_utils import uuid7

from app.domain.errors import TmiError
from app.ports_server import Conflict, Filter, Slice, User
from sync.server.auth import journal
from sync.server.auth.journal import Journal
from sync.server.auth.passwords import check_new
from sync.server.auth.service import Auth
from sync.server.auth.sign_in import LOCAL

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}\Z")
EMAIL: Final = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]{1,190}\Z")
CONSOLE: Final = "console"


class AccountError(TmiError):
    """An account cannot be made or found."""


def _account(auth: Auth, name: str) -> User:
    found = auth.stores.users.find(LOCAL, name.strip().casefold())
    if found is None:
        raise AccountError(f"there is no account called {name.strip()!r}")
    return found


def create_account(
    auth: Auth, name: str, password: str, *, email: str = "", shown: str = "", administrator: bool = False,
    must_change: bool = True,
) -> User:  # fmt: skip
    """Make an account. AccountError or BadPassword when that cannot be."""
    login = name.strip().casefold()
    if not NAME.match(login):
        raise AccountError(
            "an account's name has up to 64 letters (a to z), digits and . _ @ + -, a letter or digit first"
        )
    if email and not EMAIL.match(email):
        raise AccountError(f"{email!r} is no email address")
    check_new(password, login, email, shown)
    user = User(
        id=str(uuid7()), email=email, name=shown.strip() or name.strip(), provider=LOCAL,
        provider_user_id=login, administrator=administrator,
    )  # fmt: skip
    try:
        made = auth.stores.users.create(user, auth.clock())
    except Conflict:
        raise AccountError(f"there is an account called {login!r} already") from None
    hashed = auth.passwords.hash(password)
    auth.stores.users.set_password(made.id, hashed, auth.clock(), must_change=must_change)
    _note(auth.journal, journal.ACCOUNT_CREATED, made)
    return made


def disable_account(auth: Auth, name: str) -> User:
    """Let nobody use an account any more, from this moment; its refresh tokens end."""
    changed = auth.stores.users.change(_account(auth, name).id, auth.clock(), disabled=True)
    _note(auth.journal, journal.ACCOUNT_DISABLED, changed)
    return changed


def enable_account(auth: Auth, name: str) -> User:
    """Let an account be used again."""
    changed = auth.stores.users.change(_account(auth, name).id, auth.clock(), disabled=False)
    _note(auth.journal, journal.ACCOUNT_ENABLED, changed)
    return changed


def reset_password(auth: Auth, name: str, password: str) -> User:
    """Set a password that must be changed at the next sign-in; refresh tokens end."""
    user = _account(auth, name)
    check_new(password, user.provider_user_id, user.email, user.name)
    hashed = auth.passwords.hash(password)
    auth.stores.users.set_password(user.id, hashed, auth.clock(), must_change=True)
    _note(auth.journal, journal.PASSWORD_RESET, user)
    return user


def list_accounts(auth: Auth) -> list[User]:
    """The local accounts by name."""
    found: list[User] = []
    while True:
        part = Slice(offset=len(found), limit=200, sort="provider_user_id")
        page = auth.stores.users.page(part, [Filter("provider", "is", LOCAL)])
        found += page.items
        if not page.items or len(found) >= page.total:
            return found


def _note(chain: Journal, type: str, user: User) -> None:
    chain.note(type, actor=CONSOLE, subject=user.id, name=user.provider_user_id)
