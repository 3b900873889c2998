"""Who hosts and who presents: a value, and one function for each thing that may happen to it."""

from collections.abc import Sequence

import msgspec

from sync.protocol.messages import Role

_RANK = {Role.OWNER: 0, Role.WRITER: 1, Role.READER: 2}


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """The host, the presenter (participant ids, "" for nobody) and who has asked to present, in order."""

    host: str = ""
    presenter: str = ""
    asking: tuple[str, ...] = ()


class NotAllowed(Exception):
    """Somebody wants what only somebody else may do; the text says who."""


def _without(stage: Stage, participant_id: str) -> tuple[str, ...]:
    return tuple(one for one in stage.asking if one != participant_id)


def _present(stage: Stage, participant_id: str) -> Stage:
    return msgspec.structs.replace(stage, presenter=participant_id, asking=_without(stage, participant_id))


def _only_host(stage: Stage, by: str) -> None:
    if by != stage.host:
        raise NotAllowed("only the host may do that")


def joined(stage: Stage, participant_id: str) -> Stage:
    """The first to come hosts and presents."""
    if stage.host:
        return stage
    return Stage(host=participant_id, presenter=participant_id)


def request(stage: Stage, by: str) -> Stage:
    """The host presents at once; everybody else is noted, once."""
    if by == stage.host:
        return _present(stage, by)
    if by == stage.presenter or by in stage.asking:
        return stage
    return msgspec.structs.replace(stage, asking=(*stage.asking, by))


def grant(stage: Stage, by: str, to: str) -> Stage:
    """The host lets somebody present who has asked."""
    _only_host(stage, by)
    if to not in stage.asking:
        raise NotAllowed("that participant has not asked to present")
    return _present(stage, to)


def deny(stage: Stage, by: str, to: str) -> Stage:
    """The host does not."""
    _only_host(stage, by)
    if to not in stage.asking:
        raise NotAllowed("that participant has not asked to present")
    return msgspec.structs.replace(stage, asking=_without(stage, to))


def hand_over(stage: Stage, by: str, to: str) -> Stage:
    """The presenter, or the host, makes somebody else present."""
    if by not in (stage.presenter, stage.host):
        raise NotAllowed("only the presenter or the host may do that")
    return _present(stage, to)


def take_back(stage: Stage, by: str) -> Stage:
    """The host presents again."""
    _only_host(stage, by)
    return _present(stage, by)


def left(stage: Stage, participant_id: str, remaining: Sequence[tuple[str, Role]]) -> Stage:
    """Somebody is gone for good. `remaining` are the others in the order in which they came.

    A host is followed by the first owner, else writer, else reader; a presenter by the host.
    """
    host = stage.host
    if participant_id == host:
        host = min(remaining, key=lambda one: _RANK[one[1]])[0] if remaining else ""
    presenter = host if participant_id == stage.presenter else stage.presenter
    asking = tuple(one for one in _without(stage, participant_id) if one not in (host, presenter))
    return Stage(host=host, presenter=presenter, asking=asking)


def came_back(stage: Stage, old: str, new: str) -> Stage:
    """The same client under a new participant id keeps what it had."""

    def swap(one: str) -> str:
        return new if one == old else one

    return Stage(
        host=swap(stage.host), presenter=swap(stage.presenter), asking=tuple(map(swap, stage.asking))
    )
