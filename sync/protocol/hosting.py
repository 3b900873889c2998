"""What a desktop and the server that it hosts say over the child's pipes: one line of JSON each.

The desktop begins with `Host` on standard input; each `Admit` after it opens one more sign-in, `STOP` or the
end of the input ends the server. The server answers with `Listening` once, and `Admitted` after each `Admit`.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

STOP: Final = b"stop"
READY: Final = b"ready"
LOOPBACK: Final = "127.0.0.1"
LOCAL: Final = (LOOPBACK, "::1")
INTERFACES: Final = (*LOCAL, "0.0.0.0", "::")  # noqa: S104 - asked for by whoever shares
LONGEST_LINE: Final = 4096
# At the token endpoint (RFC 6749, 4.5): a secret that came over standard input, once and from this machine.
HOST_GRANT: Final = "urn:tmi-desktop:grant-type:host"

Secret = Annotated[str, Meta(min_length=32, max_length=200)]


class Host(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who hosts, and the secret that lets them in once.

    With `guests_wait` nobody else gets in before the line READY: who comes back with edits of their own must
    not be there before what the host did meanwhile.
    """

    secret: Secret
    user_id: str
    name: str
    guests_wait: bool = False

    def __repr__(self) -> str:
        """Without the secret: it must not get into a log."""
        return f"Host(user_id={self.user_id!r}, name={self.name!r})"


class Admit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another secret, in place of the one before."""

    secret: Secret

    def __repr__(self) -> str:
        return "Admit(...)"


class Listening(msgspec.Struct, frozen=True, tag_field="event", tag="listening"):
    """The server listens. `address` is the way from this machine, `fingerprint` its certificate's, if any.

    `moved_from` is the port that earlier links lead to, where another program has taken it; else 0.
    """

    address: str
    port: int
    pid: int
    interface: str = LOOPBACK
    fingerprint: str = ""
    moved_from: int = 0


class Admitted(msgspec.Struct, frozen=True, tag_field="event", tag="admitted"):
    """The secret of the last line lets in now."""


FromServer = Listening | Admitted
