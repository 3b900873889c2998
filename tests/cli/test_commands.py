"""The commands: what they print, what they write, and how they refuse."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli import parser
from app.cli.parser import Start, run
from app.exchange import native_read
from tests.manners import ROOT, corpus_files

FILES = ROOT / "tests" / "exchange" / "files"
V2 = FILES / "threat_dragon_v2.json"
V1 = FILES / "threat_dragon_v1.json"
REAL = [p for p in corpus_files("threat-dragon", "*.json") if "malformed" not in p.name]


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """Run what must be refused; returns its one line."""
    assert run(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tmi-desktop: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def info_of(capsys: pytest.CaptureFixture[str], path: Path) -> Any:
    assert run(["info", str(path), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_info_as_json_is_one_object_of_exactly_these_parts(capsys: pytest.CaptureFixture[str]) -> None:
    found = info_of(capsys, V2)
    assert list(found) == ["name", "framework", "diagrams", "threats", "report"]
    assert (found["name"], found["framework"], found["threats"]) == ("Clinic — bookings", "STRIDE", 7)
    assert [d["name"] for d in found["diagrams"]] == ["Clinic", "Privacy", "Empty"]
    assert found["diagrams"][0]["cells"] == {
        "process": 1,
        "datastore": 1,
        "external_entity": 1,
        "trust_boundary": 4,
        "data_flow": 5,
        "text": 1,
    }
    assert list(found["report"]) == ["mapped", "guessed", "dropped", "kept"]


def test_info_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["info", str(V1)]) == 0
    out = capsys.readouterr().out
    assert "Old shop (STRIDE)" in out
    assert "Shop: 1 process, 1 store, 1 external entity, 1 trust boundary, 3 data flow" in out


def test_convert_to_native_and_back(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    native, back = tmp_path / "a.tmi.json", tmp_path / "b.json"
    report = tmp_path / "report.md"
    assert run(["convert", str(V2), str(native), "--report", str(report)]) == 0
    assert run(["convert", str(native), str(back), "--to", "threat-dragon"]) == 0
    capsys.readouterr()
    before, there, again = (info_of(capsys, path) for path in (V2, native, back))
    for found in (before, there, again):
        del found["report"]
    assert before == there == again
    assert native_read.read(native.read_bytes(), "a").state().model is not None
    assert report.read_text("utf-8").startswith("# Import of ")


def test_convert_says_what_a_format_cannot_hold(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    body = json.loads(V1.read_bytes())
    body["summary"]["description"] = "long " * 1000
    (tmp_path / "long.json").write_text(json.dumps(body), "utf-8")
    assert run(["convert", str(tmp_path / "long.json"), str(tmp_path / "out.json")]) == 0
    out = capsys.readouterr().out
    assert "whole in a note" in out
    assert "no place for it: note (1)" in out


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_files_convert_both_ways(capsys: pytest.CaptureFixture[str], tmp_path: Path, path: Path) -> None:
    native, back = tmp_path / "a.tmi.json", tmp_path / "b.json"
    assert run(["convert", str(path), str(native)]) == 0
    assert run(["convert", str(native), str(back)]) == 0
    capsys.readouterr()
    found = [info_of(capsys, one) for one in (path, native, back)]
    for one in found:
        del one["report"]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_render(qapp: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"out.{ending}"
    assert run(["render", str(V2), str(target), "--diagram", "privacy", "--scale", "0.5"]) == 0
    data = target.read_bytes()
    starts = {"svg": b"<", "png": b"\x89PNG", "pdf": b"%PDF"}
    assert data.startswith(starts[ending])
    assert "diagram 'Privacy'" in capsys.readouterr().out
    if ending == "svg":
        assert b"Auditor" in data


def test_render_takes_the_first_diagram_and_says_so(
    qapp: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["render", str(V2), str(tmp_path / "a.svg")]) == 0
    assert "the first of 3 diagrams" in capsys.readouterr().out
    assert run(["render", str(V2), str(tmp_path / "b.svg"), "--diagram", "1"]) == 0
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_wrong_use_is_refused_in_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    source, folder = str(V2), str(tmp_path)
    binary = tmp_path / "binary.json"
    binary.write_bytes(bytes(range(256)))
    assert "OUT" in refused(capsys, "convert", source)
    assert "no such file" in refused(capsys, "info", f"{folder}/none.json")
    assert "is a folder" in refused(capsys, "info", folder)
    assert "is not a text file" in refused(capsys, "info", str(binary))
    assert "the ending says no format" in refused(capsys, "convert", source, f"{folder}/out.xyz")
    assert "invalid choice" in refused(capsys, "convert", source, f"{folder}/a.json", "--to", "word")
    assert "cannot be written" in refused(capsys, "convert", source, f"{folder}/no/such/a.json")
    assert "must end in" in refused(capsys, "render", source, f"{folder}/a.gif")
    assert "1 'Clinic'" in refused(capsys, "render", source, f"{folder}/a.svg", "--diagram", "9")
    assert "from 0.01 to 20" in refused(capsys, "render", source, f"{folder}/a.png", "--scale", "0")
    assert "scale" in refused(capsys, "render", source, f"{folder}/a.png", "--scale", "big")
    assert "there is no library" in refused(capsys, "verify", f"{folder}/none.db")
    assert "is a folder" in refused(capsys, "verify", folder)
    assert "--frobnicate" in refused(capsys, "--frobnicate")
    assert "null byte" in refused(capsys, "info", "a\0b")


def test_a_model_without_diagrams_cannot_be_drawn(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text('{"summary": {"title": "E"}, "detail": {"diagrams": []}}', "utf-8")
    assert "has no diagram" in refused(capsys, "render", str(empty), str(tmp_path / "a.svg"))


def test_what_is_no_command_goes_to_the_window() -> None:
    seen: list[Start] = []

    def window(start: Start) -> int:
        seen.append(start)
        return 7

    assert run(["a.json", "b.json", "--screenshot", "x.png"], window) == 7
    assert seen == [Start(("a.json", "b.json"), None, Path("x.png"))]
    assert run([], window) == 7
    assert seen[1] == Start()


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (OSError(28, "No space left on device", "x"), 2, "x: no space left on device"),
        (RuntimeError("odd\nthing"), 2, "internal error: RuntimeError: odd thing"),
    ],
)
def test_no_failure_becomes_a_traceback(
    capsys: pytest.CaptureFixture[str], error: BaseException, status: int, line: str
) -> None:
    def window(start: Start) -> int:
        raise error

    assert run([], window) == status
    assert capsys.readouterr().err == f"tmi-desktop: {line}\n"


@pytest.mark.parametrize("argv", [["--help"], ["--version"], *([n, "--help"] for n in parser.COMMANDS)])
def test_help_is_no_failure(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    assert run(argv) == 0
    out, err = capsys.readouterr()
    assert "tmi-desktop" in out
    assert err == ""


def command(*argv: str, **options: Any) -> subprocess.Popen[bytes]:
    environment = {k: v for k, v in os.environ.items() if k not in ("QT_QPA_PLATFORM", "DISPLAY")}
    return subprocess.Popen(
        [sys.executable, "-m", "app", *argv],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def test_the_real_command_without_a_display(tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    with command("render", str(V2), str(target)) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert b"the first of 3" in out
    assert target.read_bytes().startswith(b"\x89PNG")


def test_the_real_command_refuses_with_one_line() -> None:
    with command("info", "none.json") as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, b"")
    assert err.splitlines() == [b"tmi-desktop: none.json: no such file or directory"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_reader_that_leaves_early_is_no_failure() -> None:
    with command("info", str(V2)) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()
        process.wait(timeout=60)
    assert err == b""


def test_output_survives_a_narrow_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    assert run(["info", str(V2)]) == 0
    assert b"Clinic \\u2014 bookings" in narrow.buffer.getvalue()
