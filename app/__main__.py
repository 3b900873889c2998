"""Start-up: `tmi-desktop` and `python -m app`."""

import sys

from app.cli.parser import Start, run


def _window(start: Start) -> int:
    from app.wiring import desktop  # Qt and SQLAlchemy only where a window is opened

    return desktop.run(start.files, library=start.library, screenshot=start.screenshot)


def main() -> int:
    """Run the program with the arguments of the command line; returns its exit status."""
    return run(sys.argv[1:], _window)


if __name__ == "__main__":
    sys.exit(main())
