"""What can go wrong on the way to a server: one family, each one line that a user may read."""

from collections.abc import Mapping
from typing import Any

from app.ports_network import NetworkError, NotTrusted, OtherHistory, SignInRequired


class ServerError(NetworkError):
    """Base of all of them. `code` and `details` are the server's words for programs, if any."""

    def __init__(self, message: str, *, code: str = "", details: Mapping[str, Any] | None = None) -> None:
        self.code = code
        self.details = dict(details or {})
        super().__init__(message)


class Unreachable(ServerError):
    """No answer came: no network, no server, or not in time. What was asked may be done all the same."""


class Untrusted(ServerError, NotTrusted):
    """The server cannot show that it is the one that was meant."""


class CertificateChanged(Untrusted):
    """The server shows another certificate than the remembered one; both fingerprints are known."""

    def __init__(self, message: str, *, expected: str, found: str) -> None:
        self.expected = expected
        self.found = found
        super().__init__(message)


class SignInNeeded(ServerError, SignInRequired):
    """Nobody is signed in, or no longer."""


class SignInFailed(ServerError):
    """An attempt to sign in came to nothing."""


class Denied(ServerError):
    """The account may not do that."""


class NotFound(ServerError):
    """There is no such thing, or not for this account."""


class Conflict(ServerError, OtherHistory):
    """It contradicts what is there."""


class Outdated(Conflict):
    """It was meant for a version that is no longer the newest."""


class Refused(ServerError):
    """The server does not take what was sent: it is malformed or too large."""


class Busy(ServerError):
    """The server takes nothing now; `wait` are the seconds after which it may be asked again."""

    def __init__(
        self, message: str, *, wait: float, code: str = "", details: Mapping[str, Any] | None = None
    ) -> None:
        self.wait = wait
        super().__init__(message, code=code, details=details)


class ServerFault(ServerError):
    """The server failed, or answered what cannot be understood."""


class HostingFailed(ServerError):
    """The server of this machine did not start, or cannot be signed in to; `log` is what it said last."""

    def __init__(self, message: str, *, log: tuple[str, ...] = ()) -> None:
        self.log = log
        super().__init__(message)


class ChannelClosed(ServerError):
    """The live channel has ended. `close_code` is the transport's, `reason` the server's, if any."""

    def __init__(self, message: str, *, close_code: int = 0, reason: str = "") -> None:
        self.close_code = close_code
        self.reason = reason
        super().__init__(message)
