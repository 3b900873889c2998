"""The import report as text and as data."""

import json

from app.exchange import report
from app.exchange.report import Findings


def found() -> Findings:
    findings = Findings("a.json", "Some format")
    findings.mapped("Process", count=3)
    findings.guessed("cell 'A'", "has no place")
    findings.guessed("cell 'A'", "has no place")
    findings.dropped("threat\nB", "is no threat")
    return findings


def test_equal_lines_are_counted_and_lines_are_lines() -> None:
    made = found().report()
    assert made.counts == {"mapped": 3, "guessed": 2, "dropped": 1, "kept": 0}
    assert [e.line for e in made.of("guessed")] == ["cell 'A': has no place (2 times)"]
    assert [e.line for e in made.of("dropped")] == ["threat B: is no threat"]
    assert made.needs_a_look
    assert made.summary == "3 mapped, 2 guessed, 1 dropped, 0 kept"


def test_as_markdown_and_json() -> None:
    made = found().report()
    text = made.markdown()
    assert text.startswith("# Import of a.json\n")
    assert "\n- Process (3 times)\n" in text
    assert "## Kept" not in text
    body = json.loads(made.json())
    assert body["counts"]["mapped"] == 3
    assert body["entries"][1] == {
        "category": "guessed",
        "what": "cell 'A'",
        "detail": "has no place",
        "count": 2,
    }


def test_lines_have_a_bound_but_counts_do_not() -> None:
    findings = Findings("a", "b")
    for number in range(report.MAX_ENTRIES + 500):
        findings.dropped(f"cell {number}", "x")
    made = findings.report()
    assert len(made.entries) == report.MAX_ENTRIES + 1
    assert made.counts["dropped"] == report.MAX_ENTRIES + 500
