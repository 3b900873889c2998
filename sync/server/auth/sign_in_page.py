"""The sign-in pages' handlers: what a browser is sent through between the desktop's two halves."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit

from litestar import MediaType, Response, get, post
from litestar.datastructures import Cookie
from litestar.types import ControllerRouterHandler

from sync.server.auth import authorization, pages, passwords
from sync.server.auth.authorization import Ask, parameters_of
from sync.server.auth.headers import page_headers
from sync.server.auth.secrets import new_secret, same
from sync.server.auth.service import Auth
from sync.server.auth.sign_in import Outcome, change_password, sign_in
from sync.server.auth.tokens import InvalidToken
from sync.server.auth.web import Asking, ask_of, auth_of, blocking, form_of, respond, visitor_of

WRONG: Final = "The user name or the password is wrong."
STALE: Final = "This page was open for too long, or your browser keeps no cookies. Please try again."
INVITES_ONLY: Final = (
    "Nobody signs in here with a password. Ask who shares the model for an invite link, and paste it into "
    "TMI Desktop: File, Join a shared model."
)
START_AGAIN: Final = "Go back to TMI Desktop and start signing in again."
AUTHORIZE: Final = "/oauth2/authorize"
CHANGE: Final = "/oauth2/password"


def _query(request: Asking) -> list[tuple[str, str]]:
    return parameters_of(request.scope["query_string"].decode("ascii"))


def _redirect_uri(ask: Ask) -> str:
    return dict(ask.parameters).get("redirect_uri", "")


def _action(path: str, ask: Ask) -> str:
    return f"{path}?{urlencode(ask.parameters)}"


def _cookie_name(auth: Auth) -> str:
    return "__Host-tmi_form" if auth.settings.tls else "tmi_form"


def _html(page: str, status: int, redirect_uri: str = "") -> Response[str]:
    return Response(page, status_code=status, media_type=MediaType.HTML, headers=page_headers(redirect_uri))


def _refused(answer: authorization.Answer) -> Response[bytes] | Response[str]:
    """Back to the desktop when the address is the desktop's, else a page that says what is wrong."""
    if answer.location:
        return respond(answer)
    why = str(answer.body.get("error_description") or answer.body.get("error", ""))
    text = f"The request to sign in cannot be used ({why.rstrip('.')}). {START_AGAIN}"
    return _html(pages.message("This link does not work", text), answer.status)


class _Form:
    """One showing of a form: the page, and the cookie that its answer must come with."""

    def __init__(self, request: Asking, ask: Ask) -> None:
        self._auth = auth_of(request)
        self._ask = ask
        known = request.cookies.get(_cookie_name(self._auth), "")
        self.csrf = known if 40 <= len(known) <= 64 else new_secret()
        self._host = urlsplit(self._auth.settings.issuer).netloc

    def sign_in(self, status: int = 200, name: str = "", error: str = "") -> Response[str]:
        """The form for name and password."""
        action = _action(AUTHORIZE, self._ask)
        return self._shown(
            pages.sign_in(action=action, csrf=self.csrf, host=self._host, name=name, error=error), status
        )

    def change(self, proof: str, name: str, status: int = 200, error: str = "") -> Response[str]:
        """The form for a new password."""
        page = pages.change_password(
            action=_action(CHANGE, self._ask), csrf=self.csrf, proof=proof, name=name,
            least=passwords.SHORTEST, error=error,
        )  # fmt: skip
        return self._shown(page, status)

    def _shown(self, page: str, status: int) -> Response[str]:
        response = _html(page, status, _redirect_uri(self._ask))
        response.set_cookie(
            Cookie(
                _cookie_name(self._auth), value=self.csrf, path="/", httponly=True, samesite="strict",
                secure=self._auth.settings.tls, max_age=self._auth.settings.form_seconds,
            )
        )  # fmt: skip
        return response


def _is_ours(request: Asking, given: Mapping[str, str]) -> bool:
    """Whether a form was shown by us, to this browser: its field equals the cookie."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    return same(request.cookies.get(_cookie_name(auth_of(request)), ""), given.get("csrf", ""))


async def _opened(request: Asking) -> tuple[Ask, Response[bytes] | Response[str] | None]:
    """The authorization request of the query, and the answer when it cannot be used."""
    if not auth_of(request).settings.local_accounts:
        return Ask("GET", ()), _html(pages.message("By invitation only", INVITES_ONLY), 403)
    try:
        ask = ask_of(request, _query(request))
    except ValueError:
        return Ask("GET", ()), _html(pages.message("This link does not work", START_AGAIN), 400)
    refused = await blocking(
        request, authorization.check_authorization, auth_of(request), ask._replace(method="GET")
    )
    return ask._replace(method="GET"), _refused(refused) if refused else None


async def _sent(
    request: Asking,
) -> tuple[Ask, _Form, Mapping[str, str]] | Response[bytes] | Response[str]:
    """A form that was filled in: what it is for, the form, its fields; or the answer to one that is not."""
    ask, refused = await _opened(request)
    if refused:
        return refused
    form = _Form(request, ask)
    try:
        given = dict(await form_of(request))
    except ValueError:
        return form.sign_in(400, error=STALE)
    if not _is_ours(request, given):
        return form.sign_in(403, error=STALE)
    if given.get("action") == "cancel":
        return await _finish(request, ask, None)
    return ask, form, given


async def _finish(request: Asking, ask: Ask, outcome: Outcome | None) -> Response[bytes]:
    """Send the browser back to the desktop, with a code or without."""
    user = outcome.user if outcome else None
    answer = await blocking(request, authorization.grant, auth_of(request), ask, user)
    response = respond(answer, _redirect_uri(ask))
    response.delete_cookie(_cookie_name(auth_of(request)), path="/")
    return response


@get(AUTHORIZE, include_in_schema=False)
async def show(request: Asking) -> Response[bytes] | Response[str]:
    """Show the sign-in page for an authorization request (RFC 6749, 4.1.1)."""
    ask, refused = await _opened(request)
    return refused or _Form(request, ask).sign_in()


@post(AUTHORIZE, status_code=200, include_in_schema=False)
async def submit(request: Asking) -> Response[bytes] | Response[str]:
    """Check a name and a password, and redirect to the desktop with a code."""
    sent = await _sent(request)
    if isinstance(sent, Response):
        return sent
    ask, form, given = sent
    name, password = given.get("username", ""), given.get("password", "")
    outcome = await blocking(request, sign_in, auth_of(request), name, password, visitor_of(request))
    if outcome.kind == "in":
        return await _finish(request, ask, outcome)
    if outcome.kind == "change":
        return form.change(outcome.proof, name)
    if outcome.kind == "wait":
        minutes = -(-outcome.seconds // 60)
        many = f"{minutes} minutes" if minutes > 1 else "a minute"
        response = form.sign_in(429, name, f"Too many attempts. Please wait {many} and try again.")
        response.headers["Retry-After"] = str(outcome.seconds)
        return response
    return form.sign_in(400, name, WRONG)


@post(CHANGE, status_code=200, include_in_schema=False)
async def submit_password(request: Asking) -> Response[bytes] | Response[str]:
    """Set the new password that an account needs, and go on."""
    sent = await _sent(request)
    if isinstance(sent, Response):
        return sent
    ask, form, given = sent
    proof = given.get("proof", "")
    chosen, again = given.get("new_password", ""), given.get("again", "")
    try:
        outcome = await blocking(
            request, change_password, auth_of(request), proof, chosen, again, visitor_of(request)
        )
    except InvalidToken:
        return form.sign_in(400, error=STALE)
    except passwords.BadPassword as error:
        text = f"{str(error)[:1].upper()}{str(error)[1:]}."
        return form.change(proof, given.get("username", ""), 400, text)
    return await _finish(request, ask, outcome)


@get(pages.STYLE_PATH, include_in_schema=False, media_type="text/css")
async def style() -> Response[str]:
    """The pages' style sheet."""
    return Response(
        pages.STYLE, media_type="text/css; charset=utf-8", headers={"Cache-Control": "public, max-age=3600"}
    )


HANDLERS: list[ControllerRouterHandler] = [show, submit, submit_password, style]
