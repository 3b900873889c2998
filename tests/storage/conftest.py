"""A library of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import SqlLibrary, open_library


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the library of the test lies; nothing is there yet."""
    return tmp_path / "data" / "library.db"


@pytest.fixture
def library(path: Path) -> Iterator[SqlLibrary]:
    """An open, empty library."""
    found = open_library(path)
    yield found
    found.close()
