"""The desktop's half of signing in, and the browser between: a loopback listener, PKCE, forms in HTML."""

import html
import http.server
import re
import secrets
import threading
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from tests.sync.server.auth.serving import PASSWORD

Answer = dict[str, str]


class _Callback(http.server.BaseHTTPRequestHandler):
    """Takes the one request that the browser is redirected to."""

    server: "_Listener"

    def do_GET(self) -> None:
        """Keep the answer's parameters."""
        parts = urlsplit(self.path)
        self.server.answer = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"You can close this window.")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Listener(http.server.HTTPServer):
    answer: Answer | None = None


class Desktop:
    """One installation of the desktop with a browser of its own."""

    def __init__(self, server: str) -> None:
        self.http = httpx.Client(base_url=server, timeout=10)
        self.verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(16)
        self._listener = _Listener(("127.0.0.1", 0), _Callback)
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.02,))
        self.redirect_uri = f"http://127.0.0.1:{self._listener.server_port}/callback"

    def __enter__(self) -> "Desktop":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
        self.http.close()

    def request(self, **changes: str | None) -> dict[str, str]:
        """The parameters of the authorization request; a change to None leaves one out."""
        usual: dict[str, str | None] = {
            "response_type": "code", "client_id": "tmi-desktop", "redirect_uri": self.redirect_uri,
            "scope": "openid profile email", "state": self.state, "nonce": "n-1",
            "code_challenge": create_s256_code_challenge(self.verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def open(self, **changes: str | None) -> httpx.Response:
        """The page that the browser shows for an authorization request."""
        return self.http.get(f"/oauth2/authorize?{urlencode(self.request(**changes))}")

    def submit(self, page: httpx.Response, **typed: str) -> httpx.Response:
        """Fill in the page's form, send it, and follow where it leads, up to the desktop's listener."""
        action = re.search(r'<form method="post" action="([^"]+)"', page.text)
        assert action, page.text
        given = {
            name: html.unescape(value)
            for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
        }
        response = self.http.post(html.unescape(action[1]), data={**given, "action": "go", **typed})
        if response.status_code == 303:
            self._listener.answer = None
            httpx.get(response.headers["location"], timeout=10)
        return response

    @property
    def answer(self) -> Answer:
        """What the browser brought to the listener."""
        assert self._listener.answer is not None, "nothing came back"
        return self._listener.answer

    def code(self, name: str, password: str = PASSWORD) -> str:
        """Sign in and return the code."""
        response = self.submit(self.open(), username=name, password=password)
        assert response.status_code == 303, response.text
        assert self.answer["state"] == self.state
        return self.answer["code"]

    def exchange(self, code: str, /, **changes: str | None) -> httpx.Response:
        """Exchange a code at the token endpoint."""
        usual: dict[str, str | None] = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri,
            "client_id": "tmi-desktop", "code_verifier": self.verifier,
        }  # fmt: skip
        form = {name: value for name, value in (usual | changes).items() if value is not None}
        return self.http.post("/oauth2/token", data=form)

    def sign_in(self, name: str) -> dict[str, Any]:
        """The whole flow: the tokens."""
        response = self.exchange(self.code(name))
        assert response.status_code == 200, response.text
        tokens: dict[str, Any] = response.json()
        return tokens

    def refresh(self, token: str, **changes: str) -> httpx.Response:
        """Refresh."""
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "tmi-desktop", **changes}
        return self.http.post("/oauth2/token", data=form)

    def who(self, token: str) -> httpx.Response:
        """Ask who an access token stands for."""
        return self.http.get("/oauth2/userinfo", headers={"Authorization": f"Bearer {token}"})
