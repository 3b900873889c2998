"""The client on the event loop of the windows, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.manners import ROOT
from tests.sync.client.test_trust import fingerprint_of, secure
from tests.sync.server.running import Running

__all__ = ["secure"]


def test_it_runs_on_the_windows_loop(secure: Running) -> None:
    program = [sys.executable, "-m", "tests.sync.client.gui_loop"]
    done = subprocess.run(
        [*program, secure.url, fingerprint_of(secure), secure.tokens["ada"]], cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.startswith("records 1502,"), done.stdout + done.stderr
    assert done.stderr == ""


def test_it_hosts_on_the_windows_loop(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sync.client.gui_hosting", str(tmp_path)], cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.startswith("Workshop, 0, -9, logged 2,"), done.stdout + done.stderr
    assert done.stderr == ""
