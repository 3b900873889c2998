"""Messages that are too large for a frame: cut into parts, and put together again within bounds."""

from collections.abc import Iterator
from typing import Final

from sync.protocol.codec import MAX_FRAME_BYTES, MAX_MESSAGE_BYTES, ProtocolError, encode
from sync.protocol.messages import Part

MAX_UNFINISHED: Final = 4
_ENVELOPE: Final = 256  # what a part's frame holds besides its data


def frames(raw: bytes, part_of: str, *, limit: int = MAX_FRAME_BYTES) -> Iterator[bytes]:
    """The frames that carry an encoded message: itself, or parts of at most `limit` bytes each."""
    if len(raw) <= limit:
        yield raw
        return
    # Bytes travel as base64, four characters for three bytes.
    size = max(1, (limit - _ENVELOPE) * 3 // 4)
    count = -(-len(raw) // size)
    for number in range(count):
        piece = raw[number * size : (number + 1) * size]
        yield encode(Part(part_of=part_of, number=number, count=count, data=piece))


class Assembler:
    """Puts the parts of one connection together; holds at most `limit` bytes of unfinished messages."""

    def __init__(self, limit: int = MAX_MESSAGE_BYTES, unfinished: int = MAX_UNFINISHED) -> None:
        self._limit = limit
        self._unfinished = unfinished
        self._pieces: dict[str, tuple[int, list[bytes]]] = {}
        self.held = 0

    def take(self, part: Part) -> bytes | None:
        """The whole message once its last part is in. ProtocolError forgets what was there of it."""
        count, pieces = self._pieces.get(part.part_of, (part.count, []))
        problem = self._problem(part, count, pieces)
        if problem:
            self._forget(part.part_of)
            raise ProtocolError("bad_part", problem)
        pieces.append(part.data)
        self.held += len(part.data)
        if len(pieces) < count:
            self._pieces[part.part_of] = (count, pieces)
            return None
        self._pieces[part.part_of] = (count, pieces)
        self._forget(part.part_of)
        return b"".join(pieces)

    def _problem(self, part: Part, count: int, pieces: list[bytes]) -> str:
        if part.number != len(pieces) or part.count != count or part.number >= count:
            return f"part {part.number} of {part.count} came where {len(pieces)} of {count} was due"
        if not part.data:
            return f"part {part.number} is empty"
        if self.held + len(part.data) > self._limit:
            return f"unfinished messages would hold more than {self._limit} bytes"
        if not pieces and len(self._pieces) >= self._unfinished:
            return f"more than {self._unfinished} messages are unfinished"
        return ""

    def _forget(self, part_of: str) -> None:
        _, pieces = self._pieces.pop(part_of, (0, []))
        self.held -= sum(map(len, pieces))
