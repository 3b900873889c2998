"""The OpenAPI document, made from the very table that the routes are made from."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sync.server.errors import CODES
from sync.server.rest import shapes as s
from sync.server.rest.endpoint import Endpoint

VERSION: Final = "3.1.0"
_META: Final = s.thing(
    {
        "timestamp": {"type": "string", "format": "date-time"},
        "request_id": {"type": "string"},
        "pagination": s.nullable(s.ref("Pagination")),
    },
    ("timestamp", "request_id", "pagination"),
)
_COUNT: Final = {"type": "integer", "minimum": 0}
_PAGING: Final = {"page": _COUNT, "limit": _COUNT, "total": _COUNT, "pages": _COUNT}
WRAPPER: Final[Mapping[str, s.Shape]] = {
    "Meta": _META,
    "Pagination": s.thing(_PAGING, tuple(_PAGING)),
    "Error": s.thing(
        {"code": s.words(*CODES), "message": {"type": "string"}, "details": {"type": "object"}},
        ("code", "message", "details"),
    ),
    "ErrorAnswer": s.thing(
        {
            "success": {"type": "boolean", "const": False},
            "data": {"type": "null"},
            "error": s.ref("Error"),
            "meta": s.ref("Meta"),
        },
        ("success", "data", "error", "meta"),
    ),
}


def _answer_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_")) + "Answer"


def _wrapped(data: s.Shape) -> s.Shape:
    return s.thing(
        {
            "success": {"type": "boolean", "const": True},
            "data": data,
            "error": {"type": "null"},
            "meta": s.ref("Meta"),
        },
        ("success", "data", "error", "meta"),
    )


def _codes(one: Endpoint) -> list[str]:
    """What an endpoint may refuse with."""
    codes = ["BAD_REQUEST", "NOT_ACCEPTABLE", "PAYLOAD_TOO_LARGE", "RATE_LIMITED", "HEADERS_TOO_LARGE",
             "INTERNAL_ERROR", "UNAVAILABLE", *one.errors]  # fmt: skip
    if one.needs != "nobody":
        codes += ["UNAUTHORIZED", "FORBIDDEN"]
    if one.parameters:
        codes.append("NOT_FOUND")
    if one.body is not None:
        codes.append("UNSUPPORTED_MEDIA_TYPE")
    if one.writes:
        codes.append("IDEMPOTENCY_CONFLICT")
    if one.versioned:
        codes += ["VERSION_MISMATCH", "PRECONDITION_REQUIRED"]
    return codes


def _responses(one: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] = {}
    answer = {"application/json": {"schema": s.ref(_answer_name(one.name))}}
    headers: dict[str, Any] = {"X-Request-ID": {"schema": {"type": "string"}}}
    if one.versioned or (one.method == "GET" and one.parameters):
        headers["ETag"] = {"schema": {"type": "string"}, "description": "the version"}
    for status in (one.status, *one.also):
        found[str(status)] = {"description": one.text, "content": answer, "headers": headers}
    for status in sorted({CODES[code][0] for code in _codes(one)}):
        found[str(status)] = {"$ref": f"#/components/responses/Error{status}"}
    return found


def _refusals() -> dict[str, Any]:
    """One answer a status, with the codes that it may have."""
    by_status: dict[int, list[str]] = {}
    for code, (status, text) in CODES.items():
        by_status.setdefault(status, []).append(f"{code}: {text}")
    content = {"application/json": {"schema": s.ref("ErrorAnswer")}}
    return {
        f"Error{status}": {"description": "; ".join(texts), "content": content}
        for status, texts in sorted(by_status.items())
    }


def _parameters(one: Endpoint) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": one.parameters[name]}
        for name in re.findall(r"\{(\w+)\}", one.path)
    ]
    for query in one.query:
        made: dict[str, Any] = {
            "name": query.name, "in": "query", "required": query.required, "schema": query.shape,
            "description": query.text,
        }  # fmt: skip
        if query.many:
            made |= {"style": "form", "explode": False}
        found.append(made)
    if one.versioned:
        text = "the version that the change is meant for, as ETag gave it; * for any"
        schema = {"type": "string", "pattern": r'^(\*|(W/)?"?[0-9]{1,16}"?)$'}
        found.append({"name": "If-Match", "in": "header", "required": False, "schema": schema,
                      "description": text})  # fmt: skip
    if one.writes and one.needs != "nobody":
        text = "what is sent again under the same key is done once, and answered as the first time"
        schema = {"type": "string", "pattern": r"^[!-~]{1,255}$"}
        found.append({"name": "Idempotency-Key", "in": "header", "required": False, "schema": schema,
                      "description": text})  # fmt: skip
    return found


def document(
    endpoints: Iterable[Endpoint], names: Mapping[str, s.Shape], *, title: str, version: str, address: str
) -> dict[str, Any]:
    """The document. `names` are the named schemas."""
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, s.Shape] = {**WRAPPER, **names}
    for one in endpoints:
        schemas[_answer_name(one.name)] = _wrapped(one.data)
        made: dict[str, Any] = {
            "operationId": one.name, "tags": [one.tag], "summary": one.text.splitlines()[0],
            "parameters": _parameters(one), "responses": _responses(one),
            "security": [{"bearer": []}] if one.needs != "nobody" else [],
        }  # fmt: skip
        if one.body is not None:
            made["requestBody"] = {
                "required": True, "content": {"application/json": {"schema": one.body}}
            }  # fmt: skip
        paths.setdefault(one.path, {})[one.method.lower()] = made
    return {
        "openapi": VERSION,
        "info": {"title": title, "version": version},
        "servers": [{"url": address}],
        "paths": {path: paths[path] for path in sorted(paths)},
        "components": {
            "schemas": {name: schemas[name] for name in sorted(schemas)},
            "responses": _refusals(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }
