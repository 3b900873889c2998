"""The live channel's messages and how they are written: our dialect and the plain one."""

from sync.protocol.codec import (
    MAX_DEPTH,
    MAX_FRAME_BYTES,
    MAX_MESSAGE_BYTES,
    ProtocolError,
    decode_client,
    decode_server,
    encode,
    event_of,
    placed,
)
from sync.protocol.messages import SUBPROTOCOL, ClientMessage, Reason, Role, ServerMessage
from sync.protocol.parts import Assembler, frames
from sync.protocol.seed import decode_seed, encode_seed, operation_to_seed

__all__ = [
    "MAX_DEPTH",
    "MAX_FRAME_BYTES",
    "MAX_MESSAGE_BYTES",
    "SUBPROTOCOL",
    "Assembler",
    "ClientMessage",
    "ProtocolError",
    "Reason",
    "Role",
    "ServerMessage",
    "decode_client",
    "decode_seed",
    "decode_server",
    "encode",
    "encode_seed",
    "event_of",
    "frames",
    "operation_to_seed",
    "placed",
]
