"""Who hosts, presents and may edit: a value, and one function for each thing that may happen to it."""

from collections.abc import Collection, Sequence

import msgspec

from sync.protocol import messages as m
from sync.protocol.messages import Participant, Role

_RANK = {Role.OWNER: 0, Role.WRITER: 1, Role.READER: 2}


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """The host, the presenter (participant ids, "" for nobody) and who has asked to present, in order.

    `muted` while nobody but these two may edit.
    """

    host: str = ""
    presenter: str = ""
    asking: tuple[str, ...] = ()
    muted: bool = False


class NotAllowed(Exception):
    """Somebody wants what only somebody else may do; the text says who."""


def _without(stage: Stage, participant_id: str) -> tuple[str, ...]:
    return tuple(one for one in stage.asking if one != participant_id)


def _present(stage: Stage, participant_id: str) -> Stage:
    return msgspec.structs.replace(stage, presenter=participant_id, asking=_without(stage, participant_id))


def _only_host(stage: Stage, by: str) -> None:
    if by != stage.host:
        raise NotAllowed("only the host may do that")


def changed(stage: Stage, by: str, message: m.ClientMessage, there: Collection[str]) -> Stage | None:
    """What a message of somebody makes of it; None when it is none of these. NotAllowed with the reason.

    `there` are the ids of those who are in the session.
    """
    match message:
        case m.PresenterRequest():
            return request(stage, by)
        case m.PresenterGrant(participant_id=to):
            return grant(stage, by, _known(to, there))
        case m.PresenterDeny(participant_id=to):
            return deny(stage, by, _known(to, there))
        case m.PresenterHandOver(participant_id=to):
            return hand_over(stage, by, _known(to, there))
        case m.PresenterTakeBack():
            return take_back(stage, by)
        case m.PresenterStop():
            return stop(stage, by)
        case m.MuteEdits(muted=muted):
            return mute(stage, by, muted)
    return None


def _known(participant_id: str, there: Collection[str]) -> str:
    if participant_id not in there:
        raise NotAllowed("nobody of that id is in the session")
    return participant_id


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
    """The host does not, or who has asked would rather not any more."""
    if by != to:
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


def stop(stage: Stage, by: str) -> Stage:
    """The presenter, or the host, has nobody present any more."""
    if by not in (stage.presenter, stage.host):
        raise NotAllowed("only the presenter or the host may do that")
    return msgspec.structs.replace(stage, presenter="")


def mute(stage: Stage, by: str, muted: bool) -> Stage:
    """The host takes nobody's edits but his own and the presenter's, or everybody's again."""
    _only_host(stage, by)
    return msgspec.structs.replace(stage, muted=muted)


def left(stage: Stage, gone: Participant, remaining: Sequence[Participant], *, lost: bool) -> Stage:
    """Somebody is gone for good. `remaining` are the others in the order in which they came.

    A host is followed by another window of the same user, else the first owner, else writer, else reader;
    a presenter by the host. What a host has muted ends with the host's leave, not with the connection.
    """
    host, muted = stage.host, stage.muted
    if gone.participant_id == host:
        heir = min(remaining, key=lambda one: (one.user_id != gone.user_id, _RANK[one.role]), default=None)
        host = heir.participant_id if heir is not None else ""
        muted = muted and heir is not None and (lost or heir.user_id == gone.user_id)
    presenter = host if gone.participant_id == stage.presenter else stage.presenter
    asking = tuple(one for one in _without(stage, gone.participant_id) if one not in (host, presenter))
    return Stage(host=host, presenter=presenter, asking=asking, muted=muted)


def rightful(host: str, here: Sequence[Participant], lost: str) -> str:
    """Who is to host of those who are here: an owner where one is there.

    `lost` is the user who hosted as an owner until the connection was lost, and hosts again.
    """
    owners = [one for one in here if one.role is Role.OWNER and not one.away]
    now = next((one for one in here if one.participant_id == host), None)
    back = [one for one in owners if one.user_id == lost]
    if back and (now is None or now.user_id != lost):
        return back[0].participant_id
    if not owners or (now is not None and now.role is Role.OWNER):
        return host
    return owners[0].participant_id


def seated(stage: Stage, host: str) -> Stage:
    """Somebody hosts instead of who stood in, and presents if the other did."""
    presenter = host if stage.presenter == stage.host else stage.presenter
    return msgspec.structs.replace(stage, host=host, presenter=presenter, asking=_without(stage, host))


def came_back(stage: Stage, old: str, new: str) -> Stage:
    """The same client under a new participant id keeps what it had."""

    def swap(one: str) -> str:
        return new if one == old else one

    return Stage(
        host=swap(stage.host), presenter=swap(stage.presenter), asking=tuple(map(swap, stage.asking)),
        muted=stage.muted,
    )  # fmt: skip
