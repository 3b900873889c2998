"""A server process for this folder, a way to it, and a model on it that is fresh for each test."""

from collections.abc import Iterator

import pytest

from app.wiring.server import build
from sync.server.auth.accounts import create_account
from tests.sync.client.hands import PASSWORD
from tests.sync.server.live.hands import Place
from tests.sync.server.running import Running, running, settings_of


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that runs."""
    folder = tmp_path_factory.mktemp("client")
    with build(settings_of(folder)) as built:
        create_account(built.auth, "carla", PASSWORD, shown="Carla", must_change=False)
    with running(folder, {"TMI_SERVER_AUTH_REQUESTS_PER_MINUTE": "100000"}) as one:
        yield one


@pytest.fixture
def place(server: Running) -> Place:
    """A model of ada's that bob may write."""
    return Place(server)
