"""Edits over real sockets: they converge, are answered, and are there after a crash."""

import signal
from pathlib import Path

import pytest

from app.domain.ids import new_id
from app.domain.patch import update
from app.domain.records import Cell
from sync.protocol import messages as m
from sync.protocol.messages import SUBPROTOCOL
from tests.sync.server.live.hands import Place, joined, joined_plainly
from tests.sync.server.running import Running, data, running

pytestmark = pytest.mark.asyncio


async def test_two_clients_converge_with_each_other_and_the_state_by_rest(place: Place) -> None:
    """CONV-1, ACK-3."""
    async with joined(place, "ada") as ada, joined(place, "bob") as bob:
        cell = new_id()
        ack = await ada.edit(place.node(cell, label="first"))
        assert isinstance(ack, m.Ack)
        assert ada.sequence == ack.sequence_number
        await bob.reach(ada.sequence)
        # To different properties of one cell at the same time: both stand.
        one = await ada.post((update("cell", cell, label="mine"),))
        two = await bob.post((update("cell", cell, position={"x": 5, "y": 6}),))
        await ada.until(m.Ack, operation_id=one)
        last = (await bob.until(m.Ack, operation_id=two)).sequence_number
        await ada.reach(max(last, ada.sequence))
        await bob.reach(max(ada.sequence, last))
        await ada.reach(bob.sequence)
        assert ada.picture() == bob.picture()
        found = ada.state.find(Cell, cell)
        assert found is not None
        assert found.label == "mine"
        assert (found.position.x, found.position.y) == (5, 6)
        with place.server.client("ada") as client:
            state = data(client.get(f"/threat_models/{place.model_id}/state"))
        assert state["sequence_number"] == ada.sequence
        assert {one["id"] for one in state["records"]} == set(ada.state.records)


async def test_an_operation_sent_twice_counts_once_and_is_answered_twice(place: Place) -> None:
    """IDEM-1, IDEM-2."""
    async with joined(place) as ada:
        patch, operation_id = place.node(), new_id()
        first = await ada.edit(patch, operation_id)
        again = await ada.edit(patch, operation_id)
        assert again == first
        other = await ada.edit(place.node(), operation_id)
        assert isinstance(other, m.Rejected)
        assert other.reason == m.Reason.OPERATION_ID_REUSED


async def test_an_owner_is_told_where_an_edit_came_from(place: Place) -> None:
    async with joined(place, "ada") as ada:
        ack = await ada.edit(place.node())
        assert isinstance(ack, m.Ack)
    with place.server.client("ada") as client:
        where = f"/threat_models/{place.model_id}/audit_trail/{ack.sequence_number}"
        assert data(client.get(where))["remote_address"] == "127.0.0.1"


async def test_a_reader_changes_nothing(place: Place) -> None:
    """AUTH-1."""
    place.give("bob", "reader")
    async with joined(place, "bob") as bob:
        told = await bob.edit(place.node())
        assert isinstance(told, m.Rejected)
        assert told.reason == m.Reason.FORBIDDEN
        assert not told.current


async def test_a_large_operation_comes_in_parts(place: Place) -> None:
    """PART-1."""
    async with joined(place, "ada") as ada, joined(place, "bob") as bob:
        cells = [place.node(label=f"node {n}", description="words " * 60)[0] for n in range(1500)]
        ack = await ada.edit(tuple(cells))
        assert isinstance(ack, m.Ack)
        await bob.reach(ack.sequence_number)
        assert ada.picture() == bob.picture()
        assert len(bob.state.records) > 1500


async def test_a_client_without_our_subprotocol_takes_part(place: Place) -> None:
    """COMPAT-2: seen and seeing, beside one of ours."""
    async with joined(place, "ada", ticket=True) as ada, joined_plainly(place, "bob") as bob:
        assert ada.socket.subprotocol == SUBPROTOCOL
        assert {one.get("event") for one in bob.got} >= {"join"}
        await ada.until(m.Join)
        cell = new_id()
        await ada.edit(place.node(cell, label="ours", security={"a": 1}))
        await bob.until(message_type="diagram_operation")
        assert bob.cells[cell]["properties"]["label"] == "ours"
        theirs, moved = new_id(), {"properties": {"label": "theirs"}}
        added = {"type": "datastore", "position": {"x": 1, "y": 2}, "size": {"width": 90, "height": 60}}
        operation = await bob.patch(
            {"id": theirs, "operation": "add", "data": added},
            {"id": cell, "operation": "update", "data": moved},
        )
        told = await bob.until(message_type="diagram_operation", operation_id=operation)
        await ada.reach(told["sequence_number"])
        assert {i: c.label for i, c in ((i, ada.state.find(Cell, i)) for i in (theirs, cell)) if c} == {
            theirs: "", cell: "theirs"
        }  # fmt: skip
        await ada.send(m.PresenterCursor(diagram_id=place.diagram_id, cursor_position=m.Place(3.0, 4.0)))
        cursor = await bob.until(message_type="presenter_cursor")
        assert cursor["user_internal_uuid"] == place.server.ids["ada"]
        await bob.send(event="leave", user_internal_uuid=bob.user_id)
        assert (await ada.until(m.Leave)).participant_id


async def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    """ACK-1: the process is killed the moment an acknowledgement has come, with others under way."""
    with running(tmp_path) as server:
        place = Place(server)
        acked: dict[str, int] = {}
        for _ in range(3):
            acked |= await _edit_until_killed(place, server)
            server.start()
        async with joined(place) as ada:
            for operation_id, sequence_number in acked.items():
                events = ada.events_by_operation
                assert events[operation_id] == sequence_number
            assert ada.sequence >= max(acked.values())


async def _edit_until_killed(place: Place, server: Running) -> dict[str, int]:
    acked: dict[str, int] = {}
    async with joined(place) as ada:
        for _ in range(30):
            await ada.post(place.node())
        while len(acked) < 10:
            told = await ada.until(m.Ack)
            acked[told.operation_id] = told.sequence_number
        server.stop(signal.SIGKILL)
    return acked


async def test_resumption_after_a_cut_at_every_point(place: Place) -> None:
    """CONV-2, SEQ-6: a cut after each frame that came, and between an edit and its answer."""
    async with joined(place, "ada") as ada:
        for n in range(8):
            await ada.edit(place.node(label=str(n)))
        for known in range(ada.sequence + 1):
            async with joined(place, "bob", follow=False) as bob:
                bob.socket.transport.abort()
            async with joined(place, "bob", follow=False) as bob:
                await bob.send(m.Resume(epoch=bob.welcome.epoch, after=known))
                bob.sequence = known
                bob.take_in = bob.count  # type: ignore[method-assign]
                resumed = await bob.until(m.Resumed)
                assert (resumed.sequence_number, bob.sequence) == (ada.sequence, ada.sequence)
        operation_id, patch = new_id(), place.node()
        async with joined(place, "bob") as bob:
            await bob.post(patch, operation_id)
            bob.socket.transport.abort()
        async with joined(place, "bob") as bob:
            ack = await bob.edit(patch, operation_id)
            assert isinstance(ack, m.Ack)
            assert bob.events_by_operation[operation_id] == ack.sequence_number
        await ada.reach(ack.sequence_number)
        assert ada.sequence == ack.sequence_number


async def test_strangers_to_this_history_are_sent_to_a_fresh_state(place: Place) -> None:
    """SEQ-3."""
    async with joined(place, follow=False) as ada:
        await ada.send(m.Resume(epoch="another", after=0))
        assert (await ada.until(m.StateTooOld)).reason == "epoch"
        await ada.send(m.Resume(epoch=ada.welcome.epoch, after=10_000))
        assert (await ada.until(m.StateTooOld)).reason == "ahead"
        assert isinstance(await ada.resume(), m.Resumed)
        assert isinstance(await ada.edit(place.node()), m.Ack)


async def test_many_edits_without_waiting_share_frames(place: Place) -> None:
    """LIVE-2."""
    async with joined(place, "ada") as ada, joined(place, "bob") as bob:
        before = len(bob.got)
        sent = [await ada.post(place.node()) for _ in range(200)]
        acks = {ack.operation_id for ack in [await ada.until(m.Ack) for _ in sent]}
        assert acks == set(sent)
        await bob.reach(ada.sequence)
        assert len([one for one in bob.got[before:] if isinstance(one, m.Events)]) < 200


async def test_who_edits_fast_is_never_turned_away(place: Place) -> None:
    """Two hundred edits as fast as they can be written, none of them refused."""
    async with joined(place) as ada:
        await ada.edit(place.node(cell := new_id()))
        sent = [await ada.post((update("cell", cell, label=f"{n}"),)) for n in range(200)]
        answered: list[str] = []
        while len(answered) < len(sent):
            message = await ada.receive()
            assert not isinstance(message, m.Rejected)
            if isinstance(message, m.Ack):
                answered.append(message.operation_id)
        assert answered == sent
