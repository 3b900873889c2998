"""No nested event loops: under asyncio they let other tasks die unseen."""

import re

import pytest

from tests.manners import ROOT

NESTED = re.compile(
    r"\.exec_?\(|QEventLoop\(|processEvents\("
    r"|QFileDialog\.get\w+\(|QInputDialog\.get\w+\(|QColorDialog\.getColor\(|QFontDialog\.getFont\("
    r"|QMessageBox\.(?:information|question|warning|critical|about)\("
)
ALLOWED = {
    "app/wiring/desktop.py": {"app.exec()", "qasync.QEventLoop(app)"},
    "ui/panels/palette.py": {"drag.exec(Qt.DropAction.CopyAction)"},
}


@pytest.mark.parametrize("room", ["app", "canvas", "ui"])
def test_no_nested_event_loops(room: str) -> None:
    found = []
    for path in sorted((ROOT / room).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if NESTED.search(line) and not any(words in line for words in ALLOWED.get(name, ())):
                found.append(f"{name}:{number}: {line.strip()}")
    assert found == []
