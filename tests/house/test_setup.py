"""The set-up scripts on machines that lack something, played with stand-ins on the PATH."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.manners import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="plays a bare Linux machine")

TOOLS = ("bash", "sh", "dirname", "env", "cksum", "cat", "mktemp", "tail", "rm", "tr", "uname")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of tools for the PATH, without any Python, in which nobody is root."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in TOOLS:
        for folder in ("/usr/bin", "/bin"):
            if os.access(f"{folder}/{name}", os.X_OK):
                (tools / name).symlink_to(f"{folder}/{name}")
                break
    command(tools, "id", "echo 1000")
    return tools


def command(tools: Path, name: str, body: str) -> None:
    (tools / name).write_text(f"#!/bin/sh\n{body}\n", "utf-8")
    (tools / name).chmod(0o755)


def setup(tools: Path, body: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run lines with packaging/setup.sh sourced; absolute paths of Pythons are not looked at."""
    script = f'. "{ROOT}/packaging/setup.sh"\nVENV="{tools.parent}/venv"\n{body}'
    return subprocess.run(
        [str(tools / "bash"), "-c", script],
        env={"PATH": str(tools), **more},
        capture_output=True,
        text=True,
        timeout=60,
    )


# A Python that is new enough and has no ensurepip, as Debian's without python3-venv.
NO_VENV = f"""case "$2" in
*ensurepip*) exit 1 ;;
*) exec "{sys.executable}" "$@" ;;
esac"""

# On a Debian with all of Qt's libraries; other Pythons of the real machine are not looked at.
LACKING = """
is_debian() { true; }
find_python() { echo python3; }
uname() { echo other; }
set_up ""
"""


def test_python_without_venv_gets_one_line_to_run(machine: Path) -> None:
    command(machine, "python3", NO_VENV)
    command(machine, "apt-get", "exit 1")
    done = setup(machine, LACKING)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert done.returncode == 1
    assert f"    sudo apt-get install -y python{version}-venv\n" in done.stderr


def test_root_on_debian_installs_it(machine: Path) -> None:
    command(machine, "id", "echo 0")
    # The stand-in still cannot make an environment afterwards, which must be said in one line.
    command(machine, "python3", 'case "$2" in venv) exit 1 ;; esac\n' + NO_VENV)
    command(machine, "apt-get", 'echo "$@" >>"$LOG"')
    log = machine.parent / "log"
    done = setup(machine, LACKING, LOG=str(log))
    assert done.returncode == 1
    assert "could not make" in done.stderr
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert log.read_text("utf-8").splitlines() == [
        "update",
        f"install -y --no-install-recommends python{version}-venv",
    ]


def test_a_python_that_makes_environments_is_preferred(machine: Path) -> None:
    command(machine, "python3", NO_VENV)
    command(machine, "python3.13", f'exec "{sys.executable}" "$@"')
    assert setup(machine, "find_python").stdout == "python3.13\n"


def test_an_old_python_is_passed_over(machine: Path) -> None:
    command(machine, "python3", "exit 1")
    command(machine, "python3.12", f'exec "{sys.executable}" "$@"')
    assert setup(machine, "find_python").stdout == "python3.12\n"


def test_missing_libraries_are_named_in_one_line(machine: Path) -> None:
    command(machine, "apt-get", "exit 1")
    command(machine, "fake", """[ "$1" != -I ] || printf 'libegl1\\nlibgl1\\n'""")
    done = setup(machine, 'is_debian() { true; }\ncheck_system "$(missing_libraries fake)"')
    assert done.returncode == 1
    assert "    sudo apt-get install -y libegl1 libgl1\n" in done.stderr


def test_offline_goes_on_with_what_is_installed(machine: Path) -> None:
    (machine.parent / "venv").mkdir()
    (machine.parent / "venv" / "installed").write_text("of yesterday\n", "utf-8")
    done = setup(machine, 'pip_install() { false; }\ninstall ""; echo "went on"')
    assert "went on" in done.stdout
    assert "going on with the one that is there" in done.stderr


def test_offline_at_first_says_so(machine: Path) -> None:
    (machine.parent / "venv").mkdir()
    done = setup(machine, 'pip_install() { false; }\ninstall ""; echo "went on"')
    assert done.returncode == 1
    assert "went on" not in done.stdout
    assert "is there a network?" in done.stderr
