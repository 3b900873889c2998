"""The host's way in, by itself and at the token endpoint."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.ports_server import User
from sync.protocol.hosting import HOST_GRANT, Admit
from sync.protocol.hosting import Host as HostLine
from sync.server.auth import authorization, journal
from sync.server.auth.host import BadHost, HostDoor, is_local, settle_host
from sync.server.auth.names import BadName
from tests.sync.server.auth.serving import Host, Served

ID = "00000000-0000-7000-8000-0000000000ad"
SECRET = "s" * 43


def door() -> HostDoor:
    made = HostDoor(ID, "Ada")
    made.open(SECRET)
    return made


def exchange(server: Served, **changes: str) -> Any:
    form = {"grant_type": HOST_GRANT, "secret": SECRET, "client_id": "tmi-desktop", **changes}
    return httpx.post(f"{server.url}/oauth2/token", data={k: v for k, v in form.items() if v})


@pytest.fixture
def hosted(host: Host, server: Served) -> Served:
    """The server with somebody who hosts it."""
    way_in = door()
    settle_host(server.store.users, way_in, 1.0)
    server.auth = host.app.state.auth = replace(server.auth, host=way_in)
    return server


@pytest.mark.parametrize(
    ("address", "local"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("::ffff:127.0.0.1", True),
     ("192.168.1.7", False), ("::ffff:192.168.1.7", False), ("fe80::1", False), ("", False),
     ("localhost", False)],
)  # fmt: skip
def test_from_this_machine_only(address: str, local: bool) -> None:
    assert is_local(address) is local
    assert door().enter(SECRET, address) is local


def test_of_many_at_once_one_comes_in() -> None:
    way_in = door()
    with ThreadPoolExecutor(8) as threads:
        came = list(threads.map(lambda _: way_in.enter(SECRET, "127.0.0.1"), range(64)))
    assert came.count(True) == 1


def test_a_wrong_secret_uses_up_nothing_and_a_new_one_replaces_the_old() -> None:
    way_in = door()
    for wrong in ("", "s" * 42, "s" * 44, "S" * 43, "\udcff"):
        assert not way_in.enter(wrong, "127.0.0.1")
    way_in.open("t" * 43)
    assert not way_in.enter(SECRET, "127.0.0.1")
    assert way_in.enter("t" * 43, "127.0.0.1")
    assert not way_in.enter("t" * 43, "127.0.0.1")
    assert not HostDoor(ID, "Ada").enter("", "127.0.0.1")


def test_the_account(server: Served) -> None:
    users = server.store.users
    made = settle_host(users, door(), 1.0)
    assert (made.id, made.name, made.provider, made.administrator) == (ID, "Ada", "host", False)
    assert settle_host(users, door(), 2.0) == made
    assert settle_host(users, HostDoor(ID, " Ada  Lovelace "), 3.0).name == "Ada Lovelace"
    guest = "00000000-0000-7000-8000-0000000000af"
    users.create(User(id=guest, email="", name="G", provider="invite", provider_user_id=guest), 1.0)
    with pytest.raises(BadHost, match="belongs to a guest"):
        settle_host(users, HostDoor(guest, "Ada"), 2.0)
    with pytest.raises(BadHost, match="UUID"):
        HostDoor("Ada", "Ada")
    with pytest.raises(BadName):
        HostDoor(ID, "")
    for said in (HostLine(SECRET, ID, "Ada"), Admit(SECRET)):
        assert SECRET not in repr(said)


def test_a_server_without_a_host_knows_no_such_grant(server: Served) -> None:
    answer = exchange(server)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_at_the_token_endpoint(hosted: Served) -> None:
    for wrong in ({"secret": "x" * 43}, {"secret": ""}, {"client_id": "other"}, {"client_id": ""}):
        answer = exchange(hosted, **wrong)
        expected = "invalid_client" if "client_id" in wrong else "invalid_grant"
        assert (answer.status_code, answer.json()["error"]) == (400, expected)
    form = [("grant_type", HOST_GRANT), ("secret", SECRET), ("client_id", "tmi-desktop")]
    away = authorization.token(hosted.auth, authorization.Ask("POST", form, address="192.168.1.7"))
    assert (away.status, away.body["error"]) == (400, "invalid_grant")
    answer = exchange(hosted)
    assert answer.status_code == 200, answer.text
    who = httpx.get(
        f"{hosted.url}/oauth2/userinfo", headers={"Authorization": f"Bearer {answer.json()['access_token']}"}
    )
    assert who.json() == {"sub": ID, "name": "Ada", "idp": "host"}
    assert exchange(hosted).json()["error"] == "invalid_grant"
    (came,) = hosted.events(journal.SIGNED_IN)
    assert (came.actor, came.details["provider"]) == (ID, "host")
    assert len(hosted.events(journal.SIGN_IN_FAILED)) == 4, (
        "two wrong ones, one from away, one that is used up"
    )
    assert SECRET not in str(hosted.events())


def test_a_disabled_host_stays_out(hosted: Served) -> None:
    hosted.store.users.change(ID, 2.0, disabled=True)
    assert exchange(hosted).json()["error"] == "invalid_grant"
