"""The messages of the live channel, one struct each; `message_type` tells them apart.

Colours are `#rrggbb`, places are scene units, times ISO 8601 UTC. Who sent a message is never taken
from it: `participant_id` is filled in by the server and ignored when a client writes it.
"""

import enum
import re
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from app.domain.patch import Origin, Patch

SUBPROTOCOL: Final = "tmi.v1"
FARTHEST: Final = 1_000_000

Uuid = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", max_length=36)]
Name = Annotated[str, Meta(max_length=200)]
Line = Annotated[str, Meta(max_length=1000)]
Sequence = Annotated[int, Meta(ge=0, le=2**53)]
Coordinate = Annotated[float, Meta(ge=-FARTHEST, le=FARTHEST)]
Zoom = Annotated[float, Meta(gt=0, le=1000)]
Extent = Annotated[float, Meta(ge=0, le=FARTHEST)]
EndReason: TypeAlias = Literal[
    "ended", "idle", "removed", "superseded", "revoked", "shutdown", "expired", "signed_out"
]
Ids = Annotated[tuple[Uuid, ...], Meta(max_length=1000)]


def tag_of(class_name: str) -> str:
    """The `message_type` of a class."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name).lower()


class Message(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="message_type", tag=tag_of
):
    """What every message is."""


class Role(enum.StrEnum):
    """What a participant may do in a model, least first."""

    READER = "reader"
    WRITER = "writer"
    OWNER = "owner"


class Reason(enum.StrEnum):
    """Why an operation was refused."""

    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    OPERATION_ID_REUSED = "operation_id_reused"
    WRONG_MODEL = "wrong_model"
    TOO_LARGE = "too_large"
    AHEAD_OF_SERVER = "ahead_of_server"
    MUTED = "muted"
    BUSY = "busy"
    NOT_STORED = "not_stored"


class Participant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody in the session: one connection of one user. `away` while the connection is broken."""

    participant_id: str
    user_id: str
    name: str
    role: Role
    colour: str = ""
    away: bool = False


class Place(msgspec.Struct, frozen=True):
    """A point of a diagram."""

    x: Coordinate
    y: Coordinate


class Loss(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of an operation that had no place to go."""

    kind: str
    id: str
    property: str = ""
    reason: str


class Current(msgspec.Struct, frozen=True, kw_only=True):
    """A record as the server has it; `data` is null where there is none."""

    kind: str
    id: str
    data: dict[str, Any] | None


class PlacedOperation(msgspec.Struct, frozen=True, kw_only=True):
    """An event on the wire: `operation` holds the very bytes that `hash` was made from (hexadecimal)."""

    sequence_number: Sequence
    previous_hash: Annotated[str, Meta(max_length=64)]
    hash: Annotated[str, Meta(max_length=64)]
    operation: msgspec.Raw


# Operations


class DiagramOperation(Message, frozen=True, kw_only=True):
    """A client's edit: an ordered patch under an id that makes it safe to send again."""

    operation_id: Uuid
    patch: Patch
    base_sequence: Sequence = 0
    origin: Origin = Origin.LOCAL
    step: Annotated[str, Meta(max_length=64)] = ""
    title: Name = ""
    correlation_id: Annotated[str, Meta(max_length=64)] = ""
    causation_id: Annotated[str, Meta(max_length=64)] = ""


class Part(Message, frozen=True, kw_only=True):
    """A piece of the bytes of one message that is too large for a frame; pieces come in order."""

    part_of: Annotated[str, Meta(min_length=1, max_length=64)]
    number: Annotated[int, Meta(ge=0, le=100_000)]
    count: Annotated[int, Meta(ge=1, le=100_000)]
    data: bytes


class Events(Message, frozen=True, kw_only=True):
    """Events in the order of their sequence numbers, without gaps."""

    events: tuple[PlacedOperation, ...]


class Ack(Message, frozen=True, kw_only=True):
    """An operation is on disk; `sequence_number` is its place, or what it found when it did nothing."""

    operation_id: str
    sequence_number: Sequence
    had_effect: bool = True
    dropped: tuple[Loss, ...] = ()


class Rejected(Message, frozen=True, kw_only=True):
    """An operation was refused as a whole. `current` are the records it touched, as they stand.

    `retry` says that the same operation may be sent again as it is.
    """

    operation_id: str
    reason: Reason
    message: str
    sequence_number: Sequence
    details: tuple[Loss, ...] = ()
    current: tuple[Current, ...] = ()
    retry: bool = False


class Resume(Message, frozen=True, kw_only=True):
    """A client that has everything up to `after`, of the server's `epoch`, asks for what follows."""

    epoch: Annotated[str, Meta(max_length=64)]
    after: Sequence


class Resumed(Message, frozen=True, kw_only=True):
    """The replay is complete: what follows is live."""

    sequence_number: Sequence


class StateTooOld(Message, frozen=True, kw_only=True):
    """Fetch the state afresh, then resume from its sequence number; nothing is replayed until then."""

    reason: Literal["behind", "ahead", "epoch", "slow"]
    epoch: str
    sequence_number: Sequence


# The session


class Welcome(Message, frozen=True, kw_only=True):
    """The first message to a client: who it is, who is there, and where the log stands.

    While `muted` only the host's edits, and the presenter's, are taken. The connection ends after
    `sign_in_seconds` (0: never) unless it is renewed.
    """

    session_id: str
    participant_id: str
    role: Role
    epoch: str
    sequence_number: Sequence
    participants: tuple[Participant, ...]
    host: str = ""
    current_presenter: str = ""
    muted: bool = False
    max_frame_bytes: int = 0
    max_message_bytes: int = 0
    heartbeat_seconds: float = 0
    sign_in_seconds: float = 0


class Join(Message, frozen=True, kw_only=True):
    """Somebody came."""

    participant: Participant


class Leave(Message, frozen=True, kw_only=True):
    """A client goes, or the server says that somebody went."""

    participant_id: str = ""
    reason: Line = ""


class Participants(Message, frozen=True, kw_only=True):
    """Everybody who is there, after a change of roles, of the host, of who is away, or of what is muted."""

    participants: tuple[Participant, ...]
    host: str = ""
    muted: bool = False


class RemoveParticipant(Message, frozen=True, kw_only=True):
    """The host sends somebody out."""

    participant_id: Uuid
    reason: Line = ""


class MuteEdits(Message, frozen=True, kw_only=True):
    """The host takes nobody's edits but his own and the presenter's, or everybody's again."""

    muted: bool


class SessionEnded(Message, frozen=True, kw_only=True):
    """The session is over for the receiver; the connection closes after it."""

    reason: EndReason
    message: Line = ""


class Renew(Message, frozen=True, kw_only=True):
    """A client whose sign-in is about to end goes on with a fresh ticket, without connecting again."""

    ticket: Annotated[str, Meta(min_length=1, max_length=256)]


class Renewed(Message, frozen=True, kw_only=True):
    """The connection goes on for `sign_in_seconds` more."""

    sign_in_seconds: float


class Heartbeat(Message, frozen=True, kw_only=True):
    """Sent by either side when there is nothing else; answered with the same number."""

    number: Sequence = 0
    answer: bool = False


class Notice(Message, frozen=True, kw_only=True):
    """Something that people should be told."""

    level: Literal["info", "warning"] = "info"
    code: str
    message: Line


class Error(Message, frozen=True, kw_only=True):
    """A message could not be understood, or may not be sent by this participant."""

    code: str
    message: Line


# The presenter


class CurrentPresenter(Message, frozen=True, kw_only=True):
    """Who presents now; empty for nobody."""

    current_presenter: str = ""


class PresenterRequest(Message, frozen=True, kw_only=True):
    """Somebody would like to present; the server passes it to the host."""

    participant_id: str = ""


class PresenterGrant(Message, frozen=True, kw_only=True):
    """The host lets somebody present who asked."""

    participant_id: Uuid


class PresenterDeny(Message, frozen=True, kw_only=True):
    """The host does not, or who asked takes it back; the server passes it to the other one."""

    participant_id: Uuid


class PresenterHandOver(Message, frozen=True, kw_only=True):
    """The presenter or the host makes somebody else present."""

    participant_id: Uuid


class PresenterTakeBack(Message, frozen=True, kw_only=True):
    """The host presents again."""


class PresenterStop(Message, frozen=True, kw_only=True):
    """The presenter, or the host, has nobody present any more."""


# Presence: never sequenced, never stored, latest wins


class Presence(Message, frozen=True, kw_only=True):
    """What every presence message has; `participant_id` is filled in by the server."""

    participant_id: str = ""
    diagram_id: Uuid


class Cursor(Presence, frozen=True, kw_only=True):
    """Where somebody's pointer is; null when it left the diagram. `laser` while it draws a trail."""

    position: Place | None
    laser: bool = False


class Selection(Presence, frozen=True, kw_only=True):
    """What somebody has selected."""

    cells: Ids = ()


class Viewport(Presence, frozen=True, kw_only=True):
    """What somebody sees: the centre, the zoom, and how much in scene units, 0 when that is not known."""

    centre: Place
    zoom: Zoom
    width: Extent = 0.0
    height: Extent = 0.0


class Typing(Presence, frozen=True, kw_only=True):
    """Unfinished text of a property; empty when it is finished or dropped."""

    record_id: Uuid
    property: Annotated[str, Meta(max_length=128)] = "label"
    text: Annotated[str, Meta(max_length=4000)] = ""


class PresenterCursor(Presence, frozen=True, kw_only=True):
    """Where the presenter points; only the presenter's is passed on."""

    cursor_position: Place | None
    laser: bool = False


class PresenterSelection(Presence, frozen=True, kw_only=True):
    """What the presenter shows as selected."""

    cells: Ids = ()


class PresenterViewport(Presence, frozen=True, kw_only=True):
    """What the presenter sees, for those who follow; sizes as in `viewport`."""

    centre: Place
    zoom: Zoom
    width: Extent = 0.0
    height: Extent = 0.0


PresenceMessage: TypeAlias = (
    Cursor | Selection | Viewport | Typing | PresenterCursor | PresenterSelection | PresenterViewport
)


class Presences(Message, frozen=True, kw_only=True):
    """Several presence messages in one frame."""

    entries: tuple[PresenceMessage, ...]


ClientMessage: TypeAlias = (
    DiagramOperation | Part | Resume | Renew | Leave | RemoveParticipant | MuteEdits | Heartbeat
    | PresenterRequest | PresenterGrant | PresenterDeny | PresenterHandOver | PresenterTakeBack
    | PresenterStop
    | Cursor | Selection | Viewport | Typing | PresenterCursor | PresenterSelection | PresenterViewport
)  # fmt: skip
ServerMessage: TypeAlias = (
    Welcome | Events | Part | Ack | Rejected | Resumed | Renewed | StateTooOld
    | Join | Leave | Participants | SessionEnded | Heartbeat | Notice | Error
    | CurrentPresenter | PresenterRequest | PresenterDeny | Presences
)  # fmt: skip
