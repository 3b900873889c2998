"""How the HTTP server below us has to treat sockets."""

from typing import Any, Final

from sync.protocol.codec import MAX_FRAME_BYTES

PING_SECONDS: Final = 20.0
# A frame that is a little too large is answered with an error, a huge one ends the connection unread.
LARGEST_FRAME: Final = 2 * MAX_FRAME_BYTES


def socket_options() -> dict[str, Any]:
    """Arguments for `uvicorn.Config`: compression a message would halve what fan-out can carry."""
    return {
        "ws": "websockets-sansio",
        "ws_max_size": LARGEST_FRAME,
        "ws_per_message_deflate": False,
        "ws_ping_interval": PING_SECONDS,
        "ws_ping_timeout": PING_SECONDS,
    }
