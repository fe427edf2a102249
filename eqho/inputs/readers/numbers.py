"""Numbers as people and tools write them: `1,234.50`, `1.234,50 €`, `1 234,50`, `(45)`, `USD 5`, `80%`.

Whether a point or a comma stands before the decimals, most numbers tell themselves; `1.234` does not, and is
read as the other numbers of its file are.
"""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Literal

from eqho.money import known_currencies

Mark = Literal[".", ","]

_BETWEEN = re.compile(r"[\s\u00a0\u202f'’]|[A-Z]{1,2}(?=\$)")
_CODE = re.compile(r"(?P<sign>[-(]?)(?P<before>[A-Za-z]{3})?(?P<number>[^A-Za-z]+)(?P<after>[A-Za-z]{3})?")
_NONE = frozenset(("", "-"))
_MOST_DIGITS = 40
_TWO_WAYS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")
_WITH_POINT = re.compile(
    r"-?(\d{1,3}(,\d{3})+\.\d*|\d{1,3}(,\d{3}){2,}|\d{1,2}(,\d\d)+,\d{3}(\.\d*)?|\d+\.\d*|\.\d+)"
)
_WITH_COMMA = re.compile(r"-?(\d{1,3}(\.\d{3})+,\d*|\d{1,3}(\.\d{3}){2,}|\d+,\d*|,\d+)")


def decimal_mark(texts: Iterable[str], *, semicolons: bool) -> Mark | None:
    """What stands before the decimals in these numbers of one file; None where that cannot be told.

    `semicolons`: they stand between its cells. That is how spreadsheets write where the comma is taken.
    """
    found = {mark for text in texts if (mark := _own_mark(_bare(text)))}
    if found:
        return found.pop() if len(found) == 1 else None
    return None if semicolons else "."


def number_of(text: str, mark: Mark | None = ".") -> Decimal | str | None:
    """None where nothing stands; what is no number, or one of two, as it is. `mark` is that of the file."""
    bare = _bare(text)
    if bare in _NONE:
        return None
    own = _own_mark(bare) or (mark if _TWO_WAYS.fullmatch(bare) else ".")
    if own is None:
        return text
    if own == ",":
        bare = bare.replace(".", "").replace(",", ".")
    elif _WITH_POINT.fullmatch(bare) or _TWO_WAYS.fullmatch(bare):
        bare = bare.replace(",", "")
    try:
        number = Decimal(bare)
    except InvalidOperation:
        return text
    # Sums of what has a thousand digits would not end.
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return text
    return number / (100 if "%" in text else 1)


def has_two_readings(text: str) -> bool:
    """Whether it is another number where the comma stands before the decimals than where the point does."""
    return bool(_TWO_WAYS.fullmatch(_bare(text)))


def _bare(text: str) -> str:
    """Without what stands around a number; below 0 it begins with a minus, however that is written."""
    bare = "".join(one for one in _BETWEEN.sub("", text) if unicodedata.category(one) != "Sc")
    bare = bare.replace("−", "-").replace("–", "-").replace("—", "-")
    if (parts := _CODE.fullmatch(bare)) and all(
        (code or "usd").lower() in known_currencies() for code in (parts["before"], parts["after"])
    ):
        bare = parts["sign"] + parts["number"]
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1]}"
    elif bare.endswith("-") and bare != "-":
        bare = f"-{bare[:-1]}"
    return bare.removesuffix("%")


def _own_mark(bare: str) -> Mark | None:
    """None where it holds no mark, or one that can be read in two ways."""
    if _TWO_WAYS.fullmatch(bare) or not ("." in bare or "," in bare):
        return None
    if _WITH_POINT.fullmatch(bare):
        return "."
    return "," if _WITH_COMMA.fullmatch(bare) else None
