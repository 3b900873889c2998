"""Signing in: in the system's browser with a code and PKCE, or as a guest with an invite link."""

import asyncio
import contextlib
import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from sync.client.callback import Callback
from sync.client.errors import Denied, Refused, ServerFault, SignInFailed
from sync.client.http import ServerHttp
from sync.client.invite_link import InviteLink
from sync.client.shapes import SignInPlaces
from sync.client.tokens import CLIENT, TokenAnswer, reached, sign_in_places

SCOPE: Final = "openid profile email offline_access"
PATIENCE: Final = 600.0
LONGEST_PASTE: Final = 4000


class SignedIn(msgspec.Struct, frozen=True):
    """Who has signed in, and the tokens; a guest also the model and the role that the invite was for."""

    user_id: str
    name: str
    tokens: TokenAnswer
    model_id: str = ""
    role: str = ""


class _Identity(msgspec.Struct, frozen=True):
    sub: str
    iss: str
    aud: str | list[str] = ""
    nonce: str = ""
    name: str = ""


class BrowserSignIn:
    """One attempt to sign in. `run` it; meanwhile the answer may be pasted, or the attempt given up."""

    def __init__(self, http: ServerHttp, places: SignInPlaces, redirect_uri: str) -> None:
        self.redirect_uri = redirect_uri
        self._http = http
        self._places = places
        self._state = secrets.token_urlsafe(24)
        self._nonce = secrets.token_urlsafe(24)
        self._verifier = secrets.token_urlsafe(64)
        self._code: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def address(self) -> str:
        """What the browser has to open."""
        challenge = hashlib.sha256(self._verifier.encode()).digest()
        asked = {
            "response_type": "code", "client_id": CLIENT, "redirect_uri": self.redirect_uri,
            "scope": SCOPE, "state": self._state, "nonce": self._nonce,
            "code_challenge": urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }  # fmt: skip
        path = reached(self._places, self._places.authorization_endpoint)
        where = f"{self._http.address}{path}" if path.startswith("/") else path
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"

    def answer(self, query: str) -> bool:
        """What the browser was sent back with; False when it does not belong to this attempt."""
        try:
            given = parse_qs(query, keep_blank_values=True, max_num_fields=20)
        except ValueError:
            return False
        if any(len(values) > 1 for values in given.values()):
            return False
        said = {name: values[0] for name, values in given.items()}
        if not hmac.compare_digest(said.get("state", "").encode(), self._state.encode()):
            return False
        if not self._is_from_here(said.get("iss")):
            return False
        if not self._code.done():
            self._settle(said)
        return True

    def paste(self, text: str) -> None:
        """The address that the browser was sent to, or the code alone. Refused when it is neither."""
        written = "".join(text.split())
        if len(written) > LONGEST_PASTE:
            raise Refused("this is too long for the address of a sign-in")
        query = urlsplit(written).query if "://" in written or "?" in written else ""
        if query:
            if not self.answer(query):
                raise Refused(
                    "this address does not belong to this sign-in: paste the one that was opened last"
                )
        elif written and not set(written) & set("/?&=:"):
            # No state comes with a bare code; a foreign one fails at the server, which knows our challenge.
            if not self._code.done():
                self._code.set_result(written)
        else:
            raise Refused("paste the whole address that the browser shows, or the code in it")

    def cancel(self) -> None:
        """Give up."""
        if not self._code.done():
            self._code.set_exception(SignInFailed("the sign-in was given up"))

    async def finish(self, patience: float = PATIENCE) -> SignedIn:
        """Wait for the browser, and exchange what it brings. SignInFailed when nothing good comes."""
        try:
            async with asyncio.timeout(patience):
                code = await self._code
        except TimeoutError:
            raise SignInFailed("nobody signed in in time; try again") from None
        finally:
            self._code.cancel()  # what comes from now on comes too late
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri,
            "client_id": CLIENT, "code_verifier": self._verifier,
        }  # fmt: skip
        path = reached(self._places, self._places.token_endpoint)
        try:
            tokens = await self._http.fetch_plain(TokenAnswer, "POST", path, form=form)
        except Refused:
            raise SignInFailed("the server does not accept this sign-in; try again") from None
        identity = self._identity(tokens.id_token)
        return SignedIn(identity.sub, identity.name, tokens)

    def _is_from_here(self, issuer: str | None) -> bool:
        """Whether the answer names the server that was asked (RFC 9207)."""
        if issuer is None:
            return not self._places.authorization_response_iss_parameter_supported
        return issuer == self._places.issuer

    def _settle(self, said: dict[str, str]) -> None:
        if said.get("code"):
            self._code.set_result(said["code"])
        elif said.get("error") == "access_denied":
            self._code.set_exception(SignInFailed("the sign-in was cancelled in the browser"))
        else:
            self._code.set_exception(SignInFailed("the server refused the sign-in; try again"))

    def _identity(self, token: str) -> _Identity:
        """What the identity token says. It came from the server itself, over the connection we trust."""
        try:
            body = token.split(".")[1]
            raw = urlsafe_b64decode(body + "=" * (-len(body) % 4))
            found = msgspec.json.decode(raw, type=_Identity)
        except (IndexError, ValueError, msgspec.MsgspecError):
            raise ServerFault(f"{self._http.name}: does not say who signed in") from None
        audience = found.aud if isinstance(found.aud, list) else [found.aud]
        same = hmac.compare_digest(found.nonce.encode(), self._nonce.encode())
        if found.iss != self._places.issuer or CLIENT not in audience or not same:
            raise SignInFailed("the answer belongs to another sign-in; try again")
        return found


async def sign_in(
    http: ServerHttp, open_browser: Callable[[str], object], *, patience: float = PATIENCE,
    begun: Callable[[BrowserSignIn], object] | None = None,
) -> SignedIn:  # fmt: skip
    """Sign in in the browser. `begun` is given the attempt, for pasting and giving up.

    SignInFailed when it comes to nothing. Cancelling ends it too, and closes the listener.
    """
    places = await sign_in_places(http)
    if not places.authorization_endpoint:
        raise SignInFailed(f"{http.name}: lets in only who has an invite link")
    if "S256" not in places.code_challenge_methods_supported:
        raise ServerFault(f"{http.name}: offers no sign-in that is safe for a desktop")
    async with Callback() as callback:
        attempt = BrowserSignIn(http, places, callback.address)
        callback.take = attempt.answer
        if begun is not None:
            begun(attempt)
        with contextlib.suppress(OSError):  # without a browser there is still pasting
            open_browser(attempt.address)
        return await attempt.finish(patience)


class _Redeemed(TokenAnswer, frozen=True):
    user_id: str = ""
    model_id: str = ""
    role: str = ""


async def redeem(http: ServerHttp, link: InviteLink, name: str) -> SignedIn:
    """Come in as a guest with an invite and a display name. Denied when the invite admits nobody."""
    body = {"secret": link.secret, "display_name": name}
    try:
        found = await http.fetch(_Redeemed, "POST", "/invites/redeem", body=body)
    except Denied as error:
        raise Denied(f"{http.name}: {str(error)[:1].lower()}{str(error)[1:]}") from None
    tokens = TokenAnswer(found.access_token, found.refresh_token, found.expires_in)
    return SignedIn(found.user_id, " ".join(name.split()), tokens, found.model_id, found.role)
