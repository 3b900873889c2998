"""What a server needs of its store beside the rooms' logs: people, access, tokens, lists, its own chain.

Every method is synchronous, one transaction of its own, and safe from any thread and process. Time is
an argument, `now` in seconds since 1970 (UTC); no implementation looks at a clock. Moments that decide
something (`expires_at`, ...) are such seconds too, 0 for never; moments that are only shown
(`created_at`, ...) are ISO 8601 in UTC. Secrets come and stay as digests: an implementation never sees
a token, a code, a ticket or an invite's secret itself. Besides what is said of each method, every one
raises LibraryError when the store cannot be reached, and `Conflict` when what it refers to is not there.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, Protocol, TypeAlias, TypeVar

import msgspec

from app.domain.errors import LibraryError
from app.domain.patch import Event
from app.domain.records import Record
from app.domain.state import ModelState
from app.ports import Staged

T = TypeVar("T")
Role: TypeAlias = Literal["reader", "writer", "owner"]
SubjectType: TypeAlias = Literal["user", "group"]


class Conflict(LibraryError):
    """What was asked contradicts what is there: a name is taken, or something it names is missing."""


class HeadMoved(Conflict):
    """Another writer has appended to the model's log: load the room again."""


class LastOwner(Conflict):
    """A model must keep one owner."""


class Page(msgspec.Struct, frozen=True):
    """A part of a list, and how long the whole list is."""

    items: tuple[Any, ...]
    total: int


class Slice(msgspec.Struct, frozen=True):
    """Which part of a list is wanted, in which order: `sort` is a column, falling with `descending`."""

    offset: int = 0
    limit: int = 50
    sort: str = ""
    descending: bool = False


class Filter(msgspec.Struct, frozen=True):
    """One condition on a column. `within` takes a list of values, `contains` ignores the case of letters."""

    column: str
    test: Literal["is", "is_not", "less", "at_most", "more", "at_least", "contains", "within"]
    value: Any


# People


GUESTS: Final = "invite"  # the provider of who came by an invite link


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can sign in. `provider` is local, invite, or an identity provider's name."""

    id: str
    email: str
    name: str
    provider: str
    provider_user_id: str
    email_verified: bool = False
    disabled: bool = False
    administrator: bool = False
    created_at: str = ""
    modified_at: str = ""
    last_login: str = ""


class Credential(msgspec.Struct, frozen=True):
    """The argon2 hash of a password, when it was set (ISO), and whether it must be changed at sign-in."""

    password_hash: str
    changed_at: str
    must_change: bool


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group of users, named uniquely within its provider."""

    id: str
    provider: str
    group_name: str
    name: str = ""
    description: str = ""
    first_used: str = ""
    last_used: str = ""
    usage_count: int = 1
    members: int = 0


class Users(Protocol):
    """The users and the passwords of local ones."""

    def create(self, user: User, now: float) -> User:
        """Add a user. Conflict when the id or the provider's id is taken."""

    def get(self, user_id: str) -> User | None:
        """The user of an id."""

    def find(self, provider: str, provider_user_id: str) -> User | None:
        """The user whom a provider knows by this id."""

    def find_by_email(self, email: str) -> list[User]:
        """The users with an address, letters' case ignored; the same person may come by several providers."""

    def page(self, part: Slice, filters: Sequence[Filter] = ()) -> Page:
        """Users by any column of `User`."""

    def signed_in(self, user: User, now: float) -> User:
        """Note a sign-in: adds the user if the provider's id is new, else takes the new name and address."""

    def change(self, user_id: str, now: float, **columns: str | bool) -> User:
        """Change columns of `User`. Disabling also ends all refresh tokens, in the same transaction."""

    def set_password(
        self, user_id: str, password_hash: str, now: float, *, must_change: bool = False
    ) -> None:
        """Set a local user's password; all refresh tokens end, in the same transaction."""

    def credential(self, user_id: str) -> Credential | None:
        """The password's hash; None when the user has none."""


class Groups(Protocol):
    """Groups and who is in them."""

    def create(self, group: Group, now: float) -> Group:
        """Add a group. Conflict when the id or the name is taken."""

    def get(self, group_id: str) -> Group | None:
        """The group of an id."""

    def find(self, provider: str, group_name: str) -> Group | None:
        """The group of this name."""

    def page(self, part: Slice, filters: Sequence[Filter] = ()) -> Page:
        """Groups by any column of `Group`."""

    def change(self, group_id: str, *, name: str, description: str) -> Group:
        """Change what is shown of a group."""

    def delete(self, group_id: str) -> bool:
        """Remove a group with its memberships and grants. LastOwner when a model would lose its owners."""

    def add_member(self, group_id: str, user_id: str, now: float) -> bool:
        """Put a user into a group; False when there already."""

    def remove_member(self, group_id: str, user_id: str) -> bool:
        """Take a user out of a group; False when not in it."""

    def members(self, group_id: str) -> list[User]:
        """The users of a group by name."""

    def of_user(self, user_id: str) -> list[Group]:
        """The groups of a user by name."""

    def set_of_user(self, user_id: str, provider: str, group_names: Iterable[str], now: float) -> None:
        """Make a user's groups of one provider exactly these, as its token names them; new ones are added."""


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A role on a model for a user or a group."""

    id: str
    model_id: str
    subject_type: SubjectType
    subject_id: str
    role: Role
    name: str = ""
    granted_by: str = ""
    expires_at: float = 0.0
    created_at: str = ""
    modified_at: str = ""


class Access(Protocol):
    """Who may do what with which model. A disabled user and an expired grant count for nothing."""

    def role(self, model_id: str, user_id: str, now: float) -> Role | None:
        """The highest role a user has on a model, by own grants and by groups."""

    def roles(self, model_id: str, now: float) -> dict[str, Role]:
        """The highest role of each user who may see a model."""

    def grants(self, model_id: str) -> list[Grant]:
        """The access list of a model, expired grants included, in the order of granting."""

    def grant(
        self, model_id: str, subject_type: SubjectType, subject_id: str, role: Role,
        *, granted_by: str, now: float, expires_at: float = 0.0,
    ) -> Grant:  # fmt: skip
        """Give or change a role. LastOwner when nobody would be left as owner.

        A guest's role runs out when it would have anyway; Conflict where a guest would be owner.
        """

    def revoke(self, model_id: str, subject_type: SubjectType, subject_id: str, now: float) -> bool:
        """Take a role away; False when there was none. LastOwner when nobody would be left as owner."""

    def replace(
        self, model_id: str, grants: Sequence[tuple[SubjectType, str, Role]], *, granted_by: str, now: float
    ) -> list[Grant]:
        """Make the access list exactly this. LastOwner when it names no owner."""


# Tokens


class RefreshToken(msgspec.Struct, frozen=True, kw_only=True):
    """A refresh token as stored. Tokens that descend from one sign-in share a `family_id`."""

    digest: bytes
    family_id: str
    user_id: str
    client_id: str = ""
    scope: str = ""
    created_at: float = 0.0
    expires_at: float = 0.0
    rotated_at: float = 0.0
    revoked: bool = False


class Redeemed(msgspec.Struct, frozen=True):
    """What came of presenting a refresh token; a `successor` is stored with rotated and grace only.

    rotated: it was the newest of its family. grace: it was rotated a moment ago and its successors are
    unused, as when an answer was lost; it has one more successor. reused: it was rotated before, so
    somebody else has it; the family is now revoked. disabled: the user may not sign in any more.
    """

    outcome: Literal["rotated", "grace", "reused", "revoked", "expired", "disabled", "unknown"]
    token: RefreshToken | None = None
    successor: RefreshToken | None = None


class AuthorizationCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code of the authorization code flow. Tokens issued for it belong to `family_id`."""

    digest: bytes
    user_id: str
    client_id: str
    redirect_uri: str
    challenge: str
    family_id: str
    scope: str = ""
    nonce: str = ""
    expires_at: float = 0.0


class TakenCode(msgspec.Struct, frozen=True):
    """What came of presenting an authorization code. With `used` its tokens have been revoked."""

    outcome: Literal["taken", "used", "expired", "unknown"]
    code: AuthorizationCode | None = None


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that signs access tokens, as a JWK in JSON; retired ones only verify until they expire."""

    kid: str
    algorithm: str
    jwk: str
    created_at: float
    retired_at: float = 0.0
    expires_at: float = 0.0


class Tokens(Protocol):
    """Refresh tokens, authorization codes, revoked access tokens and signing keys."""

    def keep_refresh_token(self, token: RefreshToken) -> None:
        """Store the first token of a family."""

    def refresh_token(self, digest: bytes) -> RefreshToken | None:
        """A token as it is stored, for introspection."""

    def redeem_refresh_token(
        self, digest: bytes, successor: bytes, *, now: float, expires_at: float, grace: float
    ) -> Redeemed:
        """Exchange a token for its successor, in one step: of many at once, one is told `rotated`."""

    def revoke_refresh_token(self, digest: bytes) -> bool:
        """End the whole family of a token; False when the token is unknown."""

    def revoke_family(self, family_id: str) -> int:
        """End the tokens of a sign-in; returns how many still lived."""

    def revoke_user(self, user_id: str) -> int:
        """End all tokens of a user; returns how many still lived."""

    def keep_code(self, code: AuthorizationCode) -> None:
        """Store an authorization code."""

    def take_code(self, digest: bytes, now: float) -> TakenCode:
        """Use a code up: of many at once, one is told `taken`. Using it again revokes its tokens."""

    def revoke_access_token(self, jti: str, expires_at: float) -> None:
        """Have an access token refused until it expires by itself."""

    def is_revoked(self, jti: str) -> bool:
        """Whether an access token was revoked."""

    def revoked(self, ids: Collection[str]) -> set[str]:
        """Which of these access tokens and sign-ins were revoked."""

    def add_key(self, key: SigningKey) -> None:
        """Store a key and retire those of its algorithm that sign now."""

    def keys(self, now: float) -> list[SigningKey]:
        """The keys that sign or still verify, newest first."""

    def retire_key(self, kid: str, now: float, expires_at: float) -> None:
        """Let a key verify only, until it expires."""


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """The right to open one socket, for as long as the sign-in behind it is good."""

    digest: bytes
    user_id: str
    model_id: str
    session_id: str = ""
    expires_at: float
    token_id: str = ""
    sign_in_id: str = ""
    good_until: float = 0.0


class Tickets(Protocol):
    """Single-use tickets for sockets."""

    def keep(self, ticket: Ticket) -> None:
        """Store a ticket."""

    def take(self, digest: bytes, now: float) -> Ticket | None:
        """Use a ticket up: of many at once, one gets it. None when unknown, used or expired."""


class Invite(msgspec.Struct, frozen=True, kw_only=True):
    """A link that lets guests into a model. `uses_left` of None has no limit."""

    id: str
    digest: bytes
    model_id: str
    role: Role
    created_by: str = ""
    label: str = ""
    created_at: str = ""
    expires_at: float = 0.0
    uses_left: int | None = None
    uses: int = 0
    revoked: bool = False


class UsedInvite(msgspec.Struct, frozen=True):
    """What came of an invite's secret. With `used` the guest exists and has the role."""

    outcome: Literal["used", "used_up", "expired", "revoked", "unknown"]
    invite: Invite | None = None
    user: User | None = None


class Invites(Protocol):
    """Invite links."""

    def create(self, invite: Invite, now: float) -> Invite:
        """Store an invite."""

    def get(self, invite_id: str) -> Invite | None:
        """The invite of an id."""

    def of_model(self, model_id: str) -> list[Invite]:
        """The invites to a model, newest first, spent ones included."""

    def peek(self, digest: bytes, now: float) -> UsedInvite:
        """What `use` would say, without using it up (no user)."""

    def use(self, digest: bytes, guest: User, now: float, *, access_expires_at: float = 0.0) -> UsedInvite:
        """Count one use down, add the guest if new, and give the role unless a higher one is held.

        All in one step: of many at once never more get in than there are uses.
        """

    def revoke(self, invite_id: str) -> bool:
        """Let an invite admit nobody more; False when it is unknown."""


class StoredResponse(msgspec.Struct, frozen=True):
    """An answer that was given before, to be given again."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Claim(msgspec.Struct, frozen=True):
    """What an idempotency key is found to be.

    fresh: it is the caller's now; do the work, then `finish` or `abandon`. running: the first request
    is still at work. done: `response` is its answer. mismatch: the key came with another request.
    """

    state: Literal["fresh", "running", "done", "mismatch"]
    response: StoredResponse | None = None


class Idempotency(Protocol):
    """Idempotency keys, each belonging to a user, a method and a path."""

    def claim(
        self, key: str, user_id: str, method: str, path: str, digest: bytes, *, now: float, expires_at: float
    ) -> Claim:
        """Take a key: of many at once, one is told `fresh`. `digest` tells the request's content."""

    def finish(self, key: str, user_id: str, method: str, path: str, response: StoredResponse) -> None:
        """Keep the answer."""

    def abandon(self, key: str, user_id: str, method: str, path: str) -> None:
        """Give a key back whose request failed, so that it can be tried again."""


# The server's own chain


class ServerEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened on the server: a sign-in, a refusal, a role change, an export.

    `body` holds everything but the sequence number and the hashes; it is what is hashed.
    """

    sequence_number: int
    type: str
    actor: str = ""
    subject: str = ""
    model_id: str = ""
    address: str = ""
    request_id: str = ""
    timestamp: str = ""
    details: Mapping[str, Any] = {}
    previous_hash: bytes = b""
    hash: bytes = b""
    body: bytes = b""


class ServerChain(Protocol):
    """The server's event log, chained like a model's."""

    def append(
        self, type: str, *, now: float, actor: str = "", subject: str = "", model_id: str = "",
        address: str = "", request_id: str = "", details: Mapping[str, Any] | None = None,
    ) -> ServerEvent:  # fmt: skip
        """Write an event at the end."""

    def events(self, part: Slice, filters: Sequence[Filter] = ()) -> Page:
        """Events by sequence number, newest first unless sorted otherwise, filtered by their columns."""

    def verify(self) -> tuple[int, str]:
        """How many events are sound, from the first on, and what is wrong with the next ("" at the end)."""


# Sessions


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A live session of a model; `diagram_id` is only the first diagram in view."""

    id: str
    model_id: str
    diagram_id: str
    websocket_url: str
    host: str = ""
    created_at: str = ""
    expires_at: float = 0.0
    ended_at: str = ""


class Participant(msgspec.Struct, frozen=True, kw_only=True):
    """A user's stay in a session; `left_at` is empty while there."""

    session_id: str
    user_id: str
    name: str
    joined_at: str
    left_at: str = ""


class Sessions(Protocol):
    """Live sessions, at most one a model at a time, and who took part."""

    def open(self, session: Session, now: float) -> Session:
        """Begin a session; the model's present one instead when there is one."""

    def get(self, session_id: str) -> Session | None:
        """The session of an id, ended or not."""

    def active(self, model_id: str, now: float) -> Session | None:
        """The model's present session."""

    def list_active(self, user_id: str, now: float) -> list[Session]:
        """The present sessions of models that a user may see."""

    def change(self, session_id: str, *, host: str | None = None, expires_at: float | None = None) -> Session:
        """Hand the session to another host, or let it last longer. Conflict when it is unknown."""

    def join(self, session_id: str, user_id: str, now: float) -> Participant:
        """Note that a user is there; the present stay when there already."""

    def leave(self, session_id: str, user_id: str, now: float) -> bool:
        """Note that a user has gone; False when not there."""

    def participants(self, session_id: str, *, present: bool = True) -> list[Participant]:
        """Who is there, or with `present` false every stay, in order of coming."""

    def end(self, session_id: str, now: float) -> bool:
        """End a session and everybody's stay; False when it had ended."""

    def end_all(self, now: float) -> int:
        """End what a server that died has left behind; returns how many sessions."""


# Lists and history


class ModelEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A model as a list shows it. `role` is the asking user's, None for an administrator without one."""

    id: str
    name: str
    description: str
    framework: str
    status: str
    owner: str
    created_by: str
    issue_uri: str
    role: Role | None
    diagrams: int
    threats: int
    open_threats: int
    created_at: str
    modified_at: str
    deleted_at: str
    version: int


class StoredRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record with its version: the sequence number of the last event that changed it."""

    record: Record
    version: int
    created_at: str
    modified_at: str


class TrailQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are wanted; empty conditions do not count. Times are ISO 8601, `until` excluded."""

    record_id: str = ""
    kind: str = ""
    author: str = ""
    origin: str = ""
    correlation_id: str = ""
    since: str = ""
    until: str = ""
    after: int = 0


class TrailEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the audit trail, when the server stored it, and where it came from."""

    event: Event
    recorded_at: str
    remote_address: str = ""


class Uploads(Protocol):
    """Takes over the logs of models that grew up elsewhere."""

    def adopt(
        self, model_id: str, base_sequence: int, staged: Sequence[Staged], owner: str, head_hash: bytes
    ) -> None:
        """Append a part of a log in one transaction, all of it or nothing; the first part makes the model.

        The operations keep authors, times and bytes; `owner` becomes owner of a model that is made.
        HeadMoved when the log does not stand at `base_sequence`, Conflict when it would not end in
        `head_hash`.
        """


class Catalogue(Protocol):
    """Lists of models and records, and the history of each. Reading sees one moment."""

    def models(
        self, user_id: str | None, now: float, part: Slice, filters: Sequence[Filter] = (),
        *, deleted: bool = False,
    ) -> Page:  # fmt: skip
        """The models that a user may see (None: all), as `ModelEntry`, by any of its columns."""

    def model(self, model_id: str, user_id: str | None, now: float) -> ModelEntry | None:
        """One model, deleted or not; None when there is none or the user may not see it."""

    def delete(self, model_id: str, now: float) -> bool:
        """Move a model to the bin; False when it is there already. Conflict when there is no such model."""

    def restore(self, model_id: str) -> bool:
        """Take a model out of the bin; False when it is not in it. Conflict when there is no such model."""

    def purge(self, model_id: str) -> None:
        """Remove a model and all that belongs to it for good. Close its room first."""

    def records(self, model_id: str, kind: str, part: Slice, filters: Sequence[Filter] = ()) -> Page:
        """The records of one kind as `StoredRecord`, by the field table's columns; else as they were added.

        ValueError for a column that cannot be filtered or sorted by.
        """

    def record(self, model_id: str, kind: str, record_id: str) -> StoredRecord | None:
        """One record with its version."""

    def versions(self, model_id: str, record_ids: Iterable[str]) -> dict[str, int]:
        """The version of each record that is there or was removed."""

    def removed(self, model_id: str, kind: str = "") -> dict[str, int]:
        """The ids of removed records and the sequence number of their removal."""

    def trail(self, model_id: str, query: TrailQuery, part: Slice) -> Page:
        """The events that fit, as `TrailEntry`, oldest first unless `descending`."""

    def people(self, model_id: str) -> list[User]:
        """Everybody who may see a model, wrote in it, or was in a session of it, by name; at most 5,000."""

    def state_at(self, model_id: str, sequence_number: int) -> ModelState:
        """A model as it was after an event, for rollback. LibraryError when the log does not reach it."""

    def cells(self, model_id: str, diagram_id: str) -> list[dict[str, object]]:
        """The cells of a diagram from back to front, in the API's form."""

    def set_image(self, model_id: str, diagram_id: str, svg: str, update_vector: int) -> bool:
        """Keep a diagram's picture; False when a newer one is there or the diagram is not."""

    def image(self, model_id: str, diagram_id: str) -> tuple[str, int] | None:
        """A diagram's picture and the version that it shows."""
