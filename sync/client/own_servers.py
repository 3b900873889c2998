"""Servers that this program runs for its own models: `app.ports_network.OwnServers`."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from app.domain.ids import new_id
from app.ports_network import Account
from sync.client.api import ServerApi
from sync.client.errors import HostingFailed
from sync.client.gateway import ServerGateway
from sync.client.hosting import HostedServer, Hosting, everywhere
from sync.client.http import ServerHttp
from sync.client.invite_link import parse_invite_link
from sync.client.lan import LanAddress, invite_links
from sync.client.network import ClientNetwork
from sync.client.servers import TextSettings

OWN: Final = "hosted:"
WHO: Final = "hosting/user_id"


class OwnServers:
    """`folder` holds their databases, a folder a model. `interface` is where guests come from."""

    def __init__(
        self, network: ClientNetwork, settings: TextSettings, folder: Path, interface: str = ""
    ) -> None:
        self._network = network
        self._folder = folder
        self._interface = interface or everywhere()
        self._user_id = settings.setting(WHO) or new_id()
        settings.set_setting(WHO, self._user_id)

    def is_own(self, account_key: str) -> bool:
        """Whether an account is one on a server of this program."""
        return account_key.startswith(OWN)

    async def start(
        self, model_id: str, name: str, on_log: Callable[[Sequence[str]], object]
    ) -> "RunningServer":
        """Start the server of a model, and sign in to it."""
        where = self._folder / model_id
        try:
            await asyncio.to_thread(where.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise HostingFailed(f"{where}: cannot be written: {error.strerror or error}") from None
        what = Hosting(
            database=where / "server.db",
            user_id=self._user_id,
            name=name,
            interface=self._interface,
            tls=True,
            guests_wait=True,
        )
        server = await HostedServer.start(what, on_log=on_log)
        http = None
        try:
            http = await server.connect()
            tokens = await server.sign_in(http)
        except BaseException:
            if http is not None:
                await http.close()
            await server.stop()
            raise
        account = Account(server=f"{OWN}{model_id}", user_id=self._user_id, name=name)
        self._network.adopt(account.key, _OwnGateway(account, ServerApi(http, tokens), server))
        return RunningServer(account, server, http, self._network)

    def set_aside(self, model_id: str) -> None:
        """Keep a database beside, and have the next server begin with an empty one."""
        where = self._folder / model_id
        number = 1
        while (beside := where.with_name(f"{model_id}.{number}")).exists():
            number += 1
        if where.exists():
            shutil.move(where, beside)


class RunningServer:
    """One run of the server of a model."""

    def __init__(
        self, account: Account, server: HostedServer, http: ServerHttp, network: ClientNetwork
    ) -> None:
        self.account = account
        self._server = server
        self._http = http
        self._network = network

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines of its log."""
        return self._server.log

    @property
    def moved(self) -> bool:
        """Whether links that are out do not lead to it any more."""
        return bool(self._server.listening.moved_from)

    async def wait(self) -> str:
        """Wait until it has ended."""
        ended = await self._server.wait()
        return "" if ended.expected else ended.reason

    async def let_guests_in(self) -> None:
        """What the host brings is there: everybody may come."""
        await self._server.let_guests_in()

    async def release(self) -> None:
        """It has ended, and nobody speaks to it any more."""
        await self._http.close()

    async def stop(self) -> None:
        """Have it end."""
        self._network.disown(self.account.key)
        await self._server.stop()
        await self._http.close()


class _OwnGateway(ServerGateway):
    """Whose links are made for every address of this machine."""

    def __init__(self, account: Account, api: ServerApi, server: HostedServer) -> None:
        super().__init__(account, api)
        self._server = server

    async def _links(self, link: str) -> tuple[tuple[str, str], ...]:
        listening = self._server.listening
        found = await asyncio.to_thread(invite_links, parse_invite_link(link), listening)
        return tuple((_words(where), str(one)) for where, one in found)


def _words(where: LanAddress) -> str:
    return f"{where.host} ({where.network})"
