"""One server process for the tests of this folder that leave it running."""

from collections.abc import Iterator

import httpx
import pytest

from tests.sync.server.running import Running, data, running


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that runs, and on which nothing that is tried often is turned away at the door."""
    often = {"TMI_SERVER_AUTH_REQUESTS_PER_MINUTE": "1000000"}
    with running(tmp_path_factory.mktemp("server"), often) as one:
        yield one


@pytest.fixture
def ada(server: Running) -> Iterator[httpx.Client]:
    """Somebody who makes models."""
    with server.client("ada") as client:
        yield client


@pytest.fixture
def model(ada: httpx.Client) -> str:
    """The address of a model of ada's."""
    made = data(ada.post("/threat_models", json={"name": "Shop"}), 201)
    return f"/threat_models/{made['id']}"
