"""Who may send which message: one table, and nothing else decides it."""

from collections.abc import Mapping
from typing import Final

from sync.protocol.messages import Role

_EVERYBODY: Final = frozenset(
    {
        "part", "resume", "renew", "leave", "heartbeat",
        "presenter_request", "presenter_grant", "presenter_deny", "presenter_hand_over",
        "presenter_take_back", "presenter_stop",
        "cursor", "selection", "viewport", "presenter_cursor", "presenter_selection", "presenter_viewport",
    }
)  # fmt: skip
_WRITERS: Final = _EVERYBODY | {"diagram_operation", "typing"}

ALLOWED: Final[Mapping[Role, frozenset[str]]] = {
    Role.READER: _EVERYBODY,
    Role.WRITER: _WRITERS,
    Role.OWNER: _WRITERS | {"remove_participant"},
}
# What the host may besides, whatever the role; the presenter's own rules stand in presenter.py.
HOST: Final = frozenset({"remove_participant", "mute_edits"})


def may(role: Role | None, message_type: str, *, is_host: bool = False) -> bool:
    """Whether a participant of this role (None: no access any more) may send such a message."""
    if role is None:
        return False
    return message_type in ALLOWED[role] or (is_host and message_type in HOST)
