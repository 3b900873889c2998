"""The file formats: how each is called, told apart by content, read and written."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.errors import TmiError, UnreadableFile
from app.domain.state import ModelState
from app.exchange import files, native, native_read, threat_dragon, threat_dragon_write
from app.exchange.imported import Imported

Reader = Callable[[bytes, str], Imported]
Writer = Callable[[ModelState], bytes]


@dataclass(frozen=True)
class Format:
    """A file format. `looks_like` judges a file's bytes; `read` or `write` is None where it cannot be done.

    `kinds` are the kinds of record that it holds, None for all.
    """

    key: str
    name: str
    extensions: tuple[str, ...]
    looks_like: Callable[[bytes], bool]
    read: Reader | None = None
    write: Writer | None = None
    kinds: frozenset[str] | None = None

    def left_out(self, state: ModelState) -> dict[str, int]:
        """How many records of which kinds the format has no place for."""
        if self.kinds is None:
            return {}
        return dict(Counter(r.kind for r in state.records.values() if r.kind not in self.kinds))


def _is_native(data: bytes) -> bool:
    return b'"format"' in data[:200] and b'"tmi"' in data[:200]


NATIVE: Final = Format(
    "tmi", native_read.NAME, (native.EXTENSION,), _is_native, native_read.read, native.write
)
THREAT_DRAGON: Final = Format(
    "threat-dragon",
    threat_dragon.NAME,
    (".json",),
    threat_dragon.looks_like,
    threat_dragon.read,
    threat_dragon_write.write,
    threat_dragon_write.KINDS,
)
FORMATS: Final[tuple[Format, ...]] = (NATIVE, THREAT_DRAGON)


def format_of_key(key: str) -> Format:
    """The format called `key`. TmiError names those there are."""
    found = next((one for one in FORMATS if one.key == key.lower()), None)
    if found is None:
        raise TmiError(f"there is no format {key!r}; known are {', '.join(f.key for f in FORMATS)}")
    return found


def format_of_name(path: Path) -> Format | None:
    """The format that a file's name asks for; a plain .json may be any, so the longest ending wins."""
    name = path.name.lower()
    fitting = [(len(e), f) for f in FORMATS for e in f.extensions if name.endswith(e)]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def format_of_content(data: bytes, path: Path) -> Format:
    """The format that a file's content shows, else that of its name. UnreadableFile when neither does."""
    found = next((one for one in FORMATS if one.read and one.looks_like(data)), None)
    found = found or format_of_name(path)
    if found is None or found.read is None:
        raise UnreadableFile(str(path), "is in no format that is known here")
    return found


def read_file(path: Path, key: str = "") -> Imported:
    """The model in a file, in the format `key` or the one its content shows. UnreadableFile if none."""
    wanted = format_of_key(key) if key else None
    data = files.read_bytes(path)
    chosen = wanted or format_of_content(data, path)
    if chosen.read is None:
        raise TmiError(f"{chosen.name} can only be written")
    return chosen.read(data, str(path))


def write_file(state: ModelState, path: Path, key: str = "") -> Format:
    """Write a model to a file, in the format `key` or the one its name asks for. Whole or not at all."""
    chosen = format_of_key(key) if key else format_of_name(path)
    if chosen is None:
        endings = ", ".join(e for f in FORMATS if f.write for e in f.extensions)
        raise TmiError(f"{path}: the ending says no format; known are {endings}")
    if chosen.write is None:
        raise TmiError(f"{chosen.name} can only be read")
    files.save(path, chosen.write(state))
    return chosen
