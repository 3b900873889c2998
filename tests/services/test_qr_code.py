"""QR codes: finder patterns where they belong, a quiet zone, and the same modules in both forms."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.qr_code import QUIET_ZONE, Matrix, NoCode, qr_matrix, qr_svg

LINK = (
    "https://192.168.100.100:65535/join#invite=" + "a" * 43
    + "&model=00000000-0000-7000-8000-000000000001&sha256=" + "ab" * 32
)  # fmt: skip
FINDER = ("1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111")


def corner(matrix: Matrix, row: int, column: int) -> tuple[str, ...]:
    """Seven by seven modules as digits."""
    return tuple("".join("01"[m] for m in line[column : column + 7]) for line in matrix[row : row + 7])


@given(st.text(min_size=1, max_size=300))
def test_it_is_a_code(text: str) -> None:
    matrix = qr_matrix(text)
    size, far = len(matrix), len(matrix) - QUIET_ZONE - 7
    assert {len(row) for row in matrix} == {size}
    assert (size - 2 * QUIET_ZONE - 17) % 4 == 0, "never a Micro QR code, which few phones read"
    edge = [*matrix[:QUIET_ZONE], *matrix[-QUIET_ZONE:]]
    assert not any(any(row) for row in edge)
    for row, column in ((QUIET_ZONE, QUIET_ZONE), (QUIET_ZONE, far), (far, QUIET_ZONE)):
        assert corner(matrix, row, column) == FINDER


def test_a_link_fits_and_both_forms_agree() -> None:
    matrix, svg = qr_matrix(LINK), qr_svg(LINK, scale=3)
    assert len(matrix) <= 65 + 8
    root = ET.fromstring(svg)  # noqa: S314 - our own
    assert root.get("width") == root.get("height") == str(3 * len(matrix))
    path = next(one.get("d", "") for one in root.iter() if "stroke" in one.attrib)
    runs = re.findall(r"h(\d+)", path)
    assert sum(map(int, runs)) == sum(map(sum, matrix))
    assert b"#fff" in svg


def test_what_cannot_be_one() -> None:
    for text in ("", "x" * 8000):
        with pytest.raises(NoCode):
            qr_matrix(text)
        with pytest.raises(NoCode):
            qr_svg(text)
