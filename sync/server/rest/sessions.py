"""Collaboration sessions: beginning, finding and ending them. What happens in one is the live channel's."""

from typing import Any, Final

from app.domain.ids import new_id
from app.ports_server import Participant, Session
from sync.protocol.messages import SessionEnded
from sync.room.outputs import Announce
from sync.server.errors import Problem
from sync.server.responses import Answer, timestamp
from sync.server.rest import shapes as s
from sync.server.rest.endpoint import Call, Endpoint
from sync.server.rest.records import found

_PERSON: Final = {"user_id": {"type": "string"}, "name": {"type": "string"}, "joined_at": {"type": "string"}}


def session_shapes() -> dict[str, s.Shape]:
    """The schema of a session."""
    session = {
        "session_id": s.ID, "threat_model_id": s.ID, "diagram_id": s.ID,
        "websocket_url": {"type": "string"}, "host": {"type": "string"},
        "created_at": s.MOMENT, "expires_at": s.nullable({"type": "string"}),
        "participants": s.listed(s.thing(_PERSON, tuple(_PERSON))),
    }  # fmt: skip
    return {"CollaborationSession": s.thing(session, tuple(session))}


def _shown(session: Session, participants: list[Participant]) -> dict[str, Any]:
    return {
        "session_id": session.id, "threat_model_id": session.model_id, "diagram_id": session.diagram_id,
        "websocket_url": session.websocket_url, "host": session.host, "created_at": session.created_at,
        "expires_at": timestamp(session.expires_at) if session.expires_at else None,
        "participants": [
            {"user_id": p.user_id, "name": p.name, "joined_at": p.joined_at} for p in participants
        ],
    }  # fmt: skip


async def _with_participants(call: Call, session: Session, status: int = 200) -> Answer:
    held = await call.services.blocking(call.services.stores.sessions.participants, session.id)
    return Answer(data=_shown(session, held), status=status)


def socket_address(call: Call, diagram_id: str) -> str:
    """Where the live channel of a diagram is."""
    base = call.services.settings.base_url.replace("http", "ws", 1)
    return f"{base}/threat_models/{call.model_id}/diagrams/{diagram_id}/ws"


async def begin(call: Call) -> Answer:
    """The model's session: the present one (200), or a new one (201)."""
    diagram_id, store = call.path["record_id"], call.services.stores.sessions
    await found(call, "diagram", diagram_id)
    idle = call.services.settings.server.session_idle_seconds
    wanted = Session(
        id=new_id(), model_id=call.model_id, diagram_id=diagram_id, host=call.principal.user_id,
        websocket_url=socket_address(call, diagram_id), expires_at=call.now + idle,
    )  # fmt: skip
    session = await call.services.blocking(store.open, wanted, call.now)
    return await _with_participants(call, session, 201 if session.id == wanted.id else 200)


async def _present(call: Call) -> Session:
    await found(call, "diagram", call.path["record_id"])
    session = await call.services.blocking(call.services.stores.sessions.active, call.model_id, call.now)
    if session is None:
        raise Problem("NOT_FOUND", "There is no session")
    return session


async def read(call: Call) -> Answer:
    """The model's present session."""
    return await _with_participants(call, await _present(call))


async def end(call: Call) -> Answer:
    """End the session; only its host and owners of the model may."""
    session = await _present(call)
    if call.principal.user_id != session.host and call.role != "owner":
        raise Problem("FORBIDDEN", "Only the host or an owner may end the session")
    await call.services.blocking(call.services.stores.sessions.end, session.id, call.now)
    told = SessionEnded(reason="ended", message=f"the session was ended by {call.principal.name}"[:1000])
    call.services.rooms.announce(call.model_id, Announce(told))
    return Answer(data={"session_id": session.id})


async def mine(call: Call) -> Answer:
    """The present sessions of models that the caller may see."""
    store = call.services.stores.sessions
    held = await call.services.blocking(store.list_active, call.principal.user_id, call.now)
    items = [_shown(one, await call.services.blocking(store.participants, one.id)) for one in held]
    return Answer(data=items)


def endpoints() -> list[Endpoint]:
    """The table of sessions."""
    where = "/threat_models/{threat_model_id}/diagrams/{record_id}/collaborate"
    one, tag = s.ref("CollaborationSession"), "collaboration"
    return [
        Endpoint(method="POST", path=where, name="begin_session", tag=tag, needs="reader", run=begin,
                 data=one, status=201, also=(200,)),
        Endpoint(method="GET", path=where, name="read_session", tag=tag, needs="reader", run=read, data=one),
        Endpoint(method="DELETE", path=where, name="end_session", tag=tag, needs="reader", run=end,
                 data=s.thing({"session_id": s.ID}, ("session_id",))),
        Endpoint(method="GET", path="/collaboration/sessions", name="list_sessions", tag=tag, needs="user",
                 run=mine, data=s.listed(one)),
    ]  # fmt: skip
