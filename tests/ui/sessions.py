"""Sessions for tests: people as plain values, no network."""

from app.domain.presence import Company, Person
from app.ports_live import LinkStatus

COLOURS = ("#d62839", "#2a9d8f", "#e9c46a", "#457b9d", "#8e44ad", "#2e7d32", "#c77dff", "#f77f00")
LIVE = LinkStatus("live")
ME, ADA, GRACE, LIN = "me", "ada", "grace", "lin"
NAMES = {ME: "Tess Tester", ADA: "Ada Lovelace", GRACE: "Grace Hopper", LIN: "Lin"}


def person(
    key: str, *, name: str = "", role: str = "writer", away: bool = False, user_id: str = "", me: bool = False
) -> Person:
    """Somebody whose user is `<key>-user`, unless said otherwise."""
    return Person(
        participant_id=key, user_id=user_id or f"{key}-user", name=name or NAMES.get(key, key.title()),
        colour=COLOURS[sum(key.encode()) % len(COLOURS)], role=role, away=away, is_me=me or key == ME,
    )  # fmt: skip


def company(
    *people: Person | str, presenter: str = "", host: str = ADA, asking: tuple[str, ...] = (),
    muted: bool = False, role: str = "writer",
) -> Company:  # fmt: skip
    """Oneself, with this role, and these."""
    others = [person(one) if isinstance(one, str) else one for one in people]
    marked = [
        _marked(one, is_presenter=one.participant_id == presenter, is_host=one.participant_id == host)
        for one in (person(ME, role=role), *others)
    ]
    return Company(
        people=tuple(marked), me=ME, host=host, presenter=presenter, asking=asking, muted=muted
    )  # fmt: skip


def _marked(one: Person, *, is_presenter: bool, is_host: bool) -> Person:
    return Person(
        participant_id=one.participant_id, user_id=one.user_id, name=one.name, colour=one.colour,
        role=one.role, away=one.away, is_me=one.is_me, is_presenter=is_presenter, is_host=is_host,
    )  # fmt: skip
