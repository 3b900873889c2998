"""Every kind of record behaves alike: one suite for all of them."""

import uuid
from typing import Any

import httpx
import pytest

from app.domain.fields import FieldType
from sync.server.rest.records import RESOURCES, Resource
from tests.sync.server.running import Running, data

EXAMPLES: dict[str, dict[str, Any]] = {
    "diagram": {"name": "Main"},
    "cell": {"type": "process", "label": "Web", "position": {"x": 1, "y": 2}},
    "threat": {"name": "Spoofing", "severity": "High", "tags": ["a", "b"]},
    "mitigation": {"name": "Sign"},
    "asset": {"name": "Cards", "type": "data"},
    "document": {"name": "Plan", "uri": "https://example.org/plan"},
    "note": {"name": "Note", "content": "# Text"},
    "repository": {"uri": "https://example.org/code.git"},
    "assumption": {"name": "TLS ends here"},
    "comment": {"text": "Why?"},
    "task": {"name": "Ask"},
    "saved_view": {"name": "Front door", "centre": {"x": 1, "y": 2}, "zoom": 1.5},
}
TEXT = {"cell": "description", "comment": "text", "saved_view": "name"}
kinds = pytest.mark.parametrize("resource", RESOURCES, ids=[one.kind for one in RESOURCES])


def example(ada: httpx.Client, model: str, resource: Resource) -> dict[str, Any]:
    """A body that creates one."""
    body = dict(EXAMPLES[resource.kind])
    if resource.kind == "cell":
        diagram = data(ada.post(f"{model}/diagrams", json={"name": "D"}), 201)
        body["diagram_id"] = diagram["id"]
    return body


@kinds
def test_a_record_lives_through_everything(ada: httpx.Client, model: str, resource: Resource) -> None:
    """Create, list, read, change with versions, remove, restore; the trail tells all of it."""
    many = f"{model}/{resource.plural}"
    body = example(ada, model, resource)
    answer = ada.post(many, json=body)
    made = data(answer, 201)
    assert {name: made[name] for name in body if name != "diagram_data"} == {
        name: value for name, value in body.items() if name != "diagram_data"
    }
    one = f"{many}/{made['id']}"
    assert answer.headers["location"] == one
    assert [item["id"] for item in data(ada.get(many))] == [made["id"]]

    read = ada.get(one)
    assert read.headers["etag"] == f'"{made["version"]}"' == answer.headers["etag"]
    text = TEXT.get(resource.kind, "description")
    changed = data(ada.patch(one, json={text: "new"}, headers={"If-Match": read.headers["etag"]}))
    assert changed[text] == "new"
    assert changed["version"] > made["version"]

    stale = data(ada.patch(one, json={text: "late"}, headers={"If-Match": read.headers["etag"]}), 412)
    assert stale["code"] == "VERSION_MISMATCH"
    assert stale["details"]["versions"] == {made["id"]: changed["version"]}
    assert data(ada.get(one))[text] == "new"

    replaced = data(ada.put(one, json=body, headers={"If-Match": str(changed["version"])}))
    default = resource.rules[text].default
    assert replaced[text] == body.get(text, default)

    data(ada.delete(one, headers={"If-Match": str(changed["version"])}), 412)
    data(ada.delete(one))
    assert data(ada.get(one), 404)["code"] == "NOT_FOUND"
    data(ada.patch(one, json={text: "x"}), 404)
    data(ada.delete(one), 404)
    assert data(ada.get(many)) == []
    back = data(ada.post(f"{one}/restore"))
    assert {name: back[name] for name in body} == body
    data(ada.post(f"{one}/restore"), 409)

    trail = data(ada.get(f"{one}/audit_trail"))
    verbs = [change["operation"] for entry in trail for change in entry["changes"]
             if change["id"] == made["id"]]  # fmt: skip
    assert verbs[0] == "add"
    assert verbs[-2:] == ["remove", "add"]
    assert {entry["author"] for entry in trail} == {data(ada.get(model))["owner_id"]}


@kinds
def test_bulk_is_all_or_nothing(ada: httpx.Client, model: str, resource: Resource) -> None:
    """Several are added, changed and removed by one operation each; one that may not stand stops all."""
    many, body = f"{model}/{resource.plural}", example(ada, model, resource)
    bulk, text = f"{many}/bulk", TEXT.get(resource.kind, "description")
    before = len(data(ada.get(many)))
    made = data(ada.post(bulk, json={"items": [body, body, body]}), 201)
    assert len({one["version"] for one in made}) == 1
    ids = [one["id"] for one in made]
    twice = {"items": [{**body, "id": str(uuid.uuid4())}, {**body, "id": ids[0]}]}
    data(ada.post(bulk, json=twice), 409)
    assert len(data(ada.get(many))) == before + 3

    late = [{"id": ids[0], "version": made[0]["version"], "changes": {text: "1"}},
            {"id": ids[1], "version": 0, "changes": {text: "2"}}]  # fmt: skip
    data(ada.patch(bulk, json={"items": late}), 412)
    assert data(ada.get(f"{many}/{ids[0]}"))[text] != "1"
    fine = [{"id": i, "version": made[0]["version"], "changes": {text: "yes"}} for i in ids]
    assert {one[text] for one in data(ada.patch(bulk, json={"items": fine}))} == {"yes"}

    data(ada.delete(bulk, params={"ids": ",".join([*ids, str(uuid.uuid4())])}), 404)
    data(ada.delete(bulk, params={"ids": ",".join(ids)}))
    assert len(data(ada.get(many))) == before


@kinds
def test_metadata_is_set_key_by_key(ada: httpx.Client, model: str, resource: Resource) -> None:
    """Keys are added, set, replaced and taken away."""
    made = data(ada.post(f"{model}/{resource.plural}", json=example(ada, model, resource)), 201)
    where = f"{model}/{resource.plural}/{made['id']}/metadata"
    data(ada.post(where, json={"key": "team", "value": "red"}), 201)
    data(ada.post(where, json={"key": "team", "value": "blue"}), 409)
    data(ada.put(f"{where}/team", json={"value": "blue"}))
    data(ada.put(f"{where}/unit", json={"value": "x"}))
    assert data(ada.get(where)) == [{"key": "team", "value": "blue"}, {"key": "unit", "value": "x"}]
    data(ada.put(where, json={"items": [{"key": "only", "value": "1"}]}))
    assert data(ada.get(f"{where}/only"))["value"] == "1"
    data(ada.delete(f"{where}/only"))
    data(ada.get(f"{where}/only"), 404)
    data(ada.put(f"{where}/bad key", json={"value": "x"}), 404)


@kinds
def test_what_may_not_stand_is_refused_by_name(ada: httpx.Client, model: str, resource: Resource) -> None:
    """The answer names the property and the reason, and nothing is written."""
    many, body = f"{model}/{resource.plural}", example(ada, model, resource)
    before = data(ada.get(model))["version"]
    for name, rule in resource.rules.items():
        if rule.type is FieldType.TEXT:
            wrong: Any = "x" * (int(rule.max or 0) + 1)
        elif rule.type is FieldType.FLAG:
            wrong = "perhaps"
        else:
            wrong = 12.5 if rule.type is not FieldType.NUMBER else (rule.max or 0) + 1
        error = data(ada.post(many, json={**body, name: wrong}), 400)
        assert error["code"] == "VALIDATION_ERROR"
        assert error["details"]["field"].startswith(name), name
    assert data(ada.post(many, json={**body, "strange": 1}), 400)["details"]["field"] == "strange"
    assert data(ada.get(model))["version"] == before


@kinds
def test_roles_decide(server: Running, ada: httpx.Client, model: str, resource: Resource) -> None:
    """A stranger finds nothing, a reader may not write, nobody at all must sign in."""
    many, body = f"{model}/{resource.plural}", example(ada, model, resource)
    with server.client("bob") as bob, server.client() as nobody:
        assert data(nobody.get(many), 401)["code"] == "UNAUTHORIZED"
        data(bob.get(many), 404)
        grant = {"subject_type": "user", "subject_id": server.ids["bob"], "role": "reader"}
        data(ada.post(f"{model}/access", json=grant), 201)
        data(bob.get(many))
        assert data(bob.post(many, json=body), 403)["code"] == "FORBIDDEN"
        data(ada.post(f"{model}/access", json={**grant, "role": "writer"}), 201)
        data(bob.post(many, json=body), 201)
