"""The wrapper that every answer of the API has: `{success, data, error, meta}`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from litestar import Request, Response

from app.ports_server import StoredResponse
from sync.server.context import request_id_of, services_of
from sync.server.errors import Problem

JSON: Final = "application/json"
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True)
class Paging:
    """Which page of how many things."""

    page: int
    limit: int
    total: int

    def as_json(self) -> dict[str, int]:
        """As it stands in `meta`."""
        pages = -(-self.total // self.limit)
        return {"page": self.page, "limit": self.limit, "total": self.total, "pages": pages}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a handler found: data for the wrapper, a status, headers, and where a list stands."""

    data: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    paging: Paging | None = None


def timestamp(now: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _wrapped(
    request: Request[Any, Any, Any], *, success: bool, data: Any = None,
    error: Mapping[str, Any] | None = None, paging: Paging | None = None,
) -> bytes:  # fmt: skip
    meta = {
        "timestamp": timestamp(services_of(request).clock()),
        "request_id": request_id_of(request),
        "pagination": paging.as_json() if paging is not None else None,
    }
    return _encoder.encode({"success": success, "data": data, "error": error, "meta": meta})


def stored(request: Request[Any, Any, Any], answer: Answer) -> StoredResponse:
    """An answer in its wrapper, as bytes."""
    body = _wrapped(request, success=True, data=answer.data, paging=answer.paging)
    return StoredResponse(answer.status, dict(answer.headers), body)


def sent(response: StoredResponse) -> Response[bytes]:
    """An answer on its way."""
    return Response(
        response.body, status_code=response.status, headers=dict(response.headers), media_type=JSON
    )


def refused(request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    """A problem in the wrapper."""
    error = {"code": problem.code, "message": problem.message, "details": problem.details}
    body = _wrapped(request, success=False, error=error)
    return Response(body, status_code=problem.status, headers=problem.headers, media_type=JSON)
