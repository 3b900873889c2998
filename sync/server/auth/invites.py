"""Invite links: made by owners, redeemed by guests who only tell how they want to be called."""

from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlencode

from uuid_utils import uuid7

from app.domain.errors import TmiError
from app.ports_server import GUESTS, Invite, User
from sync.server.auth import journal
from sync.server.auth.clients import DESKTOP
from sync.server.auth.names import BadName, shown_name
from sync.server.auth.secrets import digest, new_secret
from sync.server.auth.service import Auth
from sync.server.auth.sign_in import Visitor

JOIN_PATH: Final = "/join"
GuestRole = Literal["reader", "writer"]


class InviteRefused(TmiError):
    """An invite admits nobody, or not by that name; the text says why."""


@dataclass(frozen=True)
class NewInvite:
    """An invite, and the link that is shown once: the store has only the secret's digest."""

    invite: Invite
    link: str


def link_of(auth: Auth, secret: str, model_id: str) -> str:
    """The link to pass on.

    All of it that is secret stands after `#`, which no browser sends to a server and no proxy logs.
    """
    parts = {"invite": secret, "model": model_id}
    if auth.settings.fingerprint:
        parts["sha256"] = auth.settings.fingerprint
    return f"{auth.settings.issuer}{JOIN_PATH}#{urlencode(parts)}"


def create_invite(
    auth: Auth, model_id: str, role: GuestRole, creator: str, visitor: Visitor,
    *, expires_in: float, uses: int | None, label: str = "",
) -> NewInvite:  # fmt: skip
    """Make an invite that is good for `expires_in` seconds and so many uses (None: any number)."""
    secret, now = new_secret(), auth.clock()
    invite = auth.stores.invites.create(
        Invite(
            id=str(uuid7()), digest=digest(secret), model_id=model_id, role=role, created_by=creator,
            label=label, expires_at=now + expires_in, uses_left=uses,
        ),
        now,
    )  # fmt: skip
    auth.journal.note(
        journal.INVITE_CREATED, actor=creator, subject=invite.id, model_id=model_id, role=role,
        address=visitor.address, request_id=visitor.request_id,
    )  # fmt: skip
    return NewInvite(invite, link_of(auth, secret, model_id))


def revoke_invite(auth: Auth, model_id: str, invite_id: str, actor: str, visitor: Visitor) -> bool:
    """Let an invite of a model admit nobody more; False when the model has no such invite."""
    invite = auth.stores.invites.get(invite_id)
    if invite is None or invite.model_id != model_id:
        return False
    auth.stores.invites.revoke(invite_id)
    auth.journal.note(
        journal.INVITE_REVOKED, actor=actor, subject=invite_id, model_id=model_id,
        address=visitor.address, request_id=visitor.request_id,
    )  # fmt: skip
    return True


REFUSALS: Final = {
    "unknown": "there is no such invite",
    "revoked": "the invite was revoked",
    "expired": "the invite has expired",
    "used_up": "the invite has been used as often as it may",
}


def redeem_invite(auth: Auth, secret: str, name: str, visitor: Visitor) -> dict[str, Any]:
    """Let a guest in: the tokens as the token endpoint answers, and `model_id`, `role`, `user_id`.

    InviteRefused when the invite admits nobody (more). A guest's stay ends after the settings' time.
    """
    try:
        shown = shown_name(name)
    except BadName as error:
        raise InviteRefused(str(error)) from None
    if auth.limits.wait("", visitor.address):
        raise InviteRefused("too many attempts from this address; wait a few minutes")
    now = auth.clock()
    until = now + auth.settings.guest_seconds
    guest_id = str(uuid7())
    guest = User(id=guest_id, email="", name=shown, provider=GUESTS, provider_user_id=guest_id)
    used = auth.stores.invites.use(digest(secret), guest, now, access_expires_at=until)
    where: dict[str, Any] = {"address": visitor.address, "request_id": visitor.request_id}
    if used.outcome != "used" or used.invite is None or used.user is None:
        auth.limits.failed("", visitor.address)
        subject = used.invite.id if used.invite else ""
        auth.journal.note(journal.DENIED, subject=subject, what="invite", reason=used.outcome, **where)
        raise InviteRefused(REFUSALS.get(used.outcome, REFUSALS["unknown"]))
    invite = used.invite
    auth.journal.note(
        journal.INVITE_USED, actor=guest_id, subject=invite.id, model_id=invite.model_id, role=invite.role,
        name=shown, **where,
    )  # fmt: skip
    tokens = auth.issue_to_guest(used.user, DESKTOP, until)
    return {**tokens, "user_id": guest_id, "model_id": invite.model_id, "role": invite.role}
