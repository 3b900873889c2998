"""A server's log on its way into a library: whatever interrupts it, it is the server's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import LibraryError
from app.domain.patch import Event
from app.ports import Attachment
from app.services.attaching import take_over
from storage import open_library
from tests.sync.laptop import Laptop

THERE = Attachment(server="https://server user", epoch="", role="writer")


class Interrupted(Exception):
    """What comes between."""


def broken_off(events: list[Event], after: int) -> Iterator[Event]:
    yield from events[:after]
    raise Interrupted


@pytest.mark.parametrize("after", [1, 2, 5])
def test_what_has_come_is_never_taken_for_the_librarys_own(tmp_path: Path, after: int) -> None:
    theirs = Laptop("Theirs").notes(3)
    library = open_library(tmp_path / "library.db")
    with pytest.raises(Interrupted):
        take_over(library, theirs.model_id, broken_off(theirs.events, after), THERE)
    library.close()
    library = open_library(tmp_path / "library.db")
    held = library.load(theirs.model_id)
    assert (held.attachment, held.sequence_number) == (THERE, after)
    assert library.verify().broken == ()
    library.close()


def test_a_log_with_a_hole_is_refused(tmp_path: Path) -> None:
    theirs = Laptop("Theirs").notes(3)
    library = open_library(tmp_path / "library.db")
    with pytest.raises(LibraryError, match="event 3"):
        take_over(library, theirs.model_id, theirs.events[:2] + theirs.events[3:], THERE)
    library.purge([theirs.model_id])
    assert take_over(library, theirs.model_id, theirs.events, THERE) == len(theirs.events)
    assert library.load(theirs.model_id).attachment == THERE
    library.close()
