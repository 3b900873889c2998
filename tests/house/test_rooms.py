"""The layout of the house: which rooms there are and what every file in them owes."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.manners import ROOT

ROOMS = {"app", "canvas", "packaging", "resources", "storage", "sync", "tests", "ui"}
MADE_FOLDERS = {"__pycache__", "build", "dist"}
TEXT_ENDINGS = {
    "", ".cfg", ".css", ".html", ".ini", ".json", ".mako", ".md", ".py", ".qss", ".sh", ".svg",
    ".toml", ".txt", ".yaml", ".yml",
}  # fmt: skip
# Put together from pieces, so that this file may be looked at too.
FORBIDDEN = {
    "a package registry": r"py" r"pi\.org|python" r"hosted\.org|registry\.npm" r"js|crates" r"\.io",
    "a path of one machine": r"(?<![\w.~}])/(?:wo"
    r"rk|ro"
    r"ot|ho"
    r"me/\w+|Us"
    r"ers/\w+|t"
    r"mp)/",
    "a private folder": r"\.lib" r"rary/",
}


def project_files() -> Iterator[Path]:
    """Every file of the project, without what running it makes."""
    for folder, names, files in os.walk(ROOT):
        names[:] = [
            name
            for name in sorted(names)
            if name not in MADE_FOLDERS
            and not name.endswith(".egg-info")
            and (name == ".ci" or not name.startswith("."))
        ]
        yield from (Path(folder, name) for name in sorted(files))


FILES = list(project_files())
PYTHON = [path for path in FILES if path.suffix == ".py"]
SCRIPTS = [ROOT / "packaging" / "run", ROOT / "packaging" / "test", ROOT / ".ci" / "run"]


def shown(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


def test_rooms_are_the_top_level_folders() -> None:
    folders = {path.relative_to(ROOT).parts[0] for path in FILES if path.parent != ROOT}
    assert folders - {".ci"} == ROOMS


def test_packaging_is_no_package() -> None:
    assert not list((ROOT / "packaging").rglob("__init__.py"))


def test_python_folders_are_packages() -> None:
    folders = {path.parent for path in PYTHON} - {ROOT / "packaging"}
    missing = [
        folder
        for folder in sorted(folders)
        if "packaging" not in folder.relative_to(ROOT).parts and not (folder / "__init__.py").is_file()
    ]
    assert shown(missing) == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path in PYTHON if not ast.get_docstring(ast.parse(path.read_bytes()))]
    assert shown(silent) == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_place_but_the_project_is_named(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    lines = [
        f"{path.relative_to(ROOT).as_posix()}:{number}: {line.strip()[:80]}"
        for path in FILES
        if path.suffix in TEXT_ENDINGS
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert lines == []


def test_constraints_are_names_and_versions() -> None:
    lines = (ROOT / "packaging" / "constraints.txt").read_text("utf-8").splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.+!]+", line)] == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_can_be_started(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert script.read_text("utf-8").startswith("#!")
