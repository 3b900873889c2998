"""Which lines run where: who is joined to whom, what fans out together, and each line's route."""

from collections.abc import Callable

from app.domain.geometry import Fan, Route, fan_members, fan_of, route_line
from app.domain.records import Cell

Pair = tuple[str, str]


class Router:
    """Keeps the neighbourhood of the lines of one diagram and works out routes on demand."""

    def __init__(self, cell_of: Callable[[str], Cell | None]) -> None:
        self._cell_of = cell_of
        self._lines_at: dict[str, set[str]] = {}
        self._pairs: dict[Pair, dict[str, Cell]] = {}
        self._fans: dict[Pair, dict[str, Fan]] = {}

    def put(self, cell: Cell, old: Cell | None) -> set[str]:
        """Take in a new or changed cell; returns the lines whose routes that may change."""
        if not cell.is_line:
            if old is not None and not old.is_line and _same_box(cell, old):
                return set()
            return set(self._lines_at.get(cell.id, ()))
        touched = {cell.id}
        old_pair = fan_of(old) if old is not None and old.is_line else None
        pair = fan_of(cell)
        if old is not None and old.is_line:
            self._detach(old)
        for end in (cell.source, cell.target):
            if end is not None and end.cell is not None:
                self._lines_at.setdefault(end.cell, set()).add(cell.id)
        if old_pair is not None and old_pair != pair:
            touched |= self._leave(old_pair, cell.id)
        if pair is not None:
            members = self._pairs.setdefault(pair, {})
            known = members.get(cell.id)
            members[cell.id] = cell
            if known is None or known.source != cell.source or known.target != cell.target:
                self._fans.pop(pair, None)
                touched |= members.keys()
        return touched

    def drop(self, cell: Cell) -> set[str]:
        """Take out a cell; returns the lines whose routes that may change."""
        touched = set(self._lines_at.get(cell.id, ()))
        if cell.is_line:
            self._detach(cell)
            pair = fan_of(cell)
            if pair is not None:
                touched |= self._leave(pair, cell.id)
        return touched

    def fan(self, line: Cell) -> Fan:
        """A line's place among those that join the same two elements."""
        pair = fan_of(line)
        if pair is None or pair not in self._pairs:
            return Fan()
        if len(self._pairs[pair]) == 1:
            return Fan()
        if pair not in self._fans:
            self._fans[pair] = fan_members(self._pairs[pair].values())
        return self._fans[pair].get(line.id, Fan())

    def route(self, line: Cell) -> Route:
        """The way of a line between its ends as they are now."""
        source, target = line.source, line.target
        return route_line(
            line,
            self._cell_of(source.cell) if source is not None and source.cell else None,
            self._cell_of(target.cell) if target is not None and target.cell else None,
            self.fan(line),
        )

    def lines_at(self, cell_id: str) -> frozenset[str]:
        """The lines that start or end at a cell."""
        return frozenset(self._lines_at.get(cell_id, ()))

    def _detach(self, line: Cell) -> None:
        for end in (line.source, line.target):
            if end is not None and end.cell is not None:
                lines = self._lines_at.get(end.cell)
                if lines is not None:
                    lines.discard(line.id)
                    if not lines:
                        del self._lines_at[end.cell]

    def _leave(self, pair: Pair, line_id: str) -> set[str]:
        members = self._pairs.get(pair, {})
        members.pop(line_id, None)
        self._fans.pop(pair, None)
        if not members:
            self._pairs.pop(pair, None)
        return set(members)


def _same_box(cell: Cell, old: Cell) -> bool:
    return cell.position == old.position and cell.size == old.size and cell.type == old.type
