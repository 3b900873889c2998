"""Model files as a person names them: what can be opened, and how a model is saved."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import msgspec

from app.domain.errors import TmiError, UnreadableFile
from app.domain.state import ModelState
from app.exchange import formats
from app.exchange.files import reason_of
from app.exchange.imported import Imported
from app.exchange.report import MEANINGS, ImportReport

__all__ = [
    "MEANINGS",
    "ImportReport",
    "Imported",
    "Sample",
    "is_native",
    "read_model",
    "read_sample",
    "readable",
    "reason",
    "samples",
    "writable",
    "write_model",
]

NATIVE_ENDING: Final = ".tmi.json"


class Sample(msgspec.Struct, frozen=True):
    """A model that comes with the program."""

    file: str
    title: str
    description: str = ""
    order: int = 0


def read_model(path: Path) -> Imported:
    """The model in a file of any known format. UnreadableFile or TmiError say what is wrong."""
    return formats.read_file(path)


def write_model(state: ModelState, path: Path, key: str = "") -> None:
    """Save a model to a file, whole or not at all, in the format its name asks for."""
    formats.write_file(state, path, key)


def reason(error: Exception) -> str:
    """What went wrong with a file, in one line for its user."""
    if isinstance(error, TmiError):
        return str(error)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{reason_of(error)}"
    return f"an error that the program did not foresee ({type(error).__name__})"


def readable() -> list[tuple[str, tuple[str, ...]]]:
    """Name and endings of each format that can be opened."""
    return [(f.name, f.extensions) for f in formats.FORMATS if f.read is not None]


def writable() -> list[tuple[str, str, tuple[str, ...]]]:
    """Key, name and endings of each format that can be saved to."""
    return [(f.key, f.name, f.extensions) for f in formats.FORMATS if f.write is not None]


def is_native(path: Path) -> bool:
    """Whether a file's name says that it is our own format."""
    return path.name.lower().endswith(NATIVE_ENDING)


def samples() -> list[Sample]:
    """The models that come with the program, in their order."""
    index = files("resources") / "samples" / "index.json"
    try:
        found = msgspec.json.decode(index.read_bytes(), type=list[Sample])
    except (OSError, msgspec.MsgspecError) as error:
        raise TmiError(f"the samples cannot be read: {error}") from None
    return sorted(found, key=lambda sample: sample.order)


def read_sample(name: str) -> Imported:
    """One of the models that come with the program. UnreadableFile when there is none of that name."""
    if name not in {sample.file for sample in samples()}:
        raise UnreadableFile(name, "is no sample")
    with as_file(files("resources") / "samples" / name) as path:
        return formats.read_file(path)
