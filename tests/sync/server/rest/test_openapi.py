"""The OpenAPI document is true: generated requests find nothing that it does not say."""

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.domain.records import RECORD_TYPES
from sync.server.rest.records import RESOURCES
from sync.server.rest.table import all_endpoints
from tests.manners import FULL, count, seed
from tests.sync.server.rest.test_records import example
from tests.sync.server.running import Running, data

# Signing out would end the run, and identity has tests of its own.
LEFT_OUT = "^/(oauth2|join|invites|me|groups)|/(restore|invites|tickets)"

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "response_headers_conformance,unsupported_method,ignored_auth,negative_data_rejection"
)


def test_every_kind_has_its_schemas(ada: httpx.Client) -> None:
    """The document names what creates, changes and is each kind, and its names are all there."""
    answer = ada.get("/openapi.json")
    document = answer.json()
    assert len(answer.content) < 1_000_000
    names = document["components"]["schemas"]
    for kind in RECORD_TYPES:
        name = "".join(part.capitalize() for part in kind.split("_"))
        assert {name, f"{name}Create", f"{name}Update"} <= set(names)
    told = {(method.upper(), path) for path, one in document["paths"].items() for method in one}
    assert {(one.method, one.path) for one in all_endpoints()} <= told
    ids = [op["operationId"] for one in document["paths"].values() for op in one.values()]
    assert len(ids) == len(set(ids))
    for reference in _references(document):
        _, *path = reference.split("/")
        found: Any = document
        for part in path:
            found = found[part]


def _references(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [one for inner in value.values() for one in _references(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in _references(inner)]
    return []


def _prepare(ada: httpx.Client, model: str, file: Path, other_user: str) -> None:
    """The document, with ids of things that are there, so that requests get past "not found"."""
    document = ada.get("/openapi.json").json()
    ids: dict[str, list[str]] = {}
    for resource in RESOURCES:
        many = f"{model}/{resource.plural}"
        ids[resource.plural] = [
            data(ada.post(many, json=example(ada, model, resource)), 201)["id"] for _ in range(5)
        ]
    for path, methods in document["paths"].items():
        plural = path.split("/")[3] if path.count("/") > 2 else ""
        for method, operation in methods.items():
            # What is to be removed is another one than what the rest is tried on.
            taken = ids.get(plural, [""])[2 if method == "delete" and path.endswith("{record_id}") else 0]
            known = {"threat_model_id": model.rpartition("/")[2], "record_id": taken, "sequence_number": "1"}
            for parameter in operation["parameters"]:
                if known.get(parameter["name"]):
                    parameter["schema"] = {"type": "string", "enum": [known[parameter["name"]]]}
            if path.endswith("/bulk") and method == "delete":
                (wanted,) = [one for one in operation["parameters"] if one["name"] == "ids"]
                wanted["schema"]["items"] = {"type": "string", "enum": ids[plural][3:]}
            elif path.endswith("/bulk") and method == "patch":
                items = _body(operation)["properties"]["items"]["items"]
                items["properties"]["id"] = {"type": "string", "enum": ids[plural][:2]}
    names = document["components"]["schemas"]
    # Only where a role is given: a whole list with nobody but this one in it would end our own.
    given = document["paths"]["/threat_models/{threat_model_id}/access"]["post"]
    given["requestBody"]["content"]["application/json"]["schema"] = {
        **names["GrantRequest"], "properties": {
            **names["GrantRequest"]["properties"],
            "subject_type": {"enum": ["user"]}, "subject_id": {"enum": [other_user]},
        },
    }  # fmt: skip
    for kind in ("Cell", "Threat", "Comment"):
        for name in (f"{kind}Create", f"{kind}Update"):
            if "diagram_id" in names[name]["properties"]:
                names[name]["properties"]["diagram_id"] = {"enum": [ids["diagrams"][0]]}
    file.write_text(json.dumps(document), "utf-8")


def _body(operation: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
    return schema


def _answers(log: str) -> dict[str, Counter[int]]:
    """How often each endpoint answered with each status."""
    found: dict[str, Counter[int]] = {}
    for line in log.splitlines():
        entry = json.loads(line)
        if entry.get("message") == "request":
            name = f"{entry['method']} {entry['route']}"
            found.setdefault(name, Counter())[entry["status"]] += 1
    return found


def test_generated_requests_find_no_violation(
    server: Running, ada: httpx.Client, model: str, tmp_path: Path
) -> None:
    """schemathesis over the document, signed in: in an ordinary run two kinds, in a full one everything."""
    pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    document = tmp_path / "openapi.json"
    _prepare(ada, model, document, server.ids["bob"])
    answers = _run(server, document, "fuzzing")
    every = sum(answers.values(), Counter())
    # The run asks once more without signing in where it was let in.
    del every[401]
    done_well = sum(n for status, n in every.items() if status < 300)
    assert done_well > every.total() * 0.25, "most requests must get past the door"
    if FULL:
        # What is malformed on purpose comes apart: the share of it that is let in says nothing.
        for name, one in _run(server, document, "coverage").items():
            answers.setdefault(name, Counter()).update(one)
        # What has no route is no endpoint: methods that an address does not have are tried, too.
        answers = {name: one for name, one in answers.items() if not name.endswith(" unknown")}
        _tell(answers)
        never = [name for name, one in answers.items() if min(one) >= 300 and "metadata/" not in name]
        assert len(never) < len(answers) * 0.1, never


def _run(server: Running, document: Path, phase: str) -> dict[str, Counter[int]]:
    """One kind of generated requests; what each endpoint answered. Fails on any violation."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run",
        str(document), "--url", server.url, "--header",
        f"Authorization: Bearer {server.tokens['ada']}", "--checks", CHECKS, "--phases",
        phase, "--max-examples", str(count(3, 50)),
        "--seed", str(seed()), "--exclude-path-regex", LEFT_OUT, "--exclude-operation-id",
        "delete_threat_model", "--no-color", "--suppress-health-check", "all", "--continue-on-failure",
    ]  # fmt: skip
    if not FULL:
        kinds = "|".join(one.plural for one in random.Random(seed()).sample(RESOURCES, 2))
        command += ["--include-path-regex", f"^/threat_models(/[^/]*(/({kinds}|operations|access)(/.*)?)?)?$"]
    before = len(server.log())
    done = subprocess.run(
        command, cwd=document.parent, capture_output=True, text=True, check=False,
        timeout=7200 if FULL else 240,
    )  # fmt: skip
    told = done.stdout[max(0, done.stdout.find("= FAILURES")) :]
    assert done.returncode == 0, told[:6000] + done.stdout[-1000:] + done.stderr[-2000:]
    return _answers(server.log()[before:])


def _tell(answers: dict[str, Counter[int]]) -> None:
    """How often each endpoint answered with each status, those that let in least first."""
    for name, one in sorted(answers.items(), key=lambda told: _share(told[1])):
        print(f"{_share(one):6.1%} 2xx  {name}  {dict(sorted(one.items()))}")
    every = sum(answers.values(), Counter())
    print(f"schemathesis: {every.total()} requests, {dict(sorted(every.items()))}")


def _share(one: Counter[int]) -> float:
    return sum(n for status, n in one.items() if status < 300) / one.total()
