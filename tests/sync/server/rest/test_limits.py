"""How many requests are taken, from which pages, and whom it never holds up."""

from pathlib import Path

import pytest

from sync.server.auth.roles import need_of
from sync.server.auth.routes import ENDPOINTS
from sync.server.rest.endpoint import Endpoint
from sync.server.rest.table import all_endpoints
from tests.sync.server.running import data, running

WORDS = {"nobody": "ANYONE", "user": "SIGNED_IN"}


def test_rates_and_origins(tmp_path: Path) -> None:
    """Too many reads and strangers are told when to come again; edits go on, and so does health."""
    environment = {
        "TMI_SERVER_REQUESTS_PER_MINUTE": "5", "TMI_SERVER_REQUESTS_PER_MINUTE_ADDRESS": "4",
        "TMI_SERVER_AUTH_REQUESTS_PER_MINUTE": "2", "TMI_SERVER_CORS_ORIGINS": "https://app.example",
    }  # fmt: skip
    with running(tmp_path, environment) as server, server.client("ada") as ada, server.client() as nobody:
        assert [nobody.get("/").status_code for _ in range(6)] == [200] * 4 + [429] * 2
        assert [nobody.get("/oauth2/style.css").status_code for _ in range(3)][-1] == 429
        made = [ada.post("/threat_models", json={"name": "M"}).status_code for _ in range(20)]
        assert made == [201] * 20
        tokens = [nobody.post("/oauth2/token", data={"grant_type": "refresh_token"}) for _ in range(3)]
        assert tokens[-1].status_code == 429
        assert 1 <= int(tokens[-1].headers["retry-after"]) <= 60
        reads = [ada.get("/threat_models") for _ in range(6)]
        assert [one.status_code for one in reads] == [200] * 5 + [429]
        assert data(reads[-1], 429)["code"] == "RATE_LIMITED"
        assert 1 <= int(reads[-1].headers["retry-after"]) <= 60
        assert nobody.get("/health").status_code == 200
        ours = nobody.get("/health", headers={"Origin": "https://app.example"})
        assert ours.headers["access-control-allow-origin"] == "https://app.example"
        theirs = nobody.get("/health", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in theirs.headers


@pytest.mark.parametrize("endpoint", all_endpoints(ENDPOINTS), ids=lambda one: one.name)
def test_the_table_that_enforces_says_the_same(endpoint: Endpoint) -> None:
    """What an endpoint says that it needs is what the table of roles asks for."""
    need = need_of(endpoint.method, endpoint.path)
    assert need is not None
    assert need.name == WORDS.get(endpoint.needs, endpoint.needs.upper())


def test_who_edits_fast_is_never_turned_away(tmp_path: Path) -> None:
    """More edits than anybody makes by hand, under the limits as they are."""
    with running(tmp_path) as server, server.client("ada") as ada:
        model = data(ada.post("/threat_models", json={"name": "M"}), 201)["id"]
        note = {"name": "N", "content": "c"}
        made = [ada.post(f"/threat_models/{model}/notes", json=note).status_code for _ in range(150)]
        assert made == [201] * 150
