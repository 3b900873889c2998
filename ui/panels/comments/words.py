"""What panel and pins say about threads."""

from collections.abc import Iterable
from datetime import datetime
from html import escape

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from app.domain.records import Diagram, Threat
from app.domain.state import ModelState
from app.services.comments import Anchor, Thread
from app.services.mentions import spans
from ui.panels.names import quoted, type_name

LINKS = ("http", "https")


def where(state: ModelState, anchor: Anchor) -> str:
    """What a thread is on, as people say it."""
    cell = state.cell(anchor.cell_id)
    if cell is not None:
        return f"{type_name(cell)} {quoted(state, cell)}"
    threat = state.find(Threat, anchor.threat_id)
    if threat is not None:
        return f"Threat {quoted(state, threat)}"
    diagram = state.find(Diagram, anchor.diagram_id)
    return f"A place in {quoted(state, diagram)}" if diagram is not None else "The model"


def first_line(text: str, limit: int = 80) -> str:
    """A text on one line, shortened."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def replies_text(thread: Thread) -> str:
    """How many replies there are; "" for none."""
    count = len(thread.replies)
    return "" if not count else "1 reply" if count == 1 else f"{count} replies"


def local_time(timestamp: str) -> str:
    """An ISO 8601 time in this machine's zone; the text itself when it is none."""
    try:
        return (
            datetime.fromisoformat(timestamp.replace("Z", "+00:00")).astimezone().strftime("%Y-%m-%d %H:%M")
        )
    except ValueError:
        return timestamp


def marked_up(text: str, known: Iterable[str], *, link: str, mention: str) -> str:
    """A plain text for a rich label: all of it escaped, links and mentions in these colours."""
    parts = []
    for span in spans(text, known):
        words = escape(span.text).replace("\n", "<br>").replace("  ", " &nbsp;")
        if span.kind == "link":
            parts.append(f'<a href="{escape(span.target)}" style="color:{link}">{words}</a>')
        elif span.kind == "mention":
            parts.append(f'<span style="color:{mention}; font-weight:600">{words}</span>')
        else:
            parts.append(words)
    return "".join(parts)


def open_link(address: str) -> bool:
    """Open a web address in the browser; nothing else is opened."""
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    return url.isValid() and url.scheme().lower() in LINKS and QDesktopServices.openUrl(url)
