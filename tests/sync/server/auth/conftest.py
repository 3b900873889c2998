"""A server for each test, and a browser with the desktop behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.server.auth.desktop import Desktop
from tests.sync.server.auth.serving import Host, Served


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    """The listener of all tests."""
    with Host() as one:
        yield one


@pytest.fixture
def server(host: Host, tmp_path: Path) -> Iterator[Served]:
    """A server with nothing in its store."""
    with host.serving(tmp_path) as running:
        yield running


@pytest.fixture
def desktop(server: Served) -> Iterator[Desktop]:
    """A desktop that signs in at the server."""
    with Desktop(server.url) as one:
        yield one
