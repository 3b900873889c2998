"""The servers that are known here and the way to each: `app.ports_network.Network`."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from app.ports_network import Account, FoundServer, Gateway, Invited, KnownServer, SignInAttempt
from sync.client.address import server_address
from sync.client.api import ServerApi, capabilities
from sync.client.errors import Refused, ServerError, SignInNeeded
from sync.client.gateway import ServerGateway
from sync.client.http import ServerHttp
from sync.client.invite_link import InviteLink, parse_invite_link
from sync.client.secrets import SecretStore, secret_store
from sync.client.servers import Servers, TextSettings
from sync.client.sign_in import SignedIn, redeem, sign_in
from sync.client.tokens import AccountTokens
from sync.client.trust import probe

T = TypeVar("T")


class ClientNetwork:
    """One for the program; everything on its event loop. `folder` holds secrets where there is no keyring."""

    def __init__(self, settings: TextSettings, folder: Path) -> None:
        self._servers = Servers(settings)
        self._folder = folder
        self._ways: dict[str, asyncio.Future[ServerHttp]] = {}
        self._left: list[asyncio.Future[ServerHttp]] = []
        self._gateways: dict[str, ServerGateway] = {}
        self._tokens: dict[str, AccountTokens] = {}
        self._store: asyncio.Future[SecretStore] | None = None
        self._listeners: list[Callable[[], object]] = []

    @property
    def servers(self) -> tuple[KnownServer, ...]:
        """In the order in which they were added."""
        return self._servers.known

    async def secrets(self) -> str:
        """Where sign-ins are kept."""
        return (await self._secret_store()).description

    def listen(self, changed: Callable[[], object]) -> Callable[[], None]:
        """Be told when servers or accounts have changed."""
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed) if changed in self._listeners else None

    def account(self, key: str) -> Account | None:
        """An account by its key."""
        held = self._gateways.get(key)
        if held is not None:
            return held.account
        every = (account for server in self.servers for account in server.accounts)
        return next((one for one in every if one.key == key), None)

    # Servers

    async def look(self, address: str) -> FoundServer:
        """What answers at an address. Whom nobody vouches for is asked by the certificate that it shows."""
        where = server_address(address)
        shown = await probe(where)
        fingerprint = shown.fingerprint if shown is not None else ""
        vouched = shown is None or shown.vouched
        http = await ServerHttp.open(where, "" if vouched else fingerprint)
        try:
            able = await capabilities(http)
        finally:
            await http.close()
        known = self._servers.get(where)
        return FoundServer(
            address=where, name=able.info.name, version=able.info.version, fingerprint=fingerprint,
            vouched=vouched, can_sign_in=able.sign_in is not None,
            is_remembered=known is not None and known.fingerprint == ("" if vouched else fingerprint),
        )  # fmt: skip

    def add(self, found: FoundServer) -> KnownServer:
        """Remember a server, by its certificate where nobody vouches for it."""
        known = self._servers.get(found.address)
        name = known.name if known is not None else ""
        if found.vouched and known is not None and known.fingerprint:
            self._servers.distrust(found.address)
        self._drop_way(found.address)
        added = self._servers.add(found.address, name, "" if found.vouched else found.fingerprint)
        self._changed()
        return added

    def rename(self, address: str, name: str) -> None:
        """Call a server by another name."""
        self._servers.add(address, name)
        self._changed()

    async def forget(self, address: str) -> None:
        """Sign all accounts out, and forget a server."""
        known = self._servers.get(address)
        if known is None:
            return
        await asyncio.gather(*(self.sign_out(one.key) for one in known.accounts))
        self._servers.forget(known.address)
        self._drop_way(known.address)
        self._changed()

    # Accounts

    async def sign_in(
        self, address: str, open_browser: Callable[[str], object], begun: Callable[[SignInAttempt], object]
    ) -> Account:
        """Sign in in the browser."""
        http = await self._way(server_address(address))
        return await self._came_in(http, await sign_in(http, open_browser, begun=begun))

    def read_invite(self, link: str) -> Invited:
        """The parts of an invite link."""
        found = parse_invite_link(link)
        return Invited(server=found.server, model_id=found.model_id, fingerprint=found.fingerprint)

    async def redeem(self, link: str, name: str) -> Account:
        """Come in as a guest."""
        found = parse_invite_link(link)
        await self._trust(found)
        http = await self._way(found.server)
        return await self._came_in(http, await redeem(http, found, name))

    async def _trust(self, link: InviteLink) -> None:
        """The link says which certificate is meant; another one than before only where guests were."""
        known = self._servers.get(link.server)
        if known is not None and known.fingerprint != link.fingerprint and known.accounts:
            if not all(one.is_guest for one in known.accounts):
                raise Refused(
                    f"{known.name}: the link is for a server with another certificate than the one where you "
                    "are signed in; ask who invited you, or forget that server first"
                )
            await self.forget(link.server)
        self._drop_way(link.server)
        self._servers.add(link.server, fingerprint=link.fingerprint)

    async def _came_in(self, http: ServerHttp, found: SignedIn) -> Account:
        is_guest = bool(found.model_id)
        account = Account(server=http.address, user_id=found.user_id, name=found.name or found.user_id[:8],
                          is_guest=is_guest, model_id=found.model_id)  # fmt: skip
        tokens = AccountTokens(http, await self._secret_store(), found.user_id)
        await tokens.start(found.tokens)
        self._tokens[account.key] = tokens
        self._gateways.pop(account.key, None)
        self._servers.signed_in(account)
        self._changed()
        return account

    async def sign_out(self, key: str) -> bool:
        """End a sign-in here and there."""
        account = self.account(key)
        if account is None:
            return True
        try:
            told = await (await self._tokens_of(account)).sign_out()
        except ServerError:  # there is no way to it now
            await asyncio.to_thread((await self._secret_store()).delete, key)
            told = False
        self._gateways.pop(key, None)
        self._tokens.pop(key, None)
        self._servers.signed_out(account.server, account.user_id)
        self._changed()
        return told

    async def gateway(self, key: str) -> Gateway:
        """What an account can do."""
        held = self._gateways.get(key)
        if held is not None:
            return held
        account = self.account(key)
        if account is None:
            raise SignInNeeded(f"{key.partition(' ')[0]}: sign in first")
        tokens = await self._tokens_of(account)
        http = await self._way(account.server)
        return self._gateways.setdefault(key, ServerGateway(account, ServerApi(http, tokens)))

    def adopt(self, key: str, gateway: ServerGateway) -> None:
        """Know a way that was come by otherwise, such as to a server that this program runs."""
        self._gateways[key] = gateway

    def disown(self, key: str) -> None:
        """Know it no longer."""
        self._gateways.pop(key, None)

    async def close(self) -> None:
        """Let go of all connections."""
        for address in list(self._ways):
            self._drop_way(address)
        for way in self._left:
            if not way.done() or _failed(way):
                way.cancel()
            else:
                await way.result().close()
        self._left.clear()

    # Ways

    async def _way(self, address: str) -> ServerHttp:
        """The way to a server, opened once for all who ask; one that failed is tried again by the next."""
        known = self._servers.get(address)
        fingerprint = known.fingerprint if known is not None else ""
        way = self._ways.get(address)
        if way is None or _failed(way):
            way = self._ways[address] = _begun(ServerHttp.open(address, fingerprint))
        return await asyncio.shield(way)

    def _drop_way(self, address: str) -> None:
        """The next one is opened anew; what speaks over this one goes on until it ends by itself."""
        way = self._ways.pop(address, None)
        if way is not None:
            self._left.append(way)
        for held in (self._gateways, self._tokens):
            for key in [key for key in held if key.startswith(f"{address} ")]:
                del held[key]

    async def _tokens_of(self, account: Account) -> AccountTokens:
        held = self._tokens.get(account.key)
        if held is None:
            http = await self._way(account.server)
            store = await self._secret_store()
            held = self._tokens.setdefault(account.key, AccountTokens(http, store, account.user_id))
        return held

    async def _secret_store(self) -> SecretStore:
        if self._store is None or _failed(self._store):
            self._store = _begun(asyncio.to_thread(secret_store, self._folder))
        return await asyncio.shield(self._store)

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()


def _begun(work: Coroutine[Any, Any, T]) -> "asyncio.Future[T]":
    return asyncio.ensure_future(work)


def _failed(task: "asyncio.Future[Any]") -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
