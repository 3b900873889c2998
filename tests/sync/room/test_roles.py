"""The role table, cell by cell, against a table written by hand."""

from typing import get_args

import pytest

from sync.protocol import messages as m
from sync.protocol.messages import Role
from sync.room.roles import may

# reader, writer, owner, reader who hosts, no role
BY_HAND = """
mute_edits            - - - h -
presenter_stop        r w o h -
diagram_operation     - w o - -
part                  r w o h -
resume                r w o h -
renew                 r w o h -
leave                 r w o h -
remove_participant    - - o h -
heartbeat             r w o h -
presenter_request     r w o h -
presenter_grant       r w o h -
presenter_deny        r w o h -
presenter_hand_over   r w o h -
presenter_take_back   r w o h -
cursor                r w o h -
selection             r w o h -
viewport              r w o h -
typing                - w o - -
presenter_cursor      r w o h -
presenter_selection   r w o h -
presenter_viewport    r w o h -
"""
ROWS = [line.split() for line in BY_HAND.strip().splitlines()]
WHO: list[tuple[Role | None, bool]] = [
    (Role.READER, False), (Role.WRITER, False), (Role.OWNER, False), (Role.READER, True), (None, False),
]  # fmt: skip


def test_the_table_is_whole() -> None:
    """AUTH-1."""
    assert {row[0] for row in ROWS} == {m.tag_of(c.__name__) for c in get_args(m.ClientMessage)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
@pytest.mark.parametrize("column", range(5))
def test_each_cell(row: list[str], column: int) -> None:
    """AUTH-1."""
    role, is_host = WHO[column]
    assert may(role, row[0], is_host=is_host) == (row[column + 1] != "-")


def test_unknown_messages_are_nobodys() -> None:
    """AUTH-1."""
    assert not any(may(role, "nonsense", is_host=True) for role in (*Role, None))
