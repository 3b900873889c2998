"""Threat models: lists, the bin, permissions, diagrams with cells, operations, events, history, groups."""

import hashlib
import threading
import uuid
from typing import Any

import httpx
import msgspec

from app.domain.ids import new_id
from app.ports_server import Filter, Slice
from storage.server import open_server
from sync.protocol.messages import PlacedOperation
from sync.server.app import TITLE
from tests.sync.server.running import Running, data


class Wrapper(msgspec.Struct):
    """An answer with events."""

    data: list[PlacedOperation]


SVG = '<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>'


def cells_of(count: int) -> list[dict[str, Any]]:
    """Nodes in the plain spelling."""
    return [
        {"id": new_id(), "type": "process", "position": {"x": 10 * n, "y": 0},
         "size": {"width": 100, "height": 50}, "properties": {"label": f"P{n}"}}
        for n in range(count)
    ]  # fmt: skip


def test_lists_show_what_one_may_see(server: Running, ada: httpx.Client, model: str) -> None:
    """Filters, sort and pages over models that the caller has a role on."""
    stamp = uuid.uuid4().hex
    for n in range(5):
        data(ada.post("/threat_models", json={"name": f"{stamp} {n}"}), 201)
    page = ada.get("/threat_models", params={"name": stamp, "sort": "name", "limit": 2, "page": 2})
    assert [one["name"][-1] for one in data(page)] == ["2", "3"]
    assert page.json()["meta"]["pagination"] == {"page": 2, "limit": 2, "total": 5, "pages": 3}
    with server.client("bob") as bob, server.client("admin") as admin:
        assert data(bob.get("/threat_models", params={"name": stamp})) == []
        assert len(data(admin.get("/threat_models", params={"name": stamp}))) == 5
    assert data(ada.get("/threat_models", params={"nmae": "x"}), 400)["details"]["field"] == "nmae"
    assert data(ada.get("/threat_models", params={"limit": "many"}), 400)["details"]["field"] == "limit"
    rights = data(ada.get(model))["permissions"]
    assert rights == {"current_user_role": "owner", "can_edit": True, "can_delete": True, "can_share": True}


def test_the_bin(server: Running, ada: httpx.Client, model: str) -> None:
    """A deleted model is gone for everything but its bin, and comes back whole."""
    data(ada.post(f"{model}/notes", json={"name": "N", "content": "c"}), 201)
    data(ada.delete(model, headers={"If-Match": '"0"'}), 412)
    data(ada.delete(model))
    data(ada.get(f"{model}/notes"), 404)
    data(ada.patch(model, json={"name": "x"}), 404)
    model_id = model.rpartition("/")[2]
    binned = data(ada.get("/threat_models", params={"deleted": True, "limit": 1000}))
    assert model_id in [one["id"] for one in binned]
    data(ada.post(f"{model}/restore"))
    assert len(data(ada.get(f"{model}/notes"))) == 1
    data(ada.post(f"{model}/restore"), 409)
    data(ada.patch(model, json={"name": "Again"}))


def test_idempotency_keys(ada: httpx.Client, model: str) -> None:
    """The same key does its work once; with another body it is refused."""
    key = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"name": "T"}
    first = ada.post(f"{model}/threats", json=body, headers=key)
    again = ada.post(f"{model}/threats", json=body, headers=key)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["etag"] == first.headers["etag"]
    assert len(data(ada.get(f"{model}/threats"))) == 1
    data(ada.post(f"{model}/threats", json={"name": "U"}, headers=key), 409)
    refused = {"Idempotency-Key": uuid.uuid4().hex}
    data(ada.post(f"{model}/threats", json={"name": ""}, headers=refused), 400)


def test_if_match_lets_one_of_many_through(server: Running, ada: httpx.Client, model: str) -> None:
    """Of writers that all saw the same version exactly one gets in."""
    made = data(ada.post(f"{model}/threats", json={"name": "T"}), 201)
    statuses: list[int] = []

    def write(number: int) -> None:
        with server.client("ada") as client:
            answer = client.patch(
                f"{model}/threats/{made['id']}", json={"description": str(number)},
                headers={"If-Match": str(made["version"])},
            )  # fmt: skip
            statuses.append(answer.status_code)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(statuses) == [200] + [412] * 11


def test_cells_are_put_whole_and_come_back_in_order(ada: httpx.Client, model: str) -> None:
    """The seed's `diagram_data.cells`: what is missing goes, with the flows at it."""
    diagram = data(ada.post(f"{model}/diagrams", json={"name": "D"}), 201)
    one = f"{model}/diagrams/{diagram['id']}"
    cells = cells_of(3)
    flow = {"id": new_id(), "type": "data_flow", "source": {"cell": cells[0]["id"]},
            "target": {"cell": cells[2]["id"]},
            "properties": {"label": "f", "protocol": "HTTPS"}}  # fmt: skip
    answer = ada.put(one, json={"name": "D", "diagram_data": {"cells": [*cells, flow]}})
    shown = data(answer)
    assert [cell["id"] for cell in shown["diagram_data"]["cells"]] == [c["id"] for c in [*cells, flow]]
    assert shown["diagram_data"]["cells"][3]["properties"]["protocol"] == "HTTPS"
    assert shown["diagram_data"]["cells"][0]["position"] == {"x": 0, "y": 0}
    assert shown["update_vector"] == shown["version"] == shown["diagram_data"]["metadata"]["sequence_number"]

    again = data(ada.put(one, json={"name": "D", "diagram_data": {"cells": shown["diagram_data"]["cells"]}}))
    assert again["version"] == shown["version"], "what was read and is put back changes nothing"

    late: dict[str, Any] = {"diagram_data": {"cells": []}}
    data(ada.patch(one, json=late, headers={"If-Match": f'"{diagram["version"]}"'}), 412)
    less = data(ada.patch(one, json={"diagram_data": {"cells": [*cells[:2], flow]}}))
    assert [cell["id"] for cell in less["diagram_data"]["cells"]] == [c["id"] for c in cells[:2]]
    assert data(ada.get(f"{model}/cells", params={"diagram_id": diagram["id"]}))[0]["label"] == "P0"
    wrong = {"diagram_data": {"cells": [{**cells[0], "properties": {"label": 5}}]}}
    assert data(ada.patch(one, json=wrong), 400)["details"]["field"] == "label"
    data(ada.delete(one))
    data(ada.post(f"{one}/restore"))
    assert len(data(ada.get(one))["diagram_data"]["cells"]) == 2, "its cells come back with it"


def test_pictures(ada: httpx.Client, model: str) -> None:
    """A picture stays until a newer one comes; what acts or loads is refused."""
    diagram = data(ada.post(f"{model}/diagrams", json={"name": "D"}), 201)
    where = f"{model}/diagrams/{diagram['id']}/svg_image"
    data(ada.get(where), 404)
    data(ada.put(where, json={"svg": SVG, "update_vector": diagram["version"]}))
    assert data(ada.get(where)) == {"svg": SVG, "update_vector": diagram["version"]}
    data(ada.put(where, json={"svg": SVG, "update_vector": diagram["version"] + 1}), 409)
    for bad in ("<svg/>", "no", SVG.replace("rect", "script"), SVG.replace("width", "onload"),
                '<!DOCTYPE x [<!ENTITY a "b">]>' + SVG):  # fmt: skip
        data(ada.put(where, json={"svg": bad, "update_vector": 0}), 400)


def test_operations_and_events(ada: httpx.Client, model: str) -> None:
    """An operation sent twice is one event; the chain of events can be checked from their bytes."""
    note = new_id()
    operation = {"operation_id": new_id(), "patch": [
        {"kind": "note", "id": note, "operation": "add", "data": {"name": "N", "content": "c"}},
        {"kind": "note", "id": new_id(), "operation": "update", "data": {"name": "gone"}},
    ]}  # fmt: skip
    first = data(ada.post(f"{model}/operations", json=operation))
    assert first["had_effect"]
    assert [one["reason"] for one in first["dropped"]] == ["is not known"]
    assert data(ada.post(f"{model}/operations", json=operation)) == first
    other = {**operation, "patch": []}
    data(ada.post(f"{model}/operations", json=other), 409)
    ahead = {"operation_id": new_id(), "patch": [], "base_sequence": 10**6}
    data(ada.post(f"{model}/operations", json=ahead), 409)

    answer = ada.get(f"{model}/events")
    events = data(answer)
    assert [one["sequence_number"] for one in events] == list(range(1, first["sequence_number"] + 1))
    bodies = [bytes(one.operation) for one in msgspec.json.decode(answer.content, type=Wrapper).data]
    previous = "00" * 32
    for one, body in zip(events, bodies, strict=True):
        assert one["previous_hash"] == previous
        place = one["sequence_number"].to_bytes(8, "big")
        previous = hashlib.sha256(place + bytes.fromhex(previous) + body).hexdigest()
        assert one["hash"] == previous
    tail = data(ada.get(f"{model}/events", params={"after": first["sequence_number"] - 1}))
    assert [one["hash"] for one in tail] == [previous]
    state = data(ada.get(f"{model}/state"))
    assert state["sequence_number"] == first["sequence_number"]
    assert note in [one["id"] for one in state["records"]]


def test_going_back(server: Running, ada: httpx.Client, model: str) -> None:
    """Rollback makes what an event touched as it was then, as a new operation; owners only."""
    threat = data(ada.post(f"{model}/threats", json={"name": "One"}), 201)
    one = f"{model}/threats/{threat['id']}"
    data(ada.patch(one, json={"name": "Two"}))
    data(ada.delete(one))
    where = f"{model}/audit_trail/{threat['version']}/rollback"
    with server.client("bob") as bob:
        grant = {"subject_type": "user", "subject_id": server.ids["bob"], "role": "writer"}
        data(ada.post(f"{model}/access", json=grant), 201)
        data(bob.post(where, json={}), 403)
    assert data(ada.post(where, json={}))["had_effect"]
    assert data(ada.get(one))["name"] == "One"
    newest = data(ada.get(f"{model}/audit_trail", params={"sort": "-sequence_number", "limit": 1}))[0]
    assert newest["title"] == f"Go back to number {threat['version']}"
    data(ada.post(where, json={"record_id": new_id()}), 400)
    data(ada.get(f"{model}/audit_trail/99999"), 404)


def test_access_and_groups(server: Running, ada: httpx.Client, model: str) -> None:
    """A group gives its members a role; the last owner stays; administrators make groups."""
    bob_id = server.ids["bob"]
    with server.client("admin") as admin, server.client("bob") as bob:
        data(ada.post("/groups", json={"group_name": "x"}), 403)
        name = uuid.uuid4().hex
        group = data(admin.post("/groups", json={"group_name": name}), 201)
        data(admin.post("/groups", json={"group_name": name}), 409)
        data(admin.post(f"/groups/{group['id']}/members", json={"user_id": bob_id}), 201)
        data(admin.post(f"/groups/{group['id']}/members", json={"user_id": bob_id}), 409)
        grant = {"subject_type": "group", "subject_id": group["id"], "role": "writer"}
        data(ada.post(f"{model}/access", json=grant), 201)
        assert data(bob.get(model))["permissions"]["current_user_role"] == "writer"
        data(bob.delete(model), 403)
        data(bob.post(f"{model}/access", json=grant), 403)
        data(ada.delete(f"{model}/access/user/{server.ids['ada']}"), 409)
        data(ada.put(f"{model}/access", json={"items": [grant]}), 409)
        data(ada.delete(f"{model}/access/group/{group['id']}"))
        data(bob.get(model), 404)
        assert data(admin.get(f"/groups/{group['id']}"))["member_count"] == 1
        data(admin.delete(f"/groups/{group['id']}/members/{bob_id}"))
        data(admin.delete(f"/groups/{group['id']}"))
        data(admin.get(f"/groups/{group['id']}"), 404)


def test_sessions(server: Running, ada: httpx.Client, model: str) -> None:
    """A model has one session at a time; its host or an owner ends it."""
    diagram = data(ada.post(f"{model}/diagrams", json={"name": "D"}), 201)
    where = f"{model}/diagrams/{diagram['id']}/collaborate"
    data(ada.get(where), 404)
    made = data(ada.post(where), 201)
    assert made["websocket_url"] == f"ws://tmi.test{model}/diagrams/{diagram['id']}/ws"
    assert data(ada.post(where))["session_id"] == made["session_id"]
    assert made["session_id"] in [one["session_id"] for one in data(ada.get("/collaboration/sessions"))]
    with server.client("bob") as bob:
        grant = {"subject_type": "user", "subject_id": server.ids["bob"], "role": "writer"}
        data(ada.post(f"{model}/access", json=grant), 201)
        data(bob.delete(where), 403)
    data(ada.delete(where))
    data(ada.get(where), 404)


def test_the_frame(server: Running, ada: httpx.Client, model: str) -> None:
    """Ids of requests, methods, media types, sizes, health and what is counted."""
    answer = ada.get(model, headers={"X-Request-ID": "my-own-1"})
    assert answer.headers["x-request-id"] == answer.json()["meta"]["request_id"] == "my-own-1"
    wrong = ada.post("/health")
    assert data(wrong, 405)["code"] == "METHOD_NOT_ALLOWED"
    assert wrong.headers["allow"] == "GET, OPTIONS"
    data(ada.get("/nowhere"), 404)
    form = {"Content-Type": "text/plain"}
    data(ada.post(f"{model}/notes", content=b"{}", headers=form), 415)
    plain = {"Content-Type": "application/json"}
    data(ada.post(f"{model}/notes", content=b'{"name":', headers=plain), 400)
    data(ada.post(f"{model}/notes", content=b"[" * 100_000, headers=plain), 400)
    deep = b'{"metadata":' * 50 + b"1" + b"}" * 50
    data(ada.post(f"{model}/notes", content=deep, headers=plain), 400)
    data(ada.post(f"{model}/notes", content=b" " * (17 * 1024 * 1024), headers=plain), 413)
    assert data(ada.get("/"))["name"] == TITLE
    assert data(ada.get("/ready"))["status"] == "ok"
    counted = ada.get("/metrics").text
    assert 'tmi_http_requests_total{method="GET",route="/health"' not in counted
    assert "tmi_commit_seconds_count" in counted
    assert data(ada.get("/health"))["waiting_operations"] == 0
    log = server.log()
    assert "my-own-1" in log
    assert server.tokens["ada"] not in log
    assert "eyJ" not in log


def test_only_owners_are_told_where_edits_came_from(server: Running, ada: httpx.Client, model: str) -> None:
    data(ada.post(f"{model}/notes", json={"name": "N", "content": "c"}), 201)
    guest = {"subject_type": "user", "subject_id": server.ids["bob"], "role": "writer"}
    data(ada.post(f"{model}/access", json=guest), 201)
    entries = data(ada.get(f"{model}/audit_trail"))
    assert {one["remote_address"] for one in entries} == {"127.0.0.1"}
    assert "127.0.0.1" not in ada.get(f"{model}/events").text
    with server.client("bob") as bob:
        entries = data(bob.get(f"{model}/audit_trail"))
        assert {one["remote_address"] for one in entries} == {None}


def test_whoever_takes_a_model_home_is_noted(server: Running, ada: httpx.Client, model: str) -> None:
    data(ada.get(f"{model}/state"))
    data(ada.get(f"{model}/events"))
    data(ada.get(f"{model}/events"))  # the same again a moment later is no news
    store = open_server(server.folder / "server.db", alongside=True)
    try:
        wanted = [Filter("type", "is", "exported"), Filter("model_id", "is", model.rsplit("/", 1)[1])]
        noted = store.chain.events(Slice(), wanted).items
        assert [(one.actor, one.address, one.details["what"]) for one in noted] == [
            (server.ids["ada"], "127.0.0.1", "history"), (server.ids["ada"], "127.0.0.1", "state"),
        ]  # fmt: skip
        assert store.chain.verify()[1] == ""
    finally:
        store.close()


def test_what_changes_who_may_do_what_is_in_the_servers_chain(
    server: Running, ada: httpx.Client, model: str
) -> None:
    """Grants, revocations, groups, members, invites and going back: who, whom, on which model, and whole."""
    bob, model_id = server.ids["bob"], model.rsplit("/", 1)[1]
    grant = {"subject_type": "user", "subject_id": bob, "role": "reader"}
    data(ada.post(f"{model}/access", json=grant), 201)
    data(ada.put(f"{model}/access", json={"items": [
        {"subject_type": "user", "subject_id": server.ids["ada"], "role": "owner"},
        {**grant, "role": "writer"},
    ]}))  # fmt: skip
    data(ada.delete(f"{model}/access/user/{bob}"))
    invite = data(ada.post(f"{model}/invites", json={"role": "reader"}), 201)["invite"]
    data(ada.delete(f"{model}/invites/{invite['id']}"))
    data(ada.post(f"{model}/notes", json={"name": "N", "content": "c"}), 201)
    data(ada.post(f"{model}/audit_trail/1/rollback", json={}))
    with server.client("admin") as admin:
        group = data(admin.post("/groups", json={"group_name": new_id()}), 201)["id"]
        data(admin.post(f"/groups/{group}/members", json={"user_id": bob}), 201)
        data(admin.delete(f"/groups/{group}/members/{bob}"))
        data(admin.patch(f"/groups/{group}", json={"name": "Other"}))
        data(admin.delete(f"/groups/{group}"))
    store = open_server(server.folder / "server.db", alongside=True)
    try:
        noted = store.chain.events(Slice(limit=200), [Filter("model_id", "is", model_id)]).items
        assert [(one.type, one.subject) for one in reversed(noted)] == [
            ("role_granted", bob), ("access_replaced", model_id), ("role_revoked", bob),
            ("invite_created", invite["id"]), ("invite_revoked", invite["id"]), ("rolled_back", model_id),
        ]  # fmt: skip
        assert {one.actor for one in noted} == {server.ids["ada"]}
        admins = store.chain.events(Slice(limit=200), [Filter("actor", "is", server.ids["admin"])]).items
        assert [one.type for one in reversed(admins) if group in (one.subject, one.details.get("group"))] == [
            "group_created", "member_added", "member_removed", "group_changed", "group_deleted",
        ]  # fmt: skip
        assert store.chain.verify()[1] == ""
    finally:
        store.close()


def test_a_flood_of_refusals_does_not_fill_the_chain(server: Running, model: str) -> None:
    with server.client("eve") as eve:
        for _ in range(5):
            data(eve.get(model), 404)
    store = open_server(server.folder / "server.db", alongside=True)
    try:
        wanted = [Filter("type", "is", "denied"), Filter("model_id", "is", model.rsplit("/", 1)[1])]
        assert store.chain.events(Slice(), wanted).total == 1
    finally:
        store.close()
