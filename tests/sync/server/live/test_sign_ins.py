"""A connection lasts as long as the sign-in behind it, and goes on with a fresh ticket."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.domain.ids import new_id
from storage.server import open_server
from sync.protocol import messages as m
from sync.server.auth.service import Auth, create_auth
from sync.server.auth.settings import token_settings
from tests.sync.server.live.hands import Place, joined, joined_plainly
from tests.sync.server.running import settings_of

pytestmark = pytest.mark.asyncio
BRIEF = 3


@contextmanager
def identity(place: Place) -> Iterator[Auth]:
    """The server's own identity, from beside it, with tokens that are good for seconds."""
    store = open_server(place.server.folder / "server.db", alongside=True)
    settings = token_settings(settings_of(place.server.folder))
    try:
        yield create_auth(dataclasses.replace(settings, access_seconds=BRIEF), store)
    finally:
        store.close()


def brief(place: Place, name: str = "ada", sign_in: str = "") -> Place:
    """The same place, where somebody's token is good for seconds."""
    with identity(place) as auth:
        user = auth.stores.users.get(place.server.ids[name])
        assert user
        token = auth.signer.access_token(
            user, client_id="tmi-desktop", scope="openid", sid=sign_in or new_id()
        )
    there = Place.__new__(Place)
    there.__dict__.update(vars(place))
    there.server = dataclasses.replace(place.server, tokens={**place.server.tokens, name: token})
    return there


async def test_it_is_warned_and_ended(place: Place) -> None:
    """AUTH-4, PEOPLE-4: and may come back into its place."""
    async with joined(place, "bob") as bob:
        async with joined(brief(place), client_id="desk") as ada:
            assert 0 < ada.welcome.sign_in_seconds <= BRIEF
            await ada.until(m.Notice, code="sign_in_ends")
            assert await ada.closed() == 4001
            assert isinstance(ada.got[-1], m.SessionEnded)
            assert ada.got[-1].reason == "expired"
        async with joined(place, client_id="desk") as ada:
            assert ada.welcome.sign_in_seconds > BRIEF
            assert len(ada.welcome.participants) == 2
        assert not any(isinstance(message, m.Leave) for message in bob.got)


@pytest.mark.parametrize("by_ticket", [False, True])
async def test_a_fresh_ticket_lets_it_go_on(place: Place, by_ticket: bool) -> None:
    """AUTH-4."""
    async with joined(brief(place), ticket=by_ticket) as renewed:
        await renewed.send(m.Renew(ticket=place.ticket("ada")))
        answer = await renewed.until(m.Renewed)
        assert answer.sign_in_seconds > BRIEF
        async with joined(brief(place), ticket=by_ticket) as other:
            assert await other.closed() == 4001
        assert isinstance(await renewed.edit(place.node()), m.Ack)


async def test_no_ticket_of_others_nor_a_used_one(place: Place) -> None:
    """AUTH-4."""
    async with joined(place) as ada:
        ticket = place.ticket("ada")
        await ada.send(m.Renew(ticket=ticket))
        await ada.until(m.Renewed)
        for wrong, code in (
            (ticket, "unauthorized"), (place.ticket("bob"), "forbidden"),
            (Place(place.server).ticket("ada"), "unauthorized"),
        ):  # fmt: skip
            await ada.send(m.Renew(ticket=wrong))
            await ada.until(m.Error, code=code)
        assert isinstance(await ada.edit(place.node()), m.Ack)


@pytest.mark.parametrize("by_ticket", [False, True])
async def test_signing_out_ends_it_at_once(place: Place, by_ticket: bool) -> None:
    """AUTH-4: this sign-in's connections, and no other's."""
    sign_in = new_id()
    async with joined(place) as other, joined(brief(place, sign_in=sign_in), ticket=by_ticket) as ada:
        with identity(place) as auth:
            auth.signer.end_sign_in(sign_in)
        assert await ada.closed() == 4001
        assert isinstance(ada.got[-1], m.SessionEnded)
        assert ada.got[-1].reason == "signed_out"
        assert isinstance(await other.edit(place.node()), m.Ack)


async def test_a_plain_client_is_told_to_come_back(place: Place) -> None:
    """AUTH-4."""
    async with joined_plainly(brief(place, "bob"), "bob") as bob:
        assert "sign in" in (await bob.until(event="session_ended"))["message"]
