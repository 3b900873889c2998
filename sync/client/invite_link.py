"""Invite links as servers make them: all that is secret stands after `#`, which no browser sends."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from app.domain.ids import is_id
from sync.client.address import server_address
from sync.client.errors import Refused
from sync.client.trust import normal_fingerprint

JOIN: Final = "/join"
LONGEST: Final = 2000
NOT_ONE: Final = "this is no invite link: copy the whole of it, with what stands after #"


@dataclass(frozen=True)
class InviteLink:
    """Where to go, what lets one in, to which model, and the certificate's fingerprint where it needs one."""

    server: str
    secret: str
    model_id: str
    fingerprint: str = ""

    def __str__(self) -> str:
        parts = {"invite": self.secret, "model": self.model_id}
        if self.fingerprint:
            parts["sha256"] = self.fingerprint
        return f"{self.server}{JOIN}#{urlencode(parts)}"

    def __repr__(self) -> str:
        """Without the secret: it must not get into a log."""
        return f"InviteLink({self.server!r}, model_id={self.model_id!r})"


def parse_invite_link(written: str) -> InviteLink:
    """The link's parts. Refused when it is none."""
    text = "".join(written.split()).strip("<>\"'")
    if len(text) > LONGEST:
        raise Refused(NOT_ONE)
    try:
        parts = urlsplit(text)
        given = parse_qs(parts.fragment, max_num_fields=10)
    except ValueError:
        raise Refused(NOT_ONE) from None
    secret, model_id = _one(given, "invite"), _one(given, "model")
    if not parts.path.endswith(JOIN) or parts.query or not secret or not is_id(model_id):
        raise Refused(NOT_ONE)
    server = server_address(f"{parts.scheme}://{parts.netloc}{parts.path.removesuffix(JOIN)}")
    fingerprint = _one(given, "sha256")
    return InviteLink(server, secret, model_id, normal_fingerprint(fingerprint) if fingerprint else "")


def _one(given: dict[str, list[str]], name: str) -> str:
    values = given.get(name, [])
    return values[0] if len(values) == 1 else ""
