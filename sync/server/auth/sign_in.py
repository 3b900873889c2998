"""Signing in with a local account's name and password, and changing the password."""

from dataclasses import dataclass
from typing import Final, Literal

from app.ports_server import User
from sync.server.auth import journal
from sync.server.auth.passwords import BadPassword, check_new
from sync.server.auth.service import Auth
from sync.server.auth.tokens import InvalidToken

LOCAL: Final = "local"


@dataclass(frozen=True)
class Visitor:
    """Where a request comes from, for the server's chain."""

    address: str = ""
    request_id: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of trying. change: the password is right and must be changed, with `proof`."""

    kind: Literal["in", "wrong", "wait", "change"]
    user: User | None = None
    proof: str = ""
    seconds: int = 0


def account(auth: Auth, name: str) -> User | None:
    """The local account of a user name or an email address, if it is one account."""
    found = auth.stores.users.find(LOCAL, name.strip().casefold())
    if found is None and "@" in name:
        by_email = [u for u in auth.stores.users.find_by_email(name.strip()) if u.provider == LOCAL]
        found = by_email[0] if len(by_email) == 1 else None
    return found


def sign_in(auth: Auth, name: str, password: str, visitor: Visitor) -> Outcome:
    """Try a name and a password. An unknown name, a wrong password and a disabled account look alike."""
    seconds = auth.limits.wait(name, visitor.address)
    if seconds:
        return Outcome("wait", seconds=int(seconds) + 1)
    user = account(auth, name)
    credential = auth.stores.users.credential(user.id) if user else None
    right = auth.passwords.matches(credential.password_hash if credential else None, password)
    if not right or user is None or credential is None or user.disabled:
        auth.limits.failed(name, visitor.address)
        reason = "disabled" if right else "wrong password" if user else "no such account"
        _note(auth, journal.SIGN_IN_FAILED, user, visitor, name="" if user else name, reason=reason)
        return Outcome("wrong")
    auth.limits.succeeded(name, visitor.address)
    if credential.must_change:
        return Outcome("change", user, proof=auth.signer.password_change(user.id, credential.changed_at))
    if auth.passwords.is_outdated(credential.password_hash):
        auth.stores.users.set_password(user.id, auth.passwords.hash(password), auth.clock())
    return Outcome("in", _signed_in(auth, user, visitor))


def change_password(auth: Auth, proof: str, password: str, again: str, visitor: Visitor) -> Outcome:
    """Set a new password after the old one was right.

    InvalidToken when the proof is too old or spent, BadPassword when the password will not do.
    """
    user_id, changed_at = auth.signer.read_password_change(proof)
    user, credential = auth.stores.users.get(user_id), auth.stores.users.credential(user_id)
    if user is None or credential is None or user.disabled or credential.changed_at != changed_at:
        raise InvalidToken("the proof is spent")
    check_new(password, user.provider_user_id, user.email, user.name)
    if password != again:
        raise BadPassword("the two passwords differ")
    if auth.passwords.matches(credential.password_hash, password):
        raise BadPassword("the new password must differ from the old one")
    auth.stores.users.set_password(user.id, auth.passwords.hash(password), auth.clock())
    _note(auth, journal.PASSWORD_CHANGED, user, visitor)
    return Outcome("in", _signed_in(auth, user, visitor))


def _signed_in(auth: Auth, user: User, visitor: Visitor) -> User:
    noted = auth.stores.users.signed_in(user, auth.clock())
    _note(auth, journal.SIGNED_IN, noted, visitor, provider=noted.provider)
    return noted


def _note(auth: Auth, type: str, user: User | None, visitor: Visitor, **details: str) -> None:
    who = user.id if user else ""
    where = {"address": visitor.address, "request_id": visitor.request_id}
    auth.journal.note(type, actor=who, subject=who, **where, **details)
