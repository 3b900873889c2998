"""The servers that a program knows: looking, trusting, signing in and out, coming in as a guest."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from app.ports_network import NetworkError, NotTrusted, SignInRequired
from sync.client.errors import Refused, Unreachable
from sync.client.network import ClientNetwork
from sync.client.secrets import FileStore
from tests.sync.client.hands import Browser, api_of
from tests.sync.client.test_servers import Texts
from tests.sync.client.test_trust import fingerprint_of, secure
from tests.sync.server.live.hands import Place
from tests.sync.server.running import Running

__all__ = ["secure"]
pytestmark = pytest.mark.asyncio


@pytest.fixture
def texts() -> Texts:
    """What a library remembers."""
    return Texts()


@pytest_asyncio.fixture
async def network(texts: Texts, tmp_path: Path) -> AsyncIterator[ClientNetwork]:
    """The network of a program that has never been anywhere."""
    made = ClientNetwork(texts, tmp_path)
    yield made
    await made.close()


async def signed_in(network: ClientNetwork, server: Running) -> str:
    """Sign carla in; returns the account's key."""
    network.add(await network.look(server.url))
    account = await network.sign_in(server.url, Browser(), lambda _attempt: None)
    assert account.name == "Carla"
    return account.key


async def test_it_is_looked_at_before_it_is_known(network: ClientNetwork, server: Running) -> None:
    heard: list[int] = []
    network.listen(lambda: heard.append(len(network.servers)))
    found = await network.look(f" {server.url}/ ")
    assert (found.address, found.vouched, found.can_sign_in) == (server.url, True, True)
    assert found.version
    assert list(network.servers) == []
    network.add(found)
    network.rename(server.url, "Office")
    assert [one.name for one in network.servers] == ["Office"]
    assert heard == [1, 1]
    with pytest.raises(Unreachable):
        await network.look("https://127.0.0.1:9")
    with pytest.raises(Refused):
        await network.look("http://tmi.example.org")


async def test_a_certificate_is_trusted_once_it_was_compared(network: ClientNetwork, secure: Running) -> None:
    found = await network.look(secure.url)
    assert (found.vouched, found.is_remembered) == (False, False)
    assert found.fingerprint == fingerprint_of(secure)
    assert found.shown_fingerprint.replace(" ", "") == found.fingerprint
    assert network.add(found).fingerprint == found.fingerprint
    assert (await network.look(secure.url)).is_remembered


async def test_a_sign_in_outlives_the_program(
    network: ClientNetwork, server: Running, texts: Texts, tmp_path: Path
) -> None:
    key = await signed_in(network, server)
    assert (await (await network.gateway(key)).models()).total >= 0
    again = ClientNetwork(texts, tmp_path)
    account = again.account(key)
    assert account is not None
    assert (account.name, account.server) == ("Carla", server.url)
    gateway = await again.gateway(key)
    assert gateway is await again.gateway(key)
    await gateway.models()
    assert "keyring" in await again.secrets()
    assert await again.sign_out(key)
    assert again.account(key) is None
    with pytest.raises(SignInRequired):
        await again.gateway(key)
    assert FileStore(tmp_path).get(key) is None
    await again.close()


async def test_signing_out_without_the_server_forgets_it_here(
    server: Running, texts: Texts, tmp_path: Path, network: ClientNetwork
) -> None:
    """The server has to be reached to be told; here the sign-in is gone either way."""
    key = await signed_in(network, server)
    there, user = key.split()
    texts.held = {name: text.replace(there, "https://127.0.0.1:9") for name, text in texts.held.items()}
    texts.held["sync/servers"] = texts.held["sync/servers"].replace(
        '"fingerprint":""', '"fingerprint":"' + "ab" * 32 + '"'
    )
    gone = f"https://127.0.0.1:9 {user}"
    store = FileStore(tmp_path)
    store.set(gone, store.get(key) or "")
    later = ClientNetwork(texts, tmp_path)
    assert not await later.sign_out(gone)
    assert later.account(gone) is None
    assert store.get(gone) is None
    await later.close()


async def test_asked_for_by_many_a_way_is_opened_once(network: ClientNetwork, server: Running) -> None:
    key = await signed_in(network, server)
    every = await asyncio.gather(*(network.gateway(key) for _ in range(5)))
    assert len({id(one) for one in every}) == 1


async def test_a_guest_comes_by_a_link(network: ClientNetwork, place: Place) -> None:
    async with api_of(place.server) as ada:
        link = (await ada.invite(place.model_id, "reader")).link.replace("http://tmi.test", place.server.url)
    invited = network.read_invite(link)
    assert (invited.server, invited.model_id) == (place.server.url, place.model_id)
    guest = await network.redeem(link, "Grace  Hopper")
    assert (guest.name, guest.is_guest, guest.model_id) == ("Grace Hopper", True, place.model_id)
    gateway = await network.gateway(guest.key)
    assert await gateway.role(place.model_id) == "reader"
    assert [one.id for one in (await gateway.models()).models] == [place.model_id]
    with pytest.raises(NetworkError):
        await network.redeem(link.replace("invite=", "invite=no"), "Eve")


async def test_a_link_does_not_push_an_account_aside(network: ClientNetwork, server: Running) -> None:
    """Where somebody is signed in, a link with another certificate is refused."""
    key = await signed_in(network, server)
    link = f"{server.url}/join#invite=secret&model={'0' * 8}-0000-7000-8000-{'0' * 12}&sha256={'ab' * 32}"
    with pytest.raises(Refused, match="another certificate"):
        await network.redeem(link, "Eve")
    assert network.account(key) is not None


async def test_another_certificate_at_the_same_address(network: ClientNetwork, secure: Running) -> None:
    found = await network.look(secure.url)
    network.add(found)
    network._servers.add(secure.url, fingerprint="ab" * 32)
    with pytest.raises(NotTrusted, match="another certificate"):
        await network.sign_in(secure.url, Browser(), lambda _attempt: None)
    network.add(await network.look(secure.url))
    assert (await network.look(secure.url)).is_remembered
