"""kill -9 under load: whatever was acknowledged is there after the restart."""

import random
import signal
import threading
from pathlib import Path
from typing import Any

import httpx

from app.domain.ids import new_id
from tests.manners import count, seed
from tests.sync.server.running import Running, data

WRITERS = 6


class Load:
    """Writers that send operations until their server dies, and remember what was acknowledged."""

    def __init__(self, server: Running, model: str) -> None:
        self.acknowledged: dict[str, int] = {}
        self._server = server
        self._model = model
        self._enough = threading.Event()
        self._threads = [threading.Thread(target=self._write) for _ in range(WRITERS)]

    def run(self, until: int) -> None:
        """Write until so many operations have been acknowledged; the writers go on."""
        self._until = until
        for one in self._threads:
            one.start()
        assert self._enough.wait(60)

    def join(self) -> None:
        """Wait until every writer has noticed."""
        for one in self._threads:
            one.join(30)
            assert not one.is_alive()

    def _write(self) -> None:
        with self._server.client("ada") as client:
            while True:
                note = new_id()
                made = {"name": "N", "content": "c"}
                patch = [{"kind": "note", "id": note, "operation": "add", "data": made}]
                body: dict[str, Any] = {"operation_id": new_id(), "patch": patch}
                try:
                    answer = client.post(f"{self._model}/operations", json=body)
                except httpx.HTTPError:
                    return
                if answer.status_code == 503:  # it is being stopped, and says so
                    return
                self.acknowledged[note] = data(answer)["sequence_number"]
                if len(self.acknowledged) >= self._until:
                    self._enough.set()


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """A server is killed again and again while people write."""
    rolls = random.Random(seed())
    server = Running(tmp_path)
    server.people()
    everything: dict[str, int] = {}
    model = ""
    try:
        for _ in range(count(3, 50)):
            server.start()
            if not model:
                with server.client("ada") as ada:
                    made = data(ada.post("/threat_models", json={"name": "K"}), 201)
                    model = f"/threat_models/{made['id']}"
            load = Load(server, model)
            load.run(rolls.randint(20, 120))
            server.stop(signal.SIGKILL)
            load.join()
            everything |= load.acknowledged
        server.start()
        with server.client("ada") as ada:
            state = data(ada.get(f"{model}/state"))
            there = {one["id"] for one in state["records"]}
            assert not everything.keys() - there
            assert len(set(everything.values())) == len(everything)
            numbers: list[int] = []
            while page := data(ada.get(f"{model}/events", params={"after": len(numbers), "limit": 1000})):
                numbers += [one["sequence_number"] for one in page]
            assert numbers == list(range(1, state["sequence_number"] + 1))
    finally:
        server.stop()


def test_a_graceful_stop_answers_what_was_begun(tmp_path: Path) -> None:
    """SIGTERM under load: every writer has an answer or was never heard, and the process ends with 0."""
    server = Running(tmp_path)
    server.people()
    server.start()
    with server.client("ada") as ada:
        made = data(ada.post("/threat_models", json={"name": "K"}), 201)
    load = Load(server, f"/threat_models/{made['id']}")
    load.run(30)
    assert server.stop(signal.SIGTERM) == 0
    load.join()
    server.start()
    try:
        with server.client("ada") as ada:
            state = data(ada.get(f"/threat_models/{made['id']}/state"))
        assert not load.acknowledged.keys() - {one["id"] for one in state["records"]}
        assert "error" not in [line.partition('"level": "')[2][:5] for line in server.log().splitlines()]
    finally:
        server.stop()
