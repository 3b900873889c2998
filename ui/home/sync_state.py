"""How a model stands with its server, in a few words."""

from dataclasses import dataclass

from app.ports_live import LinkStatus
from app.ports_network import Account
from app.services.workspace import ModelSummary
from ui.home.times import ago


@dataclass(frozen=True)
class SyncState:
    """`text` for a card, `server` by name, `tone` (a colour of the palette), `detail` for who asks."""

    text: str
    server: str
    tone: str
    detail: str


def sync_state(
    summary: ModelSummary, server: str, account: Account | None, link: LinkStatus | None, waiting: int
) -> SyncState:
    """Of a model in the library. `link` is there while it is open; `account` unless nobody is signed in."""
    who = f" as {account.name}" if account is not None else ""
    open_points = [
        *([f"{waiting} to send"] if waiting else []),
        *([f"{summary.undecided} to decide"] if summary.undecided else []),
    ]
    standing, tone = _standing(summary, account, link, bool(open_points))
    words = [*open_points, *([standing] if standing else [])]
    words += ["read only"] if summary.role == "reader" else []
    detail = [f"{server}{who} orders this model."]
    if waiting:
        detail.append(f"{waiting} change{'' if waiting == 1 else 's'} of yours wait to be sent.")
    if summary.undecided:
        detail.append(f"{summary.undecided} of your changes met others': open it to decide.")
    if summary.seen_at:
        detail.append(f"Last in touch {ago(summary.seen_at)}.")
    if link is not None and link.text:
        detail.append(link.text[:1].upper() + link.text[1:] + ".")
    if account is None:
        detail.append("Nobody is signed in there.")
    text = " · ".join(words)
    return SyncState(text[:1].upper() + text[1:], server, tone, " ".join(detail))


def _standing(
    summary: ModelSummary, account: Account | None, link: LinkStatus | None, has_open_points: bool
) -> tuple[str, str]:
    if account is None:
        return "signed out", "warning"
    if link is not None and link.state == "live":
        return ("", "info") if has_open_points else ("live, up to date", "success")
    if link is not None and link.state == "stopped":
        return "not in touch", "warning"
    if link is not None and link.state == "waiting":
        return f"offline since {_since(summary)}", "warning"
    if link is not None:
        return "connecting", "info"
    if has_open_points:
        return "", "warning"
    return f"up to date {ago(summary.seen_at)}" if summary.seen_at else "kept here", "success"


def _since(summary: ModelSummary) -> str:
    return ago(summary.seen_at) if summary.seen_at else "the start"
