"""A server process for this folder, a way to it, and a model on it that is fresh for each test."""

from collections.abc import Iterator

import pytest

from tests.sync.server.live.hands import Place
from tests.sync.server.running import Running, running


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that runs."""
    with running(tmp_path_factory.mktemp("client")) as one:
        yield one


@pytest.fixture
def place(server: Running) -> Place:
    """A model of ada's that bob may write."""
    return Place(server)
