"""Passwords of local accounts: argon2id hashes, and what a new password must be."""

import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from app.domain.errors import TmiError

SHORTEST: Final = 12
LONGEST: Final = 256


class BadPassword(TmiError):
    """A new password will not do; the text says why."""


def settled(password: str) -> str:
    """The password in one Unicode form, however the keyboard made it (NIST SP 800-63B, NFKC)."""
    return unicodedata.normalize("NFKC", password)


def check_new(password: str, *names: str) -> None:
    """BadPassword, with words for the user, when a new password will not do."""
    if len(password) < SHORTEST:
        raise BadPassword(f"a password needs at least {SHORTEST} characters")
    if len(password) > LONGEST:
        raise BadPassword(f"a password may have at most {LONGEST} characters")
    if len(set(password)) < 4:
        raise BadPassword("this password repeats too few characters")
    if any(name and settled(password).casefold() == name.casefold() for name in names):
        raise BadPassword("the password must not be the name of the account")


class Passwords:
    """Makes and checks hashes; the parameters are the hasher's."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._decoy = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """The hash to store."""
        return self._hasher.hash(settled(password))

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right. Takes as long for None, an account that is not there."""
        if len(password) > LONGEST:
            password, password_hash = "", None
        try:
            self._hasher.verify(password_hash or self._decoy, settled(password))
        except (Argon2Error, InvalidHashError):
            return False
        return password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)
