"""A laptop's log on a real server: kept byte for byte, resumed, and refused when it is not the server's."""

import threading
from collections.abc import Sequence
from typing import Any

import httpx
import msgspec
import pytest

from app.domain.ids import new_id
from app.domain.patch import Event, add, remove, update
from sync.protocol import event_of
from tests.sync.laptop import Laptop, body_of
from tests.sync.server.rest.test_models import Wrapper
from tests.sync.server.running import Running, data

JSON = {"Content-Type": "application/json"}


def put(client: httpx.Client, laptop: Laptop, events: Sequence[Event], status: int = 200) -> Any:
    """Send a part of a log."""
    where = f"/threat_models/{laptop.model_id}/log"
    return data(client.put(where, content=body_of(events), headers=JSON), status)


def log_of(client: httpx.Client, laptop: Laptop) -> list[Event]:
    """The log as the server has it."""
    answer = client.get(f"/threat_models/{laptop.model_id}/events", params={"limit": 1000})
    found = msgspec.json.decode(answer.content, type=Wrapper).data
    return [event_of(one) for one in found]


@pytest.fixture
def laptop() -> Laptop:
    """A model with some history."""
    return Laptop(author=new_id()).notes(20)


def test_in_parts_byte_for_byte(server: Running, ada: httpx.Client, laptop: Laptop) -> None:
    """What the server keeps is the laptop's log; the uploader owns the model, whoever wrote the events."""
    assert put(ada, laptop, laptop.events[:5])["added"] == 5
    kept = put(ada, laptop, laptop.events[5:])
    assert kept == {"id": laptop.model_id, "sequence_number": 41, "hash": laptop.events[-1].hash.hex(),
                    "added": 36}  # fmt: skip
    assert log_of(ada, laptop) == laptop.events
    shown = data(ada.get(f"/threat_models/{laptop.model_id}"))
    assert (shown["owner_id"], shown["version"]) == (server.ids["ada"], 41)
    assert len(data(ada.get(f"/threat_models/{laptop.model_id}/notes"))) == 20
    with server.client("bob") as bob:
        data(bob.get(f"/threat_models/{laptop.model_id}"), 404)


def test_an_upload_that_broke_off_goes_on(ada: httpx.Client, laptop: Laptop) -> None:
    """What is there is passed over, wherever the parts were cut."""
    put(ada, laptop, laptop.events[:10])
    assert put(ada, laptop, laptop.events[:10])["added"] == 0
    assert put(ada, laptop, laptop.events[7:12])["added"] == 2
    assert put(ada, laptop, laptop.events[2:4]) == {
        "id": laptop.model_id, "sequence_number": 12, "hash": laptop.events[11].hash.hex(), "added": 0,
    }  # fmt: skip
    error = put(ada, laptop, laptop.events[20:], 409)
    assert "up to number 12 only" in error["message"]
    assert put(ada, laptop, laptop.events)["added"] == 29
    assert log_of(ada, laptop) == laptop.events


def test_never_once_it_was_edited_on_the_server(ada: httpx.Client, laptop: Laptop) -> None:
    """The log that is sent has to contain the server's."""
    put(ada, laptop, laptop.events[:10])
    data(ada.patch(f"/threat_models/{laptop.model_id}", json={"name": "On the server"}))
    put(ada, laptop, laptop.events[10:], 409)
    put(ada, laptop, laptop.events, 409)
    assert put(ada, laptop, laptop.events[:10])["added"] == 0
    longer = Laptop()
    longer.model_id, longer.state, longer.events = laptop.model_id, laptop.state, log_of(ada, laptop)
    more = longer.event((update("threat_model", laptop.model_id, name="After that"),))
    assert put(ada, longer, [*longer.events, more])["added"] == 1
    assert data(ada.get(f"/threat_models/{laptop.model_id}"))["name"] == "After that"


def test_another_log_of_the_same_model(server: Running, ada: httpx.Client, laptop: Laptop) -> None:
    """A log that forks off is refused, at whatever place, and so is a taken id."""
    put(ada, laptop, laptop.events[:10])
    fork = Laptop()
    fork.model_id, fork.events = laptop.model_id, laptop.events[:8]
    for name in ("a", "b", "c"):
        fork.events.append(fork.event((update("threat_model", laptop.model_id, name=name),)))
    for part in (fork.events, fork.events[8:], fork.events[8:10]):
        assert "another log" in put(ada, laptop, part, 409)["message"]
    with server.client("bob") as bob:
        assert "has this id already" in put(bob, laptop, laptop.events, 409)["message"]
        grants = f"/threat_models/{laptop.model_id}/access"
        body = {"subject_type": "user", "subject_id": server.ids["bob"], "role": "writer"}
        data(ada.post(grants, json=body), 201)
        put(bob, laptop, laptop.events, 403)
    data(ada.delete(f"/threat_models/{laptop.model_id}"))
    put(ada, laptop, laptop.events, 404)


def test_what_is_no_log_is_refused_and_makes_nothing(ada: httpx.Client) -> None:
    """Broken chains, foreign events, holes, and what could not be stored as it was written."""
    laptop = Laptop().notes(2)
    name = update("threat_model", laptop.model_id, name="x")
    note = laptop.events[1].operation.patch[0].id
    ends = {
        "empty": laptop.event(()),
        "another model": laptop.event((name,), model_id=new_id()),
        "no id": laptop.event((name,), "7"),
        "from the future": laptop.event((name,), base_sequence=99),
        "control characters": laptop.event((name,), title="a\x00b"),
        "too long": laptop.event((name,), correlation_id="x" * 65),
        "twice": laptop.event((name,), laptop.events[3].operation.operation_id),
        "no such property value": laptop.event((add("cell", new_id(), {"type": 7}),)),
        "the model goes": laptop.event((remove("threat_model", laptop.model_id),)),
        "another kind": laptop.event((add("threat", note, {"name": "x"}),)),
        "a hole": laptop.event((name,)),
    }
    for what, end in ends.items():
        part = [*laptop.events, end] if what != "a hole" else [*laptop.events[:-1], end]
        assert put(ada, laptop, part, 400)["code"] == "VALIDATION_ERROR", what
    headless = Laptop()
    headless.events.clear()
    headless.events.append(headless.event((add("note", new_id(), {"name": "n", "content": "c"}),)))
    assert "must add the model" in put(ada, headless, headless.events, 400)["message"]
    raw = body_of(laptop.events).replace(b'"title":"At home"', b'"title":"At work"', 1)
    where = f"/threat_models/{laptop.model_id}/log"
    assert "not what was written" in data(ada.put(where, content=raw, headers=JSON), 400)["message"]
    spaced = body_of(laptop.events).replace(b'"operation":{', b'"operation":{ ', 1)
    data(ada.put(where, content=spaced, headers=JSON), 400)
    data(ada.get(f"/threat_models/{laptop.model_id}"), 404)


def test_two_uploads_at_once_end_as_one(server: Running, laptop: Laptop) -> None:
    """Both are answered, and the log is there once."""
    statuses: list[int] = []

    def send() -> None:
        with server.client("ada") as client:
            where = f"/threat_models/{laptop.model_id}/log"
            for at in range(0, 41, 4):
                body = body_of(laptop.events[at : at + 4])
                statuses.append(client.put(where, content=body, headers=JSON).status_code)

    threads = [threading.Thread(target=send) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert set(statuses) <= {200, 409}
    with server.client("ada") as ada:
        put(ada, laptop, laptop.events)
        assert log_of(ada, laptop) == laptop.events


def test_the_room_goes_on_from_it(ada: httpx.Client, laptop: Laptop) -> None:
    """A room that was in memory knows what came, and an operation of the laptop's is not done twice."""
    put(ada, laptop, laptop.events[:10])
    state = f"/threat_models/{laptop.model_id}/state"
    assert data(ada.get(state))["sequence_number"] == 10
    put(ada, laptop, laptop.events)
    assert data(ada.get(state))["sequence_number"] == 41
    old = laptop.events[20].operation
    body = {"operation_id": old.operation_id, "patch": msgspec.to_builtins(old.patch)}
    again = data(ada.post(f"/threat_models/{laptop.model_id}/operations", json=body))
    assert again["sequence_number"] == 21
    assert data(ada.get(state))["sequence_number"] == 41
