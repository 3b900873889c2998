"""Where the pins of comments stand: threads on the same thing share one pin."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import pairwise

from PySide6.QtCore import QPointF

from app.domain.records import Cell
from app.domain.state import ModelState
from canvas.scene import DiagramScene


@dataclass(frozen=True, slots=True)
class PinThread:
    """What a pin needs to know of a thread."""

    root_id: str
    cell_id: str | None
    x: float
    y: float
    author: str
    first_line: str
    replies: int = 0
    unread: bool = False
    resolved: bool = False


ThreadsOf = Callable[[ModelState, str], Iterable[PinThread]]


@dataclass(frozen=True)
class Pin:
    """Threads at one spot: on one cell, or at one point."""

    threads: tuple[PinThread, ...]

    @cached_property
    def cell_id(self) -> str | None:
        """The cell it is on; None for a point."""
        return self.threads[0].cell_id

    @cached_property
    def is_unread(self) -> bool:
        """Whether something here has not been seen."""
        return any(thread.unread for thread in self.threads)

    @cached_property
    def is_resolved(self) -> bool:
        """Whether all threads here are resolved."""
        return all(thread.resolved for thread in self.threads)

    @cached_property
    def ids(self) -> frozenset[str]:
        """The first comments of the threads here."""
        return frozenset(thread.root_id for thread in self.threads)

    @cached_property
    def mark(self) -> str:
        """What stands on it: the number of threads, or the initials of the one who began."""
        return str(len(self.threads)) if len(self.threads) > 1 else initials(self.threads[0].author)

    @property
    def tip(self) -> str:
        """The first lines, one a thread."""
        lines = []
        for thread in self.threads[:5]:
            more = f" (+{thread.replies})" if thread.replies else ""
            lines.append(f"{thread.author or 'Somebody'}: {thread.first_line}{more}")
        if len(self.threads) > 5:
            lines.append(f"and {len(self.threads) - 5} more threads")
        return "\n".join(lines)


def plain_tip(text: str) -> str:
    """A text for a tool tip, which would take what looks like markup for it."""
    return "<qt>" + escape(text).replace("\n", "<br>") + "</qt>"


def initials(name: str) -> str:
    """Two letters for a name: "Ada Lovelace" is AL."""
    words = [word for word in name.replace(".", " ").replace("_", " ").replace("-", " ").split() if word]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def gathered(found: Iterable[PinThread]) -> list[Pin]:
    """The pins of these threads, in the order of their first threads."""
    by_spot: dict[tuple[str | None, float, float], list[PinThread]] = {}
    for thread in found:
        key = (thread.cell_id, 0.0, 0.0) if thread.cell_id else (None, round(thread.x), round(thread.y))
        by_spot.setdefault(key, []).append(thread)
    return [Pin(tuple(threads)) for threads in by_spot.values()]


def spot_of(scene: DiagramScene, pin: Pin) -> QPointF | None:
    """Where in the diagram a pin's tip is; None while its cell is not on show."""
    if pin.cell_id is None:
        return QPointF(pin.threads[0].x, pin.threads[0].y)
    cell = scene.shown(pin.cell_id)
    return spot_on(scene, cell) if cell is not None else None


def spot_on(scene: DiagramScene, cell: Cell) -> QPointF:
    """The top right corner of a node; on a line, a third of the way, off its label."""
    if not cell.is_line:
        return QPointF(cell.position.x + cell.size.width, cell.position.y)
    route = scene.route_points(cell.id)
    if len(route) < 2:
        return QPointF()
    whole = sum(_length(a, b) for a, b in pairwise(route))
    left = whole * 0.3
    for a, b in pairwise(route):
        step = _length(a, b)
        if left <= step:
            return a + (b - a) * (left / step if step else 0.0)
        left -= step
    return QPointF(route[-1])


def _length(a: QPointF, b: QPointF) -> float:
    return float(((b.x() - a.x()) ** 2 + (b.y() - a.y()) ** 2) ** 0.5)
