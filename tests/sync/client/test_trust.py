"""A server with a certificate of its own: refused, pinned, and refused again when it has changed."""

from collections.abc import Iterator

import pytest

from app.domain.ids import new_id
from sync.client.address import server_address
from sync.client.api import ServerApi
from sync.client.channel import Channel
from sync.client.errors import CertificateChanged, Refused, Unreachable, Untrusted
from sync.client.http import ServerHttp
from sync.client.trust import normal_fingerprint, probe, shown_fingerprint
from sync.server.auth.certificate import load_certificate
from tests.sync.client.hands import Given
from tests.sync.server.running import Running, running


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that speaks https with a certificate of its own."""
    folder = tmp_path_factory.mktemp("secure")
    with running(folder, {"TMI_SERVER_TLS_ENABLED": "true"}) as one:
        yield one


def fingerprint_of(server: Running) -> str:
    """As the server's own files tell it."""
    found = next(server.folder.rglob("server.crt"))
    return load_certificate(found, found.with_name("server.key")).fingerprint


@pytest.mark.asyncio
async def test_a_stranger_is_refused_until_the_fingerprint_is_given(secure: Running) -> None:
    http = await ServerHttp.open(secure.url)
    with pytest.raises(Untrusted, match="certificate is not to be trusted"):
        await http.ask("GET", "/health")
    await http.close()
    shown = await probe(secure.url)
    assert shown is not None
    assert not shown.vouched
    assert shown.fingerprint == fingerprint_of(secure)
    http = await ServerHttp.open(secure.url, shown_fingerprint(shown.fingerprint))
    assert (await http.ask("GET", "/health")).status == 200
    await http.close()


@pytest.mark.asyncio
async def test_the_channel_is_pinned_alike(secure: Running) -> None:
    http = await ServerHttp.open(secure.url, fingerprint_of(secure))
    ada = ServerApi(http, Given(secure.tokens["ada"]))
    model_id, diagram_id = (await ada.create("Secure")).id, new_id()
    token = {"Authorization": f"Bearer {secure.tokens['ada']}"}
    path = f"/threat_models/{model_id}/diagrams"
    await http.ask("POST", path, body={"id": diagram_id, "name": "d"}, headers=token)
    async with await Channel.connect(ada, model_id, diagram_id) as channel:
        assert channel.welcome.sequence_number == 2
    await http.close()


@pytest.mark.asyncio
async def test_another_fingerprint_is_refused_before_anything_is_sent(secure: Running) -> None:
    with pytest.raises(CertificateChanged, match="another certificate") as told:
        await ServerHttp.open(secure.url, "ab" * 32)
    assert told.value.expected == "ab" * 32
    assert told.value.found == fingerprint_of(secure)


@pytest.mark.asyncio
async def test_nothing_secure_answers(server: Running) -> None:
    with pytest.raises(Unreachable, match="does not speak https"):
        await probe(server.url.replace("http:", "https:"))
    assert await probe(server.url) is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (" tmi.example.org/ ", "https://tmi.example.org"),
        ("https://TMI.example.org:443", "https://tmi.example.org"),
        ("https://[::1]:8443/tmi/", "https://[::1]:8443/tmi"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("192.168.1.7:8443", "https://192.168.1.7:8443"),
    ],
)
def test_addresses_in_one_form(written: str, meant: str) -> None:
    assert server_address(written) == meant


@pytest.mark.parametrize(
    "written",
    ["", "ftp://a.example", "http://tmi.example.org", "https://u:p@a.example", "https://a:port", "a b", "https://",
     "https://a.example/?q=1"],
)  # fmt: skip
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(Refused):
        server_address(written)


def test_fingerprints_in_one_form() -> None:
    assert normal_fingerprint(":".join(["AB"] * 32)) == "ab" * 32
    assert normal_fingerprint(shown_fingerprint("0f" * 32)) == "0f" * 32
    with pytest.raises(Refused):
        normal_fingerprint("ab")
