"""Over what a model can be shared: each way brings it to a server and says through which account."""

from typing import TYPE_CHECKING, Protocol

from app.ports_network import Account, KnownServer
from app.services.document import Document
from ui.servers.transfers import Progress
from ui.servers.words import account_title, host

if TYPE_CHECKING:
    from ui.servers.connections import Connections


class Way(Protocol):
    """One of them, as the dialog offers it."""

    @property
    def title(self) -> str:
        """What it is called."""

    @property
    def text(self) -> str:
        """What it means, in a line."""

    async def share(self, document: Document, progress: Progress) -> None:
        """Bring the model there; afterwards its document has an attachment. TmiError when it cannot be."""


class ServerWay:
    """A server where somebody is signed in."""

    def __init__(self, connections: "Connections", account: Account, server: KnownServer) -> None:
        self._connections = connections
        self._account = account
        self.title = account_title(account, server)
        self.text = f"The model goes to {host(server.address)} with its whole history, and stays here, too."

    async def share(self, document: Document, progress: Progress) -> None:
        """Upload it."""
        await self._connections.sharing.upload(document, self._account.key, progress)
        self._connections.opened(document)
