"""Tickets for sockets: a browser's WebSocket cannot carry a token, and an address must not hold one."""

from app.ports_server import Ticket, User
from sync.server.auth.secrets import digest, new_secret
from sync.server.auth.service import Auth
from sync.server.context import Principal


def give_ticket(auth: Auth, asking: Principal, model_id: str, session_id: str = "") -> str:
    """A ticket for one socket of one model, good once and for a few seconds."""
    secret = new_secret()
    auth.stores.tickets.keep(
        Ticket(
            digest=digest(secret), user_id=asking.user_id, model_id=model_id, session_id=session_id,
            expires_at=auth.clock() + auth.settings.ticket_seconds, token_id=asking.token_id,
            sign_in_id=asking.sign_in_id, good_until=asking.good_until,
        )
    )  # fmt: skip
    return secret


def take_ticket(auth: Auth, secret: str, model_id: str) -> tuple[User, Ticket] | None:
    """Who the ticket is for, and the ticket, used up in any case.

    None when it is unknown, used, too old, for another model, or the user or the sign-in behind it is out.
    """
    ticket = auth.stores.tickets.take(digest(secret), auth.clock())
    if ticket is None or ticket.model_id != model_id:
        return None
    user = auth.stores.users.get(ticket.user_id)
    if user is None or user.disabled or 0 < ticket.good_until < auth.clock():
        return None
    behind = {ticket.token_id, ticket.sign_in_id} - {""}
    return None if auth.stores.tokens.revoked(behind) else (user, ticket)
