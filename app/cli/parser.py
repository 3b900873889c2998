"""The entry of the command line: commands by name, otherwise the window; every failure is one line."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final, NoReturn, Protocol

from app.cli import accounts, backup, convert, info, keys, render, restore, serve, verify
from app.cli.outcome import DONE, INTERRUPTED, WRONG, Usage, complain
from app.domain.errors import TmiError
from app.exchange.files import reason_of

PROGRAM: Final = "tmi-desktop"


class Command(Protocol):
    """What the module of a command holds."""

    __doc__: str | None
    HELP: str

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""

    def run(self, given: argparse.Namespace) -> int:
        """Do it; returns the exit status."""


COMMANDS: Final[dict[str, Command]] = {
    "accounts": accounts,
    "backup": backup,
    "convert": convert,
    "info": info,
    "keys": keys,
    "render": render,
    "restore": restore,
    "serve": serve,
    "verify": verify,
}
DESCRIPTION: Final = """\
Threat modelling on the desktop: data-flow diagrams and threats, kept on this machine.

  tmi-desktop [FILE ...]      open the program, with these models
  tmi-desktop LINK            come into a model that somebody shares, by their invite link
  tmi-desktop COMMAND ...     do one thing without a window
"""


@dataclass(frozen=True)
class Start:
    """What the window is asked for: files to open, a library, a picture of itself."""

    files: tuple[str, ...] = ()
    library: Path | None = None
    screenshot: Path | None = None


Window = Callable[[Start], int]


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are exceptions, so that there is one place that prints them."""

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        raise Usage(f"{message}; see {self.prog} --help")


def version() -> str:
    """The program's version."""
    try:
        return metadata.version(PROGRAM)
    except metadata.PackageNotFoundError:
        return "not installed"


def _window_parser() -> _Parser:
    commands = "\n".join(f"  {name:<10}{module.HELP}" for name, module in COMMANDS.items())
    parser = _Parser(
        PROGRAM,
        description=DESCRIPTION,
        epilog=f"commands ({PROGRAM} COMMAND --help says more):\n{commands}\n\n"
        "exit status: 0 done, 1 findings, 2 wrong use or unreadable input",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage=f"{PROGRAM} [options] [FILE ...]\n       {PROGRAM} COMMAND ...",
        allow_abbrev=False,
    )
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="a model in any known format, or an invite link"
    )
    parser.add_argument("--library", type=Path, metavar="FILE", help="use this library")
    parser.add_argument(
        "--screenshot", type=Path, metavar="FILE", help="leave a picture of the window, and end"
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {version()}")
    return parser


def _command_parser(name: str) -> _Parser:
    module = COMMANDS[name]
    parser = _Parser(
        f"{PROGRAM} {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.arguments(parser)
    return parser


def _dispatch(argv: Sequence[str], window: Window | None) -> int:
    if argv and argv[0] in COMMANDS:
        given = _command_parser(argv[0]).parse_args(argv[1:])
        return COMMANDS[argv[0]].run(given)
    given = _window_parser().parse_args(argv)
    if window is None:
        raise Usage("there is no window to open here")
    return window(Start(tuple(given.files), given.library, given.screenshot))


def _settle_output() -> None:
    """Let any text be printed, whatever the terminal's encoding, and write out what is buffered."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _reader_left() -> int:
    """The other end of the pipe has seen enough; keep Python from saying so at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        pass
    finally:
        os.close(nowhere)
    return DONE


def run(argv: Sequence[str], window: Window | None = None) -> int:
    """Do what the arguments (without the program's name) ask for; returns the exit status.

    `window` opens the program itself and returns its exit status. Never raises: whatever goes wrong
    becomes one line on standard error.
    """
    _settle_output()
    try:
        status = _dispatch(argv, window)
        sys.stdout.flush()
    except SystemExit as end:  # argparse after --help and --version
        return end.code if isinstance(end.code, int) else DONE
    except KeyboardInterrupt:
        return complain("interrupted", INTERRUPTED)
    except BrokenPipeError:
        return _reader_left()
    except TmiError as error:
        return complain(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return complain(f"{where}{reason_of(error)}")
    except Exception as error:
        return complain(f"internal error: {type(error).__name__}: {error}", WRONG)
    return status
