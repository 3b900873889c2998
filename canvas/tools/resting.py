"""The state that each tool rests in."""

from app.domain import vocabulary as v
from canvas.pins.placing import PlacingComment
from canvas.tools.desk import BOUNDARY_LINE, COMMENT, HAND, SELECT, Desk
from canvas.tools.idle import Hand, Idle
from canvas.tools.placing import PlacingLine, PlacingNode
from canvas.tools.state import State


def resting_state(desk: Desk) -> State:
    """What the tool in hand does when nothing is going on."""
    if desk.tool == SELECT:
        return Idle(desk)
    if desk.tool == HAND:
        return Hand(desk)
    if desk.tool == v.DATA_FLOW:
        return PlacingLine(desk, v.DATA_FLOW)
    if desk.tool == BOUNDARY_LINE:
        return PlacingLine(desk, v.TRUST_BOUNDARY)
    if desk.tool == COMMENT:
        return PlacingComment(desk)
    return PlacingNode(desk, desk.tool)
