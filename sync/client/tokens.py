"""The tokens of one account on one server: refreshed by one for all, kept, revoked when signing out."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Final

import msgspec

from sync.client.errors import ServerError, SignInNeeded
from sync.client.http import ServerHttp
from sync.client.secrets import SecretStore
from sync.client.shapes import SignInPlaces

CLIENT: Final = "tmi-desktop"
# The server takes a refresh token once more for half a minute: all attempts are over before that.
REFRESH_SECONDS: Final = 8.0
EARLY: Final = 30.0
OVER: Final = "invalid_grant"
DISCOVERY: Final = "/.well-known/oauth-authorization-server"


class TokenAnswer(msgspec.Struct, frozen=True):
    """What the token endpoint gives out."""

    access_token: str
    refresh_token: str
    expires_in: float
    id_token: str = ""

    def __repr__(self) -> str:
        return "TokenAnswer(...)"


class _Kept(msgspec.Struct, frozen=True):
    """What is kept of a sign-in over a restart."""

    refresh_token: str


async def sign_in_places(http: ServerHttp) -> SignInPlaces:
    """Where to sign in at a server."""
    return await http.fetch_plain(SignInPlaces, "GET", DISCOVERY)


def reached(places: SignInPlaces, endpoint: str) -> str:
    """An endpoint as it is reached from here.

    A server in a workshop is known by several addresses and names itself by one of them: its own endpoints
    are taken at the address by which it was reached, and trusted.
    """
    return endpoint.removeprefix(places.issuer) if endpoint.startswith(f"{places.issuer}/") else endpoint


class AccountTokens:
    """The tokens that everything which speaks for one account shares."""

    def __init__(
        self, http: ServerHttp, store: SecretStore, user_id: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.user_id = user_id
        self._http = http
        self._store = store
        self._clock = clock
        self._access = ""
        self._good_until = 0.0
        self._refresh_token: str | None = None
        self._loaded = False
        self._places: SignInPlaces | None = None
        self._refreshing: asyncio.Task[None] | None = None

    @property
    def secret_name(self) -> str:
        """Under which the sign-in is kept."""
        return f"{self._http.address} {self.user_id}"

    async def start(self, answer: TokenAnswer) -> None:
        """Begin with what signing in has brought."""
        self._loaded = True
        await self._take(answer)

    async def access_token(self) -> str:
        """A token that is good for a while yet. SignInNeeded when there is none to be had."""
        if not self._access or self._clock() >= self._good_until:
            await self._refresh()
        return self._access

    async def renewed(self, refused: str) -> str:
        """Another token than the one that was refused, or is to be followed by a younger one."""
        if self._access == refused or not self._access:
            await self._refresh()
        return self._access

    async def sign_out(self) -> bool:
        """Forget the sign-in, and end it on the server; False when the server could not be told."""
        await self._load()
        token, self._refresh_token = self._refresh_token, None
        await self._forget()
        if not token:
            return True
        form = {"token": token, "token_type_hint": "refresh_token", "client_id": CLIENT}
        try:
            places = await self._known_places()
            path = reached(places, places.revocation_endpoint) if places.revocation_endpoint else ""
            if not path:
                return False
            reply = await self._http.ask("POST", path, form=form, again=True)
        except ServerError:
            return False
        return reply.status < 300

    # Refreshing

    async def _refresh(self) -> None:
        """Refresh, once for all who ask meanwhile; who is cancelled does not stop it for the others."""
        if self._refreshing is None:
            self._refreshing = asyncio.get_running_loop().create_task(self._refresh_now())
            self._refreshing.add_done_callback(self._refreshed)
        await asyncio.shield(self._refreshing)

    def _refreshed(self, task: asyncio.Task[None]) -> None:
        self._refreshing = None
        if not task.cancelled():
            task.exception()  # whoever still waits has it; nobody may be left

    async def _refresh_now(self) -> None:
        await self._load()
        token = self._refresh_token
        if not token:
            raise SignInNeeded(f"{self._http.name}: sign in first")
        places = await self._known_places()
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": CLIENT}
        path = reached(places, places.token_endpoint)
        try:
            answer = await self._http.fetch_plain(
                TokenAnswer, "POST", path, form=form, again=True, timeout=REFRESH_SECONDS
            )
        except ServerError as error:
            # Only the server's own word ends a sign-in: a hotel's page refuses everything too.
            if error.code != OVER:
                raise
            if self._refresh_token == token:
                self._refresh_token = None
                await self._forget()
            raise SignInNeeded(f"{self._http.name}: your sign-in is over; sign in again") from None
        if self._refresh_token != token:  # signed out, or signed in anew, meanwhile
            raise SignInNeeded(f"{self._http.name}: sign in first")
        await self._take(answer)

    async def _known_places(self) -> SignInPlaces:
        if self._places is None:
            self._places = await sign_in_places(self._http)
        return self._places

    # Keeping

    async def _take(self, answer: TokenAnswer) -> None:
        """The used token is worth nothing any more: the new one is kept before anything is done with it."""
        self._refresh_token = answer.refresh_token
        kept = msgspec.json.encode(_Kept(answer.refresh_token)).decode()
        await asyncio.to_thread(self._store.set, self.secret_name, kept)
        self._access = answer.access_token
        self._good_until = self._clock() + answer.expires_in - min(EARLY, answer.expires_in / 4)

    async def _load(self) -> None:
        """What was kept before the program was started, unless there is something younger."""
        if self._loaded:
            return
        raw = await asyncio.to_thread(self._store.get, self.secret_name)
        if raw and self._refresh_token is None:
            with contextlib.suppress(msgspec.MsgspecError, ValueError):
                self._refresh_token = msgspec.json.decode(raw, type=_Kept).refresh_token
        self._loaded = True

    async def _forget(self) -> None:
        self._access, self._good_until = "", 0.0
        await asyncio.to_thread(self._store.delete, self.secret_name)
