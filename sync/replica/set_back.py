"""A server that was set back: what it means for a copy that knows more, or something else.

The last event that both have is where the two histories part. From there on the server's log counts, event
for event; what this user did and the server has lost is offered again, by the same review as after a long
absence. What others did and is lost is theirs to offer again; here it is only told of.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from app.domain.errors import InvalidData
from app.domain.patch import Event, Operation
from app.domain.references import references
from app.domain.stage import apply, stage
from app.domain.state import ModelState
from app.ports import LostEvent
from app.ports_live import Applied, BegunAgain
from sync.replica.replica import Diverged
from sync.replica.review import review


class Parting(msgspec.Struct, frozen=True, kw_only=True):
    """Two histories from the last event that both have.

    `base` is what the server's comes to, `head_hash` its last event's; `was` is where they part, with what
    others had made here since.
    """

    common: int
    head_hash: bytes
    was: ModelState
    base: ModelState
    applied: tuple[Applied, ...]
    lost: tuple[LostEvent, ...]


def part(
    was: ModelState, common: int, old: Sequence[Event], new: Sequence[Event],
    is_mine: Callable[[Operation], bool],
) -> Parting:  # fmt: skip
    """Compare the histories after event `common`, which led to `was`: `old`, known here, and `new`, there.

    `old` goes on from there. Diverged when the server's log cannot stand.
    """
    base, applied = was.copy(), []
    for event in new:
        try:
            changes = stage(base, event.operation.patch)
        except InvalidData as error:
            raise Diverged(f"event {event.sequence_number} cannot stand here: {error}") from None
        base.commit(changes, event.operation.operation_id)
        writers = {c.id: base.writers_of(c.id) for c in changes.changes if c.after is not None}
        applied.append(Applied(event, changes, writers))
    there = {event.operation.operation_id for event in new}
    gone = [event for event in old if event.operation.operation_id not in there]
    lost = tuple(LostEvent(event=one, own=is_mine(one.operation)) for one in gone)
    known = _with_what_others_made(was, base, lost)
    head_hash = new[-1].hash if new else old[0].previous_hash
    return Parting(
        common=common, head_hash=head_hash, was=known, base=base, applied=tuple(applied), lost=lost
    )


def _with_what_others_made(was: ModelState, base: ModelState, lost: Iterable[LostEvent]) -> ModelState:
    """Where the histories part, with the records of others that are nowhere any more.

    What one did to them, or hung on them, would vanish unseen if they had never been: so it is asked.
    """
    known = was.copy()
    for one in lost:
        if not one.own:
            try:
                apply(known, one.event.operation.patch, one.event.operation.operation_id)
            except InvalidData:
                continue
    made = {i for i in known.records if i not in was and i not in base}
    found = was.copy()
    found.assume(known, made)
    # Only what is whole without the rest of what they did.
    while torn := [i for i in made if i in found and not _is_whole(found, i)]:
        found.assume(was, torn)
    return found


def _is_whole(state: ModelState, record_id: str) -> bool:
    return all(target in state for _, _, target in references(state.records[record_id]))


def begin_again(parting: Parting, pending: Iterable[Operation], epoch: str) -> BegunAgain:
    """What is sent now, and what has to be decided: own operations that are lost, and those that wait."""
    there = {one.event.operation.operation_id for one in parting.applied}
    own = [one.event.operation for one in parting.lost if one.own]
    offered = {one.operation_id: one for one in (*own, *pending) if one.operation_id not in there}
    written = {
        one.id: (each.event.operation.author, each.event.sequence_number)
        for each in parting.applied for one in each.event.operation.patch
    }  # fmt: skip
    based = [
        msgspec.structs.replace(one, base_sequence=min(one.base_sequence, parting.common))
        for one in offered.values()
    ]
    found = review(parting.was, parting.base, based, lambda i, _group: written.get(i, ("", 0)))
    return BegunAgain(
        epoch=epoch, common=parting.common, applied=parting.applied, pending=found.pending,
        conflicts=found.conflicts, lost=parting.lost,
    )  # fmt: skip
