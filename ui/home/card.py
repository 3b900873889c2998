"""What a card of the library says, of models here and of those on servers."""

from dataclasses import dataclass

from app.ports_network import RemoteModel
from app.services.workspace import ModelSummary
from ui.home.sync_state import SyncState
from ui.home.times import ago

NOT_HERE = "On the server only"


@dataclass(frozen=True)
class Card:
    """A name, some lines, a picture (an SVG, else words in its place), and how it stands with its server.

    `version` tells one picture of a model from the next. `tone` is the name of a colour of the palette.
    """

    id: str
    name: str
    lines: tuple[str, ...]
    picture: str = ""
    version: str = ""
    no_picture: str = "Empty diagram"
    state: str = ""
    tone: str = "muted_text"
    tip: str = ""

    @property
    def spoken(self) -> str:
        """For screen readers."""
        return ", ".join((self.name, *self.lines[:2], *([self.state] if self.state else [])))


def facts(framework: str, diagrams: int, threats: int, open_threats: int) -> tuple[str, str]:
    """What a model holds, in two short lines."""
    first = f"{framework} · {diagrams} diagram{'' if diagrams == 1 else 's'}"
    return first, f"{open_threats} of {threats} threats open" if threats else "No threats yet"


def local_card(summary: ModelSummary, state: SyncState | None = None) -> Card:
    """Of a model in this library."""
    one = summary
    when = f"Deleted {ago(one.deleted_at)}" if one.deleted_at else f"Edited {ago(one.modified_at)}"
    tip = one.description or one.name
    return Card(
        id=one.id, name=one.name,
        lines=(*facts(one.framework, one.diagrams, one.threats, one.open_threats), when),
        picture=one.thumbnail, version=one.modified_at,
        state=f"{state.text} · {state.server}" if state is not None else "",
        tone=state.tone if state is not None else "muted_text",
        tip=f"{tip}\n{state.detail}" if state is not None else tip,
    )  # fmt: skip


def remote_card(remote: RemoteModel, here: ModelSummary | None, state: SyncState | None) -> Card:
    """Of a model on a server; `here` and `state` where it is kept here, too."""
    one = remote
    if here is not None and state is not None:
        said, tone = f"Here too: {state.text[:1].lower()}{state.text[1:]}", state.tone
    elif here is not None:
        said, tone = "A model of your own with the same id is here", "warning"
    else:
        said, tone = NOT_HERE + (" · read only" if one.role == "reader" else ""), "muted_text"
    tip = one.description or one.name
    return Card(
        id=one.id, name=one.name,
        lines=(*facts(one.framework, one.diagrams, one.threats, one.open_threats),
               f"Edited {ago(one.updated_at)}" if one.updated_at else ""),
        picture=here.thumbnail if here is not None else "",
        version=here.modified_at if here is not None else "",
        no_picture="No picture of it here yet" if here is None else "Empty diagram",
        state=said, tone=tone, tip=f"{tip}\n{state.detail}" if state is not None else tip,
    )  # fmt: skip
