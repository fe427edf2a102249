"""Months as reports head their columns: `Oct 2026`, `Oct-26`, `October 1-31, 2026`, `31 Oct 2026`."""

import re

_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_NAME = {**{name[:3]: at for at, name in enumerate(_NAMES, 1)}, "sept": 9} | {
    name: at for at, name in enumerate(_NAMES, 1)
}
_M = rf"(?P<m>{'|'.join(sorted(_NAME, key=len, reverse=True))})"
_M2 = _M.replace("?P<m>", "?P<m2>")
_D, _Y = r"\d{1,2}", r"(?P<y>\d{4}|\d\d)"
_WORDED = tuple(
    re.compile(form)
    for form in (
        rf"{_M}[ \-/']*{_Y}",  # Oct 2026, Oct-26, Oct '26
        rf"{_M} {_D} ?- ?({_M2} )?{_D} {_Y}",  # Oct 1-31, 2026 and Oct 1 - Oct 31, 2026
        rf"{_D} ?- ?{_D} {_M} {_Y}",  # 1-31 Oct 2026
        rf"{_D} {_M2} - {_D} {_M} {_Y}",  # 1 Oct - 31 Oct 2026
        rf"{_D}[ -]{_M}[ -]{_Y}",  # 31 Oct 2026, 31-Oct-26
        rf"{_M} {_D} {_Y}",  # Oct 31, 2026
    )
)
_YEAR_FIRST = re.compile(r"(\d{4})[-/](\d{1,2})(?:[-/]\d{1,2})?(?: 00:00:00)?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/](\d{4})")
_DAY = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})")


def month_in(text: str) -> str | None:
    """`2026-10` of a month, of a day, or of a range of days within one month; else None. A day whose month
    could be either number is none."""
    bare = " ".join(re.sub(r"[.,]", " ", text.casefold().replace("–", "-")).split())
    found = _worded(bare) or _in_numbers(bare)
    if found is None:
        first, dash, last = bare.partition(" - ")
        month = month_in(first) if dash else None
        return month if month is not None and month == month_in(last) else None
    year, month_number = found
    return f"{year}-{month_number:02}" if 2000 <= year <= 2100 and 1 <= month_number <= 12 else None


def _worded(text: str) -> tuple[int, int] | None:
    for form in _WORDED:
        if (parts := form.fullmatch(text)) is not None:
            named = parts.groupdict()
            if (also := named.get("m2")) is None or _NAME[also] == _NAME[named["m"]]:
                year = int(named["y"])
                return (year if year > 99 else 2000 + year), _NAME[named["m"]]
    return None


def _in_numbers(text: str) -> tuple[int, int] | None:
    if (parts := _YEAR_FIRST.fullmatch(text)) is not None:
        return int(parts[1]), int(parts[2])
    if (parts := _YEAR_LAST.fullmatch(text)) is not None:
        return int(parts[2]), int(parts[1])
    if (parts := _DAY.fullmatch(text)) is not None:
        first, second = int(parts[1]), int(parts[2])
        if first > 12 or first == second:
            return int(parts[3]), second
        if second > 12:
            return int(parts[3]), first
    return None
