"""Who may do what: one table of every endpoint and live message, and what it comes to.

Nothing else decides it. What is not in the table is forbidden.
"""

import enum
import re
from collections.abc import Mapping
from typing import Final, Literal

from app.ports_server import Role
from sync.protocol.messages import Role as Participant
from sync.room.roles import may


class Need(enum.IntEnum):
    """The least that an endpoint asks for. An account is somebody signed in who is no guest.

    A founder owns the model, or has an account and makes it: there is none of that id yet.
    """

    ANYONE = 0
    SIGNED_IN = 1
    ACCOUNT = 2
    ADMINISTRATOR = 3
    READER = 4
    WRITER = 5
    OWNER = 6
    FOUNDER = 7


Verdict = Literal["allow", "401", "403", "404"]
_RANK: Final[Mapping[str, Need]] = {"reader": Need.READER, "writer": Need.WRITER, "owner": Need.OWNER}
_MODEL: Final = "/threat_models/{}"
_COLLECTIONS: Final = (
    "diagrams", "cells", "threats", "mitigations", "assets", "documents", "notes", "repositories",
    "assumptions", "comments", "tasks", "saved_views",
)  # fmt: skip


def _collection(path: str) -> dict[str, Need]:
    """The endpoints of one kind of record within a model."""
    return {
        f"GET {path}": Need.READER,
        f"POST {path}": Need.WRITER,
        f"POST {path}/bulk": Need.WRITER,
        f"PATCH {path}/bulk": Need.WRITER,
        f"DELETE {path}/bulk": Need.WRITER,
        f"GET {path}/{{}}": Need.READER,
        f"PUT {path}/{{}}": Need.WRITER,
        f"PATCH {path}/{{}}": Need.WRITER,
        f"DELETE {path}/{{}}": Need.WRITER,
        f"POST {path}/{{}}/restore": Need.WRITER,
        f"GET {path}/{{}}/audit_trail": Need.READER,
        **_metadata(f"{path}/{{}}/metadata"),
    }


def _metadata(path: str) -> dict[str, Need]:
    return {
        f"GET {path}": Need.READER,
        f"POST {path}": Need.WRITER,
        f"PUT {path}": Need.WRITER,
        f"GET {path}/{{}}": Need.READER,
        f"PUT {path}/{{}}": Need.WRITER,
        f"DELETE {path}/{{}}": Need.WRITER,
    }


_SERVER: Final = {
    "GET /": Need.ANYONE,
    "GET /health": Need.ANYONE,
    "GET /ready": Need.ANYONE,
    "GET /metrics": Need.ANYONE,
    "GET /openapi.json": Need.ANYONE,
}
_IDENTITY: Final = {
    "GET /oauth2/authorize": Need.ANYONE,
    "POST /oauth2/authorize": Need.ANYONE,
    "POST /oauth2/password": Need.ANYONE,
    "GET /oauth2/style.css": Need.ANYONE,
    "POST /oauth2/token": Need.ANYONE,
    "POST /oauth2/revoke": Need.ANYONE,
    "POST /oauth2/introspect": Need.SIGNED_IN,
    "GET /oauth2/userinfo": Need.SIGNED_IN,
    "GET /.well-known/jwks.json": Need.ANYONE,
    "GET /.well-known/oauth-authorization-server": Need.ANYONE,
    "GET /.well-known/openid-configuration": Need.ANYONE,
    "GET /join": Need.ANYONE,
    "POST /invites/redeem": Need.ANYONE,
    "POST /me/logout": Need.SIGNED_IN,
}
_GROUPS: Final = {
    "GET /groups": Need.ACCOUNT,
    "POST /groups": Need.ADMINISTRATOR,
    "GET /groups/{}": Need.ACCOUNT,
    "PATCH /groups/{}": Need.ADMINISTRATOR,
    "DELETE /groups/{}": Need.ADMINISTRATOR,
    "GET /groups/{}/members": Need.ACCOUNT,
    "POST /groups/{}/members": Need.ADMINISTRATOR,
    "DELETE /groups/{}/members/{}": Need.ADMINISTRATOR,
}
_MODELS: Final = {
    "GET /threat_models": Need.SIGNED_IN,
    "POST /threat_models": Need.ACCOUNT,
    f"GET {_MODEL}": Need.READER,
    f"PUT {_MODEL}": Need.WRITER,
    f"PATCH {_MODEL}": Need.WRITER,
    f"DELETE {_MODEL}": Need.OWNER,
    f"POST {_MODEL}/restore": Need.OWNER,
    f"POST {_MODEL}/operations": Need.WRITER,
    f"PUT {_MODEL}/log": Need.FOUNDER,
    f"GET {_MODEL}/events": Need.READER,
    f"GET {_MODEL}/state": Need.READER,
    f"GET {_MODEL}/audit_trail": Need.READER,
    f"GET {_MODEL}/audit_trail/{{}}": Need.READER,
    f"POST {_MODEL}/audit_trail/{{}}/rollback": Need.OWNER,
    f"GET {_MODEL}/diagrams/{{}}/svg_image": Need.READER,
    f"PUT {_MODEL}/diagrams/{{}}/svg_image": Need.WRITER,
    **_metadata(f"{_MODEL}/metadata"),
}
_SHARING: Final = {
    f"GET {_MODEL}/access": Need.READER,
    f"GET {_MODEL}/people": Need.READER,
    f"POST {_MODEL}/access": Need.OWNER,
    f"PUT {_MODEL}/access": Need.OWNER,
    f"DELETE {_MODEL}/access/{{}}/{{}}": Need.OWNER,
    f"GET {_MODEL}/invites": Need.OWNER,
    f"POST {_MODEL}/invites": Need.OWNER,
    f"DELETE {_MODEL}/invites/{{}}": Need.OWNER,
    f"POST {_MODEL}/tickets": Need.READER,
    f"POST {_MODEL}/diagrams/{{}}/collaborate": Need.READER,
    f"GET {_MODEL}/diagrams/{{}}/collaborate": Need.READER,
    f"DELETE {_MODEL}/diagrams/{{}}/collaborate": Need.READER,
    f"WS {_MODEL}/diagrams/{{}}/ws": Need.READER,
    "GET /collaboration/sessions": Need.SIGNED_IN,
}
TABLE: Final[Mapping[str, Need]] = {
    **_SERVER,
    **_IDENTITY,
    **_GROUPS,
    **_MODELS,
    **_SHARING,
    **{key: need for name in _COLLECTIONS for key, need in _collection(f"{_MODEL}/{name}").items()},
}


def key_of(method: str, template: str) -> str:
    """The table's name of an endpoint; parameters count by their place, not by their name."""
    path = re.sub(r"\{[^}]*\}", "{}", template).rstrip("/") or "/"
    return f"{'GET' if method == 'HEAD' else method} {path}"


def need_of(method: str, template: str) -> Need | None:
    """What an endpoint asks for; None when the table does not know it."""
    if method == "OPTIONS":  # a browser asks so before it may send who it is
        return Need.ANYONE
    return TABLE.get(key_of(method, template))


def judge(
    need: Need | None, *, signed_in: bool, role: Role | None = None, administrator: bool = False,
    guest: bool = False,
) -> Verdict:  # fmt: skip
    """What somebody is answered. A model that one may not see is answered like one that is not there."""
    if need is Need.ANYONE:
        return "allow"
    if not signed_in:
        return "401"
    if need is None:
        return "403"
    if administrator or need is Need.SIGNED_IN:
        return "allow"
    if need is Need.ACCOUNT:
        return "403" if guest else "allow"
    if need is Need.ADMINISTRATOR:
        return "403"
    if need is Need.FOUNDER:
        return _judge_founder(role, guest=guest)
    if role is None:
        return "404"
    return "allow" if _RANK[role] >= need else "403"


def _judge_founder(role: Role | None, *, guest: bool) -> Verdict:
    """Whether there is a model of that id, which is not to be seen, is found out where it is made."""
    if guest:
        return "403"
    return "allow" if role in (None, "owner") else "403"


def may_send(role: Role | None, message_type: str, *, is_host: bool = False) -> bool:
    """Whether a participant may send a message over the live channel; the room's table says so."""
    return may(Participant(role) if role else None, message_type, is_host=is_host)
