"""Requests to one server: sent again where that is safe, answers decoded, failures put into one family."""

import asyncio
import math
import random
import socket
import ssl
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple, Protocol, TypeVar

import anyio
import httpx
import msgspec

from sync.client.address import host_and_port, is_near
from sync.client.errors import (
    Busy,
    Conflict,
    Denied,
    NotFound,
    Outdated,
    Refused,
    ServerError,
    ServerFault,
    SignInNeeded,
    Unreachable,
    Untrusted,
)
from sync.client.shapes import Failure, Paging, Wrapper
from sync.client.trust import NOT_TRUSTED, trusted_context

T = TypeVar("T")
TIMES: Final = httpx.Timeout(30.0, connect=10.0, pool=30.0)
CONNECTIONS: Final = httpx.Limits(max_connections=20, max_keepalive_connections=8, keepalive_expiry=30.0)
ATTEMPTS: Final = 3
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 5.0
LARGEST_ANSWER: Final = 512 * 1024 * 1024
# From this many bytes decoding would hold up the loop.
LARGE: Final = 256 * 1024
AGAIN: Final = frozenset({502, 503, 504})
SAFE: Final = frozenset({"GET", "PUT", "DELETE"})
JSON: Final = {"Content-Type": "application/json"}
_failure = msgspec.json.Decoder(Wrapper)


class Tokens(Protocol):
    """Where the access token of an account comes from."""

    async def access_token(self) -> str:
        """A token that is good now; SignInNeeded when there is none to be had."""

    async def renewed(self, refused: str) -> str:
        """Another token than this one, which the server has refused; SignInNeeded when there is none."""


class Reply(NamedTuple):
    """An answer that came, whatever it says."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ServerHttp:
    """The way to one server, shared by all that speak with it. Close it when done."""

    def __init__(self, address: str, client: httpx.AsyncClient, tls: ssl.SSLContext | None) -> None:
        self.address = address
        self.tls = tls
        self.name = host_and_port(address)[0]
        self._client = client

    @classmethod
    async def open(cls, address: str, fingerprint: str = "") -> "ServerHttp":
        """A way that trusts the system's authorities, or only the certificate of this fingerprint."""
        await asyncio.get_running_loop().run_in_executor(None, _load_backend)
        tls = await trusted_context(address, fingerprint)
        client = httpx.AsyncClient(
            base_url=address, timeout=TIMES, limits=CONNECTIONS, follow_redirects=False,
            verify=tls if tls is not None else False, trust_env=not is_near(host_and_port(address)[0]),
            headers={"Accept": "application/json", "User-Agent": "tmi-desktop"},
        )  # fmt: skip
        return cls(address, client, tls)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def ask(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None,
        form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None,
        again: bool | None = None, timeout: float | None = None,
    ) -> Reply:  # fmt: skip
        """Send a request, and again after a failure when that is safe (`again`, else by the method).

        Unreachable when no answer came. An answer is returned whatever its status.
        """
        told = dict(headers or {})
        content = None
        if body is not None:
            told |= JSON
            content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        request = self._client.build_request(
            method, path, params=query, content=content, data=form, headers=told,
            timeout=TIMES if timeout is None else httpx.Timeout(timeout),
        )  # fmt: skip
        safe = method in SAFE if again is None else again
        pause = FIRST_PAUSE
        for left in reversed(range(ATTEMPTS)):
            if self._client.is_closed:  # meanwhile, by whoever opened it
                raise Unreachable(f"{self.name}: the connection has been closed")
            try:
                reply = await self._send(request)
            except _Lost as lost:
                if not left or not (safe or lost.unsent):
                    raise Unreachable(f"{self.name}: {lost.reason}") from None
            else:
                if reply.status not in AGAIN or not left or not safe:
                    return reply
                pause = max(pause, _wait_of(reply))
            if pause > LONGEST_PAUSE:
                return reply
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311
            pause *= 3
        raise AssertionError("the last attempt returns or raises")

    async def _send(self, request: httpx.Request) -> Reply:
        try:
            response = await self._client.send(request, stream=True)
            try:
                body = await self._read(response)
            finally:
                await response.aclose()
        except httpx.ConnectTimeout:
            raise _Lost("does not answer", unsent=True) from None
        except httpx.ConnectError as error:
            if any(isinstance(one, ssl.SSLCertVerificationError) for one in _causes(error)):
                raise Untrusted(f"{self.name}: {NOT_TRUSTED}") from None
            raise _Lost(_reason(error), unsent=True) from None
        except httpx.TimeoutException:
            raise _Lost("did not answer in time") from None
        except (httpx.TransportError, httpx.DecodingError, OSError):
            raise _Lost("the connection broke") from None
        return Reply(response.status_code, response.headers, body)

    async def _read(self, response: httpx.Response) -> bytes:
        pieces, size = [], 0
        async for piece in response.aiter_bytes():
            size += len(piece)
            if size > LARGEST_ANSWER:
                raise ServerFault(f"{self.name}: the answer is too large")
            pieces.append(piece)
        return b"".join(pieces)

    async def fetch(self, shape: type[T], method: str, path: str, **asked: Any) -> T:
        """The data in the wrapper of an answer; an error of the family when it is a refusal."""
        return (await self.fetch_page(shape, method, path, **asked))[0]

    async def fetch_page(
        self, shape: type[T], method: str, path: str, **asked: Any
    ) -> tuple[T, Paging | None]:
        """As `fetch`, and where the list stands."""
        reply = await self.ask(method, path, **asked)
        if reply.status >= 300:
            raise self.error_of(reply)
        found: tuple[T, Paging | None] = await self.decoded(reply, _data, shape)
        return found

    async def fetch_plain(self, shape: type[T], method: str, path: str, **asked: Any) -> T:
        """As `fetch`, of an answer that has no wrapper (OAuth)."""
        reply = await self.ask(method, path, **asked)
        if reply.status >= 300:
            raise self.error_of(reply)
        found: T = await self.decoded(reply, _plain, shape)
        return found

    async def decoded(self, reply: Reply, decode: Any, shape: Any) -> Any:
        """What `decode` makes of the body, beside the loop when it is large. ServerFault when it cannot."""
        try:
            if len(reply.body) >= LARGE:
                return await asyncio.to_thread(decode, reply.body, shape)
            return decode(reply.body, shape)
        except (msgspec.MsgspecError, RecursionError, ValueError):
            raise ServerFault(f"{self.name}: answered what this program does not understand") from None

    def error_of(self, reply: Reply) -> ServerError:
        """What a refusal means."""
        failure = _failure_of(reply)
        code, details = failure.code, failure.details
        message = failure.message.strip()[:500] or _usual(reply.status)
        if reply.status in (429, 503):
            return Busy(message, wait=_wait_of(reply), code=code, details=details)
        if reply.status >= 500:
            return ServerFault(f"{self.name}: {message}", code=code, details=details)
        family: dict[int, type[ServerError]] = {
            401: SignInNeeded, 403: Denied, 404: NotFound, 409: Conflict, 410: NotFound, 412: Outdated,
        }  # fmt: skip
        if 300 <= reply.status < 400:
            return ServerFault(f"{self.name}: leads elsewhere; use the address that it leads to")
        return family.get(reply.status, Refused)(message, code=code, details=details)


@cache
def _load_backend() -> None:
    """Have what the first request loads loaded on this thread: on the loop a window would stand still."""
    anyio.run(anyio.sleep, 0)


class _Lost(Exception):
    """No answer came. `unsent` when the request has certainly not arrived."""

    def __init__(self, reason: str, *, unsent: bool = False) -> None:
        self.reason = reason
        self.unsent = unsent
        super().__init__(reason)


def _data(body: bytes, shape: Any) -> tuple[Any, Paging | None]:
    wrapper = _failure.decode(body)
    if not wrapper.success:
        raise ValueError("a refusal that says it succeeded")
    return msgspec.json.decode(wrapper.data, type=shape), wrapper.meta.pagination


def _plain(body: bytes, shape: Any) -> Any:
    return msgspec.json.decode(body, type=shape)


class _OAuthFailure(msgspec.Struct, frozen=True):
    error: str
    error_description: str = ""


def _failure_of(reply: Reply) -> Failure:
    """The reason in the wrapper or in OAuth's spelling; an empty one when somebody else answered."""
    try:
        found = _failure.decode(reply.body).error
        if found is not None:
            return found
    except (msgspec.MsgspecError, RecursionError, ValueError):
        pass
    try:
        plain = msgspec.json.decode(reply.body, type=_OAuthFailure)
        return Failure(plain.error, plain.error_description or plain.error.replace("_", " "))
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return Failure("", "")


def _usual(status: int) -> str:
    return {
        401: "Sign in first", 403: "You may not do that", 404: "There is no such thing",
        409: "This contradicts what is there", 413: "It is too large for the server",
        429: "Too many requests; wait a moment", 503: "The server takes nothing now; try again in a moment",
    }.get(status, f"the server answered {status}")  # fmt: skip


def _wait_of(reply: Reply) -> float:
    try:
        wait = float(reply.headers.get("retry-after", ""))
    except ValueError:
        return 0.0
    return wait if math.isfinite(wait) and wait >= 0 else 0.0


def _reason(error: BaseException) -> str:
    """Why no connection came about, in words: what lies deepest knows best."""
    causes = list(_causes(error))
    if any(isinstance(one, ssl.SSLError) for one in causes):
        return "does not speak https"
    if any(isinstance(one, ConnectionRefusedError) for one in causes):
        return "nobody listens there"
    if any(isinstance(one, socket.gaierror) for one in causes):
        return "there is no machine of that name, or no network"
    return "cannot be reached"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
