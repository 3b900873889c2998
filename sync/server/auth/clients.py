"""The one client there is: the desktop, a public client on a loopback address (RFC 8252)."""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin, list_to_scope, scope_to_list

from sync.protocol.hosting import HOST_GRANT

DESKTOP: Final = "tmi-desktop"
CALLBACK: Final = "/callback"
SCOPES: Final = ("openid", "profile", "email", "offline_access")
HOSTS: Final = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
LONGEST_URI: Final = 200


def is_loopback(uri: str) -> bool:
    """Whether a redirect address is `http://127.0.0.1:PORT/callback` or the same on `[::1]`.

    Any port will do (RFC 8252, 7.3); a host name will not: who knows what it resolves to (8.3).
    """
    if len(uri) > LONGEST_URI or not uri.isascii() or not uri.isprintable() or set(uri) & set(' "\\<>?#@'):
        return False
    try:
        parts = urlsplit(uri)
        host, port = ipaddress.ip_address(parts.hostname or ""), parts.port
    except ValueError:
        return False
    spelling = f"[{host}]" if host.version == 6 else str(host)
    return host in HOSTS and bool(port) and uri == f"http://{spelling}:{port}{CALLBACK}"


class DesktopClient(ClientMixin):  # type: ignore[misc] # Authlib ships no types
    """What the desktop may ask for: a code with PKCE, and refreshing."""

    client_id = DESKTOP

    def get_client_id(self) -> str:
        """The id that the desktop names itself by."""
        return DESKTOP

    def get_default_redirect_uri(self) -> str:
        """None: the port is never known beforehand."""
        return ""

    def get_allowed_scope(self, scope: str | None) -> str:
        """Those of the asked scopes that there are, in the order asked."""
        asked = scope_to_list(scope) or []
        return str(list_to_scope([word for word in dict.fromkeys(asked) if word in SCOPES]) or "")

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Loopback addresses only."""
        return is_loopback(redirect_uri)

    def check_client_secret(self, client_secret: str) -> bool:
        """A public client has no secret."""
        return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """A public client only names itself."""
        return method == "none"

    def check_response_type(self, response_type: str) -> bool:
        """A code, and nothing by way of the browser that opens a door."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Codes and refreshing, and the secret of who hosts the server."""
        return grant_type in ("authorization_code", "refresh_token", HOST_GRANT)
