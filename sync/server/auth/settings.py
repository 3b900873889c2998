"""What the authorization server is told: lifetimes in seconds, names, and how tokens are signed."""

from dataclasses import dataclass, field
from typing import Final, Literal

from app.domain.errors import TmiError
from sync.server.settings import Settings

Algorithm = Literal["ES256", "HS256"]
SHORTEST_SECRET: Final = 32
DAY: Final = 24 * 3600


class UnusableSettings(TmiError):
    """The settings contradict themselves."""


@dataclass(frozen=True, kw_only=True)
class TokenSettings:
    """Where tokens come from and how long things last.

    `issuer` is the server's public address without a trailing slash, and the audience of its tokens
    unless `audience` says otherwise. `secret` is for HS256 only. `fingerprint` is the SHA-256 of the own
    certificate (hexadecimal) and goes into invite links; empty when a public authority vouches. Without
    `local_accounts` nobody signs in with a password, so that there is no sign-in page and there are no codes.
    """

    issuer: str
    audience: str = ""
    algorithm: Algorithm = "ES256"
    secret: str = field(default="", repr=False)
    fingerprint: str = ""
    access_seconds: int = 3600
    refresh_seconds: int = 30 * DAY
    grace_seconds: int = 30
    code_seconds: int = 60
    ticket_seconds: int = 30
    form_seconds: int = 600
    guest_seconds: int = DAY
    skew_seconds: int = 10
    local_accounts: bool = True

    def __post_init__(self) -> None:
        """UnusableSettings when the settings contradict themselves."""
        if not self.issuer.startswith(("http://", "https://")) or self.issuer.endswith("/"):
            raise UnusableSettings("the public address of the server must be http(s)://host[:port]")
        if self.algorithm == "HS256" and len(self.secret.encode()) < SHORTEST_SECRET:
            raise UnusableSettings(f"HS256 needs a signing secret of at least {SHORTEST_SECRET} bytes")

    @property
    def tls(self) -> bool:
        """Whether the server is reached over TLS."""
        return self.issuer.startswith("https://")

    @property
    def audience_or_issuer(self) -> str:
        """The audience that access tokens are made for."""
        return self.audience or self.issuer


def token_settings(settings: Settings, fingerprint: str = "") -> TokenSettings:
    """What the server's settings say about tokens. UnusableSettings when they contradict themselves."""
    auth = settings.auth
    return TokenSettings(
        issuer=settings.base_url,
        algorithm=auth.jwt.signing_method,
        secret=auth.jwt.secret,
        fingerprint=fingerprint,
        access_seconds=int(auth.jwt.expiration_seconds),
        refresh_seconds=int(auth.refresh_expiration_seconds),
        grace_seconds=int(auth.refresh_grace_seconds),
        code_seconds=int(auth.code_expiration_seconds),
        ticket_seconds=int(auth.ticket_expiration_seconds),
        local_accounts=auth.local_accounts,
    )
