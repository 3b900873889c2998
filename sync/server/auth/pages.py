"""The pages of the sign-in: plain HTML that works without scripts. Every value is escaped here."""

from html import escape
from pathlib import Path
from typing import Final

STYLE: Final = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
STYLE_PATH: Final = "/oauth2/style.css"
PROGRAM: Final = "TMI Desktop"


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{escape(title)}</title>\n"
        f'<link rel="stylesheet" href="{STYLE_PATH}">\n</head>\n'
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _errors(text: str, field: str) -> str:
    """The summary of what is wrong: announced, focused first, and a link to the field."""
    if not text:
        return ""
    said = f'<a href="#{field}">{escape(text)}</a>' if field else escape(text)
    return (
        '<div class="errors" id="errors" role="alert" tabindex="-1" autofocus>\n'
        f"<h2>There is a problem</h2>\n<p>{said}</p>\n</div>\n"
    )


def _field(
    name: str, label: str, kind: str, complete: str, *, value: str = "", wrong: bool = False,
    focus: bool = False, hint: str = "", least: int = 0,
) -> str:  # fmt: skip
    described = " ".join([f"{name}-hint"] * bool(hint) + ["errors"] * wrong)
    said = {
        "id": name, "name": name, "type": kind, "autocomplete": complete, "maxlength": "256",
        "spellcheck": "false", "autocapitalize": "none", "value": value,
        "aria-describedby": described, "aria-invalid": "true" if wrong else "",
        "minlength": str(least) if least else "",
    }  # fmt: skip
    attributes = " ".join(f'{key}="{escape(text)}"' for key, text in said.items() if text)
    told = f'<p class="hint" id="{name}-hint">{escape(hint)}</p>\n' if hint else ""
    flags = " required" + (" autofocus" if focus else "")
    return f'<label for="{name}">{escape(label)}</label>\n{told}<input {attributes}{flags}>\n'


def _hidden(**values: str) -> str:
    return "".join(f'<input type="hidden" name="{k}" value="{escape(v)}">\n' for k, v in values.items())


def _form(action: str, fields: str, button: str) -> str:
    return (
        f'<form method="post" action="{escape(action)}">\n{fields}'
        f'<div class="buttons">\n<button type="submit" name="action" value="go">{escape(button)}</button>\n'
        '<button type="submit" name="action" value="cancel" class="second" formnovalidate>Cancel</button>\n'
        "</div>\n</form>"
    )


def sign_in(*, action: str, csrf: str, host: str, name: str = "", error: str = "") -> str:
    """The form for name and password; `action` is where it goes, `error` what was wrong last time."""
    fields = (
        _hidden(csrf=csrf)
        + _field("username", "User name or email address", "text", "username", value=name,
                 wrong=bool(error), focus=not error)
        + _field("password", "Password", "password", "current-password", wrong=bool(error))
    )  # fmt: skip
    body = (
        f'<h1>Sign in</h1>\n<p class="quiet">{PROGRAM} wants to work with your account on '
        f"{escape(host)}.</p>\n{_errors(error, 'username')}{_form(action, fields, 'Sign in')}"
    )
    return _page(f"{'Error: ' if error else ''}Sign in – {PROGRAM}", body)


def change_password(*, action: str, csrf: str, proof: str, name: str, least: int, error: str = "") -> str:
    """The form for a new password, after the old one was right."""
    hint = f"At least {least} characters. A few words in a row are easy to remember."
    fields = (
        _hidden(csrf=csrf, proof=proof)
        # Lets a password manager see whose password it keeps.
        + f'<input type="text" name="username" value="{escape(name)}" autocomplete="username" hidden>\n'
        + _field("new_password", "New password", "password", "new-password", wrong=bool(error),
                 focus=not error, hint=hint, least=least)
        + _field("again", "New password again", "password", "new-password", wrong=bool(error))
    )  # fmt: skip
    body = (
        f'<h1>Choose a new password</h1>\n<p class="quiet">Your password was set for you. '
        f"Choose one that only you know.</p>\n{_errors(error, 'new_password')}"
        f"{_form(action, fields, 'Save and sign in')}"
    )
    return _page(f"{'Error: ' if error else ''}New password – {PROGRAM}", body)


def message(title: str, text: str) -> str:
    """A page that only says something."""
    return _page(f"{title} – {PROGRAM}", f"<h1>{escape(title)}</h1>\n<p>{escape(text)}</p>")
