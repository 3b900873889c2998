"""The errors of the API: one table of codes, and one map from whatever was raised to one of them."""

from collections.abc import Mapping
from typing import Any, Final

from litestar.exceptions import HTTPException

from app.domain.errors import InvalidData, LibraryError, TmiError
from app.ports_server import Conflict, LastOwner
from sync.protocol.messages import Reason, Rejected

# Code to status and what it says when nothing better is known.
CODES: Final[Mapping[str, tuple[int, str]]] = {
    "BAD_REQUEST": (400, "The request could not be understood"),
    "VALIDATION_ERROR": (400, "Request validation failed"),
    "UNAUTHORIZED": (401, "Sign in first"),
    "FORBIDDEN": (403, "You may not do that"),
    "NOT_FOUND": (404, "There is no such thing"),
    "METHOD_NOT_ALLOWED": (405, "This cannot be done here"),
    "NOT_ACCEPTABLE": (406, "The answer is JSON"),
    "CONFLICT": (409, "This contradicts what is there"),
    "IDEMPOTENCY_CONFLICT": (409, "This idempotency key came with another request, or is at work"),
    "GONE": (410, "This is no longer there"),
    "VERSION_MISMATCH": (412, "It has been changed since you read it"),
    "PAYLOAD_TOO_LARGE": (413, "The request is too large"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "Send JSON"),
    "PRECONDITION_REQUIRED": (428, "Send If-Match with the version that you have read"),
    "RATE_LIMITED": (429, "Too many requests"),
    "HEADERS_TOO_LARGE": (431, "The headers are too large"),
    "INTERNAL_ERROR": (500, "Something went wrong here"),
    "UNAVAILABLE": (503, "Try again in a moment"),
}
_BY_STATUS: Final = {status: code for code, (status, _) in reversed(tuple(CODES.items()))}
_BY_REASON: Final[Mapping[Reason, str]] = {
    Reason.INVALID: "VALIDATION_ERROR",
    Reason.FORBIDDEN: "FORBIDDEN",
    Reason.OPERATION_ID_REUSED: "CONFLICT",
    Reason.WRONG_MODEL: "CONFLICT",
    Reason.TOO_LARGE: "PAYLOAD_TOO_LARGE",
    Reason.AHEAD_OF_SERVER: "CONFLICT",
    Reason.BUSY: "UNAVAILABLE",
    Reason.NOT_STORED: "UNAVAILABLE",
}


class Problem(Exception):
    """What a client is told: a code of CODES, one line for people, details for programs, headers."""

    def __init__(
        self, code: str, message: str = "", details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.code = code
        self.status, usual = CODES[code]
        self.message = message or usual
        self.details = dict(details or {})
        self.headers = dict(headers or {})
        super().__init__(self.message)


class Refused(TmiError):
    """A room refused an operation; `rejected` is what the author is told."""

    def __init__(self, rejected: Rejected) -> None:
        self.rejected = rejected
        super().__init__(rejected.message)


class VersionMismatch(TmiError):
    """An operation was meant for another version; `versions` are those of the records now."""

    def __init__(self, versions: Mapping[str, int]) -> None:
        self.versions = dict(versions)
        super().__init__("it has been changed since you read it")


class NoSuchModel(TmiError):
    """There is no model of that id."""

    def __init__(self) -> None:
        super().__init__("there is no such threat model")


def _of_refusal(error: Refused) -> Problem:
    told = error.rejected
    details: dict[str, Any] = {"reason": str(told.reason), "operation_id": told.operation_id}
    if told.details:
        first = told.details[0]
        details |= {"field": first.property, "record": first.id, "kind": first.kind, "reason": first.reason}
    headers = {"Retry-After": "1"} if told.retry else {}
    return Problem(_BY_REASON[told.reason], told.message, details, headers)


def _of_http(error: HTTPException) -> Problem:
    code = _BY_STATUS.get(error.status_code, "INTERNAL_ERROR" if error.status_code >= 500 else "BAD_REQUEST")
    details: dict[str, Any] = {}
    extra = error.extra
    if isinstance(extra, list) and extra and isinstance(extra[0], dict):
        code = "VALIDATION_ERROR"
        details = {
            "field": str(extra[0].get("key", "")),
            "reason": str(extra[0].get("message", ""))[:300],
        }
    message = "" if error.status_code in (404, 405, 500) else str(error.detail)[:300]
    headers = {k: v for k, v in (error.headers or {}).items() if k.lower() in ("allow", "retry-after")}
    return Problem(code, message, details, headers)


def problem_of(error: Exception) -> Problem:
    """What a client is told of whatever was raised. An error that nobody expected tells nothing."""
    match error:
        case Problem():
            return error
        case Refused():
            return _of_refusal(error)
        case VersionMismatch():
            return Problem("VERSION_MISMATCH", str(error).capitalize(), {"versions": error.versions})
        case NoSuchModel():
            return Problem("NOT_FOUND", "There is no such threat model")
        case InvalidData():
            details = {"field": error.prop, "reason": error.reason, "kind": error.kind}
            return Problem("VALIDATION_ERROR", str(error)[:300], details)
        case LastOwner():
            return Problem("CONFLICT", "Somebody must stay owner of the threat model")
        case Conflict():
            return Problem("CONFLICT", str(error)[:300])
        case LibraryError():
            return Problem("UNAVAILABLE", headers={"Retry-After": "1"})
        case TmiError():
            return Problem("BAD_REQUEST", str(error)[:300])
        case HTTPException():
            return _of_http(error)
    return Problem("INTERNAL_ERROR")
