"""What the tests of hosting share: who hosts, a server that is stopped at the end, a model with a diagram."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.domain.ids import new_id
from app.domain.patch import Patch, add
from sync.client.api import ServerApi
from sync.client.hosting import HostedServer, Hosting
from sync.client.http import ServerHttp

HOST_ID = "00000000-0000-7000-8000-0000000000ad"
# What somebody's shell may hold for another server; a hosted one has nothing to do with it.
ELSEWHERE = {
    "TMI_SERVER_PORT": "1", "TMI_SERVER_INTERFACE": "203.0.113.77", "TMI_SERVER_PUBLIC_URL": "https://a.example",
    "TMI_DATABASE_SQLITE_PATH": "/nowhere/server.db", "TMI_AUTH_JWT_SIGNING_METHOD": "HS256",
    "TMI_SERVER_NONSENSE": "x",
}  # fmt: skip


def hosting(folder: Path, **more: Any) -> Hosting:
    """Ada hosts in a folder, on loopback only."""
    return replace(Hosting(database=folder / "hosted" / "server.db", user_id=HOST_ID, name="Ada"), **more)


@asynccontextmanager
async def hosted(what: Hosting, environment: Mapping[str, str] | None = None) -> AsyncIterator[HostedServer]:
    """A server that runs, stopped at the end if it still does."""
    one = await HostedServer.start(what, environment={**os.environ, **(environment or {})})
    try:
        yield one
    finally:
        await one.stop()


@asynccontextmanager
async def signed_in(server: HostedServer) -> AsyncIterator[ServerApi]:
    """The server as its host sees it."""
    http = await server.connect()
    try:
        yield ServerApi(http, await server.sign_in(http))
    finally:
        await http.close()


async def model_with_diagram(api: ServerApi) -> tuple[str, str]:
    """A new model and its diagram."""
    model_id, diagram_id = (await api.create("Workshop")).id, new_id()
    tokens = {"Authorization": f"Bearer {await api._tokens.access_token()}"}
    body = {"id": diagram_id, "name": "d"}
    reply = await api.http.ask("POST", f"/threat_models/{model_id}/diagrams", body=body, headers=tokens)
    assert reply.status == 201, reply.body
    return model_id, diagram_id


def node(diagram_id: str) -> Patch:
    """A patch that adds a node."""
    return (add("cell", new_id(), {"diagram_id": diagram_id, "type": "process"}),)


async def redeemed(http: ServerHttp, secret: str, name: str = "Guest") -> Any:
    """The answer to an invite that is redeemed."""
    body = {"secret": secret, "display_name": name}
    return await http.ask("POST", "/invites/redeem", body=body)
