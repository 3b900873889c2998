"""The pure engine of the server: one `Room` orders a model's operations, one `Meeting` its people."""

from sync.room.meeting import Arrival, Meeting
from sync.room.outbox import Outbox, OutboxLimits
from sync.room.outputs import Announce, Answer, Broadcast, Close, Output, PlacedEvent, Show, WrittenEvent
from sync.room.policy import Patience
from sync.room.recent import FromLog, FromMemory, frames_of
from sync.room.room import Batch, Request, Room, RoomFault, RoomLimits, WorkedOut

__all__ = [
    "Announce",
    "Answer",
    "Arrival",
    "Batch",
    "Broadcast",
    "Close",
    "FromLog",
    "FromMemory",
    "Meeting",
    "Outbox",
    "OutboxLimits",
    "Output",
    "Patience",
    "PlacedEvent",
    "Request",
    "Room",
    "RoomFault",
    "RoomLimits",
    "Show",
    "WorkedOut",
    "WrittenEvent",
    "frames_of",
]
