"""The manners have teeth: a test that leaks or warns does not pass."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.manners import ROOT, count

CASES = (Path(__file__).parent / "leaky_cases.py").read_text("utf-8")


def run_cases(folder: Path) -> dict[str, set[str]]:
    """How each of the badly behaved tests ended in a run of its own, by its name."""
    (folder / "test_leaky.py").write_text(CASES, "utf-8")
    command = [sys.executable, "-m", "pytest", "-v", str(folder), "--rootdir", str(folder)]
    command += ["-c", str(ROOT / "pyproject.toml"), "-p", "tests.manners", "-p", "no:cacheprovider"]
    # A worker of a parallel run tells its children that they are one too.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    ends: dict[str, set[str]] = {}
    for name, end in re.findall(r"::(test_\w+) (PASSED|FAILED|ERROR)", done.stdout):
        ends.setdefault(name, set()).add(end)
    assert ends, done.stdout + done.stderr
    return ends


def test_each_case_ends_as_its_name_says(tmp_path: Path) -> None:
    ends = run_cases(tmp_path)
    assert set(ends) == set(re.findall(r"def (test_\w+)", CASES))
    clean = {name for name, end in ends.items() if end == {"PASSED"}}
    assert clean == {name for name in ends if name.startswith("test_clean")}


def test_user_folders_are_temporary(user_folders: Path) -> None:
    for variable in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "APPDATA"):
        assert Path(os.environ[variable]).is_relative_to(user_folders)


def test_counts_follow_the_full_switch() -> None:
    expected = 1000 if os.environ.get("TMI_TEST_FULL", "") not in ("", "0") else 3
    assert count(3, 1000) == expected
