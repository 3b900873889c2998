"""The table of roles, cell by cell, against a file that was written apart from it."""

import csv
from pathlib import Path
from typing import Any, get_args

import pytest
from litestar.handlers import HTTPRouteHandler

from app.ports_server import Role
from sync.protocol.messages import ClientMessage, tag_of
from sync.server.auth import roles
from sync.server.auth.roles import TABLE, Need, judge, key_of, may_send, need_of
from sync.server.auth.routes import ENDPOINTS, auth_routes
from sync.server.rest.table import all_endpoints

FILE = Path(__file__).with_name("expected_roles.csv")
WHO: dict[str, dict[str, Any]] = {
    "owner": {"signed_in": True, "role": "owner"},
    "writer": {"signed_in": True, "role": "writer"},
    "reader": {"signed_in": True, "role": "reader"},
    "none": {"signed_in": True},
    "anonymous": {"signed_in": False},
    "administrator": {"signed_in": True, "administrator": True},
    "guest": {"signed_in": True, "guest": True},
}
NEEDS = {
    "nobody": {Need.ANYONE}, "user": {Need.SIGNED_IN}, "account": {Need.ACCOUNT}, "reader": {Need.READER},
    "writer": {Need.WRITER}, "owner": {Need.OWNER}, "administrator": {Need.ADMINISTRATOR},
    "founder": {Need.FOUNDER},
}  # fmt: skip


def expected() -> dict[str, dict[str, str]]:
    """The file: endpoint or message to role to answer."""
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {row.pop("endpoint"): row for row in csv.DictReader(lines)}


def _split(place: str) -> tuple[str, str]:
    method, _, path = place.partition(" ")
    return method, path


EXPECTED = expected()
PLACES = {name: row for name, row in EXPECTED.items() if not name.startswith("MESSAGE ")}
MESSAGES = {name[8:]: row for name, row in EXPECTED.items() if name.startswith("MESSAGE ")}


@pytest.mark.parametrize("who", WHO)
def test_endpoints(who: str) -> None:
    """Each cell of a column; a test a cell would take minutes."""
    wrong = [
        f"{place}: {found}, and should be {row[who]}"
        for place, row in PLACES.items()
        if (found := judge(need_of(*_split(place)), **WHO[who])) != row[who]
    ]
    assert not wrong


@pytest.mark.parametrize("who", ["owner", "writer", "reader", "none", "anonymous"])
def test_messages(who: str) -> None:
    role: Role | None = WHO[who].get("role")
    wrong = []
    for message, row in MESSAGES.items():
        kind, _, host = message.partition(" + ")
        if may_send(role, kind, is_host=bool(host)) != (row[who] == "allow"):
            wrong.append(message)
    assert not wrong


def test_file_and_table_have_the_same_rows() -> None:
    assert {key_of(*_split(place)) for place in PLACES} == set(TABLE)
    sent = {tag_of(kind.__name__) for kind in get_args(ClientMessage)}
    assert {name for name in MESSAGES if " + " not in name} == sent


def test_every_endpoint_of_the_api_is_in_the_table() -> None:
    for endpoint in all_endpoints(ENDPOINTS):
        need = need_of(endpoint.method, endpoint.path)
        assert need in NEEDS[endpoint.needs], f"{endpoint.method} {endpoint.path}"


def test_every_route_of_identity_is_in_the_table() -> None:
    for handler in auth_routes():
        assert isinstance(handler, HTTPRouteHandler)
        for path in handler.paths:
            for method in handler.http_methods:
                assert need_of(str(method), path) is not None, path


def test_what_is_not_in_the_table_is_forbidden() -> None:
    assert need_of("GET", "/threat_models/{threat_model_id}/secrets") is None
    assert judge(None, signed_in=True, role="owner", administrator=True) == "403"
    assert judge(None, signed_in=False) == "401"


def test_head_counts_as_get_and_questions_of_browsers_are_open() -> None:
    assert need_of("HEAD", "/threat_models/{x}") is Need.READER
    assert need_of("OPTIONS", "/threat_models/{x}") is Need.ANYONE
    assert roles.key_of("GET", "/threat_models/{id:uuid}/") == "GET /threat_models/{}"
