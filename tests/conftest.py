"""Puts the manners of every test in force; what they are stands in tests/manners.py."""

from tests.manners import (
    corpus_files,
    corpus_fixture,
    corpus_folder,
    count,
    no_leaks,
    no_loop_errors,
    pytest_pyfunc_call,
    pytest_report_header,
    pytest_runtest_makereport,
    seed,
    user_folders,
)

__all__ = [
    "corpus_files",
    "corpus_fixture",
    "corpus_folder",
    "count",
    "no_leaks",
    "no_loop_errors",
    "pytest_pyfunc_call",
    "pytest_report_header",
    "pytest_runtest_makereport",
    "seed",
    "user_folders",
]
