"""Sessions over real sockets: presence, presenters, removal, lost access, idleness, the server's end."""

import asyncio
import functools
import json
import signal
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.domain.ids import new_id
from sync.protocol import messages as m
from tests.sync.server.live.hands import SOON, Place, joined, joined_plainly
from tests.sync.server.running import data, running

pytestmark = pytest.mark.asyncio


async def test_presence_is_seen_by_others_and_changes_nothing(place: Place) -> None:
    """PRES-1, PRES-2, AUTH-2: of many the last one comes, from whom the server says."""
    async with joined(place, "ada") as ada, joined(place, "bob") as bob:
        before = bob.sequence
        for n in range(300):
            where = m.Place(float(n), 1.0)
            await ada.send(m.Cursor(participant_id="forged", diagram_id=place.diagram_id, position=where))
        seen: list[m.Cursor] = []
        while not seen or seen[-1].position != m.Place(299.0, 1.0):
            seen += [one for one in (await bob.until(m.Presences)).entries if isinstance(one, m.Cursor)]
        assert {one.participant_id for one in seen} == {ada.welcome.participant_id}
        assert len(seen) < 300
        ack = await bob.edit(place.node())
        assert ack.sequence_number == before + 1
        assert not [one for one in ada.got if isinstance(one, m.Presences)]


async def test_the_host_leaves_and_the_session_goes_on(place: Place) -> None:
    """PRESENTER-1, PRESENTER-2, PRESENTER-4."""
    async with joined(place, "ada") as ada, joined(place, "bob") as bob:
        me, host = ada.welcome.participant_id, bob.welcome.host
        assert me == host == bob.welcome.current_presenter
        await bob.send(m.PresenterRequest())
        asked = await ada.until(m.PresenterRequest)
        await ada.send(m.PresenterGrant(participant_id=asked.participant_id))
        told = await ada.until(m.CurrentPresenter)
        assert told.current_presenter == bob.welcome.participant_id
        await ada.send(m.Leave())
        assert await ada.closed() == 1000
        assert (await bob.until(m.Participants)).host == bob.welcome.participant_id
        assert isinstance(await bob.edit(place.node()), m.Ack)


async def test_the_owner_hosts_whoever_came_first(place: Place) -> None:
    """HOST-1: a guest in the empty room only stands in; on record too."""
    async with joined(place, "bob") as bob, joined(place, "ada") as ada:
        assert bob.welcome.host == bob.welcome.participant_id
        assert ada.welcome.host == ada.welcome.participant_id == ada.welcome.current_presenter
        assert (await bob.until(m.Participants)).host == ada.welcome.participant_id
        await ada.send(m.PresenterStop())
        assert (await bob.until(m.CurrentPresenter, current_presenter="")).current_presenter == ""


async def test_edits_are_muted(place: Place) -> None:
    """MUTE-1: refused in words, in both dialects; what was taken in before is acknowledged as it was."""
    patch, operation_id = place.node(), new_id()
    async with joined(place, "ada") as ada, joined(place, "bob") as bob:
        before = await bob.edit(patch, operation_id)
        await ada.send(m.MuteEdits(muted=True))
        assert (await bob.until(m.Participants)).muted
        refused = await bob.edit(place.node())
        assert isinstance(refused, m.Rejected)
        assert (refused.reason, refused.retry) == (m.Reason.MUTED, False)
        assert "no edits" in refused.message
        assert await bob.edit(patch, operation_id) == before
        assert isinstance(await ada.edit(place.node()), m.Ack)
        async with joined_plainly(place, "bob") as plain:
            await plain.patch({"id": new_id(), "operation": "add", "data": {"shape": "process"}})
            assert (await plain.until(message_type="operation_rejected"))["reason"] == "muted"
        async with joined(place, "bob") as late:
            assert late.welcome.muted
        await ada.send(m.PresenterHandOver(participant_id=bob.welcome.participant_id))
        await bob.until(m.CurrentPresenter)
        assert isinstance(await bob.edit(place.node()), m.Ack)
        assert ada.state.get(patch[0].id) is not None
        await ada.send(m.PresenterTakeBack())
        await ada.send(m.MuteEdits(muted=False))
        await bob.until(m.Participants, muted=False)
        assert isinstance(await bob.edit(place.node()), m.Ack)


async def test_presence_says_how_much_is_seen_and_whether_the_laser_draws(place: Place) -> None:
    """PRESENTER-5."""
    async with joined(place, "ada") as ada, joined(place, "bob") as bob:
        seen = m.PresenterViewport(
            diagram_id=place.diagram_id, centre=m.Place(1, 2), zoom=2, width=640, height=480
        )
        await ada.send(seen)
        await ada.send(m.PresenterCursor(
            diagram_id=place.diagram_id, cursor_position=m.Place(3, 4), laser=True
        ))  # fmt: skip
        entries: list[m.PresenceMessage] = []
        while len(entries) < 2:
            entries += (await bob.until(m.Presences)).entries
        viewport, cursor = sorted(entries, key=lambda one: isinstance(one, m.PresenterCursor))
        assert isinstance(viewport, m.PresenterViewport)
        assert isinstance(cursor, m.PresenterCursor)
        assert (viewport.width, viewport.height, cursor.laser) == (640, 480, True)


async def test_a_removed_participant_stays_out(place: Place) -> None:
    """PEOPLE-5."""
    async with joined(place, "ada") as ada:
        async with joined(place, "bob") as bob:
            await ada.send(m.RemoveParticipant(participant_id=bob.welcome.participant_id, reason="noise"))
            assert await bob.closed() == 4003
            ended = bob.got[-1]
            assert isinstance(ended, m.SessionEnded)
            assert (ended.reason, ended.message) == ("removed", "noise")
        headers = {"Authorization": f"Bearer {place.server.tokens['bob']}"}
        async with connect(place.address, additional_headers=headers) as again:
            assert "noise" not in str(await again.recv())
            with pytest.raises(ConnectionClosed):
                await again.recv()


async def test_a_client_that_connects_again_supersedes_itself(place: Place) -> None:
    """PEOPLE-3."""
    again = functools.partial(joined, place, "ada", client_id="laptop")
    async with again() as old, again() as new:
        assert await old.closed() == 4009
        ended = old.got[-1]
        assert isinstance(ended, m.SessionEnded)
        assert ended.reason == "superseded"
        assert [one.participant_id for one in new.welcome.participants] == [new.welcome.participant_id]
        assert isinstance(await new.edit(place.node()), m.Ack)


async def test_lost_access_counts_at_once(place: Place) -> None:
    """AUTH-3: demoted first, shown out then; what was acknowledged stays."""
    async with joined(place, "ada") as ada, joined(place, "bob") as bob:
        assert isinstance(await bob.edit(place.node()), m.Ack)
        place.give("bob", "reader")
        told = await bob.until(m.Participants)
        assert {one.user_id: one.role for one in told.participants}[place.server.ids["bob"]] == "reader"
        refused = await bob.edit(place.node())
        assert isinstance(refused, m.Rejected)
        assert refused.reason == m.Reason.FORBIDDEN
        place.give("bob", None)
        assert await bob.closed() == 4003
        assert bob.got[-1] == m.SessionEnded(
            reason="revoked", message="you have no access to this model any more"
        )
        await ada.until(m.Leave, participant_id=bob.welcome.participant_id)
    with pytest.raises(InvalidStatus) as found:
        async with joined(place, "bob"):
            pass
    assert found.value.response.status_code == 404


async def test_who_may_not_come_in_is_told_by_the_handshake(place: Place) -> None:
    """No token, no ticket, a used ticket, another's ticket, no such diagram."""
    ticket = place.ticket("ada")
    async with connect(f"{place.address}?ticket={ticket}"):
        pass
    other = Place(place.server)
    stranger = place.ticket("bob")
    place.give("bob", None)
    missing = place.address.replace(place.diagram_id, new_id())
    for address, status in (
        (place.address, 401),
        (f"{place.address}?ticket={ticket}", 401),
        (f"{place.address}?ticket={other.ticket('ada')}", 401),
        (f"{place.address}?ticket={stranger}", 404),
        (f"{missing}?ticket={place.ticket('ada')}", 404),
    ):
        with pytest.raises(InvalidStatus) as found:
            async with connect(address):
                pass
        answer = found.value.response
        assert answer.status_code == status
        told = json.loads(answer.body or b"")
        assert (told["success"], told["data"]) == (False, None)
        assert told["error"]["code"] == {401: "UNAUTHORIZED", 404: "NOT_FOUND"}[status]


async def test_the_session_is_on_record(place: Place) -> None:
    """What REST tells of a session is what the live channel knows, and ending it there ends it here."""
    where = f"/threat_models/{place.model_id}/diagrams/{place.diagram_id}/collaborate"
    async with joined(place, "ada") as ada, joined_plainly(place, "bob") as bob:
        assert isinstance(await ada.edit(place.node()), m.Ack)
        async with httpx.AsyncClient(
            base_url=place.server.url, headers={"Authorization": f"Bearer {place.server.tokens['ada']}"}
        ) as client:
            async with asyncio.timeout(SOON):
                names: set[str] = set()
                while names != {"ada", "bob"}:
                    held = data(await client.get(where))
                    names = {one["name"] for one in held["participants"]}
            assert held["session_id"] == ada.welcome.session_id
            data(await client.delete(where))
        assert await ada.closed() == 1000
        assert (await bob.until(event="session_ended"))["message"].startswith("the session was ended by")


async def test_an_idle_session_is_warned_then_closed(tmp_path: Path) -> None:
    """LIVE-5: heartbeats do not keep it open, edits do, and nothing is lost."""
    with running(tmp_path, {"TMI_SERVER_SESSION_IDLE_SECONDS": "2"}) as server:
        place = Place(server)
        async with joined(place) as ada:
            ack = await ada.edit(place.node())
            await ada.send(m.Heartbeat(number=7))
            assert (await ada.until(m.Heartbeat)).number == 7
            assert (await ada.until(m.Notice)).code == "idle"
            assert await ada.closed() == 4008
        async with joined(place) as ada:
            assert ada.sequence == ack.sequence_number


async def test_the_server_stops_without_losing_anything(tmp_path: Path) -> None:
    """What was sent before is answered: acknowledged and there afterwards, or refused to be sent again."""
    with running(tmp_path) as server:
        place = Place(server)
        acked: dict[str, int] = {}
        async with joined(place) as ada, joined_plainly(place) as bob:
            for _ in range(200):
                await ada.post(place.node())
            stopping = asyncio.get_running_loop().run_in_executor(None, server.stop, signal.SIGTERM)
            assert await ada.closed() == 1012
            assert await stopping == 0
            await bob.until(event="session_ended")
        answers = [one for one in ada.got if isinstance(one, m.Ack | m.Rejected)]
        acked = {one.operation_id: one.sequence_number for one in answers if isinstance(one, m.Ack)}
        assert all(one.retry for one in answers if isinstance(one, m.Rejected))
        assert [one.code for one in ada.got if isinstance(one, m.Notice)] == ["shutdown"]
        server.start()
        async with joined(place) as ada:
            assert acked.items() <= ada.events_by_operation.items()
