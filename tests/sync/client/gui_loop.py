"""A program for a test: the client on the loop of the windows. Prints what it did, how late a timer was."""

import asyncio
import sys
import time

import qasync
from PySide6.QtCore import QCoreApplication

from app.domain.ids import new_id
from app.domain.patch import add
from sync.client.api import ServerApi
from sync.client.channel import Channel
from sync.client.errors import SignInFailed
from sync.client.http import ServerHttp
from sync.client.sign_in import sign_in
from sync.protocol import messages as m
from tests.sync.client.hands import Given


async def watch(late: list[float]) -> None:
    """Note by how much the loop is late."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.002)
        late.append(time.perf_counter() - began - 0.002)


async def work(url: str, fingerprint: str, token: str) -> str:
    """Make a model, edit it live with much at a time, read it back."""
    late: list[float] = []
    watching = asyncio.get_running_loop().create_task(watch(late))
    http = await ServerHttp.open(url, fingerprint)
    api = ServerApi(http, Given(token))
    model_id, diagram_id = (await api.create("On the windows' loop")).id, new_id()
    patch = tuple(add("note", new_id(), {"name": "n", "content": "x" * 9_000}) for _ in range(500))
    headers = {"Authorization": f"Bearer {token}"}
    body = {"id": diagram_id, "name": "d"}
    await http.ask("POST", f"/threat_models/{model_id}/diagrams", body=body, headers=headers)
    async with await Channel.connect(api, model_id, diagram_id) as channel:
        await channel.send(m.Resume(epoch=channel.welcome.epoch, after=0))
        await channel.send(m.DiagramOperation(operation_id=new_id(), patch=patch))
        async for message in channel:
            if isinstance(message, m.Ack):
                break
    records = len((await api.state(model_id)).records)
    try:
        await sign_in(http, lambda address: None, patience=0.01)
    except SignInFailed:
        records += 1000
    await http.close()
    watching.cancel()
    return f"records {records}, latest {max(late) * 1000:.0f} ms"


def main() -> None:
    """Run it."""
    application = QCoreApplication(sys.argv)
    loop = qasync.QEventLoop(application)
    with loop:
        print(loop.run_until_complete(work(*sys.argv[1:])))


if __name__ == "__main__":
    main()
