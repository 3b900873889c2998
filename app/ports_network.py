"""What working with servers needs of sync: who is known where, signing in, and what an account can do.

Everything here is for the event loop and never blocks it. What fails raises a TmiError whose text a user
may read; the families that programs tell apart are here, too.
"""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from typing import Literal, Protocol, TypeAlias

import msgspec

from app.domain.errors import TmiError
from app.domain.patch import Event
from app.ports_live import Audience, Follower, History, Replica, Session

RoleName: TypeAlias = Literal["reader", "writer", "owner"]


class NetworkError(TmiError):
    """Something on the way to a server went wrong, or the server would not."""


class SignInRequired(NetworkError):
    """Nobody is signed in there, or no longer."""


class OtherHistory(NetworkError):
    """The server has other edits in the place of those that were sent."""


class NotTrusted(NetworkError):
    """The server cannot show that it is the one that was meant."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on a server. A guest came with an invite and is there for one model only."""

    server: str
    user_id: str
    name: str
    is_guest: bool = False
    model_id: str = ""

    @property
    def key(self) -> str:
        """How attachments name it."""
        return f"{self.server} {self.user_id}"


class KnownServer(msgspec.Struct, frozen=True, kw_only=True):
    """A server by its address. With a fingerprint exactly that certificate is trusted."""

    address: str
    name: str
    fingerprint: str = ""
    accounts: tuple[Account, ...] = ()


class FoundServer(msgspec.Struct, frozen=True, kw_only=True):
    """What answers at an address. Not `vouched`: nobody vouches for its certificate but who compares it.

    `fingerprint` is its SHA-256 in hexadecimal, empty over plain http. `is_remembered`: it is the one that
    was trusted before.
    """

    address: str
    name: str = ""
    version: str = ""
    fingerprint: str = ""
    vouched: bool = True
    is_remembered: bool = False
    can_sign_in: bool = True

    @property
    def shown_fingerprint(self) -> str:
        """In groups of four, for people who compare it."""
        return " ".join(self.fingerprint[at : at + 4] for at in range(0, len(self.fingerprint), 4))


class RemoteModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model as a server lists it. Times are ISO 8601 UTC; `version` is its last event's number."""

    id: str
    name: str
    version: int
    description: str = ""
    framework: str = ""
    role: RoleName = "reader"
    updated_at: str = ""
    diagrams: int = 0
    threats: int = 0
    open_threats: int = 0


class RemoteModels(msgspec.Struct, frozen=True, kw_only=True):
    """Some of a server's models; `total` of them fit the search."""

    models: tuple[RemoteModel, ...]
    page: int
    pages: int
    total: int


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A role that somebody has on a model."""

    subject_id: str
    name: str
    role: str
    is_group: bool = False


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A way into a model. `link` is known only to who has just made it.

    `links` are the addresses by which a server of this machine is reached, each in words, with its link; the
    first one is `link`.
    """

    id: str
    role: str
    label: str = ""
    link: str = ""
    links: tuple[tuple[str, str], ...] = ()
    expires_at: str = ""
    uses: int = 0
    is_over: bool = False


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """What an invite link says, before it is used."""

    server: str
    model_id: str
    fingerprint: str = ""


class SignInAttempt(Protocol):
    """Signing in, while the browser is open."""

    @property
    def address(self) -> str:
        """What the browser has to open."""

    def paste(self, text: str) -> None:
        """Take the address that the browser came to, where it could not tell by itself."""

    def cancel(self) -> None:
        """Give up."""


class Gateway(Protocol):
    """What a server offers to one account."""

    @property
    def account(self) -> Account:
        """Whose it is."""

    async def models(self, *, page: int = 1, search: str = "", deleted: bool = False) -> RemoteModels:
        """A page of the models that the account may see, last modified first."""

    async def delete(self, model_id: str) -> None:
        """Move a model to the server's bin."""

    async def restore(self, model_id: str) -> None:
        """Take a model out of the server's bin."""

    def log(self, model_id: str, after: int = 0) -> AsyncIterator[tuple[Event, ...]]:
        """A model's log in pages, bytes and hashes as they were written."""

    async def role(self, model_id: str) -> RoleName:
        """What the account may do with a model."""

    async def version(self, model_id: str) -> int:
        """The number of a model's last event on the server."""

    async def seed(
        self, model_id: str, pages: AsyncIterable[Sequence[Event]], progress: Callable[[int], object]
    ) -> int:
        """Send a model's own log; returns the number of the last event that the server has."""

    async def people(self, model_id: str) -> dict[str, str]:
        """The names of those who ever wrote in a model or may, by user id."""

    async def shares(self, model_id: str) -> tuple[Share, ...]:
        """Who may do what with a model."""

    async def set_role(self, model_id: str, user_id: str, role: RoleName) -> None:
        """Give somebody another role."""

    async def invitations(self, model_id: str) -> tuple[Invitation, ...]:
        """The invites to a model, newest first."""

    async def invite(
        self, model_id: str, role: RoleName, *, hours: float = 8.0, uses: int | None = None, label: str = ""
    ) -> Invitation:
        """Make an invite."""

    async def withdraw_invitation(self, model_id: str, invitation_id: str) -> None:
        """Let an invite admit nobody more."""

    async def end_session(self, model_id: str) -> None:
        """End the live session of a model for everybody."""

    def session(
        self, model_id: str, replica: Replica, follower: Follower, audience: Audience, history: History,
        away_seconds: float,
    ) -> Session:  # fmt: skip
        """Follow a model that this account may read."""


class Network(Protocol):
    """The servers that are known here, and the way to each."""

    @property
    def servers(self) -> tuple[KnownServer, ...]:
        """In the order in which they were added."""

    async def secrets(self) -> str:
        """Where sign-ins are kept, in one line for people."""

    def listen(self, changed: Callable[[], object]) -> Callable[[], None]:
        """Be told when servers or accounts have changed. Returns the function that ends it."""

    def account(self, key: str) -> Account | None:
        """An account by its key."""

    async def look(self, address: str) -> FoundServer:
        """What answers at an address; nothing is sent but the question."""

    def add(self, found: FoundServer) -> KnownServer:
        """Remember a server; what is not vouched for is trusted by its fingerprint from now on."""

    def rename(self, address: str, name: str) -> None:
        """Call a server by another name."""

    async def forget(self, address: str) -> None:
        """Sign all accounts out, and forget a server."""

    async def sign_in(
        self, address: str, open_browser: Callable[[str], object], begun: Callable[[SignInAttempt], object]
    ) -> Account:
        """Sign in in the browser; `begun` is given the attempt. Cancelling ends it, too."""

    async def sign_out(self, key: str) -> bool:
        """End a sign-in here and there; False when the server could not be told."""

    def read_invite(self, link: str) -> Invited:
        """The parts of an invite link. TmiError when it is none."""

    async def redeem(self, link: str, name: str) -> Account:
        """Come in as a guest; the account says for which model."""

    async def gateway(self, key: str) -> Gateway:
        """What an account can do. SignInRequired when it is not known here."""

    async def close(self) -> None:
        """Let go of all connections."""


class OwnServer(Protocol):
    """A server that this program runs for one model; the network knows its account while it runs."""

    @property
    def account(self) -> Account:
        """Who hosts."""

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines of its log."""

    @property
    def moved(self) -> bool:
        """Whether it listens at another port than before: links that are out do not lead to it any more."""

    async def wait(self) -> str:
        """Wait until it has ended; returns why, in one line, "" when it was told to."""

    async def let_guests_in(self) -> None:
        """What the host brings is there: everybody may come. Until then only the host gets in."""

    async def release(self) -> None:
        """It has ended, and nobody speaks to it any more."""

    async def stop(self) -> None:
        """Have it write what is waiting, tell everybody and end."""


class OwnServers(Protocol):
    """Starts servers on this machine, one a model, each with a database of its own."""

    def is_own(self, account_key: str) -> bool:
        """Whether an account is one on such a server."""

    async def start(self, model_id: str, name: str, on_log: Callable[[Sequence[str]], object]) -> OwnServer:
        """Start the server of a model, whose host goes by a name. NetworkError, with the reason, if not."""

    def set_aside(self, model_id: str) -> None:
        """Have the model's server begin with nothing the next time; what it has is kept beside."""
