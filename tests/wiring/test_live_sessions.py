"""Two and three people in a session over a real server: who is there, presenting, presence, muting."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.domain.patch import update
from app.domain.presence import Company, CursorAt, SelectionOf, TypingOf, ViewportOf
from app.domain.values import Point
from sync.client.api import RoleName
from sync.client.errors import Conflict
from tests.sync.client.hands import api_of
from tests.sync.client.proxy import proxied
from tests.sync.server.live.hands import Place
from tests.sync.server.running import Running, data, running
from tests.wiring.company import Somebody, somebody

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server for these tests."""
    with running(tmp_path_factory.mktemp("sessions")) as one:
        yield one


@pytest.fixture
def place(server: Running) -> Place:
    """A model of ada's that bob may write."""
    return Place(server)


def is_told(one: Somebody, code: str) -> Callable[[], bool]:
    return lambda: bool(one.told(code))


def asking(one: Somebody) -> set[str]:
    return set(one.around.asking)


def of_two(one: Somebody) -> Callable[[], bool]:
    return lambda: len(one.around.people) == 2


async def test_company_is_who_is_there(place: Place, tmp_path: Path) -> None:
    """PEOPLE-1: with names, roles and colours; empty once the connection is gone."""
    async with (
        api_of(place.server) as ada_api, api_of(place.server, "bob") as bob_api,
        somebody(ada_api, place, tmp_path / "ada.db") as ada,
    ):  # fmt: skip
        (alone,) = ada.around.people
        assert (alone.name, alone.role) == ("ada", "owner")
        assert alone.is_me
        assert alone.is_host
        assert alone.is_presenter
        async with somebody(bob_api, place, tmp_path / "bob.db") as bob:
            await ada.until(of_two(ada))
            assert {one.name: (one.role, one.user_id) for one in bob.around.people} == {
                "ada": ("owner", place.server.ids["ada"]), "bob": ("writer", place.server.ids["bob"]),
            }  # fmt: skip
            assert bob.of("bob").colour != bob.of("ada").colour == ada.of("ada").colour
            assert (ada.around.i_host, bob.around.i_host) == (True, False)
        assert bob.around == Company()
        assert [one.state for one in bob.statuses] == ["live", "stopped"]
        # Who leaves is gone at once; whose connection breaks would be away for a while.
        await ada.until(lambda: len(ada.around.people) == 1)
        assert ada.notices == bob.notices == []


async def test_three_in_a_workshop(place: Place, tmp_path: Path) -> None:
    """HOST-1, PEOPLE-2, PEOPLE-4: guests are early, the owner hosts all the same; who drops out is away."""
    place.give("eve", "reader")
    async with (
        proxied(place.server.url) as proxy, api_of(place.server) as ada_api,
        api_of(place.server, "bob", url=proxy.address) as bob_api, api_of(place.server, "eve") as eve_api,
        somebody(bob_api, place, tmp_path / "bob.db") as bob,
        somebody(eve_api, place, tmp_path / "eve.db") as eve,
    ):  # fmt: skip
        assert bob.around.i_host
        async with somebody(ada_api, place, tmp_path / "ada.db") as ada:
            for one in (bob, eve):
                await one.until(lambda one=one: one.around.presenter == ada.around.me)  # type: ignore[misc]
                assert one.around.host == ada.around.me
            assert bob.told("host_taken") == ["ada hosts this session now."]
            assert len({one.colour for one in ada.around.people}) == 3
            eve.session.show(CursorAt(participant_id="", diagram_id=place.diagram_id, position=Point(1, 2)))
            for one in (ada, bob):
                await one.until(lambda one=one: one.saw(CursorAt))  # type: ignore[misc]
            proxy.lead_to("http://127.0.0.1:1")
            proxy.cut()
            await ada.until(lambda: ada.of("bob").away)
            await eve.until(lambda: eve.of("bob").away)
            proxy.lead_to(place.server.url)
            bob.session.retry()
            await ada.until(lambda: not ada.of("bob").away)
            await bob.until(lambda: bob.is_live)
            assert len(ada.around.people) == 3
            ada.session.mute(True)
            await bob.until(is_told(bob, "muted"))
        await bob.until(lambda: bob.around.i_host)
        assert not bob.around.muted, "it was the facilitator's, who has left"
        assert (bob.told("host"), bool(bob.told("presenting"))) == (["You host this session now."], True)


async def test_presenting_goes_round(place: Place, tmp_path: Path) -> None:
    """PRESENTER-2, PRESENTER-3, PRESENTER-6: asked, turned down, taken back, let, handed on, ended."""
    async with (
        api_of(place.server) as ada_api, api_of(place.server, "bob") as bob_api,
        somebody(ada_api, place, tmp_path / "ada.db") as ada,
        somebody(bob_api, place, tmp_path / "bob.db") as bob,
    ):  # fmt: skip
        me = bob.around.me
        bob.session.ask_to_present()
        assert asking(bob) == {me}
        await ada.until(lambda: ada.around.asking == (me,))
        assert ada.told("asked") == ["bob would like to present."]
        ada.session.deny(me)
        await bob.until(is_told(bob, "denied"))
        assert asking(ada) == asking(bob) == set()
        bob.session.ask_to_present()
        await ada.until(lambda: ada.around.asking)
        bob.session.deny(me)
        assert asking(bob) == set()
        await ada.until(lambda: not ada.around.asking)
        assert len(bob.told("denied")) == 1, "that was the first time"
        bob.session.ask_to_present()
        await ada.until(lambda: ada.around.asking)
        ada.session.let_present(me)
        await bob.until(lambda: bob.around.i_present)
        await ada.until(lambda: ada.around.presenter == me)
        assert (bob.told("presenting"), ada.told("presenter_taken")) == (
            ["You present now."], ["bob presents now."],
        )  # fmt: skip
        assert asking(ada) == asking(bob) == set()
        bob.session.let_present(bob.around.host)
        await bob.until(is_told(bob, "presenter_taken"))
        ada.session.let_present(me)
        await bob.until(lambda: bob.around.i_present)
        ada.session.take_back()
        await bob.until(lambda: not bob.around.i_present)
        ada.session.stop_presenting()
        await bob.until(lambda: not bob.around.presenter)
        assert bob.told("presenting_ended")
        bob.session.take_back()
        await bob.until(is_told(bob, "not_allowed"))
        assert bob.told("not_allowed") == ["Only the host may do that."]


async def test_what_one_does_is_seen(place: Place, tmp_path: Path) -> None:
    """PRES-2, PRESENTER-5: in the domain's words, the latest of each; the presenter's view for followers."""
    async with (
        api_of(place.server) as ada_api, api_of(place.server, "bob") as bob_api,
        somebody(ada_api, place, tmp_path / "ada.db") as ada,
    ):  # fmt: skip
        here, d = ada.around.me, place.diagram_id
        selected = SelectionOf(participant_id=here, diagram_id=d, cells=(d,))
        view = ViewportOf(
            participant_id=here, diagram_id=d, centre=Point(5, 6), zoom=2, width=640, height=480
        )
        ada.session.show(selected)
        ada.session.show(view)
        async with somebody(bob_api, place, tmp_path / "bob.db") as bob:
            # What was so before he came he is told as well.
            await bob.until(lambda: bob.saw(ViewportOf) and bob.saw(SelectionOf))
            assert (bob.saw(SelectionOf), bob.saw(ViewportOf)) == ([selected], [view])
            for n in range(200):
                ada.session.show(CursorAt(participant_id="", diagram_id=d, position=Point(n, 1), laser=True))
            last = CursorAt(participant_id=here, diagram_id=d, position=Point(199, 1), laser=True)
            await bob.until(lambda: last in bob.seen)
            assert len(bob.saw(CursorAt)) < 5
            bob.session.show(CursorAt(participant_id="", diagram_id=d, position=Point(1, 2)))
            bob.session.show(ViewportOf(participant_id="", diagram_id=d, centre=Point(0, 0), zoom=1))
            bob.session.show(TypingOf(participant_id="", diagram_id=d, record_id=d, text="Sho"))
            await ada.until(lambda: ada.saw(TypingOf) and ada.saw(CursorAt))
            assert ada.saw(ViewportOf) == [], "of those who do not present nobody follows the view"
            ada.session.let_present(bob.around.me)
            await ada.until(lambda: ada.saw(ViewportOf))
            assert ada.saw(ViewportOf)[0].participant_id == bob.around.me
            assert not [one for one in bob.seen if one.participant_id == bob.around.me]


async def test_after_a_broken_connection_all_is_told_anew(place: Place, tmp_path: Path) -> None:
    """PEOPLE-3, PRES-2: roles, requests, selections, and what the presenter shows."""
    async with (
        proxied(place.server.url) as proxy, api_of(place.server, url=proxy.address) as ada_api,
        api_of(place.server, "bob") as bob_api,
        somebody(ada_api, place, tmp_path / "ada.db") as ada,
        somebody(bob_api, place, tmp_path / "bob.db") as bob,
    ):  # fmt: skip
        d = place.diagram_id
        before = ada.around.me
        ada.session.show(SelectionOf(participant_id="", diagram_id=d, cells=(d,)))
        ada.session.show(ViewportOf(participant_id="", diagram_id=d, centre=Point(1, 2), zoom=1))
        await bob.until(lambda: bob.saw(ViewportOf) and bob.saw(SelectionOf))
        bob.session.ask_to_present()
        await ada.until(lambda: ada.around.asking)
        bob.seen.clear()
        proxy.cut()
        await ada.until(lambda: ada.around == Company())
        ada.session.ask_to_present()
        assert ada.told("offline")
        ada.session.retry()
        await ada.until(lambda: ada.is_live and ada.around.asking == (bob.around.me,))
        assert ada.around.i_host
        assert ada.around.i_present
        assert ada.around.me != before
        await bob.until(lambda: bob.saw(ViewportOf) and bob.saw(SelectionOf))
        assert {one.participant_id for one in bob.seen} == {ada.around.me}
        assert not [code for code, _ in ada.notices if code not in ("offline", "asked")]
        assert not bob.told("presenter")
        assert not bob.told("host_taken")


async def test_who_asks_goes_on_asking_over_a_new_connection(place: Place, tmp_path: Path) -> None:
    """PRESENTER-2: until there is an answer."""
    async with (
        proxied(place.server.url) as proxy, api_of(place.server) as ada_api,
        api_of(place.server, "bob", url=proxy.address) as bob_api,
        somebody(ada_api, place, tmp_path / "ada.db") as ada,
        somebody(bob_api, place, tmp_path / "bob.db") as bob,
    ):  # fmt: skip
        bob.session.ask_to_present()
        await ada.until(lambda: ada.around.asking)
        before = bob.around.me
        proxy.cut()
        await bob.until(lambda: bob.around == Company())
        bob.session.retry()
        await bob.until(lambda: bob.is_live)
        assert bob.around.asking == (bob.around.me,) != (before,)
        await ada.until(lambda: ada.around.asking == (bob.around.me,))
        ada.session.let_present(bob.around.me)
        await bob.until(lambda: bob.around.i_present and not bob.around.asking)


async def test_muted_edits_come_back_and_what_was_done_offline_waits(place: Place, tmp_path: Path) -> None:
    """MUTE-1, NOLOSS-1: who could not know loses nothing."""
    async with (
        proxied(place.server.url) as proxy, api_of(place.server) as ada_api,
        api_of(place.server, "bob", url=proxy.address) as bob_api,
        somebody(ada_api, place, tmp_path / "ada.db") as ada,
    ):  # fmt: skip
        patch = place.node(label="Shop")
        ada.document.apply(patch)
        await ada.quiet()
        async with somebody(bob_api, place, tmp_path / "bob.db") as bob:
            await bob.until(lambda: bob.label(patch[0].id) == "Shop")
            ada.session.mute(True)
            await bob.until(is_told(bob, "muted"))
            assert (bob.around.i_am_muted, ada.around.i_am_muted) == (True, False)
            assert bob.told("muted") == ["ada takes only the presenter's edits for now."]
            bob.document.apply((update("cell", patch[0].id, label="May I?"),))
            await bob.until(lambda: bob.refusals)
            assert "takes no edits" in bob.refusals[0]
            assert bob.label(patch[0].id) == "Shop"
            proxy.cut()
            await bob.until(lambda: bob.around == Company())
            bob.saved.clear()
            bob.document.apply((update("cell", patch[0].id, label="On the train"),))
            await bob.until(lambda: bob.saved)
            bob.session.retry()
            await bob.until(lambda: bob.is_live)
            bob.session.ask_to_present()  # what was sent before has been judged when this comes
            await ada.until(lambda: ada.around.asking)
            ada.session.mute(False)
            await bob.quiet()
            await ada.until(lambda: ada.label(patch[0].id) == "On the train")
            assert len(bob.refusals) == 1
            assert bob.told("unmuted")


async def test_a_role_that_changes_is_told(place: Place, tmp_path: Path) -> None:
    """AUTH-3: by a grant of the host's, at once, both ways; and what goes with it."""
    async with (
        api_of(place.server) as ada_api, api_of(place.server, "bob") as bob_api,
        somebody(ada_api, place, tmp_path / "ada.db") as ada,
        somebody(bob_api, place, tmp_path / "bob.db") as bob,
    ):  # fmt: skip
        await ada.until(of_two(ada))
        user_id = ada.of("bob").user_id
        await ada_api.grant(place.model_id, user_id, "reader")
        await bob.until(is_told(bob, "role"))
        assert (bob.of("bob").role, bob.told("role")) == ("reader", ["You may only read this model now."])
        await ada_api.grant(place.model_id, user_id, "owner")
        await bob.until(lambda: bob.of("bob").role == "owner")
        assert bob.around.host == ada.around.me


async def test_guests_rise_and_fall(place: Place, tmp_path: Path) -> None:
    """AUTH-3: who came by a link may be let write, and read only, at once; never own the model."""
    server = place.server
    async with (
        api_of(server) as ada_api, somebody(ada_api, place, tmp_path / "ada.db") as ada,
    ):  # fmt: skip
        made = await ada_api.invite(place.model_id, "reader")
        server.tokens["Gina"] = await _redeem(server, made.link)
        async with api_of(server, "Gina") as api, somebody(api, place, tmp_path / "gina.db") as gina:
            await ada.until(of_two(ada))
            guest = ada.of("Gina").user_id
            assert gina.of("Gina").role == "reader"
            for role, taken in (("writer", True), ("reader", False), ("writer", True)):
                await ada_api.grant(place.model_id, guest, cast(RoleName, role))
                await gina.until(lambda role=role: gina.of("Gina").role == role)  # type: ignore[misc]
                patch = place.node(label=role)
                refused = len(gina.refusals)
                gina.document.apply(patch)
                await gina.quiet()
                assert (len(gina.refusals) == refused) is taken
                assert (gina.label(patch[0].id) == role) is taken
            with pytest.raises(Conflict, match="guest cannot own"):
                await ada_api.grant(place.model_id, guest, "owner")
            (held,) = [one for one in await ada_api.access(place.model_id) if one.subject_id == guest]
            assert (held.role, bool(held.expires_at)) == ("writer", True)
            await ada_api.revoke(place.model_id, guest)
            await gina.until(is_told(gina, "revoked"))
            await gina.until(lambda: gina.statuses[-1].state == "stopped")
        assert (guest, "Gina") in await ada_api.people(place.model_id), "her edits have a name for ever"


async def _redeem(server: Running, link: str) -> str:
    """Come in by a link; the guest's access token."""
    (secret,) = parse_qs(urlsplit(link).fragment)["invite"]
    async with httpx.AsyncClient(base_url=server.url) as client:
        asked = {"secret": secret, "display_name": "Gina"}
        token: str = data(await client.post("/invites/redeem", json=asked))["access_token"]
    return token


async def test_who_is_sent_out_and_who_is_left(place: Place, tmp_path: Path) -> None:
    """PEOPLE-5: told why; and an ended session does not begin again by itself."""
    async with (
        api_of(place.server) as ada_api, api_of(place.server, "bob") as bob_api,
        somebody(ada_api, place, tmp_path / "ada.db") as ada,
    ):  # fmt: skip
        async with somebody(bob_api, place, tmp_path / "bob.db") as bob:
            await ada.until(of_two(ada))
            ada.session.remove(bob.around.me, "wrong room")
            await bob.until(lambda: bob.statuses[-1].state == "stopped")
            assert bob.told("removed") == ["You were removed from the session: wrong room."]
            assert bob.around == Company()
            await ada.until(lambda: len(ada.around.people) == 1)
        await asyncio.gather(*(ada_api.end_session(one.threat_model_id, one.diagram_id)
                               for one in await ada_api.sessions()
                               if one.threat_model_id == place.model_id))  # fmt: skip
        await ada.until(lambda: ada.statuses[-1].state == "stopped")
        assert ada.told("ended") == ["The session was ended by ada."]
