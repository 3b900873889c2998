"""A workspace over a real library in a temporary folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.workspace import Workspace
from storage import open_library


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An empty library, open."""
    library = open_library(tmp_path / "library.db")
    yield Workspace(library, "tester")
    library.close()
