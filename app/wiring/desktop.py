"""The desktop wiring: builds library, workspace and windows, and runs them until the last one closes."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

import qasync
from PySide6.QtCore import QCoreApplication, QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget

from app.ports import LoadedModel
from app.services.sharing import Sharing
from app.services.sharing.hosting import Hosts
from app.services.sharing.links import is_link
from app.services.workspace import Workspace
from storage import open_library
from storage.files import default_path
from sync.client.network import ClientNetwork
from sync.client.own_servers import OwnServers
from sync.replica import Replica
from ui.program import Program
from ui.single_instance import Doorman, hand_over

log = logging.getLogger(__name__)
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
PATIENCE_MS = 20_000
GRACE = 5.0
HOME_GRACE = 20.0
ROUNDS = 3


def application(argv: Sequence[str] = ()) -> QApplication:
    """The Qt application, made once; windows outlive each other, so closing the last one does not end it."""
    existing = QCoreApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    made = QApplication([sys.argv[0] if sys.argv else "tmi-desktop", *argv])
    made.setApplicationName("TMI Desktop")
    made.setApplicationDisplayName("TMI Desktop")
    made.setOrganizationName("TMI")
    made.setDesktopFileName("tmi-desktop")
    made.setQuitOnLastWindowClosed(False)
    return made


def replica_of(loaded: LoadedModel) -> Replica:
    """The copy of a model that a server orders, with what waits for it."""
    epoch = loaded.attachment.epoch if loaded.attachment is not None else ""
    return Replica(loaded.state, loaded.sequence_number, loaded.head_hash, epoch, loaded.pending)


def _heard_from_qt(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Qt's own words go to the log; what the offscreen platform cannot do is no news."""
    if not text.startswith("This plugin does not support"):
        log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", text)


def _say(text: str) -> None:
    sys.stderr.write(f"tmi-desktop: {text}\n")


def needs_display() -> bool:
    """Whether Qt would look for a display server that is not there."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return False
    return not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run(names: Sequence[str], *, library: Path | None = None, screenshot: Path | None = None) -> int:
    """Start the desktop program with these files open; returns its exit status.

    With `screenshot` the first window is painted into that file (PNG) and the program ends.
    """
    if needs_display():
        if screenshot is None:
            _say("there is no display; use --screenshot FILE for a picture of the window")
            return 2
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    qInstallMessageHandler(_heard_from_qt)
    # Its addresses hold codes and tickets, which are nobody's business but the server's.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    path = library or default_path()
    files = [name if is_link(name) else str(Path(name).absolute()) for name in names]
    app = application()
    if screenshot is None and hand_over(path, files):
        return 0
    opened = open_library(path)
    try:
        return _run(app, Workspace(opened, replicas=replica_of), path, files, screenshot)
    finally:
        opened.close()


def _run(
    app: QApplication, workspace: Workspace, path: Path, files: list[str], screenshot: Path | None
) -> int:
    status = [0]
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    writes = not workspace.library.read_only
    sharing, hosts = None, None
    if writes and screenshot is None:
        sharing, hosts = loop.run_until_complete(_sharing(workspace, path.absolute().parent))
    doorman = Doorman(path, take_over=writes) if screenshot is None else None
    program = Program(app, workspace, sharing, hosts)
    program.settings.forgetful = screenshot is not None
    if doorman is not None:
        doorman.files_given.connect(program.second_start)
    _end_on_signals(program)
    wake = QTimer()  # lets Python see signals while Qt waits
    wake.timeout.connect(lambda: None)
    wake.start(200)
    if screenshot is not None:
        QTimer.singleShot(0, lambda: _picture(program, screenshot, status))
    with loop:
        _run_windows(loop, lambda: program.start(files))
        loop.run_until_complete(_end(program, sharing, hosts))
        wake.stop()
        if doorman is not None:
            doorman.close()
    return status[0]


async def _sharing(workspace: Workspace, folder: Path) -> tuple[Sharing, Hosts]:
    """The servers that are known in this library and its models there, and what it hosts itself."""
    network = ClientNetwork(workspace.library, folder)
    sharing = Sharing(workspace, network, replica_of)
    return sharing, Hosts(sharing, OwnServers(network, workspace.library, folder / "hosted"))


def _run_windows(loop: asyncio.AbstractEventLoop, start: Callable[[], None]) -> None:
    """Start, and run until the application quits.

    Neither app.exec() nor run_until_complete() for the start: what is opened may be followed at once, and
    its tasks have to find the loop running.
    """
    failures: list[BaseException] = []

    def begin() -> None:
        try:
            start()
        except BaseException as error:
            failures.append(error)
            loop.stop()

    loop.call_soon(begin)
    loop.run_forever()
    if failures:
        raise failures[0]


async def _end(program: Program, sharing: Sharing | None, hosts: Hosts | None) -> None:
    """What is on its way may still go, for a moment; then every task ends before the library closes.

    What could not be brought home in time is hosted again when it is opened the next time.
    """
    program.close()
    if hosts is not None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HOME_GRACE):
                await hosts.stop_all()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await hosts.close()
    if sharing is not None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await sharing.close()
    for _ in range(ROUNDS):  # one that ends may have begun another
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        if rest:
            await asyncio.wait(rest, timeout=1.0)


def _end_on_signals(program: Program) -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        # Python comes here from the middle of anything, a paint for instance; windows close after it.
        QTimer.singleShot(0, program, lambda: program.quit(forced=True))

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


def _picture(program: Program, file: Path, status: list[int]) -> None:
    """Wait until nothing is being read and a window stands, then paint it into the file."""
    tries = [0]

    def attempt() -> None:
        tries[0] += 1
        window: QWidget | None = next(iter(program.windows.values()), None)
        if window is None and not program.busy:
            window = program.home
        if window is None and tries[0] * 50 < PATIENCE_MS:
            QTimer.singleShot(50, attempt)
            return
        QTimer.singleShot(150, lambda: _grab(program, window, file, status))

    attempt()


def _grab(program: Program, window: QWidget | None, file: Path, status: list[int]) -> None:
    problem = program.problem
    if window is None or problem or not window.grab().save(str(file), "PNG"):
        _say(problem or f"{file}: cannot be written")
        status[0] = 2
    program.quit()
