"""The live channel: sockets, fan-out, presence, resumption. A `LiveHub` owns it, `channel` is its route.

The application holds the hub in its state as `live`, starts it with its own start, and calls `drain`
before it closes sockets.
"""

from sync.server.live.endpoint import channel
from sync.server.live.hub import LiveHub
from sync.server.live.process import prepare_process
from sync.server.live.sockets import socket_options

__all__ = ["LiveHub", "channel", "prepare_process", "socket_options"]
