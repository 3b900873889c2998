"""The API against a real server: what it finds, and what it is refused."""

import asyncio

import pytest

from app.domain.ids import new_id
from app.ports_server import User
from sync.client import api
from sync.client.errors import Conflict, Denied, NotFound, Refused, SignInNeeded, Unreachable
from sync.client.http import ServerHttp
from sync.server.rest.access import shown_name
from tests.sync.client.hands import api_of
from tests.sync.server.live.hands import Place, joined
from tests.sync.server.running import Running, data


@pytest.mark.asyncio
async def test_a_model_from_making_to_the_bin(server: Running) -> None:
    async with api_of(server) as ada:
        made = await ada.create("Payments of an api test")
        assert (await ada.model(made.id)).version == made.version
        page = await ada.models(search="of an api test")
        assert [one.id for one in page.models] == [made.id]
        assert page.total == 1
        assert page.models[0].permissions.can_share
        state = await ada.state(made.id)
        assert state.sequence_number == made.version
        assert state.state(made.id).model is not None
        await ada.delete(made.id)
        assert (await ada.models(search="of an api test")).models == ()
        assert [m.id for m in (await ada.models(search="of an api test", deleted=True)).models] == [made.id]
        await ada.restore(made.id)
        assert (await ada.models(search="of an api test")).total == 1


@pytest.mark.asyncio
async def test_the_log_comes_in_pages_with_its_bytes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "EVENTS_A_PAGE", 1)
    async with api_of(place.server) as ada:
        pages = [page async for page in ada.log(place.model_id)]
        events = [event for page in pages for event in page]
        assert [event.sequence_number for event in events] == list(range(1, len(events) + 1))
        assert [b.previous_hash for b in events[1:]] == [a.hash for a in events[:-1]]
        assert await ada.events(place.model_id, after=len(events)) == ()


@pytest.mark.asyncio
async def test_access_invites_and_who(place: Place) -> None:
    server = place.server
    async with api_of(server) as ada, api_of(server, "bob") as bob:
        assert (await ada.who()).name == "ada"
        await ada.grant(place.model_id, server.ids["eve"], "reader")
        assert {(g.name, g.role) for g in await ada.access(place.model_id)} >= {("eve", "reader")}
        await ada.revoke(place.model_id, server.ids["eve"])
        assert "eve" not in {g.name for g in await ada.access(place.model_id)}
        made = await ada.invite(place.model_id, "reader", uses=2, label="workshop")
        assert "#invite=" in made.link
        assert [one.id for one in await ada.invites(place.model_id)] == [made.invite.id]
        await ada.revoke_invite(place.model_id, made.invite.id)
        assert (await ada.invites(place.model_id))[0].revoked
        with pytest.raises(Denied):
            await bob.invites(place.model_id)


@pytest.mark.asyncio
async def test_names_of_people(place: Place) -> None:
    """Whoever may read the model may know who wrote in it, by name and nothing else."""
    server = place.server
    with server.client("bob") as bob:
        data(bob.post(f"/threat_models/{place.model_id}/notes", json={"name": "n", "content": "c"}), 201)
    async with api_of(server) as ada, api_of(server, "eve") as eve:
        await ada.revoke(place.model_id, server.ids["bob"])
        with pytest.raises(NotFound):
            await eve.people(place.model_id)
        await ada.grant(place.model_id, server.ids["eve"], "reader")
        known = ((server.ids[name], name) for name in ("ada", "bob", "eve"))
        assert await eve.people(place.model_id) == tuple(known)
    with server.client("eve") as eve_plain:
        answer = eve_plain.get(f"/threat_models/{place.model_id}/people")
    assert "@" not in answer.text


def test_an_address_that_stands_for_a_name_is_not_told() -> None:
    one = User(id="i", email="a.b@example.org", name="a.b@example.org", provider="x", provider_user_id="y")
    assert shown_name(one) == "a.b"


@pytest.mark.asyncio
async def test_sessions_are_found_and_ended(place: Place) -> None:
    async with api_of(place.server) as ada, api_of(place.server, "bob") as bob, api_of(
        place.server, "eve"
    ) as eve, joined(place, "bob") as there:  # fmt: skip
        assert place.model_id not in {one.threat_model_id for one in await eve.sessions()}
        (found,) = [one for one in await bob.sessions() if one.threat_model_id == place.model_id]
        assert (found.session_id, found.host) == (there.welcome.session_id, place.server.ids["bob"])
        await ada.end_session(place.model_id, found.diagram_id)
        assert await there.closed() == 1000
        with pytest.raises(NotFound):
            await ada.end_session(place.model_id, found.diagram_id)


@pytest.mark.asyncio
async def test_refusals_are_of_the_family(place: Place) -> None:
    async with api_of(place.server) as ada, api_of(place.server, "no token") as nobody:
        with pytest.raises(NotFound, match="no such"):
            await ada.state(new_id())
        with pytest.raises(Conflict):
            await ada.create("again", place.model_id)
        with pytest.raises(Refused):
            await ada.create("")
        with pytest.raises(SignInNeeded):
            await nobody.models()


@pytest.mark.asyncio
async def test_what_a_server_can_is_known_before_signing_in(server: Running) -> None:
    http = await ServerHttp.open(server.url)
    found = await api.capabilities(http)
    await http.close()
    assert found.info.name == "TMI"
    assert found.health.status == "ok"
    assert found.sign_in is not None
    assert "S256" in found.sign_in.code_challenge_methods_supported


@pytest.mark.asyncio
async def test_nobody_listens() -> None:
    listener = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()
    http = await ServerHttp.open(f"http://127.0.0.1:{port}")
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1: nobody listens there"):
        await http.ask("GET", "/health")
    await http.close()
