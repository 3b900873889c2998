"""Headers that make a browser careful with what we send."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from litestar.types import Message, Send

NO_STORE: Final[Mapping[str, str]] = {"Cache-Control": "no-store", "Pragma": "no-cache"}
HSTS: Final = (b"strict-transport-security", b"max-age=31536000")


def page_headers(redirect_uri: str = "") -> dict[str, str]:
    """The headers of the sign-in pages.

    `form-action` must name where the form's answer redirects to; a literal IPv6 address cannot be
    written there, so that its scheme has to do.
    """
    back = ""
    if redirect_uri:
        parts = urlsplit(redirect_uri)
        back = " http:" if ":" in (parts.hostname or "") else f" {parts.scheme}://{parts.netloc}"
    policy = (
        f"default-src 'none'; style-src 'self'; form-action 'self'{back}; frame-ancestors 'none'; "
        "base-uri 'none'"
    )
    return {
        **NO_STORE,
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def only_over_tls(send: Send) -> Send:
    """A `send` that tells browsers never to come without TLS again (RFC 6797)."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), HSTS]
        await send(message)

    return sending
