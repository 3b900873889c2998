"""Random secrets that are shown once, and the digests that are kept of them.

A secret has 256 random bits, so a plain SHA-256 tells nothing about it; passwords are another matter.
"""

import hashlib
import hmac
import secrets
from typing import Final

LONGEST: Final = 512


def new_secret() -> str:
    """A new secret of 43 letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is stored of a secret."""
    return hashlib.sha256(secret[:LONGEST].encode("utf-8", "surrogatepass")).digest()


def same(left: str, right: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing; an empty one equals none."""
    return bool(left) and hmac.compare_digest(
        left.encode("utf-8", "replace"), right.encode("utf-8", "replace")
    )
