"""Tickets for sockets: a browser's WebSocket cannot carry a token, and an address must not hold one."""

from app.ports_server import Ticket, User
from sync.server.auth.secrets import digest, new_secret
from sync.server.auth.service import Auth


def give_ticket(auth: Auth, user_id: str, model_id: str, session_id: str = "") -> str:
    """A ticket for one socket of one model, good once and for a few seconds."""
    secret = new_secret()
    auth.stores.tickets.keep(
        Ticket(
            digest=digest(secret), user_id=user_id, model_id=model_id, session_id=session_id,
            expires_at=auth.clock() + auth.settings.ticket_seconds,
        )
    )  # fmt: skip
    return secret


def take_ticket(auth: Auth, secret: str, model_id: str) -> User | None:
    """Who the ticket is for; None when it is unknown, used, too old, for another model, or the user is out.

    It is used up in any case.
    """
    ticket = auth.stores.tickets.take(digest(secret), auth.clock())
    if ticket is None or ticket.model_id != model_id:
        return None
    user = auth.stores.users.get(ticket.user_id)
    return None if user is None or user.disabled else user
