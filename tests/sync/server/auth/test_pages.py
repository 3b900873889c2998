"""The sign-in page: what it says, whom it lets through, how it holds up against misuse, and its markup."""

import logging
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync.server.auth import passwords
from sync.server.auth.sign_in_page import STALE, WRONG
from tests.sync.server.auth.desktop import Desktop
from tests.sync.server.auth.serving import PASSWORD, Host, Served

CHOSEN = "quite another password"


class Markup(HTMLParser):
    """The elements of a page with their attributes, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The elements of a name."""
        return [attributes for name, attributes in self.elements if name == tag]


def test_same_answer_whatever_is_wrong(server: Served, desktop: Desktop) -> None:
    server.account("alice")
    server.account("bob")
    server.store.users.change(server.account("gone").id, server.clock(), disabled=True)
    tries = {"alice": "wrong password", "nobody": PASSWORD, "gone": PASSWORD, "": "", "a" * 300: "x" * 5000}
    pages = []
    for name, password in tries.items():
        page = desktop.submit(desktop.open(), username=name, password=password)
        assert page.status_code == 400
        assert WRONG in page.text
        assert password not in page.text or not password
        pages.append(page.text.replace(f' value="{name}"', "") if name else page.text)
    assert len(set(pages)) == 1
    reasons = [event.details["reason"] for event in server.events("sign_in_failed")]
    assert reasons[:3] == ["wrong password", "no such account", "disabled"]
    assert PASSWORD not in repr(server.events())


def test_markup(server: Served, desktop: Desktop) -> None:
    page = desktop.open()
    markup = Markup(page.text)
    labels = {label["for"] for label in markup.all("label")}
    shown = [field for field in markup.all("input") if field.get("type") != "hidden"]
    assert {field["id"] for field in shown} == labels == {"username", "password"}
    assert [field["autocomplete"] for field in shown] == ["username", "current-password"]
    assert "autofocus" in shown[0]
    assert not [field for field in shown if "tabindex" in field], "focus goes in the order of the page"
    assert markup.all("html") == [{"lang": "en"}]
    assert markup.all("script") == []
    assert len(markup.all("h1")) == len(markup.all("main")) == 1
    assert not any("style" in attributes for _, attributes in markup.elements)


def test_error_summary(server: Served, desktop: Desktop) -> None:
    page = desktop.submit(desktop.open(), username="alice", password="x")
    markup = Markup(page.text)
    summary = next(one for one in markup.all("div") if one.get("role") == "alert")
    assert "autofocus" in summary
    assert summary["tabindex"] == "-1"
    assert {"href": "#username"} in markup.all("a")
    shown = [field for field in markup.all("input") if field.get("type") != "hidden"]
    assert all(field["aria-invalid"] == "true" for field in shown)
    assert all("errors" in str(field["aria-describedby"]) for field in shown)
    assert not any("autofocus" in field for field in shown)
    assert shown[0]["value"] == "alice"
    assert "value" not in shown[1], "a password is never sent back"
    assert "<title>Error: " in page.text


def test_headers(server: Served, desktop: Desktop) -> None:
    page = desktop.open()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    port = desktop.redirect_uri.rpartition(":")[2].partition("/")[0]
    assert f"form-action 'self' http://127.0.0.1:{port};" in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    cookie = page.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert httpx.get(f"{server.url}/oauth2/style.css").headers["content-type"].startswith("text/css")
    six = desktop.open(redirect_uri="http://[::1]:5000/callback")
    assert "form-action 'self' http:;" in six.headers["content-security-policy"]


def test_tls(host: Host, tmp_path: Path) -> None:
    with host.serving(tmp_path, issuer="https://models.example") as server, Desktop(server.url) as desktop:
        page = desktop.open()
        assert page.headers["strict-transport-security"] == "max-age=31536000"
        cookie = page.headers["set-cookie"]
        assert cookie.startswith("__Host-tmi_form=")
        assert "Secure" in cookie
        assert "models.example" in page.text


def test_values_are_escaped(server: Served, desktop: Desktop) -> None:
    page = desktop.submit(desktop.open(state="'><script>x</script>"), username='"><script>y', password="x")
    assert page.status_code == 400
    assert Markup(page.text).all("script") == []


@pytest.mark.parametrize("way", ["no cookie", "no field", "other field", "other site", "no form"])
def test_form_that_is_not_ours(server: Served, desktop: Desktop, way: str) -> None:
    server.account("alice")
    page = desktop.open()
    typed: dict[str, Any] = {"username": "alice", "password": PASSWORD}
    if way == "no cookie":
        desktop.http.cookies.clear()
    elif way in ("no field", "other field"):
        typed["csrf"] = "" if way == "no field" else "x" * 43
    elif way == "other site":
        desktop.http.headers["Sec-Fetch-Site"] = "cross-site"
    else:
        answer = desktop.http.post(f"/oauth2/authorize?{page.url.query.decode()}", json=typed)
        assert answer.status_code == 400
        return
    answer = desktop.submit(page, **typed)
    assert answer.status_code == 403
    assert STALE in answer.text.replace("&#x27;", "'")
    assert server.events("sign_in") == []


def test_too_many_attempts(server: Served, desktop: Desktop) -> None:
    server.account("alice")
    server.account("bob")
    for _ in range(10):
        assert desktop.submit(desktop.open(), username="alice", password="x").status_code == 400
    page = desktop.submit(desktop.open(), username="Alice", password=PASSWORD)
    assert page.status_code == 429
    assert 0 < int(page.headers["retry-after"]) <= 301
    assert "Too many attempts" in page.text
    assert desktop.code("bob"), "others at this address are not held up"
    server.clock.ahead += 301
    assert desktop.code("alice")


def test_success_is_never_counted(server: Served, desktop: Desktop) -> None:
    server.account("alice")
    for _ in range(35):
        desktop.code("alice")


def test_password_that_must_be_changed(server: Served, desktop: Desktop) -> None:
    user = server.account("alice", must_change=True)
    page = desktop.submit(desktop.open(), username="alice", password=PASSWORD)
    assert page.status_code == 200
    assert "Choose a new password" in page.text
    assert server.events("sign_in") == [], "not in yet"
    for new, again, why in (
        ("short", "short", f"at least {passwords.SHORTEST} characters"),
        (CHOSEN, CHOSEN + "x", "differ"),
        (PASSWORD, PASSWORD, "differ from the old one"),
        ("aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", "repeats"),
        ("alice@example.org", "alice@example.org", "name of the account"),
        ("x" * 300, "x" * 300, "at most"),
    ):
        refused = desktop.submit(page, new_password=new, again=again)
        assert refused.status_code == 400
        assert why in refused.text
        assert new not in refused.text
    kept = dict(desktop.http.cookies)
    done = desktop.submit(page, new_password=CHOSEN, again=CHOSEN)
    assert done.status_code == 303
    desktop.http.cookies.update(kept)
    assert desktop.exchange(desktop.answer["code"]).status_code == 200
    replayed = desktop.submit(page, new_password="yet another password", again="yet another password")
    assert replayed.status_code == 400, "the proof is spent"
    assert desktop.exchange(desktop.code("alice", CHOSEN)).status_code == 200
    assert desktop.submit(desktop.open(), username="alice", password=PASSWORD).status_code == 400
    assert [event.actor for event in server.events("password_changed")] == [user.id]


def test_proof_of_the_old_password_grows_old(server: Served, desktop: Desktop) -> None:
    server.account("alice", must_change=True)
    page = desktop.submit(desktop.open(), username="alice", password=PASSWORD)
    server.clock.ahead += 700
    assert desktop.submit(page, new_password=CHOSEN, again=CHOSEN).status_code == 400
    forged = desktop.submit(page, new_password=CHOSEN, again=CHOSEN, proof="x.y.z")
    assert forged.status_code == 400


def test_same_password_however_it_is_typed(server: Served, desktop: Desktop) -> None:
    user = server.account("alice")
    hashed = server.auth.passwords.hash("größe und Übermut")
    server.store.users.set_password(user.id, hashed, server.clock())
    assert desktop.code("alice", "gro\u0308ße und U\u0308bermut")


def test_no_secrets_in_the_log(server: Served, desktop: Desktop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    try:
        server.account("alice")
        desktop.submit(desktop.open(), username="alice", password="a wrong password")
        tokens = desktop.sign_in("alice")
        again = desktop.refresh(tokens["refresh_token"]).json()
        desktop.who(again["access_token"][:-5] + "AAAAA")
    finally:
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.NOTSET)
    secrets = (PASSWORD, "a wrong password", desktop.verifier, desktop.answer["code"])
    for secret in (*secrets, tokens["refresh_token"], tokens["access_token"], again["access_token"]):
        assert secret not in caplog.text
