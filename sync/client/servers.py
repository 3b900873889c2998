"""The servers that this installation knows, with the accounts on each: text in the settings, no secrets."""

from typing import Final, Protocol

import msgspec

from app.ports_network import Account, KnownServer
from sync.client.address import server_address
from sync.client.errors import Refused
from sync.client.trust import normal_fingerprint

SETTING: Final = "sync/servers"


class TextSettings(Protocol):
    """Where short texts are kept between sessions; a library is one."""

    def setting(self, key: str, default: str = "") -> str:
        """A remembered text."""

    def set_setting(self, key: str, value: str) -> None:
        """Remember a text."""


class _Kept(msgspec.Struct, frozen=True):
    servers: tuple[msgspec.Raw, ...] = ()


class Servers:
    """The list, written at every change."""

    def __init__(self, settings: TextSettings) -> None:
        self._settings = settings
        self._known = {one.address: one for one in _read(settings.setting(SETTING))}

    @property
    def known(self) -> tuple[KnownServer, ...]:
        """All servers, in the order in which they were added."""
        return tuple(self._known.values())

    def get(self, address: str) -> KnownServer | None:
        """A server by its address, however it is written."""
        return self._known.get(server_address(address))

    def add(self, address: str, name: str = "", fingerprint: str = "") -> KnownServer:
        """Remember a server; of one that is known, what is given is changed and the accounts stay."""
        key = server_address(address)
        old = self._known.get(key) or KnownServer(address=key, name=key.partition("://")[2])
        found = msgspec.structs.replace(
            old,
            name=name.strip() or old.name,
            fingerprint=normal_fingerprint(fingerprint) if fingerprint else old.fingerprint,
        )
        return self._put(found)

    def distrust(self, address: str) -> KnownServer:
        """Forget a server's fingerprint: the system's authorities have to vouch for it again."""
        return self._put(msgspec.structs.replace(self._known[server_address(address)], fingerprint=""))

    def forget(self, address: str) -> None:
        """Forget a server and its accounts. The secrets are not here: sign out first."""
        if self._known.pop(server_address(address), None) is not None:
            self._write()

    def signed_in(self, account: Account) -> KnownServer:
        """Remember an account; the last one signed in comes first."""
        server = self._known[server_address(account.server)]
        others = tuple(one for one in server.accounts if one.user_id != account.user_id)
        return self._put(msgspec.structs.replace(server, accounts=(account, *others)))

    def signed_out(self, address: str, user_id: str) -> KnownServer:
        """Forget an account."""
        server = self._known[server_address(address)]
        others = tuple(one for one in server.accounts if one.user_id != user_id)
        return self._put(msgspec.structs.replace(server, accounts=others))

    def _put(self, server: KnownServer) -> KnownServer:
        self._known[server.address] = server
        self._write()
        return server

    def _write(self) -> None:
        text = msgspec.json.encode({"servers": self.known}).decode()
        self._settings.set_setting(SETTING, text)


def _read(text: str) -> list[KnownServer]:
    """What can be read of it: one bad entry costs that one only."""
    found = []
    try:
        raw = msgspec.json.decode(text, type=_Kept).servers if text else ()
    except (msgspec.MsgspecError, ValueError):
        return []
    for one in raw:
        try:
            server = msgspec.json.decode(one, type=KnownServer)
            address = server_address(server.address)
            fingerprint = normal_fingerprint(server.fingerprint) if server.fingerprint else ""
        except (msgspec.MsgspecError, ValueError, Refused):
            continue
        found.append(msgspec.structs.replace(server, address=address, fingerprint=fingerprint))
    return found
