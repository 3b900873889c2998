"""What servers answer, as small structs; what else is in an answer is passed over."""

from typing import Any

import msgspec

from app.domain.merge import merged
from app.domain.patch import add
from app.domain.state import ModelState


class Failure(msgspec.Struct, frozen=True):
    """Why a request was refused."""

    code: str
    message: str
    details: dict[str, Any] = {}


class Paging(msgspec.Struct, frozen=True):
    """Where a list stands."""

    page: int
    limit: int
    total: int
    pages: int = 0


class Meta(msgspec.Struct, frozen=True):
    """What comes beside every answer."""

    request_id: str = ""
    pagination: Paging | None = None


class Wrapper(msgspec.Struct, frozen=True):
    """What every answer of the API has; `data` is decoded by who asked."""

    success: bool
    data: msgspec.Raw = msgspec.Raw(b"null")
    error: Failure | None = None
    meta: Meta = Meta()


class Limits(msgspec.Struct, frozen=True):
    """How much a server takes."""

    max_body_bytes: int = 1_000_000
    max_message_bytes: int = 1_000_000
    max_image_bytes: int = 0


class ServerInfo(msgspec.Struct, frozen=True):
    """What a server says of itself at its address."""

    name: str
    version: str = ""
    epoch: str = ""
    limits: Limits = Limits()


class Health(msgspec.Struct, frozen=True):
    """Whether the server takes edits: `ok`, or `draining` while it is being stopped."""

    status: str


class SignInPlaces(msgspec.Struct, frozen=True):
    """Where to sign in: the server's discovery document.

    A server that is hosted from somebody's desktop has no accounts, and no `authorization_endpoint`.
    """

    issuer: str
    token_endpoint: str
    authorization_endpoint: str = ""
    revocation_endpoint: str = ""
    userinfo_endpoint: str = ""
    code_challenge_methods_supported: tuple[str, ...] = ()
    authorization_response_iss_parameter_supported: bool = False


class Capabilities(msgspec.Struct, frozen=True):
    """All that can be known of a server before signing in; `sign_in` is None where nobody can."""

    info: ServerInfo
    health: Health
    sign_in: SignInPlaces | None


class Person(msgspec.Struct, frozen=True):
    """Who is signed in. `idp` says who vouches: `local`, `invite` for guests, or a provider's name."""

    sub: str
    name: str = ""
    idp: str = ""
    email: str = ""

    @property
    def is_guest(self) -> bool:
        """Whether it is somebody who came with an invite link."""
        return self.idp == "invite"


class Permissions(msgspec.Struct, frozen=True):
    """What the account may do with a model."""

    current_user_role: str = "reader"
    can_edit: bool = False
    can_delete: bool = False
    can_share: bool = False


class ModelEntry(msgspec.Struct, frozen=True):
    """A model in a list. `version` is the sequence number of its last event."""

    id: str
    name: str
    version: int
    description: str = ""
    threat_model_framework: str = ""
    status: str | None = None
    owner_id: str = ""
    created_at: str = ""
    updated_at: str = ""
    deleted_at: str | None = None
    diagram_count: int = 0
    threat_count: int = 0
    open_threat_count: int = 0
    permissions: Permissions = Permissions()


class ModelPage(msgspec.Struct, frozen=True):
    """Some of the models, and how many there are."""

    models: tuple[ModelEntry, ...]
    page: int
    pages: int
    total: int


class Made(msgspec.Struct, frozen=True):
    """A model that was made, or changed as a whole."""

    id: str
    version: int
    name: str = ""
    permissions: Permissions = Permissions()


class StoredRecord(msgspec.Struct, frozen=True):
    """A record of a state, and who wrote which of its groups last."""

    kind: str
    id: str
    data: dict[str, Any]
    writers: dict[str, str] = {}


class Snapshot(msgspec.Struct, frozen=True):
    """A whole model, and the event that it stands for."""

    epoch: str
    sequence_number: int
    records: tuple[StoredRecord, ...]
    tombstones: dict[str, str] = {}

    def state(self, model_id: str) -> ModelState:
        """As a state to follow the events with. InvalidData when a record is none."""
        records = [merged(None, add(one.kind, one.id, one.data)) for one in self.records]
        return ModelState.of(
            model_id, records, self.tombstones, {one.id: one.writers for one in self.records}
        )


class Grant(msgspec.Struct, frozen=True):
    """A role of a user or a group on a model."""

    subject_type: str
    subject_id: str
    role: str
    name: str = ""
    expires_at: str | None = None


class Named(msgspec.Struct, frozen=True):
    """Somebody by id and name."""

    id: str
    name: str


class Invite(msgspec.Struct, frozen=True):
    """An invite, without its link: that is told once, when it is made."""

    id: str
    role: str
    expires_at: str = ""
    uses_left: int | None = None
    uses: int = 0
    revoked: bool = False
    label: str = ""
    created_at: str = ""


class NewInvite(msgspec.Struct, frozen=True):
    """An invite that was just made, and its link."""

    invite: Invite
    link: str


class SessionPerson(msgspec.Struct, frozen=True):
    """Somebody in a session."""

    user_id: str
    name: str = ""
    joined_at: str = ""


class SessionEntry(msgspec.Struct, frozen=True):
    """A session that goes on. `host` is a user's id."""

    session_id: str
    threat_model_id: str
    diagram_id: str
    host: str = ""
    created_at: str = ""
    participants: tuple[SessionPerson, ...] = ()


class Ticket(msgspec.Struct, frozen=True):
    """What opens one socket, once and soon."""

    ticket: str
    expires_in: float


class LogKept(msgspec.Struct, frozen=True):
    """How far a server has the log that was sent to it."""

    id: str
    sequence_number: int
    hash: str
    added: int = 0
