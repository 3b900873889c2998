"""Hostile bodies over HTTP: each is answered with a status below 500, and the server lives on."""

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from app.domain.ids import new_id
from tests.manners import count, seed
from tests.sync.server.running import Running, data

ODD: tuple[Any, ...] = (
    None, True, -1, 2**80, 1e308, "", "x" * 5000, "\u0000", "\ud83d\ude00", [], {}, [[[]]], {"a": {"b": [1]}},
    "../../etc/passwd", "' OR 1=1 --", {"$ne": 1}, new_id(),
)  # fmt: skip


def spoiled(dice: random.Random, value: Any) -> Any:
    """A body with something odd somewhere in it."""
    if isinstance(value, dict) and value and dice.random() < 0.8:
        key = dice.choice(list(value))
        left = dict(value)
        how = dice.random()
        if how < 0.15:
            del left[key]
        elif how < 0.3:
            left[dice.choice(["id", "extra", "__class__", "\u202e", key.upper()])] = dice.choice(ODD)
        else:
            left[key] = spoiled(dice, left[key])
        return left
    if isinstance(value, list) and value and dice.random() < 0.8:
        place = dice.randrange(len(value))
        return [*value[:place], spoiled(dice, value[place]), *value[place + 1 :]] * dice.choice((1, 1, 50))
    return dice.choice(ODD)


def bodies(dice: random.Random, diagram: str) -> bytes:
    """A body that nobody should send."""
    node = {"diagram_id": diagram, "type": "process", "label": "x", "position": {"x": 1, "y": 2}}
    good: list[Any] = [
        {"operation_id": new_id(), "patch": [
            {"kind": "cell", "id": new_id(), "operation": "add", "data": node},
        ]},
        {"name": "N", "content": "c", "metadata": {"k": "v"}}, {"items": [node, node]}, node,
        {"name": "Threat", "threat_type": "Tampering", "score": 5.0, "tags": ["a"]},
    ]  # fmt: skip
    kinds: list[Callable[[], bytes]] = [
        lambda: json.dumps(spoiled(dice, dice.choice(good))).encode("utf-8", "surrogatepass"),
        lambda: json.dumps(spoiled(dice, spoiled(dice, dice.choice(good)))).encode("utf-8", "surrogatepass"),
        lambda: json.dumps(dice.choice(good)).encode()[: dice.randrange(1, 60)],
        lambda: dice.randbytes(dice.randrange(300)),
        lambda: b"[" * dice.randrange(1, 50_000),
        lambda: b'{"a":' * dice.randrange(1, 5_000) + b"1",
        lambda: b'{"name": "' + b"y" * dice.randrange(100_000) + b'"}',
    ]
    return dice.choice(kinds)()


def test_hostile_bodies_harm_nobody(
    server: Running, ada: httpx.Client, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dice, requests, before = random.Random(seed()), count(400, 20_000), server.rss_mb
    diagram = data(ada.post(f"{model}/diagrams", json={"name": "d"}), 201)["id"]
    cell = data(ada.post(f"{model}/cells", json={"diagram_id": diagram, "type": "process"}), 201)["id"]
    where = [
        ("POST", f"{model}/operations"), ("POST", f"{model}/cells"), ("POST", f"{model}/cells/bulk"),
        ("PATCH", f"{model}/cells/{cell}"), ("PUT", f"{model}/cells/{cell}"), ("POST", f"{model}/notes"),
        ("POST", f"{model}/threats"), ("PATCH", model), ("POST", f"{model}/metadata"),
        ("PUT", f"{model}/access"), ("POST", f"{model}/invites"), ("POST", f"{model}/tickets"),
        ("PUT", f"{model}/diagrams/{diagram}/svg_image"), ("POST", "/invites/redeem"),
    ]  # fmt: skip
    types = ["application/json"] * 20 + ["text/plain", "multipart/form-data; boundary=x", ""]
    statuses: Counter[int] = Counter()
    for _ in range(requests):
        method, address = dice.choice(where)
        body, kind = bodies(dice, diagram), dice.choice(types)
        answer = ada.request(method, address, content=body, headers={"content-type": kind} if kind else {})
        statuses[answer.status_code] += 1
        # 429 would mean that nothing of it was read.
        asked = (method, address, kind, body[:500], answer.text)
        assert answer.status_code < 500, asked
        assert answer.status_code != 429, asked
        assert isinstance(json.loads(answer.content)["success"], bool)
    assert data(ada.get(model))["id"]
    assert server.process is not None
    assert server.process.poll() is None
    assert "Traceback" not in server.log()
    with capsys.disabled():
        told = ", ".join(f"{number} x {status}" for status, number in sorted(statuses.items()))
        print(f" {requests} bodies ({told}), {before} to {server.rss_mb} MB, seed {seed()}", end="")
