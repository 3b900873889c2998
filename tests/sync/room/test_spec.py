"""Every rule of the specification is shown by a test, and tests name rules that there are."""

import re

from tests.manners import ROOT

RULE = re.compile(r"\b[A-Z]+-\d+\b")


def test_rules_and_tests_know_each_other() -> None:
    lines = (ROOT / "sync" / "SPEC.md").read_text("utf-8").splitlines()
    rules = [found[1] for line in lines if (found := re.match(r"- \*\*([A-Z]+-\d+)\*\* \S", line))]
    assert len(rules) == len(set(rules)) > 40
    kinds = {rule.split("-")[0] for rule in rules}
    named: set[str] = set()
    for folder in ("tests/sync", "tests/simulation", "tests/wiring"):
        for path in (ROOT / folder).rglob("test_*.py"):
            named |= {one for one in RULE.findall(path.read_text("utf-8")) if one.split("-")[0] in kinds}
    assert set(rules) - named == set(), "shown by no test"
    assert named - set(rules) == set(), "named by a test, and not in the specification"
