"""Names that people give themselves, as others will see them."""

import unicodedata
from typing import Final

from app.domain.errors import TmiError

LONGEST: Final = 80
NOT_SHOWN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


class BadName(TmiError):
    """A name that is empty, too long or not to be shown."""


def shown_name(name: str) -> str:
    """A display name in one form. BadName when it is none."""
    shown = " ".join(unicodedata.normalize("NFC", name).split())
    if not shown:
        raise BadName("say how you want to be called")
    if len(shown) > LONGEST:
        raise BadName(f"a name may have at most {LONGEST} characters")
    if any(unicodedata.category(letter) in NOT_SHOWN for letter in shown):
        raise BadName("the name has characters that cannot be shown")
    return shown
