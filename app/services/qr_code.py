"""A link as a QR code: the modules as a matrix for whoever draws it, or as SVG."""

import io
from typing import Final

import segno

from app.domain.errors import TmiError

# Modules of light around the code, without which a phone does not find it (ISO/IEC 18004).
QUIET_ZONE: Final = 4
# About 15 % may be hidden: enough for a projector, and the modules stay large.
CORRECTION: Final = "m"
Matrix = tuple[tuple[bool, ...], ...]


class NoCode(TmiError):
    """A text that no QR code can hold."""


def qr_matrix(text: str) -> Matrix:
    """The rows of the code from the top, True for dark, with the quiet zone. NoCode when it is too long."""
    rows = _code(text).matrix_iter(scale=1, border=QUIET_ZONE)
    return tuple(tuple(bool(module) for module in row) for row in rows)


def qr_svg(text: str, scale: int = 4) -> bytes:
    """The code as SVG, `scale` pixels a module: dark on light in any theme, since readers need it so."""
    out = io.BytesIO()
    _code(text).save(
        out, kind="svg", scale=scale, border=QUIET_ZONE, dark="#000000", light="#ffffff", xmldecl=False
    )
    return out.getvalue()


def _code(text: str) -> segno.QRCode:
    if not text:
        raise NoCode("there is nothing to show as a QR code")
    try:
        return segno.make_qr(text, error=CORRECTION)
    except segno.DataOverflowError:
        raise NoCode("this is too long for a QR code") from None
