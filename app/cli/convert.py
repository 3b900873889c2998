"""Read a model in one format and write it in another.

The formats are told by content (IN) and by ending (OUT), unless --from or --to name them.
"""

import argparse
from pathlib import Path
from typing import Final

from app.cli.outcome import DONE
from app.exchange.files import save
from app.exchange.formats import FORMATS, read_file, write_file
from app.exchange.report import ImportReport

HELP: Final = "read a model in one format, write it in another"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    readable = [f.key for f in FORMATS if f.read is not None]
    writable = [f.key for f in FORMATS if f.write is not None]
    parser.add_argument("input", type=Path, metavar="IN", help="the model to read")
    parser.add_argument("output", type=Path, metavar="OUT", help="the file to write")
    parser.add_argument("--from", dest="source_format", choices=readable, help="the format of IN")
    parser.add_argument("--to", dest="target_format", choices=writable, help="the format of OUT")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="write the import report (Markdown, or .json)"
    )


def report_lines(report: ImportReport) -> list[str]:
    """What a person should know of an import: the counts, and what was guessed or dropped."""
    lines = [f"{report.format}: {report.summary}"]
    for category in ("guessed", "dropped"):
        lines += [f"  {category}: {entry.line}" for entry in report.entries if entry.category == category]
    return lines


def run(given: argparse.Namespace) -> int:
    """Convert, and print what became of the input."""
    imported = read_file(given.input, given.source_format or "")
    state = imported.state()
    written = write_file(state, given.output, given.target_format or "")
    if given.report is not None:
        as_json = given.report.suffix.lower() == ".json"
        save(given.report, imported.report.json() if as_json else imported.report.markdown().encode())
    print("\n".join(report_lines(imported.report)))
    print(f"{given.output}: written as {written.name}")
    for kind, count in written.left_out(state).items():
        print(f"  left out, since {written.name} has no place for it: {kind.replace('_', ' ')} ({count})")
    return DONE
