"""What became of a foreign file: a line for everything mapped, guessed, dropped or kept."""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

import msgspec

Category: TypeAlias = Literal["mapped", "guessed", "dropped", "kept"]
CATEGORIES: Final[tuple[Category, ...]] = ("mapped", "guessed", "dropped", "kept")
MEANINGS: Final[dict[Category, str]] = {
    "mapped": "Mapped: found its place in the model",
    "guessed": "Guessed: mended or decided, please look",
    "dropped": "Dropped: not in the model",
    "kept": "Kept: unknown here, written back on export",
}
MAX_ENTRIES: Final = 2000


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line: what it is about (a kind and its place in the file), what was done, for how many."""

    category: Category
    what: str
    detail: str = ""
    count: int = 1

    @property
    def line(self) -> str:
        """The entry on one line."""
        text = f"{self.what}: {self.detail}" if self.detail else self.what
        return " ".join(text.split()) + (f" ({self.count} times)" if self.count > 1 else "")


class ImportReport(msgspec.Struct, frozen=True):
    """Everything that an import did, in order."""

    source: str
    format: str
    entries: tuple[Entry, ...] = ()

    def of(self, category: Category) -> tuple[Entry, ...]:
        """The entries of one category."""
        return tuple(entry for entry in self.entries if entry.category == category)

    @property
    def counts(self) -> dict[str, int]:
        """How many things were mapped, guessed, dropped and kept; an entry may stand for several."""
        return {c: sum(entry.count for entry in self.of(c)) for c in CATEGORIES}

    @property
    def needs_a_look(self) -> bool:
        """Whether anything was guessed or dropped."""
        return any(entry.category in ("guessed", "dropped") for entry in self.entries)

    @property
    def summary(self) -> str:
        """The counts in words, on one line."""
        return ", ".join(f"{count} {name}" for name, count in self.counts.items())

    def markdown(self) -> str:
        """The report for people, as Markdown."""
        lines = [f"# Import of {self.source}", "", f"{self.format}: {self.summary}.", ""]
        for category in CATEGORIES:
            entries = self.of(category)
            if entries:
                lines += [f"## {MEANINGS[category]}", ""]
                lines += [f"- {entry.line}" for entry in entries] + [""]
        return "\n".join(lines)

    def json(self) -> bytes:
        """The report for programs: source, format, counts and entries."""
        body = {
            "source": self.source,
            "format": self.format,
            "counts": self.counts,
            "entries": self.entries,
        }
        return msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n"


class Findings:
    """A report in the making. Equal lines are counted, and beyond a bound only counted."""

    def __init__(self, source: str, format_name: str) -> None:
        self.source = source
        self.format = format_name
        self._entries: dict[tuple[Category, str, str], int] = {}

    def note(self, category: Category, what: str, detail: str = "", count: int = 1) -> None:
        """Add a line, or to the count of an equal one."""
        if count <= 0:
            return
        key = (category, what[:300], detail[:500])
        if key not in self._entries and len(self._entries) >= MAX_ENTRIES:
            key = (category, "more of the same", f"beyond {MAX_ENTRIES} lines")
        self._entries[key] = self._entries.get(key, 0) + count

    def mapped(self, what: str, detail: str = "", count: int = 1) -> None:
        """Something found its place in the model."""
        self.note("mapped", what, detail, count)

    def guessed(self, what: str, detail: str, count: int = 1) -> None:
        """Something was mended or decided that another reader might see otherwise."""
        self.note("guessed", what, detail, count)

    def dropped(self, what: str, detail: str, count: int = 1) -> None:
        """Something is not in the model."""
        self.note("dropped", what, detail, count)

    def kept(self, what: str, detail: str, count: int = 1) -> None:
        """Something is unknown here but kept for writing back."""
        self.note("kept", what, detail, count)

    def report(self) -> ImportReport:
        """What has been noted so far."""
        entries: Iterable[Entry] = (Entry(*key, count) for key, count in self._entries.items())
        return ImportReport(self.source, self.format, tuple(entries))
