"""Which operations are on their way: few at a time, and none that may depend on one without an answer."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from app.domain.ids import is_id
from app.domain.patch import Operation

WIDTH: Final = 32


class Window:
    """What was sent over the present connection and has no answer yet."""

    def __init__(self, width: int = WIDTH) -> None:
        self._width = width
        self._sent: set[str] = set()

    @property
    def sent(self) -> frozenset[str]:
        """The operations that are on their way."""
        return frozenset(self._sent)

    def choose(self, pending: Iterable[Operation], saved: Collection[str]) -> list[Operation]:
        """Operations to send now, noted as sent.

        An operation that was refused for now may come after a later one: hence none goes while an earlier
        one without an answer writes what it names, or names what it writes.
        """
        chosen: list[Operation] = []
        earlier_written: set[str] = set()
        earlier_named: set[str] = set()
        for operation in pending:
            if len(self._sent) >= self._width:
                break
            ids, written = named(operation), {one.id for one in operation.patch}
            if operation.operation_id not in self._sent:
                if operation.operation_id not in saved:
                    break
                if earlier_written.isdisjoint(ids) and earlier_named.isdisjoint(written):
                    self._sent.add(operation.operation_id)
                    chosen.append(operation)
            earlier_written |= written
            earlier_named |= ids
        return chosen

    def settled(self, operation_id: str) -> None:
        """An operation has its answer."""
        self._sent.discard(operation_id)

    def again(self, operation_id: str) -> None:
        """An operation was refused for now."""
        self._sent.discard(operation_id)

    def disconnected(self) -> None:
        """What had no answer is sent again over the next connection."""
        self._sent.clear()


def named(operation: Operation) -> set[str]:
    """The ids of all records that an operation names."""
    found: set[str] = set()
    for one in operation.patch:
        found.add(one.id)
        _collect(one.data, found)
    return found


def _collect(value: Any, found: set[str]) -> None:
    if isinstance(value, str):
        if is_id(value):
            found.add(value)
    elif isinstance(value, Mapping):
        for part in value.values():
            _collect(part, found)
    elif isinstance(value, list | tuple):
        for part in value:
            _collect(part, found)
