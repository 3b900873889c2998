"""A hosted server that these tests share: one sign-in a secret, guests by invite, a model brought there."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import pytest_asyncio

from app.domain.patch import Event
from sync.client.api import ServerApi, capabilities
from sync.client.channel import Channel
from sync.client.errors import CertificateChanged, Denied, HostingFailed, SignInFailed, Untrusted
from sync.client.hosting import HostedServer
from sync.client.http import ServerHttp
from sync.client.invite_link import parse_invite_link
from sync.client.lan import at_address
from sync.client.secrets import MemoryStore
from sync.client.seeding import seed
from sync.client.sign_in import redeem, sign_in
from sync.client.tokens import CLIENT, AccountTokens
from sync.protocol.hosting import HOST_GRANT
from tests.sync.client.hosted import ELSEWHERE, HOST_ID, hosted, hosting, model_with_diagram, signed_in
from tests.sync.laptop import Laptop

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HostedServer]:
    """A server with TLS, as guests in the network find it, on loopback."""
    with ThreadPoolExecutor(2) as threads:  # made now: those that a test starts would look like its leaks
        both = threading.Barrier(2)
        list(threads.map(lambda _: both.wait(), range(2)))
        asyncio.get_running_loop().set_default_executor(threads)
        async with hosted(hosting(tmp_path_factory.mktemp("hosting"), tls=True), ELSEWHERE) as one:
            yield one


async def exchange(http: ServerHttp, secret: str) -> int:
    """The status that a secret is answered with."""
    form = {"grant_type": HOST_GRANT, "secret": secret, "client_id": CLIENT}
    return (await http.ask("POST", "/oauth2/token", form=form)).status


async def test_what_is_set_for_another_server_does_not_count(server: HostedServer) -> None:
    where = server.listening
    assert where.address == f"https://127.0.0.1:{where.port}"
    assert (where.interface, where.moved_from, len(where.fingerprint)) == ("127.0.0.1", 0, 64)
    assert server.is_running


async def test_each_secret_opens_one_sign_in(server: HostedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    http = await server.connect()
    assert await exchange(http, "x" * 43) == 400
    assert await exchange(http, "") == 400
    used: list[str] = []
    ask = http.fetch_plain

    async def watched(*given: object, **asked: dict[str, str]) -> object:
        used.append(asked.get("form", {}).get("secret", ""))
        return await ask(*given, **asked)  # type: ignore[arg-type]

    monkeypatch.setattr(http, "fetch_plain", watched)
    for _ in range(3):
        api = ServerApi(http, await server.sign_in(http))
        who = await api.who()
        assert (who.sub, who.name, who.idp, who.is_guest) == (HOST_ID, "Ada", "host", False)
    secrets = [one for one in used if one]
    assert len(set(secrets)) == 3
    assert [await exchange(http, one) for one in secrets] == [400] * 3
    await http.close()


async def test_the_sign_in_is_refreshed_and_ends_when_signing_out(server: HostedServer) -> None:
    http = await server.connect()
    tokens = await server.sign_in(http)
    first = await tokens.access_token()
    assert await tokens.renewed(first) != first
    assert await tokens.sign_out()
    with pytest.raises(Exception, match="sign in first"):
        await tokens.access_token()
    await http.close()


async def test_nobody_signs_in_with_a_password(server: HostedServer) -> None:
    http = await server.connect()
    found = await capabilities(http)
    assert found.sign_in is not None
    assert found.sign_in.authorization_endpoint == ""
    with pytest.raises(SignInFailed, match="only who has an invite link"):
        await sign_in(http, lambda address: None)
    for method, path in (("GET", "authorize"), ("POST", "authorize"), ("POST", "password")):
        typed = {"username": "ada", "password": "guessed"} if method == "POST" else None
        reply = await http.ask(method, f"/oauth2/{path}", query={"client_id": CLIENT}, form=typed)
        assert reply.status == 403
        assert b"By invitation only" in reply.body
    form = {"grant_type": "authorization_code", "code": "c", "client_id": CLIENT}
    reply = await http.ask("POST", "/oauth2/token", form=form)
    assert b"unsupported_grant_type" in reply.body
    await http.close()


async def test_a_laptops_model_is_brought_there(server: HostedServer) -> None:
    laptop = Laptop().notes(20)

    async def pages() -> AsyncIterator[Sequence[Event]]:
        yield laptop.events

    async with signed_in(server) as api:
        kept = await seed(api, laptop.model_id, pages())
        assert kept is not None
        assert (kept.sequence_number, kept.hash) == (41, laptop.events[-1].hash.hex())
        (entry,) = (await api.models(search="Grown up")).models
        assert entry.permissions.current_user_role == "owner"


async def test_a_guest_comes_in_with_the_link(server: HostedServer) -> None:
    async with signed_in(server) as api:
        model_id, diagram_id = await model_with_diagram(api)
        made = await api.invite(model_id, "writer", uses=1)
    link = at_address(parse_invite_link(made.link), "127.0.0.1", server.listening.port)
    assert str(link) == made.link
    assert link.fingerprint == server.listening.fingerprint
    stranger = await ServerHttp.open(link.server)
    with pytest.raises(Untrusted):
        await stranger.ask("GET", "/health")
    await stranger.close()
    with pytest.raises(CertificateChanged):
        await ServerHttp.open(link.server, "ab" * 32)
    http = await ServerHttp.open(link.server, link.fingerprint)
    guest = await redeem(http, link, "Grace")
    tokens = AccountTokens(http, MemoryStore(), guest.user_id)
    await tokens.start(guest.tokens)
    api = ServerApi(http, tokens)
    async with await Channel.connect(api, model_id, diagram_id) as channel:
        assert channel.welcome.role == "writer"
    with pytest.raises(Denied):
        await api.create("A guest's own")
    with pytest.raises(Denied, match="as often as it may"):
        await redeem(http, link, "Late")
    await http.close()


async def test_who_hosts_must_be_somebody(server: HostedServer) -> None:
    for wrong, said in (
        ({"user_id": "ada"}, "must be a UUID"),
        ({"name": " "}, "say how you want to be called"),
    ):
        with pytest.raises(HostingFailed, match=said) as failed:
            await HostedServer.start(hosting(server.hosting.database.parent / "other", **wrong))
        assert len(failed.value.log) == 1


async def test_one_database_one_server(server: HostedServer) -> None:
    port_file = server.hosting.database.with_name("server.db.port")
    with pytest.raises(HostingFailed, match="is in use by another program"):
        await HostedServer.start(server.hosting)
    assert int(port_file.read_text("ascii")) == server.listening.port, "the one that serves keeps its own"
