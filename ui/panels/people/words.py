"""The words about people in a session: facts of a person, the state of the connection, lines of the bar."""

from typing import Final

from app.domain.presence import Person
from ui.home.times import ago
from ui.panels.people.situation import Situation

LONGEST: Final = 32
ROLE_NAMES: Final = {"owner": "Owner", "writer": "Writer", "reader": "Reader"}
FOLLOW_KEY: Final = "F7"


def short(name: str, longest: int = LONGEST) -> str:
    """A name for the middle of a line."""
    line = " ".join(name.split()) or "Somebody"
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def title(now: Situation, person: Person) -> str:
    """A name, and whether it is one's own."""
    me = now.me
    if me is None or me.user_id != person.user_id:
        return person.name or "Somebody"
    return f"{person.name} (you)" if person.is_me else f"{person.name} (you, another window)"


def facts(now: Situation, person: Person) -> list[str]:
    """What there is to know of somebody, the most important first."""
    found = []
    if person.away:
        found.append("away")
    if person.participant_id == now.company.presenter:
        found.append("presents")
    elif person.participant_id in now.company.asking:
        found.append("you have asked to present" if person.is_me else "asks to present")
    if person.participant_id == now.company.host:
        found.append("host")
    found.append(ROLE_NAMES.get(person.role, person.role).lower())
    place = now.places.get(person.participant_id)
    if place and not person.is_me:
        found.append(f"in “{short(place)}”")
    return found


def state_line(now: Situation) -> str:
    """How the connection is, in the head of the panel; empty when the list of people says it all."""
    link = now.link
    if link is None:
        return "Only on this computer"
    if now.is_live:
        return counted(len(now.company.people), "person", "people")
    if link.state in ("connecting", "live"):
        return "Connecting…"
    return "Not connected" if link.state == "stopped" else "You work offline"


def empty_text(now: Situation) -> str:
    """What there is to say where nobody can be listed, or nobody else."""
    link = now.link
    if link is None:
        return (
            "This model is only on this computer.\n\nShare it, and others see the same diagrams, follow who "
            "presents, and edit where they may."
        )
    if now.is_live:
        return "" if now.others else "Nobody else is here yet. Invite somebody: a link is all they need."
    if link.state in ("connecting", "live"):
        return "Connecting to the server…"
    lines = [_waiting(now.waiting)]
    if link.text:
        lines.append(_sentence(link.text))
    if now.seen_at and (when := ago(now.seen_at)):
        lines.append(f"Last connected {when}.")
    return "\n\n".join(lines)


def _waiting(count: int) -> str:
    if not count:
        return "Everything you have done so far is on the server. Go on: it waits here until it can be sent."
    verb = "waits" if count == 1 else "wait"
    return f"{counted(count, 'change')} {verb} on this computer until the server can be reached."


def _sentence(text: str) -> str:
    line = text[:1].upper() + text[1:]
    return line if line.endswith((".", "!", "?", "…")) else line + "."


# --- the bar -------------------------------------------------------------------------------------
def leading_line(now: Situation) -> str:
    """Who presents, and whether one follows; empty while nobody does, or nobody else is there to see it."""
    if not now.is_live or now.presenter is None:
        return ""
    if now.company.i_present:
        here = sum(not one.away for one in now.others)
        return f"You present to {counted(here, 'person', 'people')}" if now.others else ""
    name = short(now.presenter.name)
    if now.presenter.user_id == (now.me.user_id if now.me is not None else ""):
        name = "Your other window"
    if now.presenter.away:
        return f"{name} presents, but is away"
    if not now.following:
        return f"{name} presents. You look around on your own"
    if now.held:
        place = now.places.get(now.presenter.participant_id, "")
        return f"{name} has gone on to “{short(place)}”" if place else f"{name} has gone on"
    return f"{name} presents"


def asking_line(now: Situation) -> str:
    """Who asks the host to present."""
    asking = now.asking
    if not asking:
        return ""
    more = f", and {len(asking) - 1} more" if len(asking) > 1 else ""
    return f"{short(asking[0].name)} asks to present{more}"


def muted_line(now: Situation) -> str:
    """That edits are off, for those whose edits are, and for the host who may let them on again."""
    if not now.is_live or not now.company.muted:
        return ""
    if now.company.i_host:
        return "Edits are off for everybody but you and the presenter" if now.others else "Edits are off"
    if not now.i_am_muted:
        return ""
    host = short(now.host.name) if now.host is not None else ""
    return f"Edits are off: the host{f', {host},' if host else ''} has muted them"
