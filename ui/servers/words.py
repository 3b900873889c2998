"""Servers, accounts and roles as people say them."""

from datetime import UTC, datetime

from app.ports_network import Account, KnownServer, Network
from ui.home.times import ago

OWN = "hosted:"
ROLES = {"owner": "Owner", "writer": "May edit", "reader": "May read"}


def host(address: str) -> str:
    """An address without its scheme."""
    return address.partition("://")[2] or address


def server_name(network: Network, key: str) -> str:
    """What the server of an account key is called here."""
    address = key.partition(" ")[0]
    if address.startswith(OWN):
        return "this computer"
    return next((one.name for one in network.servers if one.address == address), host(address))


def account_title(account: Account, server: KnownServer) -> str:
    """An account among those of several servers."""
    return f"{account.name} at {server.name}"


def accounts_of(network: Network, *, guests: bool = True) -> list[tuple[Account, KnownServer]]:
    """Every account with its server, in the order of the servers."""
    return [
        (account, server)
        for server in network.servers
        for account in server.accounts
        if guests or not account.is_guest
    ]


def count(number: int, one: str, many: str = "") -> str:
    """How many there are of something."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def until(timestamp: str, now: datetime | None = None) -> str:
    """How long something is still good: "for 3 hours", or that it is over."""
    try:
        end = datetime.fromisoformat(timestamp.replace("Z", "+00:00"))
    except ValueError:
        return ""
    if end.tzinfo is None:
        end = end.replace(tzinfo=UTC)
    minutes = (end - (now or datetime.now(UTC))).total_seconds() / 60
    if minutes <= 0:
        return f"ended {ago(timestamp, now)}"
    if minutes < 60:
        return f"good for {count(max(1, round(minutes)), 'minute')}"
    if minutes < 48 * 60:
        return f"good for {count(round(minutes / 60), 'hour')}"
    return f"good for {count(round(minutes / 1440), 'day')}"
