"""A connection is good for as long as the sign-in behind it: warned, renewed, or ended."""

from typing import Any, Final

from litestar.connection import ASGIConnection

from sync.protocol import ProtocolError
from sync.protocol import messages as m
from sync.server.auth.middleware import principal_of_ticket
from sync.server.auth.tokens import InvalidToken
from sync.server.auth.web import auth_of, blocking
from sync.server.context import Principal, Services
from sync.server.live.connection import Connection
from sync.server.live.session import LiveSession

WARNING_SECONDS: Final = 60.0


def seconds_left(services: Services, principal: Principal) -> float:
    """How long a sign-in is still good, 0 for ever."""
    return max(1.0, principal.good_until - services.clock()) if principal.good_until else 0.0


async def renew(
    socket: ASGIConnection[Any, Any, Any, Any], session: LiveSession, connection: Connection, asked: m.Renew
) -> None:
    """Let a connection go on with a fresh ticket of the same user. ProtocolError when it may not."""
    try:
        principal = await blocking(
            socket, principal_of_ticket, auth_of(socket), asked.ticket, session.model_id
        )
    except InvalidToken as error:
        raise ProtocolError("unauthorized", str(error)) from None
    if principal.user_id != connection.principal.user_id:
        raise ProtocolError("forbidden", "the ticket is somebody else's")
    connection.renew(principal)
    left = seconds_left(socket.app.state.services, principal)
    session.fan_out.tell(connection.participant_id, m.Renewed(sign_in_seconds=left))


async def check_sign_ins(services: Services, session: LiveSession) -> None:
    """End the connections whose sign-in is over, and warn those whose sign-in soon will be."""
    connections = list(session.fan_out.connections.values())
    behind = {i for one in connections for i in (one.principal.token_id, one.principal.sign_in_id) if i}
    revoked = await services.blocking(services.stores.tokens.revoked, behind) if behind else set()
    now = services.clock()
    for connection in connections:
        principal = connection.principal
        if principal.token_id in revoked or principal.sign_in_id in revoked:
            session.dismiss(connection, "signed_out", "you have signed out")
        elif principal.good_until and now >= principal.good_until:
            session.dismiss(connection, "expired", "your sign-in has run out; sign in and come back")
        elif principal.good_until and now >= principal.good_until - WARNING_SECONDS:
            _warn(session, connection)


def _warn(session: LiveSession, connection: Connection) -> None:
    if not connection.warned:
        connection.warned = True
        text = "your sign-in runs out within a minute"
        told = m.Notice(level="warning", code="sign_in_ends", message=text)
        session.fan_out.tell(connection.participant_id, told)
