"""The API's endpoints of identity: invites, tickets for sockets, letting a guest in, signing out."""

from typing import Any, Final

from sync.server.auth import journal
from sync.server.auth.invites import (
    InviteRefused,
    create_invite,
    redeem_invite,
    revoke_invite,
)
from sync.server.auth.middleware import model_of
from sync.server.auth.tickets import give_ticket
from sync.server.auth.tokens import InvalidToken
from sync.server.auth.web import auth_of, blocking, visitor_of
from sync.server.context import principal_of
from sync.server.errors import Problem
from sync.server.responses import Answer, timestamp
from sync.server.rest import shapes as s
from sync.server.rest.endpoint import Call, Endpoint

NO_STORE: Final = {"Cache-Control": "no-store"}
MOST_SECONDS: Final = 90 * 86_400
A_WORKSHOP: Final = 8 * 3600
INVITE_ID: Final = "invite_id"
MODEL_ID: Final = "threat_model_id"

INVITE: Final = s.thing(
    {
        "id": s.ID, "threat_model_id": s.ID, "role": s.words("reader", "writer"), "label": s.text(200),
        "created_by": s.text(64), "created_at": s.MOMENT, "expires_at": s.MOMENT,
        "uses_left": s.nullable({"type": "integer"}), "uses": {"type": "integer"},
        "revoked": {"type": "boolean"},
    },
    ("id", "threat_model_id", "role", "created_at", "expires_at", "uses_left", "uses", "revoked"),
)  # fmt: skip
NEW_INVITE: Final = s.thing(
    {
        "role": s.words("reader", "writer"),
        "expires_in": {"type": "integer", "minimum": 60, "maximum": MOST_SECONDS},
        "uses": s.nullable({"type": "integer", "minimum": 1, "maximum": 10_000}),
        "label": s.text(200),
    },
    ("role",),
)
MADE_INVITE: Final = s.thing({"invite": INVITE, "link": {"type": "string"}}, ("invite", "link"))
REDEEM: Final = s.thing(
    {"secret": s.text(200, 1), "display_name": s.text(200, 1)}, ("secret", "display_name")
)
TOKENS: Final = s.thing(
    {
        **{name: {"type": "string"} for name in
           ("access_token", "token_type", "refresh_token", "scope", "id_token", "user_id", "role")},
        "expires_in": {"type": "integer"},
        "model_id": s.ID,
    },
    ("access_token", "token_type", "refresh_token", "expires_in", "user_id", "model_id", "role"),
)  # fmt: skip
NEW_TICKET: Final = s.thing({"session_id": s.ID})
TICKET: Final = s.thing(
    {"ticket": {"type": "string"}, "expires_in": {"type": "integer"}}, ("ticket", "expires_in")
)
DONE: Final = s.thing({})


def _no_key(call: Call) -> None:
    """The answers of idempotency keys are stored, and secrets are not."""
    if "idempotency-key" in call.request.headers:
        raise Problem("BAD_REQUEST", "This answer is a secret and is not kept: leave out Idempotency-Key")


def _shown(invite: Any) -> dict[str, Any]:
    return {
        "id": invite.id, "threat_model_id": invite.model_id, "role": invite.role, "label": invite.label,
        "created_by": invite.created_by, "created_at": invite.created_at,
        "expires_at": timestamp(invite.expires_at) if invite.expires_at else "",
        "uses_left": invite.uses_left, "uses": invite.uses, "revoked": invite.revoked,
    }  # fmt: skip


async def make_invite(call: Call) -> Answer:
    """An invite link for a model. The link is told once."""
    _no_key(call)
    made = await blocking(
        call.request, create_invite, auth_of(call.request), model_of(call.request), call.body["role"],
        call.principal.user_id, visitor_of(call.request),
        expires_in=float(call.body.get("expires_in", A_WORKSHOP)), uses=call.body.get("uses"),
        label=call.body.get("label", ""),
    )  # fmt: skip
    return Answer(data={"invite": _shown(made.invite), "link": made.link}, status=201, headers=NO_STORE)


async def list_invites(call: Call) -> Answer:
    """The invites to a model, newest first."""
    found = await blocking(
        call.request, auth_of(call.request).stores.invites.of_model, model_of(call.request)
    )
    return Answer(data=[_shown(invite) for invite in found])


async def end_invite(call: Call) -> Answer:
    """Let an invite admit nobody more; who is in stays in, and is in the access list."""
    revoked = await blocking(
        call.request, revoke_invite, auth_of(call.request), model_of(call.request), call.path[INVITE_ID],
        call.principal.user_id, visitor_of(call.request),
    )  # fmt: skip
    if not revoked:
        raise Problem("NOT_FOUND", "There is no such invite")
    return Answer(data={})


async def redeem(call: Call) -> Answer:
    """Let a guest in who has an invite's secret and tells a name."""
    _no_key(call)
    body = call.body
    try:
        tokens = await blocking(
            call.request, redeem_invite, auth_of(call.request), body["secret"], body["display_name"],
            visitor_of(call.request),
        )  # fmt: skip
    except InviteRefused as error:
        said = str(error)
        raise Problem("FORBIDDEN", said[:1].upper() + said[1:]) from None
    return Answer(data=tokens, headers=NO_STORE)


async def make_ticket(call: Call) -> Answer:
    """A ticket for one socket, good once."""
    _no_key(call)
    auth = auth_of(call.request)
    ticket = await blocking(
        call.request,
        give_ticket,
        auth,
        call.principal,
        model_of(call.request),
        call.body.get("session_id", ""),
    )
    data = {"ticket": ticket, "expires_in": auth.settings.ticket_seconds}
    return Answer(data=data, status=201, headers=NO_STORE)


async def log_out(call: Call) -> Answer:
    """End this sign-in: its tokens are refused from now on."""
    auth, visitor = auth_of(call.request), visitor_of(call.request)
    token = call.request.headers.get("authorization", "").partition(" ")[2].strip()
    try:
        claims = await blocking(call.request, auth.signer.verify, token)
    except InvalidToken:
        raise Problem("UNAUTHORIZED") from None
    await blocking(call.request, auth.signer.end_sign_in, claims.sid or claims.jti)
    principal = principal_of(call.request)
    await blocking(
        call.request, auth.journal.note, journal.SIGNED_OUT, actor=principal.user_id if principal else "",
        address=visitor.address, request_id=visitor.request_id,
    )  # fmt: skip
    return Answer(data={})


_OF_MODEL: Final = {MODEL_ID: s.ID}
_INVITES: Final = f"/threat_models/{{{MODEL_ID}}}/invites"
ENDPOINTS: Final = (
    Endpoint(method="GET", path=_INVITES, name="list_invites", tag="invites", needs="owner",
             run=list_invites, data=s.listed(INVITE), parameters=_OF_MODEL,
             text="The invite links of a threat model"),
    Endpoint(method="POST", path=_INVITES, name="create_invite", tag="invites", needs="owner", status=201,
             run=make_invite, data=MADE_INVITE, body=NEW_INVITE, parameters=_OF_MODEL,
             text="Make an invite link; it is told only now"),
    Endpoint(method="DELETE", path=f"{_INVITES}/{{{INVITE_ID}}}", name="revoke_invite", tag="invites",
             needs="owner", run=end_invite, data=DONE, parameters={**_OF_MODEL, INVITE_ID: s.ID},
             text="Let an invite admit nobody more"),
    Endpoint(method="POST", path="/invites/redeem", name="redeem_invite", tag="invites", needs="nobody",
             run=redeem, data=TOKENS, body=REDEEM, errors=("FORBIDDEN",),
             text="Come in as a guest, with an invite's secret and a name"),
    Endpoint(method="POST", path=f"/threat_models/{{{MODEL_ID}}}/tickets", name="create_ticket",
             tag="live", needs="reader", status=201, run=make_ticket, data=TICKET, body=NEW_TICKET,
             parameters=_OF_MODEL, text="A ticket that opens one socket, once and soon"),
    Endpoint(method="POST", path="/me/logout", name="log_out", tag="me", needs="user", run=log_out,
             data=DONE, text="End this sign-in"),
)  # fmt: skip
