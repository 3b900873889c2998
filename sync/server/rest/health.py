"""Whether the server lives and can serve, what it is, and what it counts."""

from typing import Final

from litestar import Request, Response, get

from sync.server.context import address_of, principal_of, services_of
from sync.server.errors import Problem
from sync.server.responses import Answer
from sync.server.rest import shapes as s
from sync.server.rest.endpoint import Call, Endpoint

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "testclient"})


def health_shapes() -> dict[str, s.Shape]:
    """The schemas of health and of the server itself."""
    health = {"status": s.words("ok", "draining"), "waiting_operations": {"type": "integer"}}
    sizes = ("max_body_bytes", "max_message_bytes", "max_image_bytes")
    limits = {name: {"type": "integer"} for name in sizes}
    server = {
        "name": {"type": "string"}, "version": {"type": "string"}, "epoch": {"type": "string"},
        "specification": {"type": "string"}, "limits": s.thing(limits, tuple(limits)),
    }  # fmt: skip
    return {"Health": s.thing(health, tuple(health)), "ServerInfo": s.thing(server, tuple(server))}


async def live(call: Call) -> Answer:
    """The process lives."""
    rooms = call.services.rooms
    status = "draining" if rooms.draining else "ok"
    return Answer(data={"status": status, "waiting_operations": rooms.waiting})


async def ready(call: Call) -> Answer:
    """The server can take and keep edits."""
    if call.services.rooms.draining:
        raise Problem("UNAVAILABLE", "The server is being stopped", headers={"Retry-After": "5"})
    if await call.services.blocking(call.services.ready):
        raise Problem("UNAVAILABLE", "The database cannot be reached", headers={"Retry-After": "5"})
    return await live(call)


async def info(call: Call) -> Answer:
    """What this server is, and how much it takes."""
    server = call.services.settings.server
    limits = {
        "max_body_bytes": server.max_body_bytes, "max_message_bytes": server.max_message_bytes,
        "max_image_bytes": server.max_image_bytes,
    }  # fmt: skip
    return Answer(data={
        "name": "TMI", "version": call.services.version, "epoch": call.services.rooms.epoch,
        "specification": f"{call.services.settings.base_url}/openapi.json", "limits": limits,
    })  # fmt: skip


def endpoints() -> list[Endpoint]:
    """The table of these."""
    return [
        Endpoint(method="GET", path="/", name="server_info", tag="server", needs="nobody", run=info,
                 data=s.ref("ServerInfo")),
        Endpoint(method="GET", path="/health", name="health", tag="server", needs="nobody", run=live,
                 data=s.ref("Health")),
        Endpoint(method="GET", path="/ready", name="readiness", tag="server", needs="nobody", run=ready,
                 data=s.ref("Health")),
    ]  # fmt: skip


@get("/metrics", include_in_schema=False, opt={"needs": "nobody"}, sync_to_thread=False)
def metrics(request: Request) -> Response[bytes]:  # type: ignore[type-arg]
    """What is counted, for Prometheus: told on this machine, and to administrators."""
    principal = principal_of(request)
    if address_of(request) not in LOOPBACK and not (principal and principal.administrator):
        raise Problem("FORBIDDEN")
    return Response(
        services_of(request).metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8"
    )
