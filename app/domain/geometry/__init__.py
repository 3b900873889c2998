"""Pure geometry of diagrams: outlines of elements, routes of lines, places of labels, bounds."""

from app.domain.geometry.curves import Route
from app.domain.geometry.routes import (
    Fan,
    diagram_bounds,
    fan_members,
    fan_of,
    route_line,
    routes_of,
)
from app.domain.geometry.shapes import XY, exit_point, inside, outline_point, port_normal, port_point
from app.domain.rect import Rect, around, rect_of, united

__all__ = [
    "XY",
    "Fan",
    "Rect",
    "Route",
    "around",
    "diagram_bounds",
    "exit_point",
    "fan_members",
    "fan_of",
    "inside",
    "outline_point",
    "port_normal",
    "port_point",
    "rect_of",
    "route_line",
    "routes_of",
    "united",
]
