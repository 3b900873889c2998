"""The live channel against a real server."""

import asyncio
from typing import TypeVar

import pytest

from app.domain.ids import new_id
from app.domain.patch import add
from sync.client.channel import Channel
from sync.client.errors import ChannelClosed, NotFound, Refused, SignInNeeded
from sync.protocol import event_of
from sync.protocol import messages as m
from tests.sync.client.hands import api_of
from tests.sync.server.live.hands import Place

T = TypeVar("T")


async def until(channel: Channel, kind: type[T]) -> T:
    """The next message of a kind."""
    async with asyncio.timeout(20):
        async for message in channel:
            if isinstance(message, kind):
                return message
    raise AssertionError(f"no {kind.__name__} came")


@pytest.mark.asyncio
async def test_an_edit_goes_out_and_comes_to_the_others(place: Place) -> None:
    async with api_of(place.server) as ada, api_of(place.server, "bob") as bob:
        async with (
            await Channel.connect(ada, place.model_id, place.diagram_id) as hers,
            await Channel.connect(bob, place.model_id, place.diagram_id) as his,
        ):
            assert hers.welcome.role is m.Role.OWNER
            assert his.welcome.role is m.Role.WRITER
            await his.send(m.Resume(epoch=his.welcome.epoch, after=his.welcome.sequence_number))
            await until(his, m.Resumed)
            operation_id = new_id()
            await hers.send(m.DiagramOperation(operation_id=operation_id, patch=place.node()))
            assert (await until(hers, m.Ack)).operation_id == operation_id
            events = await until(his, m.Events)
            assert event_of(events.events[0]).operation.operation_id == operation_id
        assert not hers.is_open


@pytest.mark.asyncio
async def test_a_huge_edit_goes_in_parts_both_ways(place: Place) -> None:
    text = "long " * 1900
    patch = tuple(add("note", new_id(), {"name": f"n{number}", "content": text}) for number in range(80))
    async with (
        api_of(place.server) as ada,
        await Channel.connect(ada, place.model_id, place.diagram_id) as channel,
    ):
        await channel.send(m.Resume(epoch=channel.welcome.epoch, after=channel.welcome.sequence_number))
        await channel.send(m.DiagramOperation(operation_id=new_id(), patch=patch))
        events = await until(channel, m.Events)
        assert len(bytes(events.events[0].operation)) > 2 * channel.welcome.max_frame_bytes
        assert len(event_of(events.events[0]).operation.patch) == 80


@pytest.mark.asyncio
async def test_too_large_an_edit_is_not_even_sent(place: Place) -> None:
    async with (
        api_of(place.server) as ada,
        await Channel.connect(ada, place.model_id, place.diagram_id) as channel,
    ):
        most = channel.welcome.max_message_bytes
        message = m.PresenterRequest(participant_id="x" * (most + 1))
        with pytest.raises(Refused, match="too large"):
            await channel.send(message)


@pytest.mark.asyncio
async def test_why_it_ended_is_told(place: Place) -> None:
    async with (
        api_of(place.server, "bob") as bob,
        await Channel.connect(bob, place.model_id, place.diagram_id) as channel,
    ):
        place.give("bob", None)
        ended = await until(channel, m.SessionEnded)
        assert ended.reason == "revoked"
        with pytest.raises(ChannelClosed) as told:
            await until(channel, m.Ack)
        assert told.value.reason == "revoked"
        assert told.value.close_code == 4003
        with pytest.raises(ChannelClosed):
            await channel.send(m.Heartbeat())


@pytest.mark.asyncio
async def test_refused_handshakes_are_of_the_family(place: Place) -> None:
    async with api_of(place.server) as ada, api_of(place.server, "eve") as eve:
        with pytest.raises(NotFound, match="no such diagram"):
            await Channel.connect(ada, place.model_id, new_id())
        with pytest.raises(NotFound):
            await Channel.connect(eve, place.model_id, place.diagram_id)
    async with api_of(place.server, "nobody") as nobody:
        with pytest.raises(SignInNeeded):
            await Channel.connect(nobody, place.model_id, place.diagram_id)


@pytest.mark.asyncio
async def test_what_came_before_the_end_is_all_there(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who reads slowly, with a queue that is full when the session ends."""
    monkeypatch.setattr("sync.client.channel.MOST_WAITING", 2)
    where = f"/threat_models/{place.model_id}/diagrams/{place.diagram_id}/collaborate"
    numbers: list[int] = []

    async def read(channel: Channel) -> None:
        async for message in channel:
            if isinstance(message, m.Events):
                numbers.extend(one.sequence_number for one in message.events)

    async with (
        api_of(place.server) as ada, api_of(place.server, "bob") as bob,
        await Channel.connect(bob, place.model_id, place.diagram_id) as his,
    ):  # fmt: skip
        await his.send(m.Resume(epoch=his.welcome.epoch, after=his.welcome.sequence_number))
        await until(his, m.Resumed)
        async with await Channel.connect(ada, place.model_id, place.diagram_id) as hers:
            for _ in range(6):
                await hers.send(m.DiagramOperation(operation_id=new_id(), patch=place.node()))
                await until(hers, m.Ack)
        with place.server.client("ada") as client:
            client.delete(where).raise_for_status()
        with pytest.raises(ChannelClosed, match="ended"):
            await read(his)
        first = his.welcome.sequence_number + 1
        assert numbers == list(range(first, first + 6))
